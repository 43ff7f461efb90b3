# SPDX-License-Identifier: BSD-2-Clause
"""A random walk through clusto's operations, each done to NetBox by the drivers and to the reference.

Hypothesis' state machines were weighed and left: every step costs NetBox a second of a core, so shrinking a failure
would take hours, while a seed and the trace of a failure lead straight to it.
"""

from __future__ import annotations

import ipaddress
import random
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from clusto import drivers
from clusto.core.attributes import Attribute, Relation
from clusto.core.errors import ClustoError
from clusto.drivers import Entity, Session

from .reference import Reference, Thing, Value, datacenter
from .whole import in_netbox, in_reference

KEYS = ("tier", "disk", "x-1", "_hidden")
BAD_KEYS = ("", "1st", "a b")
SUBKEYS = (None, None, "a", "b-2")
NUMBERS = (None, None, 0, 1, 7)
VALUES: tuple[Any, ...] = (1, 2, True, False, None, "", "gold", 1.5, [], ["one"], {"a": 1}, {}, {"a": {"b": [1, 2]}})
WEIGHTS = (1000, 3500, 4000, 5010, 6000)
POOLS = {"pool": drivers.Pool, "unique_pool": drivers.UniquePool, "exclusive_pool": drivers.ExclusivePool}
LOCATIONS = {"zone": drivers.Zone, "cage": drivers.Cage, "row": drivers.Row}
RACKS = {"apcrack": drivers.APCRack, "basicrack": drivers.BasicRack}
SERVERS = {"basicserver": (drivers.BasicServer, 1), "penguinserver2u": (drivers.PenguinServer2U, 2)}
MOST = {"pool": 10, "datacenter": 3, "location": 6, "rack": 4, "server": 12, "ipmanager": 3}
KINDS = tuple(MOST)
PORTS: Sequence[tuple[str, int | str]] = (
    *(("nic-eth", n) for n in (0, 1, 2, 3, "eth0", "eth1", "bond0", "eth9")),
    *(("pwr-nema-5", n) for n in (1, 2, "psu1", "psu2")),
    *(("console-serial", 1), ("usb", 1)),
)
OSPORTS = (None, None, "eth0", "eth1", "bond0", "vlan7")


