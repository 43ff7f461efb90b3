# SPDX-License-Identifier: BSD-2-Clause
"""The inventory kept fresh, for daemons that must answer now, also while NetBox is away."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ..netbox.client import Client
from .inventory import Inventory


@dataclass(frozen=True, slots=True)
class Freshness:
    """How old the current inventory may be, for logs, metrics and readiness."""

    source: Literal["netbox", "snapshot"]
    loaded_at: float
    """When it was read from NetBox, in seconds since the epoch."""
    checked_at: float | None
    """When NetBox last said that nothing had changed since; None before the first such answer."""
    error: str | None
    """Why the last attempt to ask NetBox failed; None when it succeeded."""


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
        raise NotImplementedError

    @property
    def current(self) -> Inventory:
        """The newest inventory; the same object until something changes. Raises ClustoError before `start()`."""
        raise NotImplementedError

    @property
    def freshness(self) -> Freshness:
        raise NotImplementedError

    def on_change(self, callback: Callable[[Inventory], None]) -> None:
        """Call `callback` with each new inventory, in the thread that loaded it; at once if there is one already."""
        raise NotImplementedError

    def start(self) -> Inventory:
        """Load from NetBox; if it is unavailable, restore the snapshot.

        Raises UnavailableError when NetBox is away and there is no usable snapshot, AccessError when the token is refused.
        """
        raise NotImplementedError

    def refresh(self) -> bool:
        """Ask NetBox whether anything changed, with one small request, and load if so. True if `current` is new.

        While NetBox does not answer, `current` stays and `freshness.error` says why; nothing is raised.
        """
        raise NotImplementedError

    def follow(self) -> None:
        """Call `refresh()` every `interval` seconds in a thread of the mirror's own, until `stop()`."""
        raise NotImplementedError

    def stop(self) -> None:
        """End following; returns promptly, no callback runs after it."""
        raise NotImplementedError
