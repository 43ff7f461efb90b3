# SPDX-License-Identifier: BSD-2-Clause
"""Warnings that cannot become a flood: one per subject and interval, and a bound on all of them together."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable
from typing import Any, Final

from .log import Log

MOST: Final = 100  # subjects warned of in one interval; whoever forges MAC addresses fills no disk


class Notices:
    """`interval` is in seconds; `clock` counts them."""

    def __init__(self, log: Log, interval: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._log = log
        self._interval = interval
        self._clock = clock
        self._told: dict[Hashable, float] = {}  # the oldest first
        self._held_back = 0

    def warn(self, subject: Hashable, message: str, **fields: Any) -> None:
        """Warn, unless this subject was warned of within the interval."""
        now = self._clock()
        self._forget(now)
        if subject in self._told:
            return
        if len(self._told) >= MOST:
            self._held_back += 1
            return
        self._told[subject] = now
        self._log.warning(message, **fields)

    def _forget(self, now: float) -> None:
        while self._told:
            subject, at = next(iter(self._told.items()))
            if now - at < self._interval:
                return
            del self._told[subject]
            if self._held_back:
                count, self._held_back = self._held_back, 0
                self._log.warning(f"{count} more warnings were held back: {MOST} in {self._interval:g} s is the most")