class Walk:
    """`mark` tells its names from all others; `octets` are the first three of 256 subnets that nothing else uses."""

    def __init__(self, session: Session, seed: int, mark: str, net: str) -> None:
        self.session, self.seed, self.mark = session, seed, mark
        self.net = ipaddress.IPv4Network(net)
        self.dice = random.Random(seed)
        self.reference = Reference()
        self.entities: dict[Thing, Entity] = {}
        self.steps = 0
        self.errors = 0
        self._names = 0
        self._nets = 0
        self._trace: list[str] = []
        self._choices = [move for weight, move in self._moves() for _ in range(weight)]

    def _moves(self) -> Iterable[tuple[int, Callable[[], None]]]:
        yield from ((3, make) for make in (self.make_pool, self.make_server, self.make_rack, self.make_location))
        yield from ((2, make) for make in (self.make_datacenter, self.make_manager))
        yield from ((6, change) for change in (self.insert, self.put_in, self.rack_insert, self.set_attr))
        yield from ((4, change) for change in (self.remove, self.take_from, self.add_attr, self.allocate))
        yield from ((3, change) for change in (self.del_attrs, self.bind, self.set_port_attr, self.rename, self.delete))
        yield from ((2, change) for change in (self.deallocate, self.unbind, self.rack_remove, self.set_weight))
        yield from ((1, change) for change in (self.del_port_attr, self.resize, self.set_gateway, self.replace))
        yield from ((3, query) for query in (self.attrs, self.merged, self.contents, self.parents, self.pools))
        yield from ((2, query) for query in (self.get_by_name, self.get_from_pools, self.siblings, self.get_entities))
        yield from ((1, query) for query in (self.owner, self.get_ips, self.port_attrs, self.units, self.device_in))

    # Comparing

    def step(self) -> None:
        self.steps += 1
        self.dice.choice(self._choices)()

    def same(self, what: str, ours: Callable[[], Any], theirs: Callable[[], Any]) -> tuple[Any, Any] | None:
        """Do it to both; their answers, None when both refused."""
        self._trace.append(f"{self.steps}: {what}")
        wanted, expected = outcome(theirs)
        got, answer = outcome(ours)
        refused = isinstance(answer, ClustoError)
        agree = got == wanted and (refused or self.plain(answer) == self.plain(expected))
        assert agree, self.story(f"NetBox: {got} {answer!r}\nreference: {wanted} {expected!r}")
        self._trace[-1] += f" -> {got} {str(answer)[:100]}"
        self.errors += refused
        return None if refused else (answer, expected)

    def whole(self) -> None:
        """Compare the whole state."""
        found, wanted = in_netbox(self.session, self.entities), in_reference(self.reference)
        for thing in wanted:
            self.same(f"all about {thing}", lambda thing=thing: found[thing], lambda thing=thing: wanted[thing])

    def story(self, what: str) -> str:
        return "\n".join([f"CLUSTO_SEED={self.seed}, step {self.steps}", *self._trace[-25:], what])

    def plain(self, answer: Any) -> Any:
        """An answer in a form that is equal when NetBox and the reference mean the same."""
        if isinstance(answer, Thing):
            answer = self.entities.get(answer)  # None: it is being made
        if isinstance(answer, Entity):
            return (answer.object_type, answer.id) if answer in self.entities.values() else "None"
        if isinstance(answer, Attribute | Value):
            return repr((answer.key, answer.subkey, answer.number, answer.value))
        if isinstance(answer, list | tuple):
            return [self.plain(one) for one in answer]
        if isinstance(answer, dict):
            return {key: self.plain(answer[key]) for key in sorted(answer)}
        return repr(answer)

    def unordered(self, answer: Iterable[Any]) -> list[Any]:
        """The same, where the order of a list says nothing."""
        return sorted(map(self.plain, answer))

    # Choosing

    def some(self, *kinds: str) -> Thing | None:
        return self.dice.choice(self.reference.of(*kinds) or [None])

    def entity(self, thing: Thing | None) -> Any:
        """An entity as it was when it was made or last read, or read anew: that must make no difference."""
        if thing is None:
            return None
        held = self.entities[thing]
        return held if self.dice.random() < 0.5 else self.session.entity_by_id(held.object_type, held.id)

    def name(self, kind: str, place: Thing | None = None) -> str:
        """New mostly, else one that something has, also of another kind; seldom one that is none.

        Never one that only another datacenter's has: moved together, the two would have one name in one datacenter.
        """
        luck = self.dice.random()
        if luck < 0.15 and self.reference.things:
            taken = self.dice.choice(self.reference.things).name
            new = Thing(kind, taken, "", place=place)
            if self.reference.namesakes(new, taken) or all(thing.name != taken for thing in self.reference.of(kind)):
                return taken
        if 0.15 < luck < 0.18:
            return self.dice.choice(["", " x", "x" * 101])
        self._names += 1
        return f"n{self._names:05d}-{self.mark}"

    def value(self) -> Any:
        relative = self.some(*KINDS)
        if relative and self.dice.random() < 0.15:
            return relative.relation
        return self.dice.choice(VALUES)

    def ip(self) -> str:
        """An address of one of the subnets, or one beside them."""
        manager = self.some("ipmanager")
        net = manager.net if manager and self.dice.random() < 0.95 else self.net
        return str(net[self.dice.randrange(min(net.num_addresses, 16))])

    def query(self) -> dict[str, Any]:
        asked = {
            "key": self.dice.choice(KEYS),
            "subkey": self.dice.choice(SUBKEYS),
            "number": self.dice.choice((*NUMBERS, True, False)),
            "value": self.value(),
        }
        return {name: value for name, value in asked.items() if self.dice.random() < (0.6 if name == "key" else 0.25)}

    # Making

    def made(self, what: str, ours: Callable[[], Entity], theirs: Callable[[], Thing]) -> None:
        if answers := self.same(f"make {what}", ours, theirs):
            entity, thing = answers
            self.entities[thing] = entity
            thing.relation = Relation(entity.object_type, entity.id)

    def _room(self, kind: str) -> bool:
        return len(self.reference.of(kind)) < MOST[kind]

    def make_pool(self) -> None:
        if self._room("pool"):
            name, driver = self.name("pool"), self.dice.choice(("pool", *POOLS))
            weight = self.dice.choice([*[None] * 4, *WEIGHTS])
            self.made(
                f"{driver} {name!r} weight {weight}",
                lambda: POOLS[driver](name, weight=weight),
                lambda: self.reference.make("pool", name, driver=driver, weight=weight or 5000),
            )

    def make_datacenter(self) -> None:
        if self._room("datacenter"):
            name = self.name("datacenter")
            self.made(
                f"datacenter {name!r}",
                lambda: drivers.BasicDatacenter(name),
                lambda: self.reference.make("datacenter", name, driver="basicdatacenter"),
            )

    def make_location(self) -> None:
        if self._room("location"):
            driver, place = self.dice.choice((*LOCATIONS,)), self.some("datacenter", "location")
            name = self.name("location", place)
            self.made(
                f"{driver} {name!r} in {place}",
                lambda: LOCATIONS[driver](name, **self.place(place, "parent")),
                lambda: self.reference.make("location", name, driver=driver, place=place),
            )

    def make_rack(self) -> None:
        if self._room("rack"):
            driver, place = self.dice.choice((*RACKS,)), self.some("datacenter", "location")
            name = self.name("rack", place)
            units = self.dice.choice([(1, 4), (1, 8), (5, 9), (0, 3), (1, 45)])
            self.made(
                f"{driver} {name!r} in {place} units {units}",
                lambda: RACKS[driver](name, min_u=units[0], max_u=units[1], **self.place(place)),
                lambda: self.reference.make_rack(name, place, *units, driver),
            )

    def make_server(self) -> None:
        if self._room("server"):
            driver, place = self.dice.choice((*SERVERS,)), self.some("datacenter", "location")
            place = place if self.dice.random() < 0.5 else None
            name = self.name("server", place)
            cls, height = SERVERS[driver]
            self.made(
                f"{driver} {name!r} in {place}",
                lambda: cls(name, **self.place(place)),
                lambda: self.reference.make_server(name, place, driver, height),
            )

    def make_manager(self) -> None:
        if self._room("ipmanager"):
            name, place = self.name("ipmanager"), self.some("datacenter", "location")
            self._nets += self.dice.random() < 0.9
            net = ipaddress.IPv4Network((int(self.net.network_address) + 16 * self._nets, 28 + self._nets % 2))
            gateway = str(net[self.dice.choice([0, 1, 1, 1, 2])])
            self.made(
                f"manager {name!r} {net} gateway {gateway} in {place}",
                lambda: drivers.IPManager(name, prefix=str(net), gateway=gateway, **self.place(place)),
                lambda: self.reference.make_manager(name, str(net), gateway, place),
            )

    def place(self, place: Thing | None, location: str = "location") -> dict[str, Any]:
        if place is None:
            return {}
        return {"datacenter" if place.kind == "datacenter" else location: self.entity(place)}

    # Changing

    def on(
        self, what: str, things: Sequence[Thing | None], ours: Callable[..., Any], theirs: Callable[..., Any]
    ) -> None:
        """Do it to some things, if there are any such."""
        if all(things):
            self.same(
                f"{what} {things}", lambda: ours(*(self.entity(thing) for thing in things)), lambda: theirs(*things)
            )

    def insert(self) -> None:
        things = [self.some("pool"), self.some(*KINDS)]
        self.on("insert", things, lambda pool, e: pool.insert(e), self.reference.insert)

    def remove(self) -> None:
        things = [self.some("pool"), self.some(*KINDS)]
        if things[1] and things[1].pools and self.dice.random() < 0.7:
            things[0] = self.dice.choice(things[1].pools)
        self.on("remove", things, lambda pool, e: pool.remove(e), self.reference.remove)

    def put_in(self) -> None:
        things = [self.some("datacenter", "location"), self.some(*KINDS)]
        move = self.dice.random() < 0.5
        self.on(
            f"put move={move}",
            things,
            lambda place, e: place.insert(e, move=move),
            lambda place, thing: self.reference.put_in(place, thing, move=move),
        )

    def take_from(self) -> None:
        things = [self.some("datacenter", "location"), self.some("location", "rack", "server", "ipmanager")]
        if things[1] and things[1].place and things[1].place.kind != "rack" and self.dice.random() < 0.7:
            things[0] = things[1].place
        self.on("take", things, lambda place, e: place.remove(e), self.reference.take_from)

    def rack_insert(self) -> None:
        unit = self.dice.randrange(10)
        units: Any = self.dice.choice([unit, unit, [unit], [unit, unit + 1], [unit, unit + 2], None])
        move = self.dice.random() < 0.5
        self.on(
            f"rack at {units} move={move}",
            [self.some("rack"), self.some("server")],
            lambda rack, server: rack.insert(server, units, move=move),
            lambda rack, server: self.reference.rack_insert(rack, server, units, move=move),
        )

    def rack_remove(self) -> None:
        things = [self.some("rack"), self.some("server")]
        if things[1] and things[1].place and things[1].place.kind == "rack":
            things[0] = things[1].place
        self.on("unrack", things, lambda rack, server: rack.remove(server), self.reference.rack_remove)

    def resize(self) -> None:
        units = self.dice.choice([(1, 4), (1, 10), (3, 9), (0, 5), (5, 4), (1, 101)])
        self.on(
            f"resize {units}",
            [self.some("rack")],
            lambda rack: rack.resize(*units),
            lambda rack: self.reference.resize(rack, *units),
        )

    def set_weight(self) -> None:
        weight = self.dice.choice(WEIGHTS)
        self.on(
            f"weight {weight}",
            [self.some("pool")],
            lambda pool: setattr(pool, "weight", weight),
            lambda pool: setattr(pool, "weight", weight),
        )

    def rename(self) -> None:
        thing = self.some(*KINDS)
        name = self.name(thing.kind, thing.place) if thing else ""
        self.on(
            f"rename to {name!r}",
            [thing],
            lambda e: e.rename(name),
            lambda thing: self.reference.rename(thing, name),
        )

    def delete(self) -> None:
        thing = self.some(*KINDS)
        if thing and (not self._room(thing.kind) or self.dice.random() < 0.4):
            self.delete_it(thing, cascade=self.dice.random() < 0.6)

    def delete_it(self, thing: Thing, *, cascade: bool) -> None:
        self.on(
            f"delete cascade={cascade}",
            [thing],
            lambda e: e.delete(cascade=cascade),
            lambda thing: self.reference.delete(thing, cascade=cascade),
        )
        if thing not in self.reference.things:
            del self.entities[thing]

    def set_attr(self) -> None:
        key = self.dice.choice(KEYS if self.dice.random() < 0.95 else BAD_KEYS)
        subkey, number = self.dice.choice(SUBKEYS), self.dice.choice(NUMBERS)
        value = self.value() if self.dice.random() < 0.85 else [self.value(), self.value()]
        self.on(
            f"set {key} {subkey} {number} = {value!r}",
            [self.some(*KINDS)],
            lambda e: e.set_attr(key, value, number=number, subkey=subkey),
            lambda thing: self.reference.set_attr(thing, key, value, number, subkey),
        )

    def add_attr(self) -> None:
        key = self.dice.choice(KEYS if self.dice.random() < 0.95 else BAD_KEYS)
        subkey, number, value = self.dice.choice(SUBKEYS), self.dice.choice((*NUMBERS, True)), self.value()
        self.on(
            f"add {key} {subkey} {number} = {value!r}",
            [self.some(*KINDS)],
            lambda e: e.add_attr(key, value, number=number, subkey=subkey),
            lambda thing: self.reference.add_attr(thing, key, value, number, subkey),
        )

    def del_attrs(self) -> None:
        asked = self.query()
        self.on(
            f"del {asked}",
            [self.some(*KINDS)],
            lambda e: e.del_attrs(**asked),
            lambda thing: self.reference.del_attrs(thing, **asked),
        )

    def replace(self) -> None:
        data: dict[str, Any] = self.dice.choice([{}, {"tier": "bronze"}, {"disk": {"0": {"a": 1}, "": "x"}}])
        values = [*([Value("tier", None, None, "bronze")] if "tier" in data else [])]
        values += [Value("disk", None, None, "x"), Value("disk", "a", 0, 1)] if "disk" in data else []
        self.on(
            f"replace {data}",
            [self.some(*KINDS)],
            lambda e: e.replace_document(data),
            lambda thing: setattr(thing, "attrs", values),
        )

    def set_port_attr(self) -> None:
        type_, port = self.dice.choice(PORTS)
        key, value = self.dice.choice([("mac", self.mac()), ("mac", "no MAC"), ("vlan", 7), ("speed", {"a": 1})])
        self.on(
            f"port {type_} {port} {key} = {value}",
            [self.some("server")],
            lambda e: e.set_port_attr(type_, port, key, value),
            lambda thing: self.reference.set_port_attr(thing, type_, port, key, value),
        )

    def mac(self) -> str:
        octets = [0x02, *bytes.fromhex(self.mark[:6]), self.dice.randrange(2), self.dice.randrange(6)]
        return ":".join(f"{octet:02x}" for octet in octets)

    def del_port_attr(self) -> None:
        type_, port = self.dice.choice(PORTS)
        key = self.dice.choice(("mac", "vlan"))
        self.on(
            f"port {type_} {port} without {key}",
            [self.some("server")],
            lambda e: e.del_port_attr(type_, port, key),
            lambda thing: self.reference.del_port_attr(thing, type_, port, key),
        )

    def allocate(self) -> None:
        manager, server = self.some("ipmanager"), self.dice.choice([self.some("server"), self.some("server"), None])
        ip, osport = self.dice.choice([self.ip(), None]), self.dice.choice(OSPORTS)
        self.on(
            f"allocate {ip} to {server} {osport}",
            [manager],
            lambda e: e.allocate(self.entity(server), ip, osport if server else None),
            lambda thing: self.reference.allocate(thing, server, ip, osport),
        )

    def deallocate(self) -> None:
        ip = self.dice.choice([self.ip(), *self.reference.bound])
        self.on(
            f"deallocate {ip}",
            [self.some("ipmanager")],
            lambda e: e.deallocate(ip),
            lambda thing: self.reference.deallocate(thing, ip),
        )

    def bind(self) -> None:
        ip, osport = self.ip(), self.dice.choice(("eth0", "eth1", "bond0"))
        self.on(
            f"bind {ip} {osport}",
            [self.some("server")],
            lambda e: e.bind_ip_to_osport(ip, osport),
            lambda thing: self.reference.bind(thing, ip, osport),
        )

    def unbind(self) -> None:
        server = self.some("server")
        ips = self.reference.get_ips(server) if server else []
        ip, osport = self.dice.choice([self.ip(), *ips]), self.dice.choice((None, "eth0", "eth1", "bond0"))
        self.on(
            f"unbind {ip} {osport}",
            [server],
            lambda e: e.unbind_ip_from_osport(ip, osport),
            lambda thing: self.reference.unbind(thing, ip, osport),
        )

    def set_gateway(self) -> None:
        manager = self.some("ipmanager")
        ip = self.dice.choice([None, self.ip(), str(manager.net[1])]) if manager else None
        self.on(
            f"gateway {ip}",
            [manager],
            lambda e: e.set_gateway(ip),
            lambda thing: self.reference.set_gateway(thing, ip),
        )

    # Asking

    def attrs(self) -> None:
        asked = self.query()
        self.on(
            f"attrs {asked}",
            [self.some(*KINDS)],
            lambda e: self.unordered(e.attrs(**asked)),
            lambda thing: self.unordered(self.reference.query(thing.attrs, **asked)),
        )

    def merged(self) -> None:
        self.on("merged", [self.some(*KINDS)], lambda e: e.merged(), self.reference.merged)

    def contents(self) -> None:
        deep = self.dice.random() < 0.3
        step = self.reference.all_contents if deep else self.reference.contents
        self.on(
            f"contents deep={deep}",
            [self.some(*KINDS)],
            lambda e: self.unordered(e.contents(search_children=deep)),
            lambda thing: self.unordered(step(thing)),
        )

    def parents(self) -> None:
        if self.dice.random() < 0.3:
            self.on(
                "all parents",
                [self.some(*KINDS)],
                lambda e: self.unordered(e.parents(search_parents=True)),
                lambda thing: self.unordered(self.reference.all_parents(thing)),
            )
        else:
            self.on("parents", [self.some(*KINDS)], lambda e: e.parents(), self.reference.parents)

    def pools(self) -> None:
        self.on("pools", [self.some(*KINDS)], lambda e: e.pools(), self.reference.around)

    def siblings(self) -> None:
        self.on(
            "siblings",
            [self.some(*KINDS)],
            lambda e: self.unordered(e.siblings()),
            lambda thing: self.unordered(self.reference.siblings(thing)),
        )

    def get_by_name(self) -> None:
        thing = self.some(*KINDS)
        name = thing.name if thing else f"nobody-{self.mark}"
        site = thing and datacenter(thing)
        forms = [name, f"{self.dice.choice(KINDS)}:{name}", f"{thing.kind if thing else 'rack'}:{name}"]
        forms += [f"{site.name}/{name}"] if site and site.name != name else []
        text = self.dice.choice(forms)
        self.same(
            f"get_by_name {text!r}",
            lambda: self.session.get_by_name(text),
            lambda: self.reference.get_by_name(text),
        )

    def get_from_pools(self) -> None:
        some = [self.some("pool") for _ in range(self.dice.choice((1, 2, 2, 3)))]
        names = [self.dice.choice(("", "", "-")) + (pool.name if pool else f"no-{self.mark}") for pool in some]
        kinds = self.dice.choice([None, ["server"], ["rack", "datacenter"]])
        self.same(
            f"get_from_pools {names} {kinds}",
            lambda: self.unordered(drivers.get_from_pools(names, clusto_types=kinds)),
            lambda: self.unordered(self.reference.get_from_pools(names, kinds)),
        )

    def get_entities(self) -> None:
        kinds = self.dice.choice([None, ["server"], ["pool", "rack"], ["location", "ipmanager", "datacenter"]])
        of = self.dice.choice([None, None, ["basicserver", "pool"]])
        attrs = [self.query() for _ in range(self.dice.randrange(3))]
        self.same(
            f"get_entities {kinds} {of} {attrs}",
            lambda: self.unordered(self.ours(drivers.get_entities(clusto_types=kinds, clusto_drivers=of, attrs=attrs))),
            lambda: self.unordered(self.reference.get_entities(kinds, of, attrs)),
        )

    def ours(self, found: Iterable[Entity]) -> list[Entity]:
        """Without what is another test's."""
        return [entity for entity in found if entity.name.endswith(self.mark)]

    def owner(self) -> None:
        ip = self.dice.choice([self.ip(), *self.reference.bound])
        self.on(
            f"owner {ip}",
            [self.some("ipmanager")],
            lambda e: e.owner(ip),
            lambda thing: self.reference.owner(thing, ip),
        )

    def get_ips(self) -> None:
        self.on("get_ips", [self.some("server")], lambda e: e.get_ips(), self.reference.get_ips)

    def port_attrs(self) -> None:
        type_, port = self.dice.choice(PORTS)
        self.on(
            f"port_attrs {type_} {port}",
            [self.some("server")],
            lambda e: e.port_attrs(type_, port),
            lambda thing: self.reference.port_attrs(thing, type_, port),
        )

    def units(self) -> None:
        self.on(
            "get_rack_and_u",
            [self.some("server")],
            drivers.Rack.get_rack_and_u,
            lambda thing: (thing.place, thing.units) if thing.place and thing.place.kind == "rack" else None,
        )

    def device_in(self) -> None:
        unit = self.dice.randrange(10)
        self.on(
            f"device in {unit}",
            [self.some("rack")],
            lambda e: e.get_device_in(unit),
            lambda thing: self.reference.device_in(thing, unit),
        )

    # The end

    def remove_all(self) -> None:
        """Delete everything, what is innermost first."""
        while things := self.reference.things:
            free = [t for t in things if t.kind in ("pool", "server") or not self.reference.contents(t)]
            thing = free[0]
            if thing.kind == "ipmanager":
                for ip in self.reference.allocated(thing):
                    self.on(
                        f"deallocate {ip}",
                        [thing],
                        lambda e, ip=ip: e.deallocate(ip),
                        lambda manager, ip=ip: self.reference.deallocate(manager, ip),
                    )
            self.delete_it(thing, cascade=True)


def outcome(act: Callable[[], Any]) -> tuple[str, Any]:
    try:
        return "answer", act()
    except ClustoError as error:
        return type(error).__name__, error
