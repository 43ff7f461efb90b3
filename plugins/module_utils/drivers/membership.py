# SPDX-License-Identifier: BSD-2-Clause
"""What bears the tags of pools: read for many pools at once, written for many entities at once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..core.errors import AccessError, NotFoundError
from ..netbox.client import Query
from . import registry

if TYPE_CHECKING:
    from .entity import Entity
    from .session import Record, Session

TAGGED = "extras/tagged-objects"
TAGS_AT_ONCE = 20
"""Slugs in one request, each of at most 100 letters; NetBox takes any of them."""
BATCH = 100
"""Objects in one request: NetBox writes them in one transaction."""

Held = dict[str, list["Entity"]]
"""Slug of a pool's own tag -> what bears it, pools left out."""


def members(session: Session, slugs: Collection[str]) -> Held:
    """Find what bears each of these tags. Of several NetBox tells in one list, if the token may read that."""
    if len(slugs) > 1:
        try:
            return _by_list(session, slugs)
        except (AccessError, NotFoundError):
            pass  # then one by one: that needs no more than seeing the objects themselves
    return _by_kind(session, slugs)


def _by_kind(session: Session, slugs: Collection[str]) -> Held:
    """One request for each kind and tag: two tags in one would mean what bears both."""
    kinds = {kind.object_type: kind for kind in registry.kinds() if kind.bears_tags}
    asked = {(slug, type_): kind.ask(tag=slug) for slug in slugs for type_, kind in kinds.items()}
    held: Held = {slug: [] for slug in slugs}
    for (slug, type_), records in session.client.fetch(asked).items():
        held[slug] += [session.entity(type_, record) for record in records if kinds[type_].is_entity(record)]
    return held


def _by_list(session: Session, slugs: Collection[str]) -> Held:
    """One request for all tags, then one or a few for each kind."""
    listed = list(slugs)
    parts = [listed[at : at + TAGS_AT_ONCE] for at in range(0, len(listed), TAGS_AT_ONCE)]
    fields = ("id", "object_type", "object_id", "tag")
    found = session.client.fetch({n: Query(TAGGED, {"tag": part, "fields": fields}) for n, part in enumerate(parts)})
    marks = [mark for records in found.values() for mark in records]
    kinds = {kind.object_type: kind for kind in registry.kinds() if kind.bears_tags}
    ids = {type_: sorted({m["object_id"] for m in marks if m["object_type"] == type_}) for type_ in kinds}
    entities = session.entities({type_: kind.ask(id=ids[type_]) for type_, kind in kinds.items() if ids[type_]})
    by_id = {(entity.object_type, entity.id): entity for entity in entities}
    held: Held = {slug: [] for slug in slugs}
    for mark in marks:
        if entity := by_id.get((mark["object_type"], mark["object_id"])):
            held[mark["tag"]["slug"]].append(entity)
    order = {type_: place for place, type_ in enumerate(kinds)}
    return {slug: sorted(of_one, key=lambda e: (order[e.object_type], e.id)) for slug, of_one in held.items()}


@dataclass(frozen=True)
class Retag:
    """The tags that an entity gets and loses. NetBox adds and removes them one by one: others' are left alone."""

    entity: Entity
    add: frozenset[str] = frozenset()
    remove: frozenset[str] = frozenset()

    @property
    def body(self) -> dict[str, object]:
        return {
            "id": self.entity.id,
            "add_tags": [{"slug": slug} for slug in sorted(self.add)],
            "remove_tags": [{"slug": slug} for slug in sorted(self.remove)],
        }

    def undone(self) -> Retag:
        return Retag(self.entity, self.remove, self.add)


def batches(changes: Iterable[Retag]) -> list[list[Retag]]:
    """What goes into one request each."""
    by_endpoint: dict[str, list[Retag]] = {}
    for change in changes:
        by_endpoint.setdefault(change.entity.endpoint, []).append(change)
    return [of[at : at + BATCH] for of in by_endpoint.values() for at in range(0, len(of), BATCH)]


def retag(session: Session, batch: Collection[Retag]) -> Mapping[Entity, frozenset[str]]:
    """Write a batch, all of it or none, and return the tags that each entity then has."""
    [endpoint] = {change.entity.endpoint for change in batch}
    written: dict[int, Record] = {r["id"]: r for r in session.client.update_many(endpoint, (c.body for c in batch))}
    return {c.entity: frozenset(tag["slug"] for tag in written[c.entity.id]["tags"]) for c in batch}
