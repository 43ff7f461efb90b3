# SPDX-License-Identifier: BSD-2-Clause
"""Connections of ports by cables, one or many at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Any, TypeVar

from ..core.errors import (
    AmbiguousError,
    BatchError,
    ClustoError,
    ConflictError,
    InvalidError,
    NotFoundError,
    RefusedError,
)
from ..core.ports import port_type
from ..drivers import Session, cables
from ..drivers.cables import CABLES
from ..drivers.outside import TYPES
from ..drivers.ports import Port
from .batch import all_or_none, blaming, each, progress
from .ends import Ends, lacking
from .links import Item, Link, Plan, Record, check_alone, chunks, details_of, end_of
from .servers.writing import surely
from .task import State

Result = TypeVar("Result")
Pair = tuple[Port, Port | None]

OPTION = "connections"
ATTEMPTS = 5  # to come to terms with other programs that connect the same ports at the same time


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
        """All ports in one go, then all their cables in one request; raises what contradicts, of all items at once."""
        self._ends.read()
        pairs = [self._ports(item) for item in self._items]
        ids = {port.cable for pair in pairs if isinstance(pair, tuple) for port in pair if port and port.cable}
        there = {record["id"]: record for record in self.session.client.list(CABLES, id=sorted(ids))}
        seen: dict[Any, Link] = {}
        found = [*zip(self._items, pairs, strict=True)]
        self._links = self._each(lambda one: self._link(one[0], one[1], there, seen), found)

    def _ports(self, item: Item) -> Pair | ClustoError:
        """The ports of an item, or what is wrong with it: the others are looked at all the same."""
        try:
            return self._port(item.a), self._port(item.b) if item.b else None
        except (InvalidError, NotFoundError, AmbiguousError) as error:
            return error

    def _port(self, end: Record) -> Port:
        """What is not there is connected to nothing, and needs not be disconnected."""
        try:
            return self._ends.port(end)
        except NotFoundError:
            if self.state != "absent":
                raise
            if end["type"] not in TYPES:
                port_type(end["type"])  # one that there is not is a slip all the same
            return lacking(end)

    def _link(self, item: Item, found: Pair | ClustoError, there: Mapping[int, Record], seen: dict[Any, Link]) -> Link:
        if isinstance(found, ClustoError):
            raise found
        link = Link(item, *found, there)
        if self.state == "absent":
            if link.cable:
                cables.check_removable(link.cable)
        else:
            self._check(link)
            check_alone(link, seen)
        return link

    def _check(self, link: Link) -> None:
        if not self.replace or link.cable:
            cables.check_connectable(link.a, link.other)
            return
        cables.check_fitting(link.a, link.other)
        for port in (link.a, link.other):
            if port.occupied and port.cable is None:
                raise ConflictError(f"{port.title} is marked as connected in NetBox; there is no cable to replace")
        for cable in link.in_the_way.values():
            cables.check_removable(cable)

    # What should be

    def after(self, _before: State | None, /) -> State:
        return self._told({link.item.name: self._wanted(link) for link in self._links})

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
            else:
                return after
        raise ConflictError(f"{self._items[0].name}: others connected these ports {ATTEMPTS} times meanwhile")

    def _plan(self) -> Plan:
        if self.state == "absent":
            return Plan.of({link.cable["id"]: link.cable for link in self._links if link.cable})
        remove = {id_: cable for link in self._links for id_, cable in link.in_the_way.items()}
        once = {link.key: (index, link) for index, link in reversed([*enumerate(self._links)])}
        make, change = [], []
        for index, link in sorted(once.values(), key=lambda one: one[0]):
            if link.cable is None:
                make.append((index, cables.body(link.a, link.other, link.details)))
            elif link.details != details_of(link.cable):
                change.append((index, link.details, link.cable))
        return Plan.of(remove, make, change)

    def _carry_out(self, plan: Plan) -> None:
        """What is removed comes first, or the ports would be taken; interrupted, a repeat makes what is missing."""
        client = self.session.client
        with all_or_none() as undo:
            for ids, bodies in zip(chunks(plan.remove), chunks(plan.restore), strict=True):
                client.delete_many(CABLES, ids)
                undo(partial(client.create, CABLES, bodies))
            done = 0
            for new in chunks(plan.make):
                made = self._send(self._make, new)
                undo(partial(client.delete_many, CABLES, [cable["id"] for cable in made]))
                done += len(made)
                progress(f"{OPTION}: {done} of {len(plan.make)} cables made", len(plan.make))
            for changes, reverse in zip(chunks(plan.change), chunks(plan.reverse), strict=True):
                self._send(client.update_many, changes)
                undo(partial(client.update_many, CABLES, reverse))

    def _make(self, endpoint: str, bodies: list[Record]) -> list[Record]:
        """If NetBox is so busy that its answer is lost, look what is there before anything is sent again."""
        client = self.session.client
        return surely(bodies, lambda some: client.create(endpoint, some), partial(cables.made, client))

    def _send(
        self, write: Callable[[str, list[Record]], Sequence[Record]], bodies: Sequence[tuple[int, Record]]
    ) -> Sequence[Record]:
        """Write in bulk; each body comes with the index of its item, which is named when NetBox refuses it."""
        indices, written = [index for index, _ in bodies], [body for _, body in bodies]
        if self.connections is None:
            return write(CABLES, written)
        with blaming(OPTION, [item.name for item in self._items], indices):
            return write(CABLES, written)

    def result(self, after: State | None, /) -> State:
        states = after or {}
        if self.connections is None:
            return {"connection": states, "connections": [states]}
        return {"connections": [states[item.name] for item in self._items]}
