# SPDX-License-Identifier: BSD-2-Clause
"""Making very many objects at once."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache


@contextmanager
def collector_paused() -> Iterator[None]:
    """Keep Python's cycle collector from walking through all that was made so far, again and again.

    Nothing here makes cycles. With 100,000 hosts it takes more than half of the time: 4.6 s of CPU with, 2.0 s without.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


@contextmanager
def made_to_last() -> Iterator[None]:
    """Pause the cycle collector, and keep it from ever walking through what is there afterwards.

    What is made within lasts until it is made anew by the next call, which lets go of the old. That is a seventh of
    the time that ansible-inventory takes to print 1,000 hosts.
    """
    if gc.get_freeze_count():
        gc.unfreeze()
        gc.collect()
    with collector_paused():
        yield
    gc.freeze()


@lru_cache(maxsize=1000, typed=True)
def shared(number: float | None) -> float | None:
    """The one object for those that are equal, of numbers of which there are few."""
    return number
