# SPDX-License-Identifier: BSD-2-Clause
"""Who may ask NetBox first: what somebody waits for, before the inventory's catching up."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition


class Precedence:
    """patience: seconds for which others are waited for, at most."""

    def __init__(self, patience: float) -> None:
        self._patience = patience
        self._changed = Condition()
        self._others = 0

    @contextmanager
    def taken(self) -> Iterator[None]:
        """For any thread: while this lasts, who waits goes on waiting."""
        with self._changed:
            self._others += 1
        try:
            yield
        finally:
            with self._changed:
                self._others -= 1
                self._changed.notify_all()

    def wait(self) -> None:
        """Until nobody has it, or for as long as patience lasts."""
        with self._changed:
            self._changed.wait_for(lambda: not self._others, self._patience)
