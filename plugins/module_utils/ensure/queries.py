# SPDX-License-Identifier: BSD-2-Clause
"""What the modules that only read are asked, and their answers."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from ..core import attributes, references
from ..core.attributes import ANY, Attribute, Relation
from ..drivers import Datacenter, Entity, Pool, Session, get_entities, get_from_pools, registry
from ..drivers.survey import Survey
from .task import State


@dataclass(kw_only=True)
class EntityInfo:
    """The entities that match all that is asked, and what is wanted of each besides its description."""

    session: Session
    entity: str | None = None
    names: Collection[str] | None = None
    types: Collection[str] | None = None
    drivers: Collection[str] | None = None
    pools: Sequence[str] | None = None
    datacenter: str | None = None
    attrs: Sequence[Mapping[str, Any]] | None = None
    attrs_merged: bool = False
    contents: bool = False
    parents: bool = False
    siblings: bool = False
    recursive: bool = False
    references: bool = False
    consequences: bool = False
    merged: bool = False
    explain: bool = False

    _survey: Survey = field(init=False)

    def answer(self) -> State:
        found = [entity for entity in self._candidates() if self._matches(entity)]
        self._survey = Survey(self.session, found)
        matching = [entity for entity in found if self._has_attrs(entity)]
        ordered = sorted(matching, key=lambda e: (e.type, e.name, e.reference))
        told = [self._told(self._survey[entity]) for entity in ordered]
        warnings = [w for e in ordered if isinstance(e, Pool) for w in self._survey.pool_map().problems(e)]
        return {"entities": told, **({"warnings": warnings} if warnings else {})}

    # Which entities

    def _candidates(self) -> Iterable[Entity]:
        """The narrowest of what is asked for; all of it holds in the end."""
        if self.entity is not None:
            named = self._named(self.entity)
            pooled = set(self._pooled()) if self.pools else named
            return [entity for entity in named if entity in pooled]
        if self.pools:
            return self._pooled()
        attrs = () if self.attrs_merged else self._attrs
        return get_entities(
            names=self.names,
            clusto_types=self.types,
            clusto_drivers=self._drivers,
            attrs=attrs,
            session=self.session,
        )

    def _pooled(self) -> Sequence[Entity]:
        return get_from_pools(self.pools or (), session=self.session)

    def _named(self, name: str) -> Sequence[Entity]:
        types = self.session.types if ":" in name else ()
        for reading in references.readings(name, types):
            if found := self.session.find(reading, registry.kinds()):
                return found
        return ()

    @cached_property
    def _attrs(self) -> list[State]:
        return [asked_for(self.session, **attr) for attr in self.attrs or ()]

    @cached_property
    def _drivers(self) -> set[str] | None:
        """As they are given, and as NetBox keeps the name of a class."""
        return None if self.drivers is None else {*self.drivers, *map(str.lower, self.drivers)}

    @cached_property
    def _datacenter(self) -> str | None:
        """A datacenter that is not there is an error, not an empty answer."""
        return None if self.datacenter is None else Datacenter.get(self.datacenter, session=self.session).name

    def _matches(self, entity: Entity) -> bool:
        return (
            (self.names is None or entity.name in self.names)
            and (self.types is None or entity.type in self.types)
            and (self._drivers is None or entity.driver in self._drivers)
            and (self._datacenter is None or entity.datacenter_name == self._datacenter)
        )

    def _has_attrs(self, entity: Entity) -> bool:
        if not self._attrs:
            return True
        seen, world = self._survey[entity], self._survey.world()
        document = seen.merged_in(world) if self.attrs_merged else seen.own_document(world)
        return all(attributes.query(document, **asked) for asked in self._attrs)

    # What is told of each

    def _told(self, entity: Entity) -> State:
        answers: dict[str, tuple[bool, Callable[[], Any]]] = {
            "contents": (self.contents, lambda: named(entity.contents(search_children=self.recursive))),
            "parents": (self.parents, lambda: [e.reference for e in entity.parents(search_parents=self.recursive)]),
            "siblings": (self.siblings, lambda: named(entity.siblings())),
            "references": (self.references, lambda: pointers(entity)),
            "consequences": (self.consequences, entity.consequences),
            "merged": (self.merged, lambda: entity.merged_in(self._survey.world())),
            "explanation": (self.explain, lambda: entity.explained_in(self._survey.world())),
        }
        return {**entity.describe(), **{key: tell() for key, (asked, tell) in answers.items() if asked}}


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
    references: bool = False

    def answer(self) -> State:
        entity = self.session.get_by_name(self.entity)
        asked = asked_for(self.session, key=self.key, subkey=self.subkey, number=self.number, value=self.value)
        found = entity.attrs(**asked, merge_container_attrs=self.merged or self.explain)
        answer = {"attributes": [plain(a) for a in found], "document": attributes.to_document(found)}
        if self.explain:
            answer["explanation"] = [e for e in entity.explain() if self.key in {None, e["path"][0]}]
        if self.references:
            answer["references"] = pointers(entity)
        return answer


def asked_for(  # noqa: PLR0913 - what an attribute has
    session: Session,
    *,
    key: str | None = None,
    subkey: str | None = None,
    number: int | None = None,
    value: Any = None,
    relation: str | None = None,
) -> State:
    """A query as `Entity.attrs` takes it: what is not given is not asked."""
    if relation is not None:
        value = session.get_by_name(relation).relation
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


def pointers(entity: Entity) -> list[State]:
    """The attributes of others, and of their ports, that point at an entity."""
    return [
        {
            "entity": mention.entity.reference,
            **({"type": mention.port.porttype, "port": mention.port.name} if mention.port else {}),
            **plain(mention.attribute),
        }
        for mention in entity.references()
    ]


def named(entities: Iterable[Entity]) -> list[str]:
    return sorted(entity.reference for entity in entities)
