# SPDX-License-Identifier: BSD-2-Clause
"""A random walk through clusto's operations, each done to NetBox by the drivers and to the reference.

Hypothesis' state machines were weighed and left: every step costs NetBox a tenth of a second, so shrinking a failure
would take hours, while a seed and the trace of a failure lead straight to it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from clusto import drivers

from .naming import Naming
from .network import Network
from .things import HOSTS, Thing, Value, datacenter
from .walker import KEYS, KINDS, NUMBERS, SUBKEYS

BAD_KEYS = ("", "1st", "a b")
WEIGHTS = (1000, 3500, 4000, 5010, 6000)
POOLS = {"pool": drivers.Pool, "unique_pool": drivers.UniquePool, "exclusive_pool": drivers.ExclusivePool}
LOCATIONS = {"zone": drivers.Zone, "cage": drivers.Cage, "row": drivers.Row}
RACKS = {"apcrack": drivers.APCRack, "basicrack": drivers.BasicRack}


class Walk(Network, Naming):
    def moves(self) -> Iterable[tuple[int, Callable[[], None]]]:
        yield from super().moves()
        yield from ((3, make) for make in (self.make_pool, self.make_rack, self.make_location))
        yield from ((2, change) for change in (self.make_datacenter, self.rack_remove, self.set_weight))
        yield from ((6, change) for change in (self.insert, self.put_in, self.rack_insert, self.set_attr))
        yield from ((4, change) for change in (self.remove, self.take_from, self.add_attr))
        yield from ((3, change) for change in (self.del_attrs, self.rename, self.delete))
        yield from ((1, change) for change in (self.resize, self.replace))
        yield from ((3, query) for query in (self.attrs, self.merged, self.contents, self.parents, self.pools))
        yield from ((2, query) for query in (self.get_by_name, self.get_from_pools, self.siblings, self.get_entities))
        yield from ((1, query) for query in (self.units, self.device_in))

    # Making

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

    # Changing

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
            [self.some("rack"), self.some(*HOSTS)],
            lambda rack, server: rack.insert(server, units, move=move),
            lambda rack, server: self.reference.rack_insert(rack, server, units, move=move),
        )

    def rack_remove(self) -> None:
        things = [self.some("rack"), self.some(*HOSTS)]
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
            free = [t for t in things if t.kind in ("pool", *HOSTS) or not self.reference.contents(t)]
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
