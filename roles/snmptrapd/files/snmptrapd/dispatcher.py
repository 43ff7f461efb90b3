# SPDX-License-Identifier: BSD-2-Clause
"""Hands what was accepted over to whoever acts on it: each switch's events in order, no switch held up by another.

What happens on one port again and again within the coalescing interval is handed over once, as it was last. What cannot
be done is handed over again after a pause that grows, together with what has happened on that switch since.
"""

from __future__ import annotations

import heapq
import logging
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice
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

    event: Event
    messages: list[int]


@dataclass
class _Lane:
    """One switch. `due` is when it is to be handed over: None while it is, or while it has nothing."""

    switch: str
    waiting: dict[Subject, _Entry] = field(default_factory=dict)
    due: float | None = None
    busy: bool = False
    pause: float = 0.0


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
                    _enter(lane, Event(message.at, message.switch, change), [number])
                if lane.due is None and not lane.busy:
                    self._schedule(lane, self.coalesce)
            self._changed.notify()

    def hurry(self) -> None:
        """Hand over at once what waits because it failed: NetBox may answer again."""
        with self._changed:
            for lane in self._lanes.values():
                if lane.pause and lane.due is not None:
                    lane.pause = 0.0
                    self._schedule(lane, 0.0)
            self._changed.notify_all()

    def _schedule(self, lane: _Lane, pause: float) -> None:
        lane.due = self._clock() + pause
        heapq.heappush(self._agenda, (lane.due, lane.switch))

    def _work(self) -> None:
        while (lane := self._next()) is not None:
            with self._changed:
                subjects = list(islice(lane.waiting, AT_ONCE))
                entries = [lane.waiting.pop(subject) for subject in subjects]
            self._settle(lane, entries, self._outcomes(lane.switch, [entry.event for entry in entries]))

    def _next(self) -> _Lane | None:
        """Wait for a lane whose time has come; None when we end."""
        with self._changed:
            while not self._stopping:
                now = self._clock()
                if self._agenda and self._agenda[0][0] <= now:
                    due, switch = heapq.heappop(self._agenda)
                    lane = self._lanes.get(switch)
                    if lane is not None and lane.due == due:
                        lane.due, lane.busy = None, True
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

    def _settle(self, lane: _Lane, entries: list[_Entry], outcomes: Sequence[Outcome]) -> None:
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
                newer, lane.waiting = lane.waiting, {}
                for entry in [*again, *newer.values()]:
                    _enter(lane, entry.event, entry.messages)
            lane.pause = min(max(lane.pause * 2, FIRST_PAUSE), LONGEST_PAUSE) if again else 0.0
            if lane.waiting:
                gathered = 0.0 if len(lane.waiting) >= AT_ONCE else self.coalesce
                self._schedule(lane, lane.pause if again else gathered)
            else:
                del self._lanes[lane.switch]
            self._changed.notify()
        self._finished(finished)
        self._report.flush()

    def _is_finished(self, number: int) -> bool:
        self._open[number] -= 1
        return self._open[number] == 0 and self._open.pop(number) == 0


def _enter(lane: _Lane, event: Event, messages: list[int]) -> None:
    """Put an event behind the others; the older one of the same subject is only remembered for its messages."""
    change = event.change
    subject = (change.base_port, change.vlan, change.mac)
    older = lane.waiting.pop(subject, None)
    lane.waiting[subject] = _Entry(event, older.messages + messages if older else messages)
