# SPDX-License-Identifier: BSD-2-Clause
"""Questions whose answer is a list of entities."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from ..core import attributes
from ..core.errors import InvalidError
from . import registry
from .documents import Document
from .entity import Entity, reached
from .pool import Pool
from .session import Session, current


def get_entities(
    *,
    clusto_types: Collection[str] | None = None,
    clusto_drivers: Collection[str] | None = None,
    attrs: Sequence[Mapping[str, Any]] = (),
    session: Session | None = None,
) -> list[Entity]:
    """Find the entities of some types and drivers that have, for each of `attrs`, a matching attribute of their own.

    One of `attrs` is what `Entity.attrs` takes: `{"key": "dhcp", "subkey": "enabled", "value": 1}`.
    """
    session = session or current()
    kinds = (k for k in registry.kinds() if clusto_types is None or any(k.may_be(type_) for type_ in clusto_types))
    found = session.entities({kind.object_type: kind.ask() for kind in kinds})
    world = session.world() if attrs else None
    return [
        entity
        for entity in found
        if (clusto_types is None or entity.type in clusto_types)
        and (clusto_drivers is None or entity.driver in clusto_drivers)
        and (world is None or _has(entity.own_document(world), attrs))
    ]


def _has(document: Document, attrs: Sequence[Mapping[str, Any]]) -> bool:
    return all(attributes.query(document, **wanted) for wanted in attrs)


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
    first, *others = (_members(session, pool) for pool in included)
    without = [_members(session, pool) for pool in excluded]
    return [
        entity
        for entity in first
        if all(entity in members for members in others)
        and not any(entity in members for members in without)
        and (clusto_types is None or entity.type in clusto_types)
    ]


def _members(session: Session, pool: Pool | str) -> dict[Entity, None]:
    """Everything in a pool and the pools inside it, in order."""
    outer = session.get(Pool, pool) if isinstance(pool, str) else pool
    inner = reached(outer, lambda entity: [e for e in entity.contents() if isinstance(e, Pool)])
    every = (entity for one in (outer, *inner) for entity in one.contents() if not isinstance(entity, Pool))
    return dict.fromkeys(every)
