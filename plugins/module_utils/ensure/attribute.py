# SPDX-License-Identifier: BSD-2-Clause
"""Attributes of entities, one or many: several of one entity are one write."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from functools import cached_property, reduce
from typing import Any

from ..core import attributes
from ..core.attributes import ANY
from ..core.errors import InvalidError, NotFoundError
from ..core.merge import same
from ..drivers import Entity, Session
from ..drivers.bulk_documents import change_documents
from ..drivers.queries import Finder
from ..drivers.survey import Survey
from .batch import all_or_none, blaming, blaming_one, each, progress
from .task import State

NEXT = "next"
OPTION = "attributes"
NAMES = ("entity", "key", "subkey", "number", "value", "relation", "state")


@dataclass(frozen=True)
class Item:
    """One attribute as asked for; its value is a Relation where it points at an entity."""

    key: str
    subkey: str | None
    number: int | bool | None
    """True for the next free one."""
    value: Any
    state: str

    def changed(self, document: State) -> State:
        attributes.check_key(self.key)
        attributes.check_subkey(self.subkey)
        match self.state:
            case "absent":
                return self._without(document)
            case "added":
                if self._is_there(document):
                    return document
                return attributes.add_value(document, self.key, self.value, number=self.number, subkey=self.subkey)
        number = None if self.number is None else int(self.number)
        return attributes.set_value(document, self.key, self.value, number=number, subkey=self.subkey)

    def _is_there(self, document: State) -> bool:
        """Whether the value is there already; for the next free number, under any number."""
        found = attributes.query(document, key=self.key, subkey=self.subkey, number=self.number)
        return any(same(attribute.value, self.value) for attribute in found)

    def _without(self, document: State) -> State:
        return attributes.delete(
            document,
            key=self.key,
            subkey=ANY if self.subkey is None else self.subkey,
            number=ANY if self.number is None else self.number,
            value=ANY if self.value is None else self.value,
        )


@dataclass(kw_only=True)
class EnsureAttribute:
    """`number` is a number as text, `next`, or None."""

    session: Session
    entity: str | None = None
    key: str | None = None
    subkey: str | None = None
    number: str | None = None
    value: Any = None
    relation: str | None = None
    state: str = "present"
    attributes: Sequence[Mapping[str, Any]] | None = None

    _documents: dict[Entity, State] = field(default_factory=dict, init=False)
    """Of each entity, in the order of the list: as they are, then as they will be."""

    @cached_property
    def _options(self) -> Sequence[Mapping[str, Any]]:
        return [{name: getattr(self, name) for name in NAMES}] if self.attributes is None else self.attributes

    @cached_property
    def _names(self) -> list[str]:
        """How messages call the items."""
        places = [attributes.place(str(o["key"]), o["number"], o["subkey"]) for o in self._options]
        return [f"{option['entity']} {place}" for option, place in zip(self._options, places, strict=True)]

    def _each(self, items: Sequence[Any], work: Callable[[Any], Any]) -> list[Any]:
        return list(map(work, items)) if self.attributes is None else each(OPTION, self._names, items, work)

    # What is

    def before(self) -> State:
        options = self._options
        named = [o["entity"] for o in options] + [o["relation"] for o in options if o["relation"] is not None]
        self._find = Finder(self.session, named).find
        self._entities: list[Entity | None] = self._each(options, self._entity)
        survey = Survey(self.session, dict.fromkeys(filter(None, self._entities)))
        self._described = {entity: survey[entity].describe() for entity in survey.entities_seen}
        self._documents = {entity: described["attributes"] for entity, described in self._described.items()}
        return self._told(self._documents)

    def _entity(self, option: Mapping[str, Any]) -> Entity | None:
        """What is not there has no attributes, and needs not lose any."""
        try:
            return self._find(option["entity"])
        except NotFoundError:
            if option["state"] == "absent":
                return None
            raise

    def _told(self, documents: Mapping[Entity, State]) -> State:
        """What stands under the keys that are named."""
        keys: dict[Entity, set[str]] = {}
        for entity, option in zip(self._entities, self._options, strict=True):
            if entity:
                keys.setdefault(entity, set()).add(option["key"])
        told = {e: {k: v for k, v in documents[e].items() if k in keys[e]} for e in keys}
        if self.attributes is None:
            return next(iter(told.values()), {})
        return {e.reference: told[e] for e in told}

    # What should be

    def after(self, _before: State | None, /) -> State:
        """Each item is done upon what those before it made of its entity."""
        self._items: list[Item] = self._each(self._options, self._item)
        then = dict(self._documents)

        def step(pair: tuple[Entity | None, Item]) -> None:
            entity, item = pair
            if entity:
                then[entity] = item.changed(then[entity])

        self._each(list(zip(self._entities, self._items, strict=True)), step)
        self._documents = then
        return self._told(then)

    def _item(self, option: Mapping[str, Any]) -> Item:
        state = option["state"]
        if state != "absent" and option["value"] is None and option["relation"] is None:
            raise InvalidError(
                f"attribute {option['key']!r}: neither value nor relation is given; expected one of them"
            )
        value = option["value"] if option["relation"] is None else self._find(option["relation"]).relation
        return Item(option["key"], option["subkey"], number(option), value, state)

    # How it comes about

    def apply(self, _before: State | None, _after: State | None, /) -> State:
        wanted: dict[Entity, list[Item]] = {}
        for entity, item in zip(self._entities, self._items, strict=True):
            if entity:
                wanted.setdefault(entity, []).append(item)
        progress(f"{len(self._items)} attributes of {len(wanted)} entities are written", len(self._items))
        changes = {entity: changing(items) for entity, items in wanted.items()}
        with all_or_none() as undo:
            self._documents.update(change_documents(self.session, changes, undo, self._blaming))
        return self._told(self._documents)

    def _blaming(self, entities: Sequence[Entity]) -> AbstractContextManager[None]:
        """NetBox refuses an entity's whole document: the first item about it is named."""
        if self.attributes is None:
            return nullcontext()
        owners = [self._entities.index(entity) for entity in entities]
        if len(owners) == 1:
            return blaming_one(OPTION, self._names, owners[0])
        return blaming(OPTION, self._names, owners)

    def result(self, _after: State | None, /) -> State:
        entities = [{**told, "attributes": self._documents[entity]} for entity, told in self._described.items()]
        return {"entity": next(iter(entities), None)} if self.attributes is None else {"entities": entities}


def changing(items: Sequence[Item]) -> Callable[[State], State]:
    return lambda document: reduce(lambda now, item: item.changed(now), items, document)


def number(option: Mapping[str, Any]) -> int | bool | None:
    """The number that an item names; InvalidError for what is none."""
    text, adding = option["number"], option["state"] == "added"
    if text is None:
        return None
    if text == NEXT and adding:
        return True
    if not attributes.NUMBER.fullmatch(text):
        expected = "a whole number from 0" + (f", or {NEXT}" if adding else "")
        raise InvalidError(f"number {text!r} of attribute {option['key']!r}: expected {expected}")
    return int(text)
