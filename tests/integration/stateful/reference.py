# SPDX-License-Identifier: BSD-2-Clause
"""clusto in plain memory: what the drivers have to answer, by the rules of docs/python.md and docs/attributes.md.

Written to be read, not to be fast: lists that are gone through, no NetBox, nothing of the drivers but the errors.
"""

from __future__ import annotations

import copy
import ipaddress
import math
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from clusto.core.errors import AmbiguousError, ConflictError, ExistsError, InvalidError, NotFoundError

KEY = re.compile(r"[A-Za-z_]+[0-9A-Za-z_-]*")
MAC = re.compile(r"[0-9a-f]{2}(:[0-9a-f]{2}){5}")
NAMED_BY_DATACENTER = ("location", "rack", "server")
ANYTHING = object()
"""In a query: not asked."""


NOWHERE = ipaddress.IPv4Network("0.0.0.0/0")


@dataclass(frozen=True)
class Value:
    """One attribute."""

    key: str
    subkey: str | None
    number: int | None
    value: Any


@dataclass(eq=False)
class Interface:
    label: str = ""
    mac: str | None = None
    attrs: dict[str, Any] = field(default_factory=dict)


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
    ports: dict[str, dict[str, Interface]] = field(default_factory=dict)
    """Port type -> name -> port; in their order."""
    relation: Any = None
    """What a value of others' attributes is that points at it."""
    net: ipaddress.IPv4Network = NOWHERE
    gateway: str | None = None

    def __repr__(self) -> str:
        return f"{self.kind}:{self.name}"


def same(one: Any, other: Any) -> bool:
    """Whether two values are one: true is not 1."""
    return repr(one) == repr(other)


