# SPDX-License-Identifier: BSD-2-Clause
"""What the modules that only read are asked, and their answers."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..core import attributes, references
from ..core.attributes import ANY, Attribute, Relation
from ..drivers import Entity, Session, get_entities, get_from_pools, registry
from .task import State


@dataclass(kw_only=True)
class EntityInfo:
    """The entities that match all that is asked."""

    session: Session
    entity: str | None = None
    types: Collection[str] | None = None
    pools: Sequence[str] | None = None
    attrs: Sequence[Mapping[str, Any]] | None = None

    def answer(self) -> State:
        asked = [asked_for(**attr) for attr in self.attrs or ()]
        found = [
            entity
            for entity in self._candidates()
            if (self.types is None or entity.type in self.types) and all(entity.attrs(**attr) for attr in asked)
        ]
        return {"entities": [e.describe() for e in sorted(found, key=lambda e: (e.type, e.name, e.reference))]}

    def _candidates(self) -> Sequence[Entity]:
        """The narrowest of what is asked for; all of it holds in the end."""
        if self.entity is not None:
            named = self._named(self.entity)
            pooled = self._pooled() if self.pools else named
            return [entity for entity in named if entity in pooled]
        if self.pools:
            return self._pooled()
        attrs = [asked_for(**attr) for attr in self.attrs or ()]
        return get_entities(clusto_types=self.types, attrs=attrs, session=self.session)

    def _pooled(self) -> Sequence[Entity]:
        return get_from_pools(self.pools or (), session=self.session)

    def _named(self, name: str) -> Sequence[Entity]:
        types = self.session.types if ":" in name else ()
        for reading in references.readings(name, types):
            if found := self.session.find(reading, registry.kinds()):
                return found
        return ()


@dataclass(kw_only=True)
class AttributeInfo:
    """Attributes of one entity, its own or merged."""

    session: Session
    entity: str
    key: str | None = None
    subkey: str | None = None
    number: int | None = None
    value: Any = None
    merged: bool = False
    explain: bool = False

    def answer(self) -> State:
        entity = self.session.get_by_name(self.entity)
        asked = asked_for(self.key, self.subkey, self.number, self.value)
        found = entity.attrs(**asked, merge_container_attrs=self.merged or self.explain)
        answer = {"attributes": [plain(a) for a in found], "document": attributes.to_document(found)}
        if self.explain:
            answer["explanation"] = [e for e in entity.explain() if self.key in {None, e["path"][0]}]
        return answer


def asked_for(key: str | None = None, subkey: str | None = None, number: int | None = None, value: Any = None) -> State:
    """A query as `Entity.attrs` takes it: what is not given is not asked."""
    asked = {"key": key, "subkey": subkey, "number": number, "value": value}
    return {name: ANY if given is None else given for name, given in asked.items()}


def plain(attribute: Attribute) -> State:
    value = attribute.value
    return {
        "key": attribute.key,
        "number": attribute.number,
        "subkey": attribute.subkey,
        "value": {attributes.RELATION: str(value)} if isinstance(value, Relation) else value,
    }
