# SPDX-License-Identifier: BSD-2-Clause
"""One attribute of an entity."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ..core import attributes
from ..core.attributes import ANY, Relation
from ..core.errors import InvalidError
from ..drivers import Entity, Session
from .task import State
from .wanted import same

NEXT = "next"


@dataclass(kw_only=True)
class EnsureAttribute:
    """`number` is a number as text, `next`, or None."""

    session: Session
    entity: str
    key: str
    subkey: str | None = None
    number: str | None = None
    value: Any = None
    relation: str | None = None
    state: str = "present"

    @cached_property
    def _entity(self) -> Entity:
        return self.session.get_by_name(self.entity)

    @cached_property
    def _value(self) -> Any:
        if self.relation is None:
            return self.value
        other = self.session.get_by_name(self.relation)
        return Relation(other.object_type, other.id)

    @cached_property
    def _number(self) -> int | bool | None:
        if self.number is None:
            return None
        if self.number == NEXT and self.state == "added":
            return True
        if not attributes.NUMBER.fullmatch(self.number):
            expected = "a whole number from 0" + (f", or {NEXT}" if self.state == "added" else "")
            raise InvalidError(f"number {self.number!r} of attribute {self.key!r}: expected {expected}")
        return int(self.number)

    def before(self) -> State:
        self._described: State = self._entity.describe()
        return self._of_key(self._described["attributes"])

    def _of_key(self, document: State) -> State:
        return {self.key: document[self.key]} if self.key in document else {}

    def after(self, before: State | None, /) -> State:
        return self._of_key(self._changed(before or {}))

    def _changed(self, document: State) -> State:
        attributes.check_key(self.key)
        attributes.check_subkey(self.subkey)
        match self.state:
            case "absent":
                return self._without(document)
            case "added":
                if self._is_there(document):
                    return document
                return attributes.add_value(document, self.key, self._value, number=self._number, subkey=self.subkey)
        number = None if self._number is None else int(self._number)
        return attributes.set_value(document, self.key, self._value, number=number, subkey=self.subkey)

    def _is_there(self, document: State) -> bool:
        """Whether the value is there already; for the next free number, under any number."""
        found = attributes.query(document, key=self.key, subkey=self.subkey, number=self._number)
        return any(same(attribute.value, self._value) for attribute in found)

    def _without(self, document: State) -> State:
        return attributes.delete(
            document,
            key=self.key,
            subkey=ANY if self.subkey is None else self.subkey,
            number=ANY if self._number is None else self._number,
            value=ANY if self._value is None else self._value,
        )

    def apply(self, _before: State | None, _after: State | None, /) -> State:
        self._entity.change_document(self._changed)
        self._described = self._entity.describe()
        return self._of_key(self._described["attributes"])

    def result(self, after: State | None, /) -> State:
        rest = {key: value for key, value in self._described["attributes"].items() if key != self.key}
        return {"entity": {**self._described, "attributes": {**rest, **(after or {})}}}
