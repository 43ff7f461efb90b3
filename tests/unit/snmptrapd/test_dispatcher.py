# SPDX-License-Identifier: BSD-2-Clause
"""Lanes, with real threads and no coalescing but where it is tested."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from threading import Event as Signal
from threading import Lock

import pytest

from clusto.core.errors import UnavailableError
from clusto.service.log import Log
from clusto.snmp.macnotify import MacChange, Operation
from clusto.snmptrapd import dispatcher as module
from clusto.snmptrapd.dispatcher import Dispatcher
from clusto.snmptrapd.events import DONE, Event, Message, Outcome, ignored, retry
from clusto.snmptrapd.report import Report

PATIENCE = 30.0


def change(port: int, mac: int = 1, operation: Operation = Operation.LEARNT) -> MacChange:
    return MacChange(operation, 442, f"02:00:00:00:00:{mac:02x}", port)


def message(switch: str, *changes: MacChange) -> Message:
    return Message(1000.0, switch, b"", changes)


class World:
    """Notes what was handed over; `answers` says what becomes of it, `until` waits for what is finished."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, list[MacChange]]] = []
        self.finished: list[int] = []
        self.answers: Callable[[str, Sequence[Event]], Sequence[Outcome]] = lambda _, events: [DONE] * len(events)
        self.log = io.StringIO()
        self._lock = Lock()
        self._news = Signal()

    def act(self, switch: str, events: Sequence[Event]) -> Sequence[Outcome]:
        with self._lock:
            self.calls.append((switch, [event.change for event in events]))
        return self.answers(switch, events)

    def finish(self, ids: list[int]) -> None:
        with self._lock:
            self.finished += ids
        self._news.set()

    def until(self, ids: set[int]) -> None:
        while set(self.finished) != ids:
            assert self._news.wait(PATIENCE), self.finished
            self._news.clear()


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def make(world: World) -> Iterator[Callable[..., Dispatcher]]:
    made: list[Dispatcher] = []

    def start(coalesce: float = 0.0, workers: int = 2) -> Dispatcher:
        one = Dispatcher(
            world.act, world.finish, Report(Log(world.log, "text"), 300), coalesce=coalesce, workers=workers
        )
        made.append(one)
        one.start()
        return one

    yield start
    for one in made:
        one.stop(PATIENCE)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FIRST_PAUSE", 0.001)
    monkeypatch.setattr(module, "LONGEST_PAUSE", 0.002)


def test_all_of_a_message_is_done_before_it_is_finished(world: World, make: Callable[..., Dispatcher]) -> None:
    make().put([(1, message("a", change(1), change(2))), (2, message("b", change(1)))])
    world.until({1, 2})
    assert sorted(world.calls) == [("a", [change(1), change(2)]), ("b", [change(1)])]


def test_what_repeats_is_handed_over_once_as_it_was_last(world: World, make: Callable[..., Dispatcher]) -> None:
    removed = change(1, operation=Operation.REMOVED)
    make(coalesce=0.2).put(
        [
            (1, message("a", change(1), change(2))),
            (2, message("a", removed, change(1, mac=2))),
            (3, message("a", removed)),
        ]
    )
    world.until({1, 2, 3})
    assert world.calls == [("a", [change(2), change(1, mac=2), removed])]


def test_order_is_kept_for_each_switch_and_none_waits_for_another(
    world: World, make: Callable[..., Dispatcher]
) -> None:
    stuck, entered = Signal(), Signal()

    def answers(switch: str, events: Sequence[Event]) -> Sequence[Outcome]:
        if switch == "slow":
            entered.set()
            assert stuck.wait(PATIENCE)
        return [DONE] * len(events)

    world.answers = answers
    lanes = make()
    lanes.put([(1, message("slow", change(1)))])
    assert entered.wait(PATIENCE)
    lanes.put([(2, message("slow", change(2))), (3, message("slow", change(3))), (4, message("quick", change(1)))])
    world.until({4})
    assert [switch for switch, _ in world.calls] == ["slow", "quick"]
    stuck.set()
    world.until({1, 2, 3, 4})
    assert [told for switch, told in world.calls if switch == "slow"] == [[change(1)], [change(2), change(3)]]


def refusing(world: World, *, times: int) -> Callable[[str, Sequence[Event]], Sequence[Outcome]]:
    """What happens on port 1 cannot be done at first."""

    def answers(_: str, events: Sequence[Event]) -> Sequence[Outcome]:
        away = sum(any(one.base_port == 1 for one in told) for _, told in world.calls) <= times
        return [retry("NetBox is away") if away and one.change.base_port == 1 else DONE for one in events]

    return answers


@pytest.mark.usefixtures("impatient")
def test_what_cannot_be_done_is_handed_over_again(world: World, make: Callable[..., Dispatcher]) -> None:
    world.answers = refusing(world, times=3)
    make().put([(1, message("a", change(1))), (2, message("a", change(2, mac=2)))])
    world.until({1, 2})
    assert [told for _, told in world.calls] == [[change(1), change(2, mac=2)], *[[change(1)]] * 3]
    assert world.log.getvalue().count("not done yet: NetBox is away") == 1


