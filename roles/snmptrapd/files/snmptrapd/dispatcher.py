# SPDX-License-Identifier: BSD-2-Clause
"""Hands what was accepted over to whoever acts on it: each switch's events in order, no switch held up by another.

What happens on one port again and again within the coalescing interval is handed over once, as it was last. What cannot
be done is handed over again after a pause that grows. It holds up what happens on the same port, nothing else; when its
address is seen at another port meanwhile, all is handed over at once, in order.
"""

from __future__ import annotations

import heapq
import logging
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import count, islice
from threading import Condition, Thread
from typing import Final

from ..core.errors import ClustoError
from .events import Event, Message, Outcome, Verdict, retry
from .report import Report

log = logging.getLogger(__name__)

AT_ONCE: Final = 500  # events of a switch handed over together
FIRST_PAUSE: Final = 1.0  # seconds
LONGEST_PAUSE: Final = 15.0

Subject = tuple[int, int, str]
"""Base port, VLAN, MAC address."""
Act = Callable[[str, Sequence[Event]], Sequence[Outcome]]
"""(address of a switch, its events) -> an outcome for each."""


@dataclass
class _Entry:
    """What happened last, and all messages that told of the like."""

    order: int
    event: Event
    messages: list[int]

    @property
    def subject(self) -> Subject:
        change = self.event.change
        return change.base_port, change.vlan, change.mac


@dataclass
class _Lane:
    """One switch."""

    switch: str
    fresh: dict[Subject, _Entry] = field(default_factory=dict)
    """In their order."""
    failed: dict[Subject, _Entry] = field(default_factory=dict)
    """What could not be done, and what has happened on the same ports since."""
    held: set[int] = field(default_factory=set)
    """These ports."""
    due: float | None = None
    """When what is fresh is to be handed over; None while something is, or there is nothing."""
    again: float | None = None
    """The same for what failed."""
    busy: bool = False
    pause: float = 0.0

    def enter(self, entry: _Entry) -> None:
        """Put it behind the others; of an older one of the same subject only the messages are remembered."""
        _put(self.failed if entry.subject[0] in self.held else self.fresh, entry)

    def take(self, now: float) -> tuple[list[_Entry], bool]:
        """Take what is to be handed over now; and whether that is of all that there is, or only of what is fresh."""
        moved = self.failed and {mac for _, _, mac in self.fresh} & {mac for _, _, mac in self.failed}
        is_all = not self.failed or bool(moved) or (self.again is not None and self.again <= now)
        there: Iterable[_Entry] = self.fresh.values()
        if is_all and self.failed:
            there = sorted([*self.failed.values(), *there], key=lambda entry: entry.order)
        taken = list(islice(there, AT_ONCE))
        for entry in taken:
            self.fresh.pop(entry.subject, None) or self.failed.pop(entry.subject)
        self.due = None
        self.again = None if is_all else self.again
        self._hold()
        return taken, is_all

    def fail(self, entries: Iterable[_Entry]) -> None:
        """Put back what was taken and could not be done; what is newer on the same ports waits for it."""
        for entry in entries:
            _put(self.failed, entry)
        self._hold()
        newer, self.fresh = self.fresh, {}
        for entry in newer.values():
            self.enter(entry)

    def _hold(self) -> None:
        self.held = {port for port, _, _ in self.failed}


def _put(entries: dict[Subject, _Entry], entry: _Entry) -> None:
    older = entries.pop(entry.subject, None)
    if older and older.order > entry.order:
        older, entry = entry, older
    entries[entry.subject] = replace(entry, messages=older.messages + entry.messages) if older else entry


