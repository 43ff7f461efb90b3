# SPDX-License-Identifier: BSD-2-Clause
"""What may be put into a place, and what may be taken out."""

from __future__ import annotations

from collections.abc import Mapping

from ..core.errors import ConflictError, ExistsError
from ..netbox.client import Query
from . import registry
from .entity import Entity
from .session import Session


def is_in(entity: object, place: Entity) -> bool:
    """Whether a place holds an entity, as NetBox has it now."""
    if not isinstance(entity, Entity):
        return False
    entity.refresh()
    return place in entity.places()


def check_elsewhere(entity: Entity, place: Entity) -> None:
    """ConflictError when an entity is where it would have to be taken out of, to be in `place`."""
    now = entity.place
    if now is not None and now != place and now not in place.places():
        raise ConflictError(
            f"{entity.label} is in {now.label}, not in {place.label}: move it, or remove it from there first"
        )


def check_directly_in(entity: Entity, place: Entity) -> None:
    if entity.place != place:
        where = f"in {entity.place.label}" if entity.place else "in no place"
        raise ConflictError(f"{entity.label} is not directly in {place.label}; it is {where}")


def check_namesakes(  # noqa: PLR0913 - who moves, where to, and what goes along
    session: Session, entity: Entity, place: Entity | None, *, site: int, along: Mapping[str, Query], name: str | None
) -> None:
    """ExistsError when it (then called `name`), or what goes along, has a namesake in the datacenter of that place.

    site: the id of that datacenter. along: object type -> the question whose answer goes along.
    NetBox itself would find out about devices only, and too late to say which.
    """
    if site == entity.record["site"]["id"]:
        return
    moving = {e: e.name for e in session.entities(along) if e.record["name"]} | {entity: name or entity.name}
    names: dict[str, set[str]] = {}
    for one, called in moving.items():
        names.setdefault(one.object_type, set()).add(called)
    asked = {type_: registry.kind(type_).alike(sorted(of_type)) for type_, of_type in names.items()}
    there = session.entities(
        {t: Query(query.endpoint, {**query.filters, "site_id": site}) for t, query in asked.items()}
    )
    others = {(e.object_type, comparable(e.object_type, e.name)): e for e in there if e not in moving}
    for one, called in moving.items():
        if other := others.get((one.object_type, comparable(one.object_type, called))):
            where = place.label if place else "no datacenter"
            raise ExistsError(
                f"{entity.label} cannot go from {entity.datacenter_name or 'no datacenter'} into {where}:"
                f" {one.reference} has a namesake there, {other.reference}, {other.url}"
            )


def comparable(object_type: str, name: str) -> str:
    """NetBox takes names of devices for the same in whichever case."""
    return name.lower() if object_type == "dcim.device" else name
