# SPDX-License-Identifier: BSD-2-Clause
"""All pools of a NetBox at one moment, in one request: which is in which, and the entities they are."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from ..core.errors import ConflictError
from ..netbox.client import Client, Filter, Query
from ..netbox.records import Pools
from ..netbox.records.pools import PROFILES, Pool
from .nesting import Change, Nesting

if TYPE_CHECKING:
    from .entity import Entity
    from .session import Record, Session

CONTEXTS = "extras/config-contexts"
TAGS = "extras/tags"
OBJECT_TYPE = "extras.configcontext"
FIELDS = ("id", "name", "display", "display_url", "profile", "weight", "is_active", "tags")


def profile_of(driver: str) -> str:
    """The config context profile of a pool driver."""
    return next(profile for profile, name in PROFILES.items() if name == driver)


class PoolMap:
    """Pools are given by the slugs of their own tags."""

    def __init__(self, session: Session, found: Mapping[Any, Sequence[Record]] | None = None) -> None:
        """found: the answers to `queries`, where they were asked together with others."""
        self._session = session
        if found is None:
            found = session.client.fetch(self.queries(session))
        self._records: dict[int, Record] = {record["id"]: record for record in found["contexts"]}
        self._pools = Pools(found["contexts"], found["tags"])

    @staticmethod
    def queries(session: Session) -> dict[str, Query]:
        """What has to be asked for it. NotBootstrappedError."""
        profiles = [session.profile(name) for name in PROFILES]
        ordered: dict[str, Filter] = {"profile_id": profiles, "fields": FIELDS, "ordering": ("weight", "name")}
        return {"contexts": Query(CONTEXTS, ordered), "tags": Query(TAGS, {"fields": ("id", "name", "slug")})}

    @property
    def by_slug(self) -> Mapping[str, Pool]:
        return self._pools.by_slug

    @cached_property
    def nesting(self) -> Nesting:
        tags = {slug: frozenset(self._records[pool.id]["tags"]) for slug, pool in self.by_slug.items()}
        return Nesting(self.by_slug, tags)

    def find(self, pool: Entity) -> Pool | None:
        """None for a pool that has no tag of its own (any more)."""
        return self._pools.by_id.get(pool.id)

    def is_untagged(self, pool: Entity) -> bool:
        """Whether its tag is gone, as when its deletion was interrupted: then nothing can be in it."""
        return pool.id in self._records and not self._records[pool.id]["tags"]

    def slug(self, pool: Entity) -> str:
        if found := self.find(pool):
            return found.slug
        raise ConflictError("; ".join(self.problems(pool)) or f"{pool.label} is no longer in NetBox, {pool.url}")

    def problems(self, pool: Entity) -> list[str]:
        """Say what is wrong with a pool that somebody changed in NetBox, and how to mend it."""
        record = self._records.get(pool.id)
        if record is None or self.find(pool):
            return []
        if record["tags"]:
            wrong = (
                "which of its config context's tags is its own cannot be told; assign the context to the tag of the"
                " same name"
            )
        elif record["is_active"]:
            wrong = (
                "its tag was deleted in NetBox, so that its config context holds for every device; delete the pool, or"
                " assign the context to a tag of the same name"
            )
        else:
            wrong = "its deletion was interrupted; delete it again"
        return [f"{pool.label}: {wrong}, {pool.url}"]

    def entities(self, slugs: Iterable[str]) -> list[Entity]:
        """Innermost first."""
        wanted = set(slugs)
        return [
            self._session.entity(OBJECT_TYPE, self._records[pool.id])
            for pool in self._pools.of(wanted)
            if pool.slug in wanted
        ]

    def around(self, tags: Iterable[str]) -> list[Entity]:
        """The pools that something with these tags is in, at any depth; innermost first."""
        return self.entities(pool.slug for pool in self._pools.of(tags))

    def direct(self, tags: Iterable[str]) -> list[Pool]:
        """The pools whose own tags are among these."""
        return [self.by_slug[slug] for slug in tags if slug in self.by_slug]

    def check_nesting(self, edges: Mapping[str, Iterable[str]]) -> None:
        """ConflictError when a pool (slug -> those it was put into) is around one of those as well.

        NetBox locks one context at a time: two programs may each find that theirs makes no circle.
        """
        for inner, around in edges.items():
            for outer in around:
                if self.nesting.circular(outer, inner):
                    raise ConflictError(
                        f"pool {self.by_slug[inner].name!r} cannot go into pool {self.by_slug[outer].name!r}: somebody"
                        " put that, or a pool around it, into the first at the same moment"
                    )

    def write(self, changes: Iterable[Change]) -> None:
        """Write what `Nesting` says, in its order; what others change meanwhile is kept."""
        for change in changes:

            def step(record: Record, change: Change = change) -> Mapping[str, Any]:
                old, new = change.weight
                tags = set(record["tags"]) - change.remove | change.add
                return {"tags": sorted(tags), "weight": new if record["weight"] == old else record["weight"]}

            self._session.client.compare_and_swap(CONTEXTS, change.context, step)


def delete_unused_tags(client: Client, tags: Collection[Record]) -> None:
    """Take back tags that were made for pools, but for those that a config context is assigned to by now.

    That is a pool of the same name that somebody made at the same moment, or our own, of whose making the answer was
    lost. Without its tag it would hold for every device.
    """
    contexts = client.list(CONTEXTS, tag=[tag["slug"] for tag in tags], fields="tags")
    used = {slug for context in contexts for slug in context["tags"]}
    client.delete_many(TAGS, [tag["id"] for tag in tags if tag["slug"] not in used])