class Dispatcher:
    """finished: gets the ids of messages all of whose events are done or ignored. coalesce: seconds."""

    def __init__(  # noqa: PLR0913 - by keyword what is not obvious
        self,
        act: Act,
        finished: Callable[[Iterable[int]], None],
        report: Report,
        *,
        coalesce: float,
        workers: int,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._act = act
        self._finished = finished
        self._report = report
        self.coalesce = coalesce
        self._clock = clock
        self._lanes: dict[str, _Lane] = {}
        self._agenda: list[tuple[float, str]] = []  # a heap; entries that are no longer true are skipped
        self._count = count()
        self._open: dict[int, int] = {}  # message -> how many of its events are not done
        self._changed = Condition()
        self._stopping = False
        self._threads = [Thread(target=self._work, name=f"worker-{n}", daemon=True) for n in range(1, workers + 1)]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self, patience: float) -> None:
        """End when what is being done is done, or after so many seconds; what waits stays in the journal."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        deadline = self._clock() + patience
        for thread in self._threads:
            if thread.is_alive():
                thread.join(max(0.0, deadline - self._clock()))

    def put(self, messages: Iterable[tuple[int, Message]]) -> None:
        with self._changed:
            for number, message in messages:
                self._open[number] = len(message.changes)
                lane = self._lanes.setdefault(message.switch, _Lane(message.switch))
                for change in message.changes:
                    lane.enter(_Entry(next(self._count), Event(message.at, message.switch, change), [number]))
                if not lane.busy:
                    self._schedule(lane)
            self._changed.notify()

    def hurry(self) -> None:
        """Hand over at once what waits because it failed: NetBox may answer again."""
        with self._changed:
            for lane in self._lanes.values():
                if lane.pause and lane.again is not None:
                    lane.pause, lane.again = 0.0, None
                    if not lane.busy:
                        self._schedule(lane)
            self._changed.notify_all()

    def _schedule(self, lane: _Lane) -> None:
        """Say when what it has is to be handed over, where that is not said yet."""
        if lane.fresh and lane.due is None:
            lane.due = self._clock() + (0.0 if len(lane.fresh) >= AT_ONCE else self.coalesce)
            heapq.heappush(self._agenda, (lane.due, lane.switch))
        if lane.failed and lane.again is None:
            lane.again = self._clock() + lane.pause
            heapq.heappush(self._agenda, (lane.again, lane.switch))

    def _work(self) -> None:
        while (lane := self._next()) is not None:
            with self._changed:
                entries, is_all = lane.take(self._clock())
            outcomes = self._outcomes(lane.switch, [entry.event for entry in entries])
            self._settle(lane, entries, outcomes, is_all=is_all)

    def _next(self) -> _Lane | None:
        """Wait for a lane whose time has come; None when we end."""
        with self._changed:
            while not self._stopping:
                now = self._clock()
                if self._agenda and self._agenda[0][0] <= now:
                    due, switch = heapq.heappop(self._agenda)
                    lane = self._lanes.get(switch)
                    if lane is not None and not lane.busy and due in {lane.due, lane.again}:
                        lane.busy = True
                        self._changed.notify()  # another worker may take the next one
                        return lane
                    continue
                self._changed.wait(self._agenda[0][0] - now if self._agenda else None)
        return None

    def _outcomes(self, switch: str, events: list[Event]) -> Sequence[Outcome]:
        try:
            outcomes = self._act(switch, events)
        except ClustoError as exc:
            return [retry(str(exc))] * len(events)
        except Exception:
            # A fault of ours must lose nothing: what it is about is tried again, and after a restart.
            log.exception("events of switch %s could not be handled", switch)
            return [retry("a fault of the program; see the log")] * len(events)
        if len(outcomes) != len(events):
            log.error("%d events of switch %s had %d outcomes", len(events), switch, len(outcomes))
            return [retry("a fault of the program; see the log")] * len(events)
        return outcomes

    def _settle(self, lane: _Lane, entries: list[_Entry], outcomes: Sequence[Outcome], *, is_all: bool) -> None:
        done: list[int] = []
        again: list[_Entry] = []
        for entry, outcome in zip(entries, outcomes, strict=True):
            self._report.outcome(entry.event, outcome)
            if outcome.verdict is Verdict.RETRY:
                again.append(entry)
            else:
                done += entry.messages
        with self._changed:
            finished = [number for number in done if self._is_finished(number)]
            lane.busy = False
            if again:
                lane.fail(again)
            if is_all:
                lane.pause = min(max(lane.pause * 2, FIRST_PAUSE), LONGEST_PAUSE) if again else 0.0
            if lane.again is not None:  # its time may have come meanwhile
                heapq.heappush(self._agenda, (lane.again, lane.switch))
            if lane.fresh or lane.failed:
                self._schedule(lane)
            else:
                del self._lanes[lane.switch]
            self._changed.notify()
        self._finished(finished)
        self._report.flush()

    def _is_finished(self, number: int) -> bool:
        self._open[number] -= 1
        return self._open[number] == 0 and self._open.pop(number) == 0
