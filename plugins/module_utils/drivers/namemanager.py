# SPDX-License-Identifier: BSD-2-Clause
"""Managers that hand out names and numbers, each once."""

from __future__ import annotations

import re
from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, TypeVar, cast

from ..core import attributes
from ..core.attributes import ANY, Attribute
from ..core.errors import (
    ClustoError,
    ConflictError,
    ExistsError,
    InvalidError,
    NotFoundError,
    RefusedError,
    UnavailableError,
    shown,
)
from ..core.names import LARGEST, Numbering, following, whole
from ..netbox.client import Query
from . import registry
from .documents import Document
from .entity import Entity
from .graph import matching
from .ipmanager import IPManager
from .lost import again
from .queries import get_entities
from .resourcemanager import ResourceManager
from .session import Record, Session
from .subnet import NAME

MANAGER = "manager"
STRETCH = 50
"""How many names are looked up at a time, at most."""

Made = TypeVar("Made", bound=Entity)


class NameManager(ResourceManager):
    """Hands out `basename` and a number of `digits` digits. A name comes once, also when what bore it is gone."""

    def __init__(  # noqa: PLR0913 - by keyword only, each a property of the manager
        self,
        name: str,
        *,
        basename: str = "",
        digits: int = 2,
        leading_zeros: bool = True,
        next: int = 0,  # noqa: A002 - clusto's name
        startingnum: int | None = None,
        leadingZeros: bool | None = None,  # noqa: N803 - clusto's name
        attributes: Mapping[str, Any] | None = None,
        session: Session | None = None,
    ) -> None:
        """`leadingZeros` and `startingnum` are clusto's names of `leading_zeros` and `next`."""
        numbering = Numbering(basename, digits, leading_zeros if leadingZeros is None else bool(leadingZeros))
        first = next if startingnum is None else startingnum
        data = {**numbering.__dict__, "next": first, "attributes": attributes}
        self._make(name, session, data)

    @property
    def numbering(self) -> Numbering:
        return self.numbering_of(self._data)

    @staticmethod
    def numbering_of(data: Mapping[str, Any]) -> Numbering:
        return Numbering(data.get("basename", ""), data.get("digits", 2), data.get("leading_zeros", True))

    @property
    def basename(self) -> str:
        return self.numbering.basename

    @property
    def digits(self) -> int:
        return self.numbering.digits

    @property
    def leading_zeros(self) -> bool:
        return self.numbering.leading_zeros

    @classmethod
    def _highest_of(cls, data: Mapping[str, Any]) -> int:
        return cls.numbering_of(data).highest

    def _following(self, count: int, taken: Callable[[int], bool]) -> list[int]:
        how = self.numbering
        what = f"{self.label} is out of names: basename {how.basename!r}, {how.digits} digits"
        return following(self.next, how.highest, count, taken, what)

    def peek(self, count: int = 1) -> list[str]:
        """Tell the names that `take` would give now; ConflictError when there are not so many left."""
        return [self.numbering.name(number) for number in self._forecast(count)]

    def take(self, count: int = 1) -> list[str]:
        """Take the next names for good, all or none: nobody gets them again. ConflictError when they run out."""
        return [self.numbering.name(number) for number in self._take(count)]

    def give_back(self, names: Sequence[str]) -> bool:
        """Give back names that nothing was made of. False, and they stay taken, when others took later ones meanwhile.

        InvalidError for a name that is none of its own.
        """
        return self._give_back([self._number(name) for name in names])

    def _number(self, name: str) -> int:
        number = self.numbering.number(name)
        if number is None:
            how = self.numbering
            raise InvalidError(f"{self.label}: {name!r} is none of its names, such as {how.name(self.next)!r}")
        return number


