# SPDX-License-Identifier: BSD-2-Clause
"""Between the sockets and those who act: what has arrived meanwhile is kept by one write, then acknowledged."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from threading import Condition, Thread
from typing import Final, NamedTuple

from .events import Message
from .journal import Journal, JournalError
from .recent import Recent
from .reception import Accepted
from .report import Report

MOST: Final = 10_000  # messages that wait to be kept; further ones wait in the sockets


class Arrival(NamedTuple):
    """answer: sends the acknowledgement. It raises nothing."""

    at: float
    accepted: Accepted
    answer: Callable[[bytes], None]


class Intake:
    """hand_over: gets what is new, with its ids, when it is safe on disk."""

    def __init__(
        self,
        journal: Journal,
        recent: Recent,
        hand_over: Callable[[Iterable[tuple[int, Message]]], None],
        report: Report,
    ) -> None:
        self._journal = journal
        self._recent = recent
        self._hand_over = hand_over
        self._report = report
        self._waiting: list[Arrival] = []
        self._changed = Condition()
        self._stopping = False
        self._thread = Thread(target=self._run, name="intake", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """End when all that has arrived is kept and acknowledged."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        if self._thread.is_alive():
            self._thread.join()

    def put(self, arrivals: Sequence[Arrival]) -> None:
        """Take messages; waits while there are too many."""
        with self._changed:
            while len(self._waiting) >= MOST:
                self._changed.wait()
            self._waiting += arrivals
            self._changed.notify_all()

    def _run(self) -> None:
        while batch := self._take():
            self._keep(batch)

    def _take(self) -> list[Arrival]:
        """Wait for messages; none when we end."""
        with self._changed:
            while not self._waiting and not self._stopping:
                self._changed.wait()
            batch, self._waiting = self._waiting, []
            self._changed.notify_all()
            return batch

    def _keep(self, batch: list[Arrival]) -> None:
        new: dict[bytes, Message] = {}
        for at, accepted, _ in batch:
            if accepted.key in self._recent or accepted.key in new:
                self._report.duplicate()
            elif accepted.told.changes:
                new[accepted.key] = Message(at, accepted.switch, accepted.key, accepted.told.changes)
        kept = self._append(list(new.values()))
        for _, accepted, answer in batch:
            if accepted.response and (kept or accepted.key not in new):
                answer(accepted.response)
        if kept:
            self._hand_over(kept)

    def _append(self, messages: list[Message]) -> list[tuple[int, Message]]:
        if not messages:
            return []
        try:
            ids = self._journal.append(messages)
        except JournalError as exc:
            self._report.unkeepable(len(messages), exc)
            return []
        self._report.failure = None
        self._recent.add(message.key for message in messages)
        return list(zip(ids, messages, strict=True))
