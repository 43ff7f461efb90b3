# SPDX-License-Identifier: BSD-2-Clause
"""What the log says, and what is counted, of messages and of what they led to."""

from __future__ import annotations

from collections import Counter
from threading import Lock
from typing import Any

from ..service.log import Log
from ..service.notices import Notices
from ..snmp.engine import Reason
from ..snmp.macnotify import Problem
from .discovery import UNKNOWN
from .events import Event, Outcome, Verdict
from .reception import Accepted, Refused


class Report:
    """For any thread. The counts may be read at any time."""

    def __init__(self, log: Log, warning_interval: float) -> None:
        self._log = log
        self._lock = Lock()
        self.configure(warning_interval)
        self.accepted = self.others = self.duplicates = self.unkept = 0
        self.failure: str | None = None
        """Why nothing can be kept at the moment."""
        self.refused: Counter[str] = Counter()
        self.faults: Counter[str] = Counter()
        self.outcomes: Counter[str] = Counter()

    def configure(self, warning_interval: float) -> None:
        self._notices = Notices(self._log, warning_interval)

    def refuse(self, sender: str, refused: Refused) -> None:
        """Once for each sender and reason in the interval, but for what the protocol brings along.

        A sender of INFORMs asks for our engine id first, and for our time when we have been started anew.
        """
        with self._lock:
            self.refused[refused.reason] += 1
            if refused.reason == Reason.DISCOVERY or (refused.reason == Reason.TIME and refused.report):
                return
            self._warn(
                ("refused", sender, refused.reason),
                f"refused: {refused.reason}",
                source=sender,
                detail=refused.detail,
            )

    def accept(self, sender: str, accepted: Accepted) -> None:
        with self._lock:
            if accepted.other:
                self.others += 1
            else:
                self.accepted += 1
            for problem in accepted.told.problems:
                self._problem(sender, accepted.switch, problem)

    def duplicate(self) -> None:
        with self._lock:
            self.duplicates += 1

    def unkeepable(self, count: int, error: Exception) -> None:
        """So many messages could not be kept, and were not acknowledged."""
        with self._lock:
            self.unkept += count
            self.failure = str(error)
            self._warn(("journal",), f"not accepted: {error}", messages=count)

    def broken(self, address: str, what: str, error: OSError) -> None:
        with self._lock:
            self._warn(("socket", address, what, error.errno), f"{what} failed: {error.strerror}", address=address)

    def outcome(self, event: Event, outcome: Outcome) -> None:
        with self._lock:
            self.outcomes["unknown source" if outcome.reason == UNKNOWN else outcome.verdict.value] += 1
            if not outcome.reason:
                return
            said = "not done yet" if outcome.verdict is Verdict.RETRY else outcome.verdict.value
            self._warn((said, event.switch, outcome.reason), f"{said}: {outcome.reason}", **event.fields())

    def flush(self) -> None:
        self._log.flush()

    def _problem(self, sender: str, switch: str, problem: Problem) -> None:
        self.faults[problem.fault] += 1
        self._warn(
            ("problem", switch, problem.fault),
            f"left out: {problem.fault}",
            switch=switch,
            source=sender,
            where=str(problem),
        )

    def _warn(self, subject: tuple[object, ...], message: str, **fields: Any) -> None:
        self._notices.warn(subject, message, **fields)
