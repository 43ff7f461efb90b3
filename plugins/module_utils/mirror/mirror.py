# SPDX-License-Identifier: BSD-2-Clause
"""The inventory kept fresh, for daemons that must answer now, also while NetBox is away."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from ..core.errors import ClustoError, UnavailableError
from ..netbox.client import Client, Extent
from .inventory import Inventory
from .load import load
from .snapshot import SnapshotError, restore, save

log = logging.getLogger(__name__)

CHANGES = "core/object-changes"
# NetBox numbers a change when it is made, but shows it when its transaction ends: one that took long shows up below
# newer ones. So many ids back are watched; 1,000 servers with their NICs, MACs and addresses make about 8,000 changes.
OVERLAP = 10_000
PATIENCE = 2.0  # seconds that stop() waits for a request under way; the thread is a daemon and ends with the process


@dataclass(frozen=True, slots=True)
class Freshness:
    """How old the current inventory may be, for logs, metrics and readiness."""

    source: Literal["netbox", "snapshot"]
    loaded_at: float
    """When it was read from NetBox, in seconds since the epoch."""
    checked_at: float | None = None
    """When NetBox last said that nothing had changed since; None before the first such answer."""
    error: str | None = None
    """Why the last attempt to ask NetBox failed; None when it succeeded."""


State = tuple[Inventory, Freshness]


class Mirror:
    """Keeps an Inventory equal to NetBox: `start()`, then `follow()` in a daemon or `refresh()` by hand, then `stop()`.

    client: a Client of its own; it is used from the polling thread.
    path: where the snapshot is kept; None keeps none.
    interval: seconds between two questions whether anything changed.
    clock: seconds since the epoch.
    """

    def __init__(
        self,
        client: Client,
        path: Path | None = None,
        *,
        interval: float = 2.0,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._client = client
        self._path = path
        self._interval = interval
        self._clock = clock
        self._state: State | None = None
        self._seen: tuple[int, Extent] | None = None
        self._callbacks: list[Callable[[Inventory], None]] = []
        self._turn = threading.RLock()  # one refresh at a time, and no callback is missed or called after stop()
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def current(self) -> Inventory:
        """The newest inventory; the same object until something changes. Raises ClustoError before `start()`."""
        return self._now()[0]

    @property
    def freshness(self) -> Freshness:
        """Of `current`. Raises ClustoError before `start()`."""
        return self._now()[1]

    def on_change(self, callback: Callable[[Inventory], None]) -> None:
        """Call `callback` with each new inventory, in the thread that loaded it, and with the current one at once."""
        with self._turn:
            self._callbacks.append(callback)
            if self._state:
                callback(self.current)

    def start(self) -> Inventory:
        """Load from NetBox; if it is away, restore the snapshot.

        Raises UnavailableError when NetBox is away and there is no usable snapshot, AccessError for a refused token.
        """
        with self._turn:
            try:
                found = self._load()
            except UnavailableError as error:
                found = self._restore(error)
            self._publish(*found)
            return self.current

    def refresh(self) -> bool:
        """Ask NetBox whether anything changed, with one small request, and load if so. True if `current` is new.

        While NetBox does not answer, `current` stays and `freshness.error` says why; nothing is raised.
        """
        with self._turn:
            before, freshness = self._now()
            try:
                found = self._update()
            except ClustoError as error:
                if freshness.error is None:
                    log.warning("NetBox cannot be asked, serving what was read at %s: %s", _utc(freshness), error)
                self._state = before, replace(freshness, error=str(error))
                return False
            if freshness.error is not None:
                log.warning("NetBox answers again")
            if not self._stopped.is_set():
                self._publish(*found)
            return self.current is not before

    def follow(self) -> None:
        """Call `refresh()` every `interval` seconds in a thread of the mirror's own, until `stop()`."""
        self._thread = threading.Thread(target=self._follow, name="mirror", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End following; returns promptly, and what a request under way still brings is dropped."""
        self._stopped.set()
        if self._thread:
            self._thread.join(PATIENCE)

    def _follow(self) -> None:
        pause = self._interval
        while not self._stopped.wait(pause):
            began = time.monotonic()
            try:
                self.refresh()
            except Exception:
                # A fault of ours or of a callback's must not end the following: the next change may be read again.
                log.exception("the inventory could not be refreshed")
            # NetBox gets as long a rest as it was kept busy, however fast it changes.
            pause = max(self._interval, time.monotonic() - began)

    def _now(self) -> State:
        if self._state is None:
            raise ClustoError("the mirror holds nothing yet: start() comes first")
        return self._state

    def _update(self) -> State:
        """What is to be served now: the same inventory if nothing has changed, else a new one."""
        asked_at = self._clock()
        if self._seen and self._client.extent(CHANGES, id__gt=self._seen[0]) == self._seen[1]:
            inventory, freshness = self._now()
            return inventory, replace(freshness, checked_at=asked_at, error=None)
        return self._load()

    def _watch(self) -> tuple[int, Extent]:
        """Where the watched stretch of the change log begins by now, and what stands in it."""
        newest = self._client.extent(CHANGES, id__gt=self._seen[0] if self._seen else 0).newest
        since = max(0, newest - OVERLAP)
        return since, self._client.extent(CHANGES, id__gt=since)

    def _load(self) -> State:
        # Before reading: whatever changes from here on is noticed next time.
        seen = self._watch()
        loaded_at = self._clock()
        inventory = load(self._client, loaded_at)
        self._seen = seen
        return inventory, Freshness("netbox", loaded_at, checked_at=loaded_at)

    def _restore(self, reason: UnavailableError) -> State:
        if self._path is None:
            raise reason
        try:
            inventory = restore(self._path, self._client.settings.api_url)
        except SnapshotError as error:
            raise UnavailableError(f"{reason}; and {error}") from reason
        freshness = Freshness("snapshot", inventory.loaded_at, error=str(reason))
        log.warning("NetBox cannot be asked, serving the snapshot of %s: %s", _utc(freshness), reason)
        return inventory, freshness

    def _publish(self, inventory: Inventory, freshness: Freshness) -> None:
        before, self._state = self._state, (inventory, freshness)
        if before and before[0] is inventory:
            return
        for callback in self._callbacks:
            callback(inventory)
        if freshness.source == "netbox":
            self._save(inventory)

    def _save(self, inventory: Inventory) -> None:
        if self._path:
            try:
                save(inventory, self._path)
            except OSError as error:
                log.warning("snapshot %s cannot be written: %s", self._path, error.strerror)


def _utc(freshness: Freshness) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(freshness.loaded_at))
