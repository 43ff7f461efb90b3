# SPDX-License-Identifier: BSD-2-Clause
"""Connections of ports by cables, one or many at once."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Any, TypeVar

from ..core.errors import BatchError, ConflictError, InvalidError, RefusedError
from ..drivers import Session, cables
from ..drivers.cables import CABLES
from ..drivers.ports import Port, described
from .batch import all_or_none, blaming, each
from .ends import Ends, told
from .task import State

Result = TypeVar("Result")
Part = TypeVar("Part")
Record = Mapping[str, Any]

OPTION = "connections"
CHUNK = 25  # cables in one request: a busy NetBox needs half a second for each, and the client waits for 30 s
ATTEMPTS = 5  # to come to terms with other programs that connect the same ports at the same time
COLOR = re.compile("[0-9a-f]{6}")
DETAILS: Mapping[str, Any] = {
    "type": "",
    "status": "connected",
    "label": "",
    "color": "",
    "length": None,
    "length_unit": "",
    "description": "",
}
"""The fields of a cable that users give, as a new cable has them."""


@dataclass(frozen=True)
class Item:
    """One connection that is asked for."""

    name: str
    a: Record
    b: Record | None
    details: Record

    @classmethod
    def of(cls, options: Record) -> Item:
        a, b = options["a"], options["b"]
        b = b and {**b, "type": b["type"] or a["type"]}
        return cls(" - ".join(told(end) for end in (a, b) if end), a, b, wanted_details(options["cable"] or {}))


@dataclass(frozen=True)
class Link:
    """The ports that an item means, and the cables at them, as they are; `b` is None for whatever is at `a`."""

    item: Item
    a: Port
    b: Port | None
    cables: Mapping[int, Record] = field(repr=False)

    @property
    def cable(self) -> Record | None:
        """The cable that is the connection."""
        there = self.a.cable is not None and (self.b is None or cables.connected(self.a, self.b))
        return self.cables.get(self.a.cable or 0) if there else None

    @property
    def in_the_way(self) -> dict[int, Record]:
        """The cables at either port that are another connection."""
        if self.cable:
            return {}
        ids = (port.cable for port in (self.a, self.b) if port)
        return {id_: self.cables[id_] for id_ in ids if id_ is not None and id_ in self.cables}

    @property
    def other(self) -> Port:
        """`b`, of one that is to be made; InvalidError when it is not given."""
        if self.b is None:
            raise InvalidError(f"{self.item.name}: expected b too, the port that it is to be connected to")
        return self.b

    @property
    def details(self) -> State:
        """What its cable is to be like: what is given, and else what it is or a new one would be."""
        now = details_of(self.cable) if self.cable else DETAILS
        return completed({**now, **self.item.details})

    @property
    def key(self) -> frozenset[Any]:
        """What it has in common with the same one the other way round."""
        return frozenset({self.a.identity, self.b and self.b.identity})

    def state(self) -> State:
        ends = {"a": self.a, **({"b": self.b} if self.b else {})}
        return {
            **{end: {**end_of(port), "connected_to": described(port.peers())} for end, port in ends.items()},
            "cable": details_of(self.cable) if self.cable else None,
        }


@dataclass(kw_only=True)
class EnsureConnection:
    session: Session
    a: Record | None = None
    b: Record | None = None
    cable: Record | None = None
    connections: Sequence[Record] | None = None
    replace: bool = False
    state: str = "present"

    _links: list[Link] = field(default_factory=list, init=False)

    @cached_property
    def _items(self) -> list[Item]:
        if self.connections is not None:
            return [Item.of(options) for options in self.connections]
        return [Item.of({"a": self.a, "b": self.b, "cable": self.cable})]

    @cached_property
    def _ends(self) -> Ends:
        return Ends(self.session, [end for item in self._items for end in (item.a, item.b) if end])

    def _each(self, work: Callable[[Any], Result], items: Sequence[Any]) -> list[Result]:
        if self.connections is None:
            return [work(item) for item in items]
        return each(OPTION, [item.name for item in self._items], items, work)

    # What is

    def before(self) -> State:
        self._read()
        return self._told({link.item.name: link.state() for link in self._links})

    def _told(self, states: State) -> State:
        return states if self.connections is not None else dict(states[self._items[0].name])

    def _read(self) -> None:
        """All ports in one go, then all their cables in one request."""
        self._ends.read()
        pairs = self._each(self._ports, self._items)
        ids = {port.cable for pair in pairs for port in pair if port and port.cable}
        there = {record["id"]: record for record in self.session.client.list(CABLES, id=sorted(ids))}
        self._links = [Link(item, a, b, there) for item, (a, b) in zip(self._items, pairs, strict=True)]

    def _ports(self, item: Item) -> tuple[Port, Port | None]:
        return self._ends.port(item.a), self._ends.port(item.b) if item.b else None

    # What should be

    def after(self, _before: State | None, /) -> State:
        self._check()
        return self._told({link.item.name: self._wanted(link) for link in self._links})

    def _check(self) -> None:
        if self.state == "absent":
            self._each(self._check_removal, self._links)
            return
        self._each(self._check_connection, self._links)
        seen: dict[Any, Link] = {}
        self._each(lambda link: check_alone(link, seen), self._links)

    def _check_removal(self, link: Link) -> None:
        if link.cable:
            cables.check_removable(link.cable)

    def _check_connection(self, link: Link) -> None:
        if not self.replace or link.cable:
            cables.check_connectable(link.a, link.other)
            return
        cables.check_fitting(link.a, link.other)
        for port in (link.a, link.other):
            if port.occupied and port.cable is None:
                raise ConflictError(f"{port.title} is marked as connected in NetBox; there is no cable to replace")
        for cable in link.in_the_way.values():
            cables.check_removable(cable)

    def _wanted(self, link: Link) -> State:
        now = link.state()
        if self.state == "absent":
            if not link.cable:
                return now
            return {**{end: {**now[end], "connected_to": None} for end in ("a", "b") if end in now}, "cable": None}
        if link.cable is None:
            now["a"]["connected_to"], now["b"]["connected_to"] = end_of(link.other), end_of(link.a)
        return {**now, "cable": link.details}

    # How it comes about

    def apply(self, _before: State | None, after: State | None, /) -> State | None:
        """Other programs may be at the same ports: what NetBox refuses is looked at again until nothing changes."""
        tried: Plan | None = None
        for _ in range(ATTEMPTS):
            plan = self._plan()
            try:
                self._carry_out(plan)
            except (RefusedError, BatchError):
                if plan == tried:
                    raise
                tried = plan
                self._read()
                self._check()
            else:
                return after
        raise ConflictError(f"{self._items[0].name}: others connected these ports {ATTEMPTS} times meanwhile")

    def _plan(self) -> Plan:
        if self.state == "absent":
            return Plan.of({link.cable["id"]: link.cable for link in self._links if link.cable})
        remove = {id_: cable for link in self._links for id_, cable in link.in_the_way.items()}
        make = {link.key: index for index, link in reversed([*enumerate(self._links)]) if link.cable is None}
        change = {
            link.cable["id"]: link.details
            for link in self._links
            if link.cable and link.details != details_of(link.cable)
        }
        return Plan.of(remove, sorted(make.values()), [{"id": id_, **details} for id_, details in change.items()])

    def _carry_out(self, plan: Plan) -> None:
        """What is removed comes first, or the ports would be taken; interrupted, a repeat makes what is missing."""
        client = self.session.client
        with all_or_none() as undo:
            for ids, bodies in zip(chunks(plan.remove), chunks(plan.restore), strict=True):
                client.delete_many(CABLES, ids)
                undo(partial(client.create, CABLES, bodies))
            for indices in chunks(plan.make):
                undo(partial(client.delete_many, CABLES, self._make(indices)))
            for changes in chunks(plan.change):
                client.update_many(CABLES, changes)

    def _make(self, indices: Sequence[int]) -> list[int]:
        links = [self._links[index] for index in indices]
        bodies = [cables.body(link.a, link.other, link.details) for link in links]
        if self.connections is None:
            return [made["id"] for made in self.session.client.create(CABLES, bodies)]
        with blaming(OPTION, [item.name for item in self._items], indices):
            return [made["id"] for made in self.session.client.create(CABLES, bodies)]

    def result(self, after: State | None, /) -> State:
        states = after or {}
        if self.connections is None:
            return {"connection": states, "connections": [states]}
        return {"connections": [states[item.name] for item in self._items]}


@dataclass(frozen=True)
class Plan:
    """The ids of the cables to be removed, and what makes each again; indices of the links to be made; changes."""

    remove: Sequence[int] = field(compare=False)
    restore: Sequence[Record]
    make: Sequence[int]
    change: Sequence[Record]

    @classmethod
    def of(cls, remove: Mapping[int, Record], make: Sequence[int] = (), change: Sequence[Record] = ()) -> Plan:
        return cls([*remove], [cables.again(cable) for cable in remove.values()], make, change)


def chunks(items: Sequence[Part]) -> Iterator[Sequence[Part]]:
    return (items[start : start + CHUNK] for start in range(0, len(items), CHUNK))


def check_alone(link: Link, seen: dict[Any, Link]) -> None:
    """ConflictError when an earlier item gives one of its ports another peer, or their cable other details."""
    for port in (link.a, link.other):
        other = seen.setdefault(port.identity, link)
        if other.key != link.key:
            raise ConflictError(f"{port.title} is to be connected by {other.item.name} too")
        if other.item.details != link.item.details:
            raise ConflictError(f"{other.item.name} is the same connection, with other details of its cable")


def end_of(port: Port) -> State:
    return {"entity": port.device, "type": port.porttype, "port": port.name}


def wanted_details(cable: Record) -> State:
    """The details that are given, as `details_of` tells them; InvalidError for what is no colour."""
    given = {key: value for key, value in cable.items() if value is not None}
    if color := given.get("color"):
        given["color"] = color.lower().removeprefix("#")
        if not COLOR.fullmatch(given["color"]):
            raise InvalidError(f"color {color!r} of a cable: expected six hexadecimal digits, such as f44336")
    return given


def details_of(cable: Record) -> State:
    """What NetBox has of the fields that users give."""
    told = {key: cables.value_of(cable.get(key)) for key in DETAILS}
    return {key: none if told[key] is None else told[key] for key, none in DETAILS.items()}


def completed(details: State) -> State:
    """NetBox has a unit of length only where there is a length, and then needs one: metres, if none is given."""
    unit = "" if details["length"] is None else details["length_unit"] or "m"
    return {**details, "length_unit": unit}
