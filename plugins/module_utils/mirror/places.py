# SPDX-License-Identifier: BSD-2-Clause
"""What surrounds hosts: sites, locations, racks, pools and contexts, and what they give to a host in their midst."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any, Final, NamedTuple, TypeVar

from ..core.merge import Document, Scope, merged, same
from ..netbox.records import QUERIES, Surroundings, World, attributes
from .inventory import Inventory
from .model import Host, Location, Pool, Rack, Site

Record = Mapping[str, Any]
Lists = Mapping[str, Sequence[Record]]
NOTHING: Final[Document] = {}
FEW: Final = 1000
"""So many different surroundings are kept worked out."""

T = TypeVar("T", Site, Location, Rack)


class Given(NamedTuple):
    """What a host has from where and what it is; the names are those of Host."""

    around: Surroundings
    site: Site | None
    locations: tuple[Location, ...]
    rack: Rack | None
    pools: tuple[str, ...]
    attributes: Document


class Places:
    """Made of the lists of `records.QUERIES`, but for those that nothing depends on.

    What is asked for is worked out once for all with the same around them.

    known: an older inventory; what is still equal is taken from there, so that what has not changed stays the same
    object. It takes memory for whatever was asked for: when that was much, go on with one that is `fresh`.
    """

    def __init__(self, lists: Lists, known: Inventory | None = None) -> None:
        self.lists: Lists = {kind: lists[kind] for kind in QUERIES if kind in lists}
        self._old_sites: Mapping[int, Site] = known.sites if known else {}
        self._old_locations: Mapping[int, Location] = known.locations if known else {}
        self._old_racks: Mapping[int, Rack] = known.racks if known else {}
        self._pools: dict[Scope, tuple[str, ...]] = {}
        self._around: dict[Surroundings, Surroundings] = {}

    @cached_property
    def world(self) -> World:
        return World({kind: self.lists.get(kind, ()) for kind in QUERIES})

    @cached_property
    def sites(self) -> Mapping[int | None, Site]:
        made = [Site(r["id"], r["name"], r["slug"]) for r in self.lists["sites"]]
        return {site.id: kept(self._old_sites.get(site.id), site) for site in made}

    @cached_property
    def locations(self) -> Mapping[int | None, Location]:
        """Outer ones come first."""
        by_id: dict[int | None, Record] = {record["id"]: record for record in self.lists["locations"]}
        made: dict[int | None, Location] = {}

        def make(record: Record) -> Location:
            if record["id"] not in made:
                around = by_id.get(id_of(record["parent"]))
                parent = make(around) if around else None
                site = self.sites.get(id_of(record["site"]))
                new = Location(record["id"], record["name"], record["slug"], site, parent)
                made[record["id"]] = kept(self._old_locations.get(record["id"]), new)
            return made[record["id"]]

        for record in self.lists["locations"]:
            make(record)
        return made

    @cached_property
    def racks(self) -> Mapping[int | None, Rack]:
        return {record["id"]: self._rack(record) for record in self.lists["racks"]}

    def _rack(self, record: Record) -> Rack:
        site, location = self.sites.get(id_of(record["site"])), self.locations.get(id_of(record["location"]))
        new = Rack(record["id"], record["name"], site, location, attributes(record) or NOTHING)
        return kept(self._old_racks.get(record["id"]), new)

    @cached_property
    def pools(self) -> Sequence[Pool]:
        names = {pool.slug: pool.name for pool in self.world.pools}
        children: dict[str, list[str]] = {}
        for pool in self.world.pools:
            for parent in pool.parents:
                children.setdefault(parent, []).append(pool.name)
        return [
            Pool(
                id=pool.id,
                name=pool.name,
                driver=pool.driver,
                depth=pool.depth,
                parents=tuple(sorted(names[parent] for parent in pool.parents)),
                children=tuple(sorted(children.get(pool.slug, ()))),
            )
            for pool in sorted(self.world.pools, key=lambda pool: pool.rank)
        ]

    def given(self, around: Surroundings, own: Document) -> Given:
        """Tell what a host with these surroundings and this document of its own has."""
        around = self._around.setdefault(around, around)
        rack = self.racks.get(around.rack)
        location = self.locations.get(around.location) or (rack.location if rack else None)
        scope = self.world.scope(around)
        document = merged(scope, self.world.contexts, own)
        return Given(around, self.sites.get(around.site), path(location), rack, self._pools_of(scope), document)

    def fresh(self, inventory: Inventory) -> Places:
        """The same for what comes after this inventory was made here; itself when that asked for little."""
        return self if len(self._around) <= FEW else Places(self.lists, inventory)

    def again(self, hosts: Iterable[Host]) -> list[Host]:
        """Make hosts as they are in these places; the same objects where nothing is different."""
        compared: dict[tuple[int, int], bool] = {}

        def equal(host: Host, new: Document) -> bool:
            old = host.attributes
            if old is new or host.own:  # documents of its own are no other host's
                return old is new or same(old, new)
            pair = id(old), id(new)
            if pair not in compared:
                compared[pair] = same(old, new)
            return compared[pair]

        found = []
        for host in hosts:
            given = self.given(host.around, host.own)
            same_place = given.site is host.site and given.rack is host.rack and given.locations == host.locations
            if same_place and given.pools == host.pools and equal(host, given.attributes):
                found.append(host)
            else:
                found.append(replace(host, **given._asdict()))
        return found

    def _pools_of(self, scope: Scope) -> tuple[str, ...]:
        """Name the pools of the host itself, then those of its rack, its locations and its site; each once."""
        if (known := self._pools.get(scope)) is None:
            tags: Iterable[Iterable[str]] = (scope.tags, *(place.tags for place in reversed(scope.places)))
            known = tuple(dict.fromkeys(pool.name for one in tags for pool in self.world.pools.of(one)))
            self._pools[scope] = known
        return known


def kept(old: T | None, new: T) -> T:
    """The old one if nothing is different, so that what refers to it stays as it is."""
    if old is None or old != new:
        return new
    return old if not isinstance(old, Rack) or same(old.attributes, new.attributes) else new


def path(location: Location | None) -> tuple[Location, ...]:
    return (*path(location.parent), location) if location else ()


def id_of(record: Record | None) -> int | None:
    return None if record is None else record["id"]
