# SPDX-License-Identifier: BSD-2-Clause
"""clusto in plain memory: what the drivers have to answer, by the rules of docs/python.md and docs/attributes.md.

Written to be read, not to be fast: lists that are gone through, no NetBox, nothing of the drivers but the errors.
"""

from __future__ import annotations

import ipaddress
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from clusto.core.errors import AmbiguousError, ConflictError, ExistsError, InvalidError, NotFoundError

from .hosts import Hosts
from .managers import Managers
from .things import (
    HOSTS,
    Port,
    Thing,
    check_elsewhere,
    check_inside,
    check_name,
    check_units,
    datacenter,
    document,
    overlay,
    places,
    reached,
    same,
)

NAMED_BY_DATACENTER = ("location", "rack", "server", "powerstrip")
CONTEXTS = ("pool", "resourcemanager")
"""Kinds that are config contexts."""
Ports = Mapping[str, Mapping[str, Sequence[str]]]
"""Port type -> component -> names."""


class Reference(Hosts, Managers):
    """Making, naming and deleting; finding; containers."""

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

    def make_host(self, kind: str, name: str, *, ports: Ports, **properties: Any) -> Thing:
        made = {
            type_: {name: Port(component) for component, names in there.items() for name in names}
            for type_, there in ports.items()
        }
        return self.make(kind, name, ports=made, **properties)

    def make_manager(self, name: str, net: str, gateway: str | None, vrf: str | None, place: Thing | None) -> Thing:
        check_name("ipmanager", name)
        network = ipaddress.IPv4Network(net)
        self._refuse_taken(Thing("ipmanager", name, "ipmanager"), name)
        for other in self.of("ipmanager"):
            if (other.net, other.vrf) == (network, vrf):
                raise ConflictError(f"{other} has that subnet")
        if gateway is not None:  # what is usable depends on the prefix, if there is one to be adopted
            check_inside(network, gateway)
        return self.make("ipmanager", name, driver="ipmanager", place=place, net=network, gateway=gateway, vrf=vrf)

    def _refuse_taken(self, thing: Thing, name: str) -> None:
        if taken := self.namesakes(thing, name):
            raise ExistsError(f"{taken[0]} has that name")

    def namesakes(self, thing: Thing, name: str) -> list[Thing]:
        """Others that have the name, where two of them may not."""
        here = datacenter(thing)
        anywhere = thing.kind not in NAMED_BY_DATACENTER or here is None
        named = [other for other in self.alike(thing.kind) if other is not thing and other.name == name]
        return [other for other in named if anywhere or datacenter(other) in (None, here)]

    def alike(self, kind: str) -> list[Thing]:
        """Those that a name tells from one another: of its kind; all devices are one, and all config contexts."""
        return self.of(*next((kinds for kinds in (HOSTS, CONTEXTS) if kind in kinds), [kind]))

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
        loses += [port for port in self.all_ports(thing) if port.peer]
        if (loses or self.pointing_at(thing)) and not cascade:
            raise ConflictError(f"{thing} holds {loses}")
        for other in self.things:
            if thing in other.pools:
                self._take_out(thing, other)
        self.unplug_all(thing)
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

    # What is merged

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
        if thing.kind == "resourcemanager":
            raise InvalidError("it bears no tags")
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
        if thing.kind in ("pool", "datacenter", "resourcemanager"):
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
