# SPDX-License-Identifier: BSD-2-Clause
"""Which messages were accepted lately: those that come again are acknowledged again, and nothing else."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Final

KEEP: Final = 150.0  # seconds, at least: what is older the time window of version 3 refuses
MOST: Final = 200_000  # keys of one generation: 20 MB; under a flood messages are forgotten sooner


class Recent:
    """Two generations of keys: when the younger is KEEP old, the elder is forgotten."""

    def __init__(self, keys: Iterable[bytes] = (), clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._young, self._old = set(keys), set[bytes]()
        self._since = clock()

    def __contains__(self, key: bytes) -> bool:
        return key in self._young or key in self._old

    def add(self, keys: Iterable[bytes]) -> None:
        now = self._clock()
        if now - self._since >= KEEP or len(self._young) >= MOST:
            self._young, self._old, self._since = set(), self._young, now
        self._young.update(keys)
