# SPDX-License-Identifier: BSD-2-Clause
"""What was read of a NetBox and how far its change log was then; and how to get from there to what NetBox is now."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from ..netbox.client import Client
from .changes import Change, GapError, Touched
from .feed import OVERLAP, Feed, Position
from .inventory import Inventory
from .load import read
from .memory import collector_paused
from .patch import FEW, Patched, patch, renew
from .places import Places


@dataclass(frozen=True, slots=True)
class Held:
    inventory: Inventory
    position: Position
    """All that stands there and before is in the inventory."""
    places: Places | None
    """What the inventory was made in; None if that was not kept."""


class Replica:
    """clock: seconds since the epoch. monotonic: seconds, to measure with."""

    def __init__(
        self, client: Client, clock: Callable[[], float], monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._client = client
        self._feed = Feed(client, monotonic)
        self.now = clock

    def load(self, before: Held | None = None) -> Held:
        """Read everything. The position is taken first: whatever changes from then on is noticed next time."""
        position = self._feed.end()
        read_at = self.now()
        with collector_paused():
            new = renew(
                before.inventory if before else None, read(self._client), self._client.settings.api_url, read_at
            )
        return Held(new.inventory, position, new.places)

    def catch_up(self, held: Held) -> tuple[Held, list[Change]]:
        """Read what changed since, and what that was. Raises GapError if everything has to be read."""
        read_at = self.now()
        if held.places is None and not held.position.newest:
            raise GapError("the change log was empty when the snapshot was made")
        position, changes = self._feed.news(held.position, max(FEW, min(OVERLAP, len(held.inventory.hosts))))
        if not changes and held.places:
            return (held if position is held.position else Held(held.inventory, position, held.places)), []
        new: Patched = patch(self._client, held.inventory, held.places, Touched.by(changes), read_at)
        return Held(new.inventory, position, new.places), changes
