# SPDX-License-Identifier: BSD-2-Clause
"""Questions whose answer is a list of entities."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from ..core import attributes, references
from ..core.attributes import ANY
from ..core.errors import InvalidError
from ..core.references import Reference
from ..netbox.client import Query
from . import registry
from .attributed import pointing
from .documents import Document
from .entity import Entity
from .graph import matching
from .ipmanager import IPManager
from .membership import members
from .pool import Pool
from .session import Session, current
from .subnet import NAME

MANY = 50
"""Names in a URL; for each kind as many requests as it takes."""


def get_entities(  # noqa: PLR0913 - what may be asked, by keyword only
    *,
    names: Collection[str] | None = None,
    clusto_types: Collection[str] | None = None,
    clusto_drivers: Collection[str] | None = None,
    attrs: Sequence[Mapping[str, Any]] = (),
    merge_container_attrs: bool = False,
    session: Session | None = None,
) -> list[Entity]:
    """Find the entities of some names, types and drivers that have, for each of `attrs`, a matching attribute.

    One of `attrs` is what `Entity.attrs` takes: `{"key": "dhcp", "subkey": "enabled", "value": 1}`. It is one of the
    entity's own, or with merging one that its containers may give it as well.
    """
    session = session or current()
    kinds = [k for k in registry.kinds() if clusto_types is None or any(k.may_be(type_) for type_ in clusto_types)]
    if names is not None:
        queries = called(session, kinds, names)
    elif attrs and not merge_container_attrs:
        queries = {kind.object_type: kind.with_attributes() for kind in kinds}
    else:
        queries = {kind.object_type: kind.ask() for kind in kinds}
    wanted = [{**one, "value": pointing(one.get("value", ANY))} for one in attrs]
    found = session.entities(queries)
    world = session.world() if attrs else None
    return [
        entity
        for entity in found
        if (names is None or entity.name in names)
        and (clusto_types is None or entity.type in clusto_types)
        and (clusto_drivers is None or entity.driver in clusto_drivers)
        and (
            world is None
            or _has(entity.merged_in(world) if merge_container_attrs else entity.own_document(world), wanted)
        )
    ]


def called(session: Session, kinds: Collection[type[Entity]], names: Collection[str]) -> dict[str, Query]:
    """The questions for all entities of some kinds and names, and maybe some more.

    Many names are in no URL: then GraphQL tells the ids of those that have them.
    """
    listed = sorted(names)
    by_names = {kind.object_type: kind.alike(listed) for kind in kinds}
    if len(listed) <= MANY:
        return by_names
    if IPManager.object_type in by_names:  # GraphQL looks for one name at a time in a custom field
        by_names[IPManager.object_type] = IPManager.ask(**{f"cf_{NAME}__empty": False})
    named = [kind for kind in kinds if kind is not IPManager]
    found = matching(session.client, {k.object_type: "name: {in_list: $value}" for k in named}, "[String!]!", listed)
    return by_names if found is None else by_names | {k.object_type: k.ask(id=found[k.object_type]) for k in named}


def _has(document: Document, attrs: Sequence[Mapping[str, Any]]) -> bool:
    return all(attributes.query(document, **wanted) for wanted in attrs)


class Finder:
    """Reads all that many references may mean at once, then finds each as `get_by_name` does."""

    def __init__(self, session: Session, texts: Iterable[str]) -> None:
        asked = set(texts)
        self._types = session.types if any(":" in text for text in asked) else ()
        names = {reading.name for text in asked if text.strip() for reading in references.readings(text, self._types)}
        self._named: dict[str, list[Entity]] = {}
        for entity in session.entities(called(session, registry.kinds(), names)):
            self._named.setdefault(entity.name, []).append(entity)

    def find(self, text: str, cls: type[Entity] = Entity) -> Entity:
        """Find the one entity of that class; NotFoundError, AmbiguousError, InvalidError for no reference."""

        def among(reading: Reference) -> list[Entity]:
            return [
                entity
                for entity in self._named.get(reading.name, ())
                if isinstance(entity, cls)
                and reading.type in {None, entity.type}
                and (reading.datacenter is None or reading.datacenter == entity.datacenter_name)
            ]

        return references.resolve(text, self._types, among, lambda entity: entity.reading)


def get_from_pools(
    pools: Sequence[Pool | str], *, clusto_types: Collection[str] | None = None, session: Session | None = None
) -> list[Entity]:
    """Find what is in all of these pools, also through pools inside them; `-NAME` takes out what is in that pool.

    Pools themselves are not in the answer. InvalidError when there is no pool to start from.
    """
    session = session or current()
    included = [pool for pool in pools if not (isinstance(pool, str) and pool.startswith("-"))]
    excluded = [pool.removeprefix("-") for pool in pools if isinstance(pool, str) and pool.startswith("-")]
    if not included:
        raise InvalidError(f"pools {list(pools)!r}: expected one at least that is not excluded")
    first, *others = _members(session, [*included, *excluded])
    within, without = others[: len(included) - 1], others[len(included) - 1 :]
    return [
        entity
        for entity in first
        if all(entity in members for members in within)
        and not any(entity in members for members in without)
        and (clusto_types is None or entity.type in clusto_types)
    ]


def _members(session: Session, pools: Sequence[Pool | str]) -> list[dict[Entity, None]]:
    """For each pool everything in it and in the pools inside it, in order; all read at once."""
    known = session.pool_map()
    by_name = {pool.name: pool.slug for pool in known.by_slug.values()}
    outer = [
        by_name[pool] if isinstance(pool, str) and pool in by_name else known.slug(_found(session, pool))
        for pool in pools
    ]
    slugs = {slug: [slug, *sorted(known.nesting.inner(slug))] for slug in outer}
    held = members(session, dict.fromkeys(one for several in slugs.values() for one in several))
    return [dict.fromkeys(entity for one in slugs[slug] for entity in held[one]) for slug in outer]


def _found(session: Session, pool: Pool | str) -> Pool:
    return session.get(Pool, pool) if isinstance(pool, str) else pool
