# SPDX-License-Identifier: BSD-2-Clause
"""Which attributes of which entities point at an entity."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ..core import attributes
from ..core.attributes import Attribute, Relation
from . import registry

if TYPE_CHECKING:
    from .entity import Entity
    from .session import Session


class Mention(NamedTuple):
    """An attribute whose value is a relation, and whose it is."""

    entity: Entity
    attribute: Attribute

    def __str__(self) -> str:
        place = attributes.place(self.attribute.key, self.attribute.number, self.attribute.subkey)
        return f"{place} of {self.entity.label}"


def mentions(session: Session, of: Entity | None) -> list[Mention]:
    """Read the attributes of all entities; those that point at `of`, or at anything. Hidden ones count."""
    found = session.entities({kind.object_type: kind.with_attributes() for kind in registry.kinds()})
    world = session.world()
    return [
        Mention(entity, attribute)
        for entity in found
        for attribute in attributes.from_document(entity.own_document(world))
        if isinstance(attribute.value, Relation) and (of is None or attribute.value == of.relation)
    ]