class Reference:
    def __init__(self) -> None:
        self.things: list[Thing] = []
        self.bound: dict[str, tuple[Thing, str] | None] = {}
        """IP address -> (server, interface), None for one that is allocated and bound nowhere."""

    def of(self, *kinds: str) -> list[Thing]:
        return [thing for thing in self.things if thing.kind in kinds]

    # Making, naming, deleting

    def make(self, kind: str, name: str, **properties: Any) -> Thing:
        check_name(kind, name)
        thing = Thing(kind, name, **properties)
        self._refuse_taken(thing, name)
        self.things.append(thing)
        return thing

    def make_rack(self, name: str, place: Thing | None, min_u: int, max_u: int, driver: str) -> Thing:
        check_name("rack", name)
        self._refuse_taken(Thing("rack", name, driver, place=place), name)
        check_units(min_u, max_u)
        return self.make("rack", name, driver=driver, place=place, min_u=min_u, max_u=max_u)

    def make_server(self, name: str, place: Thing | None, driver: str, height: int) -> Thing:
        psus = ("psu1", "psu2")[:height]
        names = {"nic-eth": ("eth0", "eth1"), "pwr-nema-5": psus, "console-serial": ("console1",)}
        ports = {type_: {name: Interface() for name in there} for type_, there in names.items()}
        return self.make("server", name, driver=driver, place=place, height=height, ports=ports)

    def make_manager(self, name: str, net: str, gateway: str | None, place: Thing | None) -> Thing:
        check_name("ipmanager", name)
        network = ipaddress.IPv4Network(net)
        if gateway is not None:
            check_inside(network, gateway)
        self._refuse_taken(Thing("ipmanager", name, "ipmanager"), name)
        for other in self.of("ipmanager"):
            if other.net == network:
                raise ConflictError(f"{other} has that subnet")
        return self.make("ipmanager", name, driver="ipmanager", place=place, net=network, gateway=gateway)

    def _refuse_taken(self, thing: Thing, name: str) -> None:
        if taken := self.namesakes(thing, name):
            raise ExistsError(f"{taken[0]} has that name")

    def namesakes(self, thing: Thing, name: str) -> list[Thing]:
        """Others of its kind that have the name, where two of them may not."""
        here = datacenter(thing)
        anywhere = thing.kind not in NAMED_BY_DATACENTER or here is None
        named = [other for other in self.of(thing.kind) if other is not thing and other.name == name]
        return [other for other in named if anywhere or datacenter(other) in (None, here)]

    def rename(self, thing: Thing, name: str) -> None:
        check_name(thing.kind, name)
        if name != thing.name:
            self._refuse_taken(thing, name)
            thing.name = name

    def delete(self, thing: Thing, *, cascade: bool) -> None:
        inside = [] if thing.kind == "pool" else self.contents(thing)
        if inside or (thing.kind == "ipmanager" and self.allocated(thing)):
            raise ConflictError(f"{thing} is in use")
        loses = self.contents(thing) if thing.kind == "pool" else self.get_ips(thing)
        if (loses or self.pointing_at(thing)) and not cascade:
            raise ConflictError(f"{thing} holds {loses}")
        for other in self.things:
            if thing in other.pools:
                self._take_out(thing, other)
        self.bound = {ip: there for ip, there in self.bound.items() if there is None or there[0] is not thing}
        self.things.remove(thing)
        self._settle()

    def pointing_at(self, thing: Thing) -> list[Thing]:
        """The others with an attribute that is a relation to it."""
        return [o for o in self.things if o is not thing and any(same(a.value, thing.relation) for a in o.attrs)]

    # Finding

    def get_by_name(self, text: str) -> Thing:
        type_, _, rest = text.partition(":")
        kind, name = (type_, rest) if rest else (None, text)
        site, _, inner = name.rpartition("/")
        found = [
            thing
            for thing in self.things
            if kind in (None, thing.kind)
            and thing.name == (inner if site else name)
            and (not site or ((there := datacenter(thing)) and there.name == site and thing is not there))
        ]
        if not found:
            raise NotFoundError(text)
        if len(found) > 1:
            raise AmbiguousError(text, [repr(thing) for thing in found])
        return found[0]

    def get_entities(
        self, kinds: Sequence[str] | None, drivers: Sequence[str] | None, attrs: Sequence[dict[str, Any]]
    ) -> list[Thing]:
        return [
            thing
            for thing in self.things
            if (kinds is None or thing.kind in kinds)
            and (drivers is None or thing.driver in drivers)
            and all(self.query(thing.attrs, **wanted) for wanted in attrs)
        ]

    def get_from_pools(self, names: Sequence[str], kinds: Sequence[str] | None) -> list[Thing]:
        if not [name for name in names if not name.startswith("-")]:
            raise InvalidError("nowhere to start from")
        pools = {name: self.get_pool(name.removeprefix("-")) for name in names}
        return [
            thing
            for thing in self.things
            if thing.kind != "pool"
            and (kinds is None or thing.kind in kinds)
            and all((pool in self.around(thing)) is not name.startswith("-") for name, pool in pools.items())
        ]

    def get_pool(self, name: str) -> Thing:
        for thing in self.of("pool"):
            if thing.name == name:
                return thing
        raise NotFoundError(name)

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

    def merged(self, thing: Thing) -> dict[str, Any]:
        steps: list[tuple[Any, dict[str, Any]]] = []
        used: list[Thing] = []

        def enter(pools: Iterable[Thing], place: int | None) -> None:
            """Pools count once, where they are nearest. At the rack level those with a weight of their own keep it."""
            for pool in pools:
                if pool not in used:
                    used.append(pool)
                    default = place is not None and pool.weight == 5000 + 10 * self.depth(pool)
                    at = (4000, 0, place, pool.weight, pool.name) if default else (pool.weight, 1, pool.name)
                    steps.append((at, document(pool.attrs)))

        if thing.kind == "pool":
            enter(self.around(thing), None)
        else:
            around = list(reversed(places(thing)))
            if thing.kind == "server":
                enter(self.around(thing), None)
            else:
                enter(self.around(thing), len(around))
            for at, place in reversed(list(enumerate(around))):
                enter(self.around(place), at)
                data = document(place.attrs)
                weight = {"datacenter": 2000, "location": 3000 + 10 * (at - 1), "rack": 4000}[place.kind]
                steps.append(((weight, 0, at, math.inf, "") if place.kind == "rack" else (weight, 1, ""), data))
        found: dict[str, Any] = {}
        for _, data in sorted(steps, key=lambda step: step[0]):
            overlay(found, data)
        overlay(found, document(thing.attrs))
        return found

    # Containers

    def insert(self, pool: Thing, thing: Thing) -> None:
        for other in thing.pools:
            if other is not pool:
                drivers = (pool.driver, other.driver)
                if "exclusive_pool" in drivers or drivers == ("unique_pool", "unique_pool"):
                    raise ConflictError(f"{thing} is in {other}")
        if thing is pool or thing in self.around(pool):
            raise ConflictError("a cycle")
        if pool not in thing.pools:
            before = self._depths()
            thing.pools.append(pool)
            self._settle(before)

    def remove(self, pool: Thing, thing: Thing) -> None:
        if pool not in thing.pools:
            raise ConflictError(f"{thing} is not directly in {pool}")
        before = self._depths()
        self._take_out(pool, thing)
        self._settle(before)

    def _take_out(self, pool: Thing, thing: Thing) -> None:
        thing.pools = [other for other in thing.pools if other is not pool]

    def _depths(self) -> dict[Thing, int]:
        return {pool: self.depth(pool) for pool in self.of("pool")}

    def _settle(self, before: dict[Thing, int] | None = None) -> None:
        """Nesting that goes without saying is not kept; weights that were those of the depth follow it."""
        for pool in self.of("pool"):
            through = [outer for parent in pool.pools for outer in self.around(parent)]
            pool.pools = [parent for parent in pool.pools if parent not in through]
        for pool, depth in (before or {}).items():
            if pool.weight == 5000 + 10 * depth:
                pool.weight = 5000 + 10 * self.depth(pool)

    def depth(self, pool: Thing) -> int:
        return max((self.depth(parent) + 1 for parent in pool.pools), default=0)

    def around(self, thing: Thing) -> list[Thing]:
        """All pools that it is in; innermost first, then by weight and name, the one that wins first."""
        found: list[Thing] = []
        edge = thing.pools
        while edge:
            found += [pool for pool in edge if pool not in found]
            edge = [outer for pool in edge for outer in pool.pools]
        return sorted(found, key=lambda pool: (self.depth(pool), pool.weight, pool.name), reverse=True)

    def parents(self, thing: Thing) -> list[Thing]:
        direct = [pool for pool in self.around(thing) if pool in thing.pools]
        return [*direct, thing.place] if thing.place else direct

    def contents(self, thing: Thing) -> list[Thing]:
        return [other for other in self.things if thing in other.pools or other.place is thing]

    def all_parents(self, thing: Thing) -> list[Thing]:
        return reached(thing, self.parents)

    def all_contents(self, thing: Thing) -> list[Thing]:
        return reached(thing, self.contents)

    def siblings(self, thing: Thing) -> list[Thing]:
        if not thing.pools:
            return []
        return [o for o in self.things if o is not thing and all(pool in o.pools for pool in thing.pools)]

    # Places

    def put_in(self, place: Thing, thing: Thing, *, move: bool) -> None:
        if place in ([thing.place] if move else places(thing)):
            return
        if not move:
            check_elsewhere(thing, place)
        if thing.kind in ("pool", "datacenter"):
            raise InvalidError(f"{thing} is nowhere")
        if thing in (place, *places(place)):
            raise ConflictError(f"{thing} in itself")
        self._settle_in(place, thing)

    def take_from(self, place: Thing, thing: Thing) -> None:
        if thing.place is not place:
            raise ConflictError(f"{thing} is not in {place}")
        self._settle_in(place.place, thing)

    @staticmethod
    def _settle_in(place: Thing | None, thing: Thing) -> None:
        thing.place = place
        thing.units = ()

    def rack_insert(self, rack: Thing, server: Thing, units: int | list[int] | None, *, move: bool) -> None:
        if server.place is not rack and not move:
            check_elsewhere(server, rack)
        wanted = self._units(rack, server, units)
        if server.place is not rack:
            self._settle_in(rack, server)
        server.units = wanted

    def _units(self, rack: Thing, server: Thing, units: int | list[int] | None) -> tuple[int, ...]:
        given = [] if units is None else [units] if isinstance(units, int) else sorted(units)
        if len(given) == 1:
            given = list(range(given[0], given[0] + server.height))
        if not given or given != list(range(given[0], given[0] + server.height)):
            raise InvalidError(f"{server} is {server.height} high, not at {given}")
        if given[0] < rack.min_u or given[-1] > rack.max_u:
            raise InvalidError(f"{rack} has no {given}")
        for other in self.contents(rack):
            if other is not server and set(other.units) & set(given):
                raise ConflictError(f"{other} is at {other.units}")
        return tuple(given)

    def rack_remove(self, rack: Thing, server: Thing) -> None:
        self.take_from(rack, server)

    def resize(self, rack: Thing, min_u: int, max_u: int) -> None:
        used = [unit for server in self.contents(rack) for unit in server.units]
        if any(not min_u <= unit <= max_u for unit in used):
            raise ConflictError(f"{rack}: {used}")
        check_units(min_u, max_u)
        rack.min_u, rack.max_u = min_u, max_u

    def device_in(self, rack: Thing, unit: int) -> Thing | None:
        if not rack.min_u <= unit <= rack.max_u:
            raise InvalidError(f"{rack} has no {unit}")
        return next((server for server in self.contents(rack) if unit in server.units), None)

    # Ports and addresses

    def port(self, server: Thing, type_: str, wanted: int | str) -> Interface:
        if type_ not in server.ports:
            raise NotFoundError(type_)
        there = server.ports[type_]
        if isinstance(wanted, int) and wanted < 1:
            raise InvalidError(f"{wanted}")
        if isinstance(wanted, int):
            counted = [name for name in there if re.fullmatch(r"(eth|psu|console)[0-9]", name)]
            wanted = (*counted, *[""] * wanted)[wanted - 1]
        if wanted not in there:
            raise NotFoundError(f"{server} has no {wanted}")
        return there[wanted]

    def set_port_attr(self, server: Thing, type_: str, wanted: int | str, key: str, value: Any) -> None:
        port = self.port(server, type_, wanted)
        if key != "mac":
            check_attribute(key, None, None)
            port.attrs[key] = value
            return
        if not isinstance(value, str) or not MAC.fullmatch(value) or type_ != "nic-eth":
            raise InvalidError(f"{value}")
        for other in self.of("server"):
            if any(nic.mac == value and nic is not port for nic in other.ports["nic-eth"].values()):
                raise ConflictError(f"{other} bears {value}")
        port.mac = value

    def del_port_attr(self, server: Thing, type_: str, wanted: int | str, key: str) -> None:
        port = self.port(server, type_, wanted)
        if key != "mac":
            port.attrs.pop(key, None)
        elif port.mac is None:
            raise NotFoundError(f"{wanted} has no MAC address")
        port.mac = None if key == "mac" else port.mac

    def port_attrs(self, server: Thing, type_: str, wanted: int | str) -> dict[str, Any]:
        port = self.port(server, type_, wanted)
        return {**port.attrs, **({"mac": port.mac} if port.mac else {})}

    def allocate(self, manager: Thing, server: Thing | None, ip: str | None, osport: str | None) -> str:
        if ip is not None:
            check_inside(manager.net, ip)
            if ip == manager.gateway:
                raise ConflictError("the gateway")
            if ip in self.bound:
                where = self.bound[ip]
                if server is None or (where and where != (server, self._osport_name(server, osport))):
                    raise ConflictError(f"{ip} is {where}")
        else:
            free = (str(host) for host in manager.net.hosts())
            ip = next((one for one in free if one != manager.gateway and one not in self.bound), None)
            if ip is None:
                raise ConflictError("none is free")
        self.bound[ip] = None
        if server is not None:
            name = self._osport_name(server, osport)
            server.ports["nic-eth"].setdefault(name, Interface())
            self.bound[ip] = (server, name)
        return ip

    @staticmethod
    def _osport_name(server: Thing, osport: str | None) -> str:
        """The interface of that name or label; that name, if there is none yet."""
        there = server.ports["nic-eth"]
        if osport is None:
            return "eth0"
        if osport in there:
            return osport
        return next((name for name, nic in there.items() if nic.label == osport), osport)

    def bind(self, server: Thing, ip: str, osport: str) -> None:
        self.allocate(self.get_ip_manager(ip), server, ip, osport)

    def unbind(self, server: Thing, ip: str, osport: str | None) -> None:
        where = self.bound.get(ip)
        if where is None or where[0] is not server or osport not in (None, where[1]):
            raise NotFoundError(f"{server} does not have {ip}")
        del self.bound[ip]

    def deallocate(self, manager: Thing, ip: str) -> None:
        check_inside(manager.net, ip)
        if ip == manager.gateway:
            raise ConflictError("the gateway")
        if ip not in self.bound:
            raise NotFoundError(ip)
        del self.bound[ip]

    def owner(self, manager: Thing, ip: str) -> Thing | None:
        if ipaddress.IPv4Address(ip) not in manager.net:
            raise InvalidError(ip)
        where = self.bound.get(ip)
        return where[0] if where else None

    def get_ip_manager(self, ip: str) -> Thing:
        for manager in self.of("ipmanager"):
            if ipaddress.IPv4Address(ip) in manager.net:
                return manager
        raise NotFoundError(ip)

    def set_gateway(self, manager: Thing, ip: str | None) -> None:
        if ip is not None:
            check_inside(manager.net, ip)
        manager.gateway = ip

    def get_ips(self, server: Thing) -> list[str]:
        return sorted((ip for ip, at in self.bound.items() if at and at[0] is server), key=ipaddress.IPv4Address)

    def allocated(self, manager: Thing) -> list[str]:
        return [ip for ip in self.bound if ipaddress.IPv4Address(ip) in manager.net and ip != manager.gateway]


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
