# SPDX-License-Identifier: BSD-2-Clause
"""The inventory kept fresh, for daemons that must answer now, also while NetBox is away.

Every `interval` one small request asks NetBox whether its change log has grown. What was touched is read again, and
nothing else (`changes` has the rules). Everything is read again when the log does not tell what changed (entries are
gone, NetBox was set back, too many at once), and every `reload` seconds, for what no log tells: changes made past
NetBox, or from 1 to true. What is served is always whole: the older inventory until the newer one is complete.
"""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Callable, Collection
from dataclasses import replace
from pathlib import Path
from typing import Final

from ..core.errors import AccessError, ClustoError, UnavailableError
from ..netbox.client import Client
from ..netbox.records import World
from .changes import GapError
from .freshness import Freshness
from .inventory import Inventory
from .keeper import Keeper
from .precedence import Precedence
from .replica import Held, Replica
from .snapshot import SnapshotError

__all__ = ["Freshness", "Mirror"]

log = logging.getLogger(__name__)

INTERVAL: Final = 1.5  # seconds: what changes is here within 2, and NetBox has less than one small request a second
RELOAD: Final = 900.0  # seconds
PATIENCE: Final = 1.0  # seconds that start() waits for NetBox when it has a snapshot
OTHERS: Final = 5.0  # seconds that what is more urgent may put off the next question
GRACE: Final = 2.0  # seconds that stop() waits for each request under way; their threads end with the process
SHARE: Final = 20  # of the time at most one part goes into reloads
UNASKED: Final = "NetBox has not answered yet"


State = tuple[Held, Freshness]
OnNews = Callable[[float, Collection[str] | None], None]
"""(since when, types of objects) -> nothing: all that NetBox changed before that moment, of `monotonic`, is of these
types, or is a name manager's counter; None if that is not known."""


