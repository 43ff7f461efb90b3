# SPDX-License-Identifier: BSD-2-Clause
"""Connections that are asked for, beside what is, and what has to be done. No I/O."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from ..core.errors import ConflictError, InvalidError
from ..drivers import cables
from ..drivers.ports import Port, described
from .ends import told
from .task import State

Part = TypeVar("Part")
Record = Mapping[str, Any]

CHUNK = 100
"""Cables in one request, which NetBox makes all or none of. How long it may take: `servers.writing.surely`."""
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


@dataclass(frozen=True)
class Plan:
    """What to do, each with what takes it back. What an item of the list asks for comes with its index."""

    remove: Sequence[int] = field(compare=False)
    """Ids of cables; those that were put back have new ones."""
    restore: Sequence[Record]
    make: Sequence[tuple[int, Record]]
    change: Sequence[tuple[int, Record]]
    reverse: Sequence[Record]

    @classmethod
    def of(
        cls,
        remove: Mapping[int, Record],
        make: Sequence[tuple[int, Record]] = (),
        change: Sequence[tuple[int, Record, Record]] = (),
    ) -> Plan:
        """remove: id -> cable. make: index and body. change: index, details and cable."""
        return cls(
            [*remove],
            [cables.again(cable) for cable in remove.values()],
            make,
            [(index, {"id": cable["id"], **details}) for index, details, cable in change],
            [{"id": cable["id"], **details_of(cable)} for _, _, cable in change],
        )


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