class SimpleEntityNameManager(NameManager):
    """Makes entities, each with the next name. A name that an entity has already, made otherwise, is left out."""

    def allocate(self, driver: type[Made], /, resource: str | None = None, **properties: Any) -> Made:
        """Make an entity of that class, with the next name (or the one given) and these arguments.

        When it cannot be made the name is given back, unless others took later ones meanwhile, or NetBox did not answer
        and may make it all the same.
        """
        if not (isinstance(driver, type) and issubclass(driver, Entity)):
            raise InvalidError(f"{self.label}: {driver!r} is no driver, expected a class such as BasicServer")
        make = cast("Callable[..., Made]", driver)
        given = {"session": self._session, **properties}
        if resource is not None:
            return make(resource, **given)
        while True:
            [name] = self.take()
            try:
                return make(name, **given)
            except (ExistsError, RefusedError):
                if not self._is_taken()(self._number(name)):
                    self.give_back([name])
                    raise
                # Somebody made one of that name just now.
            except UnavailableError:
                raise
            except ClustoError:
                self.give_back([name])
                raise

    def deallocate(self, entity: Entity, resource: str | None = None) -> None:
        """InvalidError: the name goes with the entity (clusto)."""
        raise InvalidError(f"{self.label}: the name of {entity.label} goes with it; delete it instead ({resource})")

    def _is_taken(self, count: int = 1) -> Callable[[int], bool]:
        return _Borne(self._session, self.numbering, count)


class _Borne:
    """Which of a manager's names entities bear, of whatever kind and in whichever case: asked in stretches."""

    def __init__(self, session: Session, numbering: Numbering, count: int) -> None:
        """count: how many names are wanted; no more are looked up at first."""
        self._session, self._numbering, self._stretch = session, numbering, min(count, STRETCH)
        self._asked: set[int] = set()
        self._borne: set[str] = set()

    def __call__(self, number: int) -> bool:
        if number not in self._asked:
            self._ask(range(number, min(number + self._stretch, self._numbering.highest + 1)))
            self._stretch = STRETCH
        return self._numbering.name(number).lower() in self._borne

    def _ask(self, numbers: Sequence[int]) -> None:
        names = [self._numbering.name(number) for number in numbers]
        found = self._session.client.fetch(self._queries(names))
        self._borne.update(
            kind.from_record(self._session, record).name.lower()
            for kind, records in found.items()
            for record in records
            if kind.is_entity(record)
        )
        self._asked.update(numbers)

    def _queries(self, names: Sequence[str]) -> dict[type[Entity], Query]:
        """The questions for them; GraphQL tells of all kinds at once that nothing of theirs is called so."""
        queries = {kind: kind.alike(names) for kind in registry.kinds()}
        pattern = f"^({'|'.join(map(re.escape, names))})$"
        by_name = dict.fromkeys((kind.object_type for kind in queries), "name: {i_regex: $value}")
        by_name[IPManager.object_type] = (
            f'custom_field_data: {{path: "{NAME}", lookup: {{string_lookup: {{i_regex: $value}}}}}}'
        )
        found = matching(self._session.client, by_name, "String!", pattern)
        return queries if found is None else {kind: kind.ask(id=found[kind.object_type]) for kind in queries}


