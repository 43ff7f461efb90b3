# SPDX-License-Identifier: BSD-2-Clause
"""Many entities looked at together, as they are at one moment, in few requests however many they are."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cached_property
from typing import Final

from ..netbox.records import World
from .entity import Entity
from .membership import members
from .mentions import Mention
from .pool_map import PoolMap
from .read_ahead import ReadAhead
from .session import Record, Session

OWNERS: Final[Mapping[str, tuple[str, ...]]] = {
    "dcim/devices": ("device_id", "parent_object_id"),
    "virtualization/virtual-machines": ("virtual_machine_id",),
    "dcim/racks": ("rack_id", "scope_id"),
    "dcim/sites": ("site_id", "scope_id", "termination_id"),
    "dcim/locations": ("location_id", "parent_id", "scope_id", "termination_id"),
}
"""Endpoint -> the filters by which NetBox finds what belongs to an object of it."""

AROUND: Final = {
    "rack": "dcim/racks",
    "location": "dcim/locations",
    "site": "dcim/sites",
    "parent": "dcim/locations",
    "device_type": "dcim/device-types",
}
"""Field of a record -> the endpoint of what it names: what an entity is in, and what it is."""


class Survey(Session):
    """A session for looking at `entities` only. What it says of each is what the entity itself would say.

    All is read once, when it is first needed.
    """

    def __init__(self, session: Session, entities: Iterable[Entity]) -> None:
        self.entities_seen = list(entities)
        super().__init__(ReadAhead(session.client, _of(self.entities_seen), _records(self.entities_seen)))
        self._contents: dict[Entity, list[Entity]] = {}

    @cached_property
    def _seen(self) -> dict[Entity, Entity]:
        return {entity: self.entity(entity.object_type, entity.record) for entity in self.entities_seen}

    def __getitem__(self, entity: Entity) -> Entity:
        """The entity as this session sees it, to be asked but not to be changed."""
        return self._seen[entity]

    # Read once for all

    def world(self) -> World:
        self._world = super().world()
        return self._world

    @cached_property
    def _pool_map(self) -> PoolMap:
        return super().pool_map()

    def pool_map(self) -> PoolMap:
        return self._pool_map

    @cached_property
    def _held(self) -> dict[str, list[Entity]]:
        """Of all pools that are looked at."""
        seen = (self.pool_map().find(entity) for entity in self.entities_seen)
        return members(self, [pool.slug for pool in seen if pool])

    def members(self, slug: str) -> list[Entity]:
        return self._held[slug] if slug in self._held else super().members(slug)

    def contents(self, entity: Entity) -> Sequence[Entity]:
        if entity not in self._contents:
            self._contents[entity] = list(super().contents(entity))
        return self._contents[entity]

    @cached_property
    def _mentions(self) -> dict[str, list[Mention]]:
        found: dict[str, list[Mention]] = {}
        for mention in super().mentions():
            found.setdefault(str(mention.attribute.value), []).append(mention)
        return found

    def mentions(self, of: Entity | None = None) -> list[Mention]:
        if of is None:
            return [mention for several in self._mentions.values() for mention in several]
        return self._mentions.get(str(of.relation), [])


def _of(entities: Iterable[Entity]) -> dict[str, Collection[int]]:
    """What will be asked about: filter or endpoint -> ids."""
    found: dict[str, set[int]] = {}
    for entity in entities:
        for name in OWNERS.get(entity.endpoint, ()):
            found.setdefault(name, set()).add(entity.id)
        for field, endpoint in AROUND.items():
            if around := entity.record.get(field):
                found.setdefault(endpoint, set()).add(around["id"])
    return dict(found)


def _records(entities: Iterable[Entity]) -> dict[str, list[Record]]:
    found: dict[str, list[Record]] = {}
    for entity in entities:
        found.setdefault(entity.endpoint, []).append(entity.record)
    return found
