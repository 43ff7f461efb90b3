# SPDX-License-Identifier: BSD-2-Clause
"""A mirror's snapshot: taken up at the start, written when there is something new, and not all the time."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Final

from .replica import Held
from .snapshot import Saved, SnapshotError, restore, save

log = logging.getLogger(__name__)

SHARE: Final = 20  # of the time at most one part goes into saving
CHEAP: Final = 0.1  # seconds; what takes less need not be rationed
FAR: Final = 1000  # entries of the change log that the snapshot may be behind when nothing else is to be saved


class Keeper:
    """path: None keeps nothing. monotonic: seconds, to measure with."""

    def __init__(self, path: Path | None, api_url: str, monotonic: Callable[[], float]) -> None:
        self.path = path
        self._api_url = api_url
        self._monotonic = monotonic
        self._saved: Saved | None = None
        self._save_at = monotonic()
        self._saving = threading.Lock()

    def restore(self) -> Held:
        """Raises SnapshotError when there is none that can be used."""
        if self.path is None:
            raise SnapshotError("no snapshot is kept")
        self._saved = saved = restore(self.path, self._api_url)
        return Held(saved.inventory, saved.position, None)

    def save(self, current: Callable[[], Held | None]) -> None:
        """Save what is new, now or, where saving takes long, when this is called in a while.

        current: asked when it is its turn, so that nothing older is saved last; None is not worth it.
        """
        with self._saving:
            began, held = self._monotonic(), current()
            if not self.path or began < self._save_at or held is None or not self._is_news(held):
                return
            saved = Saved(held.inventory, held.position)
            try:
                save(saved, self.path)
            except OSError as error:
                log.warning("snapshot %s cannot be written: %s", self.path, error.strerror)
            self._saved = saved
            took = self._monotonic() - began
            self._save_at = began + (SHARE * took if took > CHEAP else 0)

    def _is_news(self, held: Held) -> bool:
        saved = self._saved
        return (
            saved is None
            or saved.inventory is not held.inventory
            or abs(held.position.newest - saved.position.newest) > FAR
        )
