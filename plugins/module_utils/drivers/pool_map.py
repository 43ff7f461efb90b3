# SPDX-License-Identifier: BSD-2-Clause
"""All pools of a NetBox at one moment, in one request: which is in which, and the entities they are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from ..core.errors import ConflictError
from .nesting import Nesting, PoolContext
from .session import Record, Session

if TYPE_CHECKING:
    from .entity import Entity

CONTEXTS = "extras/config-contexts"
OBJECT_TYPE = "extras.configcontext"
PROFILES = {
    "clusto pool": "pool",
    "clusto unique pool": "unique_pool",
    "clusto exclusive pool": "exclusive_pool",
}
"""Config context profile -> driver name."""
FIELDS = ("id", "name", "display", "display_url", "profile", "weight", "tags")


def profile_of(driver: str) -> str:
    return next(profile for profile, name in PROFILES.items() if name == driver)


def driver_of(record: Record) -> str | None:
    """Read the driver name off a pool's config context; None for any other context."""
    return PROFILES.get((record["profile"] or {}).get("name", ""))


class PoolMap:
    def __init__(self, session: Session) -> None:
        self._session = session
        profiles = [session.profile(name) for name in PROFILES]
        records = session.client.list(CONTEXTS, profile_id=profiles, fields=FIELDS)
        self._records: dict[int, Record] = {record["id"]: record for record in records}
        self.nesting = Nesting(map(_context, records))

    def find(self, pool: Entity) -> str | None:
        """Find the slug of a pool's own tag; None when it has none (any more)."""
        return next((slug for slug, context in self.nesting.pools.items() if context.id == pool.id), None)

    def slug(self, pool: Entity) -> str:
        if slug := self.find(pool):
            return slug
        raise ConflictError(
            f"{pool.label}: which of its config context's tags is its own cannot be told; assign the context to the tag"
            f" of the same name, {pool.url}"
        )

    def name(self, slug: str) -> str:
        return self.nesting.pools[slug].name

    def entity(self, slug: str) -> Entity:
        return self._session.entity(OBJECT_TYPE, self._records[self.nesting.pools[slug].id])

    def entities(self, slugs: Iterable[str]) -> list[Entity]:
        """Make the entities, innermost first."""
        return [self.entity(slug) for slug in self.nesting.innermost_first(slugs)]

    def direct(self, tags: Iterable[str]) -> set[str]:
        """Keep those of some tags that are pools' own."""
        return {slug for slug in tags if slug in self.nesting.pools}

    def around(self, tags: Iterable[str]) -> set[str]:
        """Find the pools that something with these tags is in, at any depth."""
        direct = self.direct(tags)
        return direct.union(*(self.nesting.outer(slug) for slug in direct))

    def write(self, changed: Iterable[PoolContext]) -> None:
        """Write what `Nesting` says has changed, in its order; what others change meanwhile is kept."""
        for new in changed:
            old = _context(self._records[new.id])

            def step(record: Record, old: PoolContext = old, new: PoolContext = new) -> Mapping[str, Any]:
                tags = (set(record["tags"]) | (new.tags - old.tags)) - (old.tags - new.tags)
                weight = new.weight if record["weight"] == old.weight else record["weight"]
                return {"tags": sorted(tags), "weight": weight}

            self._session.client.compare_and_swap(CONTEXTS, new.id, step)


def _context(record: Record) -> PoolContext:
    return PoolContext(
        record["id"], record["name"], driver_of(record) or "", record["weight"], frozenset(record["tags"])
    )