class Recorded(ResourceManager):
    """What it hands out is an attribute of the entity that has it: the value under a number, `manager` beside it."""

    _attribute: ClassVar[str]

    @abstractmethod
    def _resource(self, number: int) -> Any:
        """What it hands out for a number."""

    @abstractmethod
    def _number_of(self, resource: Any) -> int:
        """The number of what it hands out; InvalidError for what it never does."""

    def allocate(self, entity: Entity, resource: Any = None) -> Any:
        """Give an entity the next one, or the one that is given, and return it.

        ConflictError when another has that, and when they run out.
        """
        if resource is None:
            [number] = self._take(1)
            resource = self._resource(number)
        else:
            number = self._number_of(resource)
            if not self._pass(number) and (owners := self.owners(resource)):
                raise ConflictError(f"{self.label}: {resource!r} is that of {shown(e.label for e in owners)} already")
        try:
            again(lambda: entity.change_document(lambda old: self._with(old, resource)))
        except UnavailableError:  # it may be written all the same: nobody else shall have it
            raise
        except ClustoError:
            self._give_back([number])
            raise
        return resource

    def _pass(self, number: int) -> bool:
        """Move the counter beyond a number; False when it is there already, so that the number was handed out once."""
        moved = False

        def step(record: Record) -> Mapping[str, Any] | None:
            nonlocal moved
            moved = record["data"]["next"] <= number
            return {"data": {**record["data"], "next": number + 1}} if moved else None

        self._count(step)
        return moved

    def _with(self, old: Document, resource: Any) -> Document:
        if self._held(old, resource):  # written by a request whose answer was lost
            return old
        new = attributes.add_value(old, self._attribute, resource, number=True)
        number = max(a.number or 0 for a in attributes.query(new, key=self._attribute, number=True))
        return attributes.add_value(new, self._attribute, self.relation, number=number, subkey=MANAGER)

    def _held(self, document: Mapping[str, Any], resource: Any = ANY) -> list[Attribute]:
        """The attributes by which an entity with this document has something of this manager."""
        ours = attributes.query(document, key=self._attribute, subkey=MANAGER, value=self.relation)
        found = attributes.query(document, key=self._attribute, subkey=None, value=resource)
        return [one for one in found if one.number in {mark.number for mark in ours}]

    def owners(self, resource: Any) -> list[Entity]:
        """Find the entities that have it of this manager: one, unless somebody wrote the attribute himself."""
        marked = {"key": self._attribute, "subkey": MANAGER, "value": self.relation}
        found = get_entities(attrs=[marked, {"key": self._attribute, "value": resource}], session=self._session)
        return [entity for entity in found if self._held(entity.document, resource)]

    def owner(self, resource: Any) -> Entity | None:
        return next(iter(self.owners(resource)), None)

    def resources(self, entity: Entity) -> list[Any]:
        """List what an entity has of this manager."""
        return [attribute.value for attribute in self._held(entity.document)]

    def deallocate(self, entity: Entity, resource: Any = None) -> None:
        """Take away what an entity has of this manager, or that one alone; NotFoundError when it does not have it.

        It is not handed out again by itself.
        """
        held: list[Attribute] = []

        def change(old: Document) -> Document:
            held[:] = self._held(old, ANY if resource is None else resource)
            for attribute in held:
                old = attributes.delete(old, key=self._attribute, number=attribute.number)
            return old

        entity.change_document(change)
        if not held:
            what = "nothing" if resource is None else f"no {resource!r}"
            raise NotFoundError(f"{entity.label} has {what} of {self.label}")


class SimpleNameManager(Recorded, NameManager):
    """Hands out names to entities, which have them as attribute `simplename`."""

    _attribute = "simplename"

    def _resource(self, number: int) -> str:
        return self.numbering.name(number)

    def _number_of(self, resource: Any) -> int:
        return self._number(resource)


class SimpleNumManager(Recorded):
    """Hands out numbers to entities: their attribute `simplenum`. `maxnum` is the last; without it there is none."""

    _attribute = "simplenum"

    def __init__(  # noqa: PLR0913 - by keyword only, each a property of the manager
        self,
        name: str,
        *,
        next: int = 0,  # noqa: A002 - clusto's name
        startingnum: int | None = None,
        maxnum: int | None = None,
        attributes: Mapping[str, Any] | None = None,
        session: Session | None = None,
    ) -> None:
        """`startingnum` is clusto's older name of `next`."""
        if maxnum is not None and (
            isinstance(maxnum, bool) or not isinstance(maxnum, int) or not 0 <= maxnum <= LARGEST
        ):
            raise InvalidError(f"{self._clusto_type} {name!r}: maxnum {maxnum!r}, expected a whole number from 0")
        first = next if startingnum is None else startingnum
        highest = {} if maxnum is None else {"maxnum": maxnum}
        self._make(name, session, {**highest, "next": first, "attributes": attributes})

    @property
    def maxnum(self) -> int | None:
        return self._data.get("maxnum")

    @classmethod
    def _highest_of(cls, data: Mapping[str, Any]) -> int:
        highest = data.get("maxnum")
        return LARGEST if highest is None else int(highest)

    def _resource(self, number: int) -> int:
        return number

    def _number_of(self, resource: Any) -> int:
        return whole(resource, f"{self.label}: number", self._highest)
