# SPDX-License-Identifier: BSD-2-Clause
"""Pools: a tag, which the members bear, and a config context of the same name, which is assigned to it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..core.errors import ConflictError, RefusedError
from ..core.merge import Weight
from ..netbox.client import Query
from . import registry
from .documents import ContextData, context_data
from .entity import Entity, checked, shown
from .nesting import PoolContext
from .pool_map import CONTEXTS, OBJECT_TYPE, PoolMap, driver_of, profile_of
from .session import Record, Session
from .slugs import slug_of, unlike

TAGS = "extras/tags"
EXCLUSIVE = "exclusive_pool"
MARK = "clusto pool"
"""The description of our tags; it tells a tag that an interrupted creation left behind from one that others made."""


class Pool(Entity):
    """Any entities, other pools too; its attributes hold for all of them. An entity is in many pools.

    Raises ExistsError when a pool has the name, ConflictError when a tag or context of others has it.
    """

    object_type = OBJECT_TYPE
    endpoint = CONTEXTS
    _clusto_type = "pool"
    bears_tags = False
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
        if foreign := self._client.one(CONTEXTS, name=name):
            raise ConflictError(
                f"pool {name!r}: NetBox has a config context of that name that is no pool's, {foreign['display_url']}"
            )
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
                self._client.delete(TAGS, tag["id"])
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
            raise ConflictError(f"pool {name!r}: NetBox has a tag of that name that is no pool's, {tag['display_url']}")
        return tag, False

    # Finding

    @classmethod
    def query(cls, name: str) -> Query:
        return Query(CONTEXTS, {"name": name})

    @classmethod
    def is_named(cls, record: Record, name: str) -> bool:
        return bool(record["name"] == name) and driver_of(record) is not None

    @classmethod
    def _class_of(cls, record: Record) -> type[Entity]:
        return registry.driver_class(cls.object_type, driver_of(record) or "")

    @property
    def _documents(self) -> ContextData:
        return ContextData(self._client, self.id)

    # Membership

    def insert(self, entity: Entity) -> None:
        """Put an entity in; nothing happens when it is directly in it already.

        ConflictError: a cycle of pools, or the rules of unique and exclusive pools.
        """
        pools = PoolMap(self._session)
        if isinstance(entity, Pool):
            inner = pools.slug(entity)
            self._admit(entity, (pools.nesting.pools[s] for s in pools.nesting.parents(inner)))
            pools.write(pools.nesting.joined(pools.slug(self), inner))
            return
        slug = pools.slug(self)

        def step(record: Record) -> Mapping[str, Any] | None:
            borne = {tag["slug"] for tag in record["tags"]}
            if slug in borne:
                return None
            self._admit(entity, (pool for own, pool in pools.nesting.pools.items() if own in borne))
            return {"tags": [{"slug": s} for s in sorted(borne | {slug})]}

        entity.swap(step)

    def _admit(self, entity: Entity, others: Iterable[PoolContext]) -> None:
        """Refuse an entity because of a pool that it is directly in."""
        for other in others:
            if other.id != self.id and (reason := self._refusal(other)):
                raise ConflictError(
                    f"{entity.label} cannot go into {self.driver} {self.name!r}:"
                    f" it is in {other.driver} {other.name!r}, and {reason}"
                )

    def _refusal(self, other: PoolContext) -> str | None:
        """Why an entity that is in `other` cannot be in this pool as well."""
        if other.driver == EXCLUSIVE:
            return "what is in an exclusive pool is in no other pool"
        return None

    def remove(self, entity: Entity) -> None:
        """Take out an entity that is directly in it; ConflictError otherwise, naming the inner pool where it is."""
        pools = PoolMap(self._session)
        slug = pools.slug(self)
        if isinstance(entity, Pool):
            inner = pools.slug(entity)
            if inner not in pools.nesting.children(slug):
                self._refuse_removal(entity, pools, pools.nesting.parents(inner))
            pools.write(pools.nesting.parted(slug, inner))
            return

        def step(record: Record) -> Mapping[str, Any] | None:
            borne = {tag["slug"] for tag in record["tags"]}
            if slug not in borne:
                self._refuse_removal(entity, pools, borne & pools.nesting.pools.keys())
            return {"tags": [{"slug": s} for s in sorted(borne - {slug})]}

        entity.swap(step)

    def _refuse_removal(self, entity: Entity, pools: PoolMap, where: Iterable[str]) -> None:
        slug = pools.slug(self)
        within = [s for s in where if s in pools.nesting.inner(slug)]
        names = shown(sorted(pools.name(s) for s in within))
        hint = f": it is in {names} inside it; remove it there" if within else ""
        raise ConflictError(f"{entity.label} is not directly in {self.driver} {self.name!r}{hint}")

    def __contains__(self, entity: object) -> bool:
        """Whether it is in this pool, directly or through pools inside it."""
        return isinstance(entity, Entity) and self in entity.pools()

    def _contents(self) -> list[Entity]:
        pools = PoolMap(self._session)
        slug = pools.slug(self)
        inner = [pools.entity(s) for s in sorted(pools.nesting.children(slug), key=pools.name)]
        kinds = {kind.object_type: kind for kind in registry.kinds() if kind.bears_tags}
        found = self._client.fetch({type_: Query(kind.endpoint, {"tag": slug}) for type_, kind in kinds.items()})
        members = (kind.from_record(self._session, r) for type_, kind in kinds.items() for r in found[type_])
        return [*inner, *members]

    def _parents(self) -> list[Entity]:
        pools = PoolMap(self._session)
        return pools.entities(pools.nesting.parents(pools.slug(self)))

    def pools(self) -> list[Entity]:
        pools = PoolMap(self._session)
        return pools.entities(pools.nesting.outer(pools.slug(self)))

    # Weight, name, end

    @property
    def weight(self) -> int:
        """The heavier of two pools of one entity wins. By default it grows with the depth of nesting."""
        self.refresh()
        return int(self.record["weight"])

    @weight.setter
    def weight(self, weight: int) -> None:
        self.update({"weight": weight})

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
        slug = PoolMap(self._session).find(self)
        return None if slug is None else self._client.one(TAGS, slug=slug)

    def losses(self) -> list[str]:
        members = self._contents()
        if not members:
            return []
        return [f"{len(members)} would be in it no longer: {shown(e.label for e in members)}"]

    def _delete(self) -> None:
        """Interrupted anywhere, it can be deleted again: the context goes last, and without its tag it is inactive.

        (An active context that is assigned to nothing holds for every device.)
        """
        pools = PoolMap(self._session)
        slug = pools.find(self)
        if slug:
            self._let_go(slug)
        self.update({"is_active": False})
        if slug and (tag := self._client.one(TAGS, slug=slug)):
            self._client.delete(TAGS, tag["id"])
        super()._delete()

    def _let_go(self, slug: str) -> None:
        """Take it out of the pools around it, and the pools inside out of it: they inherit nothing through it."""
        nesting = PoolMap(self._session).nesting
        pairs = [(slug, inner) for inner in nesting.children(slug)] + [(o, slug) for o in nesting.parents(slug)]
        for outer, inner in pairs:
            pools = PoolMap(self._session)
            pools.write(pools.nesting.parted(outer, inner))

    def describe(self) -> dict[str, Any]:
        pools = PoolMap(self._session)
        nesting, slug = pools.nesting, pools.slug(self)
        return {
            **super().describe(),
            "weight": self.weight,
            "parents": sorted(nesting.pools[s].name for s in nesting.parents(slug)),
            "members": sorted(e.reference for e in self._contents()),
        }


class UniquePool(Pool):
    """A pool for entities that are in no other unique pool."""

    _driver_name = "unique_pool"

    def _refusal(self, other: PoolContext) -> str | None:
        if other.driver == self._driver_name:
            return "an entity is in one unique pool at most"
        return super()._refusal(other)


class ExclusivePool(Pool):
    """A pool for entities that are in no other pool at all."""

    _driver_name = EXCLUSIVE

    def _refusal(self, other: PoolContext) -> str | None:  # noqa: ARG002 - whichever pool that is
        return "an exclusive pool takes only what is in no other pool"
