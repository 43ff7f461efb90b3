# SPDX-License-Identifier: BSD-2-Clause
"""Of the reference: managers that hand out names and numbers, each once."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any

from clusto.core.errors import ConflictError, ExhaustedError, InvalidError, NotFoundError

from .things import Thing, Things, Value, same

ATTRIBUTES = {"simplenamemanager": "simplename", "simplenummanager": "simplenum"}
"""Driver -> the attribute in which entities have what it gave them."""


class Managers(Things):
    def peek(self, manager: Thing, count: int) -> list[str]:
        return [self.written(manager, number) for number in self._following(manager, count)]

    def take(self, manager: Thing, count: int) -> list[str]:
        numbers = self._following(manager, count)
        manager.next = max([manager.next, *(number + 1 for number in numbers)])
        return [self.written(manager, number) for number in numbers]

    def give_back(self, manager: Thing, names: Sequence[str]) -> bool:
        numbers = [self._number(manager, name) for name in names]
        if not numbers or max(numbers) + 1 != manager.next:
            return False
        manager.next = min(numbers)
        return True

    def _following(self, manager: Thing, count: int) -> list[int]:
        """A manager of entities leaves out the names that entities have."""
        borne = [thing.name for thing in self.things] if manager.driver == "simpleentitynamemanager" else []
        last = self._last(manager)
        numbers = range(manager.next, manager.next + count + len(borne))
        free = [number for number in numbers if self.written(manager, number) not in borne and number <= last][:count]
        if len(free) < count:
            raise ExhaustedError(f"{manager} is out of names")
        return free

    @staticmethod
    def _last(manager: Thing) -> float:
        if manager.digits:
            return 10**manager.digits - 1
        return math.inf if manager.last is None else manager.last

    @staticmethod
    def written(manager: Thing, number: int) -> Any:
        return f"{manager.stem}{number:0{manager.digits}d}" if manager.digits else number

    def _number(self, manager: Thing, name: Any) -> int:
        if not manager.digits:
            if not 0 <= name <= self._last(manager):
                raise InvalidError(f"{name}")
            return int(name)
        found = re.fullmatch(re.escape(manager.stem) + rf"([0-9]{{{manager.digits}}})", name)
        if not found:
            raise InvalidError(name)
        return int(found[1])

    # What entities have as an attribute

    def give(self, manager: Thing, thing: Thing, resource: Any) -> Any:
        if resource is None:
            [resource] = self.take(manager, 1)
        else:
            number = self._number(manager, resource)
            if number < manager.next and self.owners(manager, resource):
                raise ConflictError(f"{resource} is another's")
            manager.next = max(manager.next, number + 1)
        key = ATTRIBUTES[manager.driver]
        if resource not in self.resources(manager, thing):
            at = max((a.number for a in thing.attrs if a.key == key and a.number is not None), default=-1) + 1
            marked = Value(key, "manager", at, manager.relation)
            thing.attrs = [*thing.attrs, Value(key, None, at, resource), marked]
        return resource

    def take_back(self, manager: Thing, thing: Thing, resource: Any) -> None:
        key = ATTRIBUTES[manager.driver]
        gone = [a.number for a in self._held(manager, thing) if resource in (None, a.value)]
        thing.attrs = [a for a in thing.attrs if a.key != key or a.number not in gone]
        if not gone:
            raise NotFoundError(f"{thing} has no {resource}")

    def resources(self, manager: Thing, thing: Thing) -> list[Any]:
        return [a.value for a in self._held(manager, thing)]

    def owners(self, manager: Thing, resource: Any) -> list[Thing]:
        return [thing for thing in self.things if resource in self.resources(manager, thing)]

    @staticmethod
    def _held(manager: Thing, thing: Thing) -> list[Value]:
        attrs = [a for a in thing.attrs if a.key == ATTRIBUTES[manager.driver] and a.number is not None]
        marked = [a.number for a in attrs if a.subkey == "manager" and same(a.value, manager.relation)]
        return [a for a in attrs if a.subkey is None and a.number in marked]
