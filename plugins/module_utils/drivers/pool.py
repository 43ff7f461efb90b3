# SPDX-License-Identifier: BSD-2-Clause
"""Pools: a tag, which the members bear, and a config context of the same name, which is assigned to it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NoReturn

from ..core.errors import ConflictError, InvalidError, RefusedError, shown
from ..core.merge import Scope, Weight
from ..netbox.client import Query
from ..netbox.records import World
from ..netbox.records import pools as records
from .context_entity import ContextEntity
from .documents import ContextData, checked, context_data
from .entity import Entity
from .membership import members
from .pool_map import CONTEXTS, TAGS, PoolMap, delete_unused_tags, profile_of
from .session import Record, Session
from .slugs import slug_of, unlike

EXCLUSIVE = "exclusive_pool"
MARK = "clusto pool"
"""The description of our tags; it tells a tag that an interrupted creation left behind from one that others made."""


class Pool(ContextEntity):
    """Any entities, other pools too; its attributes hold for all of them. An entity is in many pools.

    Raises ExistsError when a pool has the name, ConflictError when a tag or context of others has it.
    """

    _clusto_type = "pool"
    _driver_name = "pool"

    def __init__(
        self,
        name: str,
        *,
        weight: int | None = None,
        attributes: Mapping[str, Any] | None = None,
        session: Session | None = None,
    ) -> None:
        self._begin(name, session)
        self._refuse_taken(name)
        profile = self._session.profile(profile_of(self._driver_name))
        self._refuse_foreign(name)
        tag, made = self._own_tag(name)
        try:
            self.record = self._client.create(
                CONTEXTS,
                {
                    "name": name,
                    "profile": profile,
                    "weight": Weight.pool(0) if weight is None else weight,
                    "tags": [tag["slug"]],
                    "data": context_data(checked(attributes or {})),
                },
            )
        except RefusedError:
            if made:
                delete_unused_tags(self._client, [tag])
            raise

    def _own_tag(self, name: str) -> tuple[Record, bool]:
        """Find or make the tag of that name, and tell whether it was made now.

        One that an interrupted creation left is taken up.
        """
        tag = self._client.one(TAGS, name=name)
        if tag is None:
            slug = slug_of(name)
            taken = {t["slug"] for t in self._client.list(TAGS, slug=slug)} if slug else ()
            return self._client.create(
                TAGS, {"name": name, "slug": unlike(slug, name, taken), "description": MARK}
            ), True
        if tag["description"] != MARK:
            self._refuse_tag(tag)
        return tag, False

    @staticmethod
    def _refuse_tag(tag: Record) -> NoReturn:
        raise ConflictError(
            f"pool {tag['name']!r}: NetBox has a tag of that name that is no pool's, {tag['display_url']}"
        )

    # Finding

    @classmethod
    def query(cls, name: str) -> Query:
        return Query(CONTEXTS, {"name": name})

    @classmethod
    def driver_in(cls, record: Record) -> str | None:
        return records.driver(record)

    @property
    def documents(self) -> ContextData:
        return ContextData(self._client, self.id)

    def scope(self, world: World) -> Scope:
        pool = world.pools.by_id.get(self.id)
        return world.pool(pool.slug) if pool else Scope(own=self.id, pools_only=True)  # one without tag is in no other

    # Membership

    def insert(self, entity: Entity) -> None:
        """Put an entity in; nothing happens when it is directly in it already.

        ConflictError: a cycle of pools, or the rules of unique and exclusive pools.
        """
        pools = self._session.pool_map()
        if isinstance(entity, Pool):
            self._admit(entity, pools.direct(pools.by_slug[pools.slug(entity)].parents))
            self._join(pools, entity)
            return
        if not entity.bears_tags:
            raise InvalidError(f"{entity.label} cannot be in a pool: NetBox has no tags for it")
        slug = pools.slug(self)

        def step(record: Record) -> Mapping[str, Any] | None:
            borne = {tag["slug"] for tag in record["tags"]}
            if slug in borne:
                return None
            self._admit(entity, pools.direct(borne))
            return {"tags": [{"slug": s} for s in sorted(borne | {slug})]}

        entity.swap(step)

    def _join(self, pools: PoolMap, entity: Pool) -> None:
        """Nest a pool; if somebody did meanwhile what does not go with it, take that back and refuse.

        NetBox locks one context at a time: two programs may both find that theirs makes no cycle, and that the pool is
        in no other that is unique.
        """
        changes = pools.nesting.joined(pools.slug(self), pools.slug(entity))
        pools.write(changes)
        if not changes:
            return
        try:
            self._check_joined(entity, self._session.pool_map())
        except ConflictError:
            pools.write(change.undone() for change in reversed(changes))
            raise

    def _check_joined(self, entity: Pool, pools: PoolMap) -> None:
        outer, inner = pools.slug(self), pools.slug(entity)
        if pools.nesting.circular(outer, inner):
            raise ConflictError(
                f"{entity.label} cannot go into {self.label}: somebody put that, or a pool around it, into the first at"
                " the same moment"
            )
        self._admit(entity, pools.direct(pools.by_slug[inner].parents))

    def _admit(self, entity: Entity, others: Iterable[records.Pool]) -> None:
        self.check_admission(self.name, entity.label, (other for other in others if other.id != self.id))

    @classmethod
    def check_admission(cls, name: str, label: str, others: Iterable[records.Pool]) -> None:
        """ConflictError when what is directly in `others` cannot be in a pool of this driver. `label` names it."""
        for other in others:
            if reason := cls.refusal(other):
                raise ConflictError(
                    f"{label} cannot go into {cls._driver_name} {name!r}:"
                    f" it is in {other.driver} {other.name!r}, and {reason}"
                )

    @classmethod
    def refusal(cls, other: records.Pool) -> str | None:
        """Say why an entity that is in `other` cannot be in this pool as well."""
        if other.driver == EXCLUSIVE:
            return "what is in an exclusive pool is in no other pool"
        return None

    def remove(self, entity: Entity) -> None:
        """Take out an entity that is directly in it; ConflictError otherwise, naming the inner pool where it is."""
        pools = self._session.pool_map()
        slug = pools.slug(self)
        if isinstance(entity, Pool):
            inner = pools.slug(entity)
            if slug not in pools.by_slug[inner].parents:
                self._refuse_removal(entity, pools, pools.by_slug[inner].parents)
            pools.write(pools.nesting.parted(slug, inner))
            return

        def step(record: Record) -> Mapping[str, Any] | None:
            borne = {tag["slug"] for tag in record["tags"]}
            if slug not in borne:
                self._refuse_removal(entity, pools, borne)
            return {"tags": [{"slug": s} for s in sorted(borne - {slug})]}

        entity.swap(step)

    def _refuse_removal(self, entity: Entity, pools: PoolMap, where: Iterable[str]) -> None:
        slug = pools.slug(self)
        within = [pool.name for pool in pools.direct(where) if slug in pool.outer]
        names = shown(sorted(within))
        hint = f": it is in {names} inside it; remove it there" if within else ""
        raise ConflictError(f"{entity.label} is not directly in {self.driver} {self.name!r}{hint}")

    def __contains__(self, entity: object) -> bool:
        """Whether it is in this pool, directly or through pools inside it."""
        return isinstance(entity, Entity) and self in entity.pools()

    def _contents(self) -> list[Entity]:
        pools = self._session.pool_map()
        if pools.is_untagged(self):
            return []
        slug = pools.slug(self)
        return [*pools.entities(pools.nesting.children(slug)), *self._session.members(slug)]

    def _parents(self) -> list[Entity]:
        pools = self._session.pool_map()
        return pools.entities(pools.by_slug[pools.slug(self)].parents)

    def pools(self) -> list[Entity]:
        """Those around it; of one whose own tag cannot be told none can."""
        pools = self._session.pool_map()
        told = pools.find(self)
        return pools.entities(told.outer) if told else []

    # Weight, name, end

    @property
    def weight(self) -> int:
        """The heavier of two pools of one entity wins. By default it grows with the depth of nesting."""
        self.refresh()
        return int(self.record["weight"])

    @weight.setter
    def weight(self, weight: int) -> None:
        self.update({"weight": weight})

    def check_rename(self, name: str) -> None:
        super().check_rename(name)
        tag = self._client.one(TAGS, name=name)
        if tag and tag["slug"] != (self._tag() or {}).get("slug"):
            self._refuse_tag(tag)

    def _rename(self, name: str) -> None:
        tag = self._tag()
        if tag is not None:
            self._client.update(TAGS, tag["id"], {"name": name})
        try:
            self.update({"name": name})
        except RefusedError:
            if tag is not None:
                self._client.update(TAGS, tag["id"], {"name": tag["name"]})
            raise

    def _tag(self) -> Record | None:
        pool = self._session.pool_map().find(self)
        return None if pool is None else self._client.one(TAGS, slug=pool.slug)

    def losses(self) -> list[str]:
        inside = self._contents()
        held = [f"it would no longer hold {shown(e.label for e in inside)}"] if inside else []
        return [*held, *self._losses_of_members(), *super().losses()]

    def _losses_of_members(self) -> list[str]:
        """Its attributes, in pools inside it too."""
        keys, pool = sorted(self.document), self._session.pool_map().find(self)
        if not keys or pool is None:
            return []
        slugs = [pool.slug, *sorted(self._session.pool_map().nesting.inner(pool.slug))]
        reached = dict.fromkeys(e for held in members(self._session, slugs).values() for e in held)
        return [f"these would lose its {', '.join(keys)}: {shown(e.label for e in reached)}"] if reached else []

    def _delete(self) -> None:
        """Interrupted anywhere, it can be deleted again: the context goes last, and without its tag it is inactive.

        (An active context that is assigned to nothing holds for every device.)
        """
        if pool := self._session.pool_map().find(self):
            self._let_go(pool)
        self.update({"is_active": False})
        if pool and (tag := self._client.one(TAGS, slug=pool.slug)):
            self._client.delete(TAGS, tag["id"])
        super()._delete()

    def _let_go(self, pool: records.Pool) -> None:
        """Take it out of the pools around it, and the pools inside out of it: they inherit nothing through it."""
        inside = self._session.pool_map().nesting.children(pool.slug)
        pairs = [*((pool.slug, inner) for inner in inside), *((outer, pool.slug) for outer in pool.parents)]
        for outer, inner in pairs:
            pools = self._session.pool_map()
            pools.write(pools.nesting.parted(outer, inner))

    def describe(self) -> dict[str, Any]:
        """A pool whose tag cannot be told is described without what only its tag tells; `problems` says so."""
        pools = self._session.pool_map()
        told = pools.find(self)
        return {
            **super().describe(),
            "weight": self.weight,
            "parents": sorted(pools.by_slug[slug].name for slug in told.parents) if told else [],
            "members": sorted(e.reference for e in self._contents()) if told else [],
            "problems": pools.problems(self),
        }


class UniquePool(Pool):
    """A pool for entities that are in no other unique pool."""

    _driver_name = "unique_pool"

    @classmethod
    def refusal(cls, other: records.Pool) -> str | None:
        if other.driver == cls._driver_name:
            return "an entity is in one unique pool at most"
        return super().refusal(other)


class ExclusivePool(Pool):
    """A pool for entities that are in no other pool at all."""

    _driver_name = EXCLUSIVE

    @classmethod
    def refusal(cls, other: records.Pool) -> str | None:  # noqa: ARG003 - whichever pool that is
        return "an exclusive pool takes only what is in no other pool"