class Mirror:
    """Keeps an Inventory equal to NetBox: `start()`, then `follow()` in a daemon or `refresh()` by hand, then `stop()`.

    client: a Client of its own; it is used from the polling thread.
    path: where the snapshot is kept; None keeps none.
    interval: seconds between two questions whether anything changed.
    reload: seconds between two readings of everything; more if one takes very long.
    clock: seconds since the epoch. monotonic: seconds, to measure with.
    """

    def __init__(  # noqa: PLR0913 - what is told apart by name, by keyword only
        self,
        client: Client,
        path: Path | None = None,
        *,
        interval: float = INTERVAL,
        reload: float = RELOAD,
        patience: float = PATIENCE,
        clock: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._keeper = Keeper(path, client.settings.api_url, monotonic)
        self._replica = Replica(client, clock, monotonic)
        self._interval = interval
        self._reload = reload
        self._patience = patience
        self._monotonic = monotonic
        self._state: State | None = None
        self._complained = False
        self._reload_at = monotonic()
        self._callbacks: list[Callable[[Inventory], None]] = []
        self._on_news: list[OnNews] = []
        self.precedence = Precedence(OTHERS)
        """Whoever takes it asks NetBox more urgently than `follow`, which waits for a while."""
        self._turn = threading.RLock()  # one refresh at a time
        self._telling = threading.RLock()  # no callback is missed, or called after stop()
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None
        self._first: threading.Thread | None = None

    @property
    def current(self) -> Inventory:
        """The newest inventory; the same object until something changes. Raises ClustoError before `start()`."""
        return self._now()[0].inventory

    @property
    def freshness(self) -> Freshness:
        """Of `current`. Raises ClustoError before `start()`."""
        return self._now()[1]

    def world(self, age: float) -> World | None:
        """What surrounds hosts, as NetBox had it no more than `age` seconds ago; None if that is not known."""
        held, freshness = self._now()
        if held.places is None or freshness.error or freshness.checked_at is None:
            return None
        return held.places.world if self._replica.now() - freshness.checked_at <= age else None

    def on_change(self, callback: Callable[[Inventory], None]) -> None:
        """Call `callback` with each new inventory, in the thread that loaded it, and with the current one at once."""
        with self._telling:
            self._callbacks.append(callback)
            if self._state:
                callback(self.current)

    def on_news(self, callback: OnNews) -> None:
        """Call `callback` each time that NetBox has said what changed since the time before, if it is nothing too."""
        self._on_news.append(callback)

    def start(self) -> Inventory:
        """Restore the snapshot and read what changed since; without a usable snapshot read everything.

        With a snapshot NetBox is waited for no longer than `patience`: what it says later, or that it cannot be asked,
        shows later. Without one UnavailableError is raised when NetBox is away, AccessError for a refused token.
        """
        try:
            held = self._keeper.restore()
        except SnapshotError as error:
            self._start_afresh(error)
            return self.current
        self._reload_at = self._monotonic() + self._reload * random.uniform(0.1, 1)  # noqa: S311 - spreads load
        self._publish(held, Freshness("snapshot", held.inventory.loaded_at, error=UNASKED))
        self._first = threading.Thread(target=self._try, name="mirror-start", daemon=True)
        self._first.start()
        self._first.join(self._patience)
        if self.freshness.error == UNASKED:
            self._complained = True
            log.warning("%s, %s", UNASKED, self.freshness.serving)
        return self.current

    def refresh(self) -> bool:
        """Ask NetBox what changed, with one small request if that is nothing. True if `current` is new.

        May be called at any time from any thread, such as one that NetBox has told of a change. While NetBox does not
        answer, `current` stays and `freshness.error` says why; nothing is raised.
        """
        with self._turn:
            before, freshness = self._now()
            try:
                newer = self._newer(before, freshness)
            except ClustoError as error:
                self._complain(error, freshness)
                self._state = before, freshness.failed(error)
                return False
            if self._complained:
                self._complained = False
                log.warning("NetBox answers again")
            self._publish(*newer)
        if self._thread is None:
            self._save()
        return self.current is not before.inventory

    def follow(self) -> None:
        """Call `refresh()` every `interval` seconds in a thread of the mirror's own, until `stop()`."""
        self._thread = threading.Thread(target=self._follow, name="mirror", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End following; returns promptly, and what a request under way still brings is dropped."""
        self._stopped.set()
        for thread in (self._first, self._thread):
            if thread:
                thread.join(GRACE)

    def _follow(self) -> None:
        pause = self._interval
        while not self._stopped.wait(pause):
            self.precedence.wait()
            began = time.monotonic()
            self._try()
            # NetBox gets as long a rest as it was kept busy, however fast it changes.
            busy = time.monotonic() - began
            pause = max(self._interval - busy, busy)

    def _try(self) -> None:
        try:
            self.refresh()
            self._save()
        except Exception:
            # A fault of ours or of a callback's must not end the following: the next change may be read again. After
            # stop() it is none: whoever stopped us has closed the client.
            if not self._stopped.is_set():
                log.exception("the inventory could not be refreshed")

    def _now(self) -> State:
        if self._state is None:
            raise ClustoError("the mirror holds nothing yet: start() comes first")
        return self._state

    def _start_afresh(self, why: SnapshotError) -> None:
        if self._keeper.path and self._keeper.path.exists():
            log.warning("%s; everything is read from NetBox", why)
        with self._turn:
            try:
                newer = self._loaded(None, Freshness("netbox", 0.0))
            except UnavailableError as error:
                raise UnavailableError(f"{error}; and {why}" if self._keeper.path else str(error)) from error
            self._publish(*newer)
        self._save()

    def _newer(self, held: Held, freshness: Freshness) -> State:
        """What is to be served now: the same inventory if nothing has changed, else a new one."""
        if self._monotonic() >= self._reload_at:
            # A failure must not keep changes from being followed: only in a while everything is tried again.
            self._reload_at = self._monotonic() + self._reload / SHARE
            return self._loaded(held, freshness)
        asked_at, since = self._replica.now(), self._monotonic()
        try:
            newer, changes = self._replica.catch_up(held)
        except GapError as gap:
            log.info("everything is read again: %s", gap)
            return self._loaded(held, freshness)
        self._tell_news(since, {change.object_type for change in changes if not change.is_count})
        return newer, replace(
            freshness,
            source="netbox",
            loaded_at=freshness.loaded_at if newer.inventory is held.inventory else asked_at,
            checked_at=asked_at,
            error=None,
            changes=freshness.changes + len(changes),
        )

    def _loaded(self, held: Held | None, freshness: Freshness) -> State:
        began = self._monotonic()
        read_at = self._replica.now()
        newer = self._replica.load(held)
        unchanged = held and newer.inventory is held.inventory and newer.position == held.position
        self._tell_news(began, set() if unchanged else None)
        took = self._monotonic() - began
        pause = max(self._reload, SHARE * took)
        self._reload_at = self._monotonic() + pause * random.uniform(0.9, 1.1)  # noqa: S311 - spreads load
        return newer, replace(
            freshness,
            source="netbox",
            loaded_at=read_at,
            checked_at=read_at,
            error=None,
            reloads=freshness.reloads + 1,
            reload_seconds=took,
        )

    def _tell_news(self, since: float, changed: Collection[str] | None) -> None:
        for callback in self._on_news:
            callback(since, changed)

    def _complain(self, error: ClustoError, freshness: Freshness) -> None:
        """Once for each absence, not each time that NetBox is asked in vain."""
        if freshness.error not in {None, UNASKED}:
            return
        self._complained = True
        level = logging.ERROR if isinstance(error, AccessError) else logging.WARNING
        log.log(level, "NetBox cannot be asked, %s: %s", freshness.serving, error)

    def _publish(self, held: Held, freshness: Freshness) -> None:
        with self._telling:
            if self._stopped.is_set():
                return
            before, self._state = self._state, (held, freshness)
            if before is None or before[0].inventory is not held.inventory:
                for callback in self._callbacks:
                    callback(held.inventory)

    def _save(self) -> None:
        self._keeper.save(self._from_netbox)

    def _from_netbox(self) -> Held | None:
        held, freshness = self._now()
        return held if freshness.source == "netbox" else None