@pytest.fixture
def stuck(world: World, make: Callable[..., Dispatcher], monkeypatch: pytest.MonkeyPatch) -> Dispatcher:
    """What happened on port 1 of switch a failed, and will not be tried again for long."""
    monkeypatch.setattr(module, "FIRST_PAUSE", PATIENCE * 2)
    monkeypatch.setattr(module, "LONGEST_PAUSE", PATIENCE * 2)
    world.answers = refusing(world, times=1)
    lanes = make()
    lanes.put([(1, message("a", change(1))), (2, message("a", change(9, mac=9)))])
    world.until({2})
    return lanes


def test_what_failed_holds_up_no_other_port(world: World, stuck: Dispatcher) -> None:
    stuck.put([(3, message("a", change(3, mac=3)))])
    world.until({2, 3})
    stuck.put([(4, message("a", change(4, mac=4)))])
    world.until({2, 3, 4})
    assert [told for _, told in world.calls][1:] == [[change(3, mac=3)], [change(4, mac=4)]]


def test_what_is_newer_on_its_port_waits_for_what_failed(world: World, stuck: Dispatcher) -> None:
    removed = change(1, operation=Operation.REMOVED)
    stuck.put([(3, message("a", change(1, mac=2))), (4, message("a", removed)), (5, message("a", change(3, mac=3)))])
    world.until({2, 5})
    stuck.hurry()
    world.until({1, 2, 3, 4, 5})
    assert [told for _, told in world.calls][1:] == [[change(3, mac=3)], [change(1, mac=2), removed]]


def test_an_address_that_failed_and_is_elsewhere_is_handed_over_in_order(world: World, stuck: Dispatcher) -> None:
    stuck.put([(3, message("a", change(3), change(1, mac=2)))])
    world.until({1, 2, 3})
    assert [told for _, told in world.calls][1:] == [[change(1), change(3), change(1, mac=2)]]


def test_failures_one_after_the_other_are_tried_again_together(world: World, stuck: Dispatcher) -> None:
    world.answers = lambda _, events: [retry("NetBox is away") if len(world.calls) == 2 else DONE] * len(events)
    stuck.put([(3, message("a", change(3, mac=3)))])
    while len(world.finished) < 3:
        stuck.hurry()
    assert world.calls[-1] == ("a", [change(1), change(3, mac=3)])


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("error", [UnavailableError("NetBox is away"), ValueError("a fault"), None])
def test_errors_and_missing_outcomes_lose_nothing(
    world: World, make: Callable[..., Dispatcher], error: Exception | None
) -> None:
    def answers(_: str, events: Sequence[Event]) -> Sequence[Outcome]:
        if len(world.calls) < 3:
            if error:
                raise error
            return []
        return [DONE] * len(events)

    world.answers = answers
    make().put([(1, message("a", change(1)))])
    world.until({1})
    assert len(world.calls) == 3


def test_hurry_ends_the_pause(world: World, make: Callable[..., Dispatcher], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FIRST_PAUSE", PATIENCE * 2)
    failed = Signal()

    def answers(_: str, events: Sequence[Event]) -> Sequence[Outcome]:
        if not failed.is_set():
            failed.set()
            return [retry("NetBox is away")] * len(events)
        return [DONE] * len(events)

    world.answers = answers
    lanes = make()
    lanes.put([(1, message("a", change(1)))])
    assert failed.wait(PATIENCE)
    while not world.finished:
        lanes.hurry()
    assert world.finished == [1]


def test_what_is_ignored_is_finished_and_told_once(world: World, make: Callable[..., Dispatcher]) -> None:
    world.answers = lambda _, events: [ignored("nobody asked")] * len(events)
    make().put([(1, message("a", change(1), change(2))), (2, message("b", change(1)))])
    world.until({1, 2})
    assert world.log.getvalue().count("ignored: nobody asked") == 2  # for each switch


def test_what_is_not_handed_over_at_the_end_is_not_finished(world: World, make: Callable[..., Dispatcher]) -> None:
    lanes = make(coalesce=PATIENCE * 2)
    lanes.put([(1, message("a", change(1)))])
    lanes.stop(PATIENCE)
    assert world.calls == []
    assert world.finished == []


def test_more_than_can_be_handed_over_together(world: World, make: Callable[..., Dispatcher]) -> None:
    count = module.AT_ONCE * 2 + 1
    make(coalesce=0.05).put([(n, message("a", change(n))) for n in range(1, count + 1)])
    world.until(set(range(1, count + 1)))
    assert [one.base_port for _, told in world.calls for one in told] == list(range(1, count + 1))
    assert max(len(told) for _, told in world.calls) <= module.AT_ONCE
