# SPDX-License-Identifier: BSD-2-Clause
"""What the reference is made of: things, their attributes and ports; and the plainest rules about them."""

from __future__ import annotations

import copy
import ipaddress
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from clusto.core.errors import ConflictError, InvalidError

KEY = re.compile(r"[A-Za-z_]+[0-9A-Za-z_-]*")
NOWHERE = ipaddress.IPv4Network("0.0.0.0/0")
HOSTS = ("server", "powerstrip")
"""Kinds that have ports, and can stand in racks."""


ANYTHING = object()
"""In a query: not asked."""


@dataclass(frozen=True)
class Value:
    """One attribute."""

    key: str
    subkey: str | None
    number: int | None
    value: Any


@dataclass(eq=False)
class Port:
    component: str = "virtual"
    """What a cable ends at: `interface`, `power-port` …; none ends at a virtual interface."""
    mac: str | None = None
    attrs: dict[str, Any] = field(default_factory=dict)
    peer: Port | None = None
    """What it is connected to."""


@dataclass(eq=False)
class Thing:
    """An entity; it equals itself alone. What its kind has no use for stays empty."""

    kind: str
    name: str
    driver: str
    attrs: list[Value] = field(default_factory=list)
    pools: list[Thing] = field(default_factory=list)
    """Those that it is directly in."""
    place: Thing | None = None
    weight: int = 5000
    min_u: int = 1
    max_u: int = 45
    height: int = 0
    units: tuple[int, ...] = ()
    ports: dict[str, dict[str, Port]] = field(default_factory=dict)
    """Port type -> name -> port; in their order."""
    relation: Any = None
    """What a value of others' attributes is that points at it."""
    net: ipaddress.IPv4Network = NOWHERE
    gateway: str | None = None
    vrf: str | None = None
    stem: str = ""
    digits: int = 0
    next: int = 0
    last: int | None = None
    """Of a manager of numbers, the greatest one."""

    def __repr__(self) -> str:
        return f"{self.kind}:{self.name}"


Place = tuple[str | None, str]
"""Where an address is: in a VRF or in the global table."""


def same(one: Any, other: Any) -> bool:
    """Whether two values are one: true is not 1."""
    return repr(one) == repr(other)


class Things:
    """All that there is, and the addresses that are allocated."""

    def __init__(self) -> None:
        self.things: list[Thing] = []
        self.bound: dict[Place, tuple[Thing, str] | None] = {}
        """VRF and IP address -> (server, interface), None for one that is allocated and bound nowhere."""

    def of(self, *kinds: str) -> list[Thing]:
        return [thing for thing in self.things if thing.kind in kinds]

    # Attributes

    @staticmethod
    def query(
        attrs: Iterable[Value],
        key: Any = ANYTHING,
        subkey: Any = ANYTHING,
        number: Any = ANYTHING,
        value: Any = ANYTHING,
    ) -> list[Value]:
        def matches(attr: Value) -> bool:
            named = not attr.key.startswith("_") if key is ANYTHING else attr.key == key
            if number is True or number is False or number is None:
                numbered = (attr.number is not None) is bool(number)
            else:
                numbered = number is ANYTHING or attr.number == number
            return (
                named
                and numbered
                and (subkey is ANYTHING or attr.subkey == subkey)
                and (value is ANYTHING or same(attr.value, value))
            )

        return [attr for attr in attrs if matches(attr)]

    def set_attr(self, thing: Thing, key: str, value: Any, number: int | None, subkey: str | None) -> None:
        check_attribute(key, subkey, number)
        there = [attr for attr in thing.attrs if (attr.key, attr.number, attr.subkey) == (key, number, subkey)]
        values = value if isinstance(value, list) and len(value) > 1 else [value]
        if len(there) > 1 and len(values) == 1:
            raise ConflictError(f"{there}: which?")
        kept = [attr for attr in thing.attrs if attr not in there]
        thing.attrs = kept + [Value(key, subkey, number, one) for one in values]

    def add_attr(self, thing: Thing, key: str, value: Any, number: int | None, subkey: str | None) -> None:
        """Number True takes the next."""
        if number is True:
            number = max((a.number for a in thing.attrs if a.key == key and a.number is not None), default=-1) + 1
        check_attribute(key, subkey, number)
        thing.attrs = [*thing.attrs, Value(key, subkey, number, value)]

    def del_attrs(self, thing: Thing, **wanted: Any) -> None:
        gone = [id(attr) for attr in self.query(thing.attrs, **wanted)]
        thing.attrs = [attr for attr in thing.attrs if id(attr) not in gone]


def check_name(kind: str, name: str) -> None:
    if not name or name != name.strip() or len(name) > (64 if kind == "server" else 100):
        raise InvalidError(f"{name!r}")


def check_units(min_u: int, max_u: int) -> None:
    if not 1 <= min_u <= max_u or max_u - min_u >= 100:
        raise InvalidError(f"{min_u} to {max_u}")


def check_inside(net: ipaddress.IPv4Network, ip: str) -> None:
    if ipaddress.IPv4Address(ip) not in list(net.hosts()):
        raise InvalidError(f"{ip} is not in {net}")


def check_attribute(key: str, subkey: str | None, number: int | None) -> None:
    if not KEY.fullmatch(key) or (subkey is not None and not KEY.fullmatch(subkey)) or (number or 0) < 0:
        raise InvalidError(f"{key} {subkey} {number}")


def check_elsewhere(thing: Thing, place: Thing) -> None:
    if thing.place not in (None, place, *places(place)):
        raise ConflictError(f"{thing} is in {thing.place}")


def places(thing: Thing) -> list[Thing]:
    """From its own place outwards."""
    return [thing.place, *places(thing.place)] if thing.place else []


def datacenter(thing: Thing) -> Thing | None:
    """The one that it is or lies in."""
    outermost = [thing, *places(thing)][-1]
    return outermost if outermost.kind == "datacenter" else None


def reached(start: Thing, step: Callable[[Thing], list[Thing]]) -> list[Thing]:
    found: list[Thing] = []
    edge = [start]
    while edge:
        edge = [there for here in edge for there in step(here) if there is not start and there not in found]
        found += dict.fromkeys(edge)
    return found


def document(attrs: Iterable[Value]) -> dict[str, Any]:
    """The attributes as the one JSON object that docs/attributes.md describes."""
    whole: dict[str, Any] = {}
    for attr in attrs:
        node = whole.setdefault(attr.key, {})
        if attr.number is not None:
            node = node.setdefault(str(attr.number), {})
        node.setdefault(attr.subkey or "", []).append(relation(attr.value))
    return {key: simplest(node) for key, node in whole.items()}


def relation(value: Any) -> Any:
    """A relation as JSON; all other values are JSON already."""
    return {"_relation": str(value)} if hasattr(value, "object_type") else value


def simplest(node: dict[str, Any]) -> Any:
    """Several values are a list; one with nothing beside it stands for itself, if it cannot be mistaken for more."""
    short = {
        name: simplest(below) if isinstance(below, dict) else below if len(below) > 1 else below[0]
        for name, below in node.items()
    }
    if list(short) == [""] and not (isinstance(short[""], dict) and short[""] and "_relation" not in short[""]):
        return short[""]
    return short


def overlay(target: dict[str, Any], data: dict[str, Any]) -> None:
    for key, value in data.items():
        if isinstance(value, dict) and value and isinstance(target.get(key), dict):
            overlay(target[key], value)
        else:
            target[key] = copy.deepcopy(value)
