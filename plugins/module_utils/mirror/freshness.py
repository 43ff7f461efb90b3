# SPDX-License-Identifier: BSD-2-Clause
"""How old an inventory may be, for logs, metrics and readiness."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from ..core.errors import ClustoError


@dataclass(frozen=True, slots=True)
class Freshness:
    """Of a mirror's current inventory."""

    source: Literal["netbox", "snapshot"]
    loaded_at: float
    """When what it holds was read from NetBox, or read again in part, in seconds since the epoch."""
    checked_at: float | None = None
    """When NetBox last said that nothing had changed since; None before the first such answer."""
    error: str | None = None
    """Why the last attempt to ask NetBox failed; None when it succeeded."""
    changes: int = 0
    """Entries of the change log that were followed since the start."""
    reloads: int = 0
    """How often everything was read since the start."""
    reload_seconds: float | None = None
    """How long that took the last time."""
    failures: Mapping[str, int] = field(default_factory=dict)
    """How often NetBox was asked in vain since the start, by what failed: unavailable, access, refused …"""

    def age(self, now: float) -> float:
        """Seconds that the inventory may be older than NetBox."""
        return max(0.0, now - (self.checked_at or self.loaded_at))

    @property
    def serving(self) -> str:
        """What is served, for messages."""
        moment = time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(self.loaded_at))
        return f"serving {'the snapshot of' if self.source == 'snapshot' else 'what was read at'} {moment}"

    def failed(self, error: ClustoError) -> Freshness:
        """The same after NetBox was asked in vain."""
        kind = type(error).__name__.removesuffix("Error").lower()
        return replace(self, error=str(error), failures={**self.failures, kind: self.failures.get(kind, 0) + 1})
