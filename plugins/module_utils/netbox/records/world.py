# SPDX-License-Identifier: BSD-2-Clause
"""What surrounds devices and everything else that has attributes, and the scope of each in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Final

from ...core.merge import CRITERIA, OWN, Context, Contexts, Document, Place, Scope
from .fields import Record
from .pools import Pools

ATTRIBUTES_PROFILE: Final = "clusto attributes"
CUSTOM_FIELD: Final = "clusto_attributes"

Ids = frozenset[int]
_KINDS: Final = {"sites": "datacenter", "locations": "location"}
_SCOPES: Final = {
    "dcim.region": "region",
    "dcim.sitegroup": "group",
    "dcim.site": "site",
    "dcim.location": "location",
}


def attributes(record: Record) -> Document:
    """Return an entity's own attributes: a device's local context data, else the custom field; not for contexts."""
    if "local_context_data" in record:
        return record["local_context_data"] or {}
    return (record.get("custom_fields") or {}).get(CUSTOM_FIELD) or {}


class World:
    """Everything but devices, virtual machines and prefixes, of one NetBox at one moment; gives those their scopes.

    An id that is in none of the lists (made while they were read) stands for itself, without ancestors.
    """

    def __init__(self, records: Mapping[str, Sequence[Record]]) -> None:
        """records: the lists that QUERIES asks for, under their names; contexts in the order asked for."""
        self.pools = Pools(records["contexts"], records["tags"])
        self._own = _own(records["contexts"])
        self.contexts = Contexts(_contexts(records["contexts"], self.pools, self._own))
        self._regions = Tree(records["regions"])
        self._groups = Tree(records["site_groups"])
        self._locations = Tree(records["locations"])
        self._roles = Tree(records["roles"])
        self._platforms = Tree(records["platforms"])
        self._tenants = {r["id"]: r for r in records["tenants"]}
        self._clusters = {r["id"]: r for r in records["clusters"]}
        self._sites = {r["id"]: r for r in records["sites"]}
        self._racks = {r["id"]: r for r in records["racks"]}
        self._location_records = {r["id"]: r for r in records["locations"]}
        self._site_place = cache(lambda site: _place("datacenter", self._sites[site]))
        self._location_place = cache(lambda location: _place("location", self._location_records[location]))
        self._rack_place = cache(lambda rack: _place("rack", self._racks[rack], attributes(self._racks[rack])))
        self._site_scope = cache(self._in_site)

    def device(self, record: Record) -> Scope:
        """Scope of a device; `attributes(record)` is its local data."""
        rack = _id(record["rack"])
        return self._host(record)._replace(
            locations=self._locations.with_ancestors(_id(record["location"])),
            device_types=_single(record["device_type"]),
            places=self._places(_id(record["site"]), _id(record["location"]) or self._location_of(rack), rack),
        )

    def virtual_machine(self, record: Record) -> Scope:
        """Scope of a virtual machine; `attributes(record)` is its local data."""
        return self._host(record)._replace(places=self._places(_id(record["site"])))

    def rack(self, record: Record) -> Scope:
        """Scope of a rack itself; `attributes(record)` is its local data."""
        site, location = _id(record["site"]), _id(record["location"])
        return self._there(record, site, location)._replace(
            places=(*self._places(site, location), Place(OWN, _tags(record)))
        )

    def site(self, record: Record) -> Scope:
        """Scope of a site itself; its own attributes are in `contexts`, there is no local data."""
        return self._there(record, record["id"], None)._replace(
            places=self._places(record["id"]), own=self._own.get(("sites", record["id"]))
        )

    def location(self, record: Record) -> Scope:
        """Scope of a location itself; its own attributes are in `contexts`, there is no local data."""
        site = _id(record["site"])
        return self._there(record, site, record["id"])._replace(own=self._own.get(("locations", record["id"])))

    def prefix(self, record: Record) -> Scope:
        """Scope of a prefix, that is of an IP manager; `attributes(record)` is its local data."""
        kind, there = _SCOPES.get(record["scope_type"] or ""), record["scope_id"]
        location = there if kind == "location" else None
        site = there if kind == "site" else self._site_of(location)
        scope = self._there(record, site, location)
        if kind == "region":
            scope = scope._replace(regions=self._regions.with_ancestors(there))
        elif kind == "group":
            scope = scope._replace(site_groups=self._groups.with_ancestors(there))
        return scope._replace(places=(*scope.places, Place(OWN, _tags(record))))

    def pool(self, slug: str) -> Scope:
        """Scope of a pool itself; its own attributes are in `contexts`, there is no local data."""
        return Scope(tags=frozenset({slug}), own=self.pools.by_slug[slug].id, pools_only=True)

    def own_context(self, kind: str, object_id: int) -> int | None:
        """Find the context that holds the attributes of one of `sites` or `locations`; None when it has none."""
        return self._own.get((kind, object_id))

    def _host(self, record: Record) -> Scope:
        """Scope of what devices and virtual machines have in common."""
        cluster = self._clusters.get(_id(record["cluster"]) or 0, {})
        return self._tenanted(self._site_scope(_id(record["site"]) or 0), record)._replace(
            roles=self._roles.with_ancestors(_id(record["role"])),
            platforms=self._platforms.with_ancestors(_id(record["platform"])),
            clusters=_single(record["cluster"]),
            cluster_types=_single(cluster.get("type")),
            cluster_groups=_single(cluster.get("group")),
            tags=_tags(record),
        )

    def _there(self, record: Record, site: int | None, location: int | None) -> Scope:
        """Scope of what lies somewhere and is no host: its tags make it a member of pools, and no more than that."""
        return self._tenanted(self._site_scope(site or 0), record)._replace(
            locations=self._locations.with_ancestors(location), places=self._places(site, location)
        )

    def _tenanted(self, scope: Scope, record: Record) -> Scope:
        if record["tenant"] is None:
            return scope
        group = self._tenants.get(record["tenant"]["id"], {}).get("group")
        return scope._replace(tenants=_single(record["tenant"]), tenant_groups=_single(group))

    def _in_site(self, site: int) -> Scope:
        record = self._sites.get(site, {})
        return Scope(
            regions=self._regions.with_ancestors(_id(record.get("region"))),
            site_groups=self._groups.with_ancestors(_id(record.get("group"))),
            sites=frozenset({site}) if site else frozenset(),
        )

    def _places(self, site: int | None, location: int | None = None, rack: int | None = None) -> tuple[Place, ...]:
        """List the places that something is in, outer to inner."""
        return (
            *([self._site_place(site)] if site in self._sites else ()),
            *(self._location_place(one) for one in self._locations.path(location) if one in self._location_records),
            *([self._rack_place(rack)] if rack in self._racks else ()),
        )

    def _location_of(self, rack: int | None) -> int | None:
        return _id(self._racks.get(rack or 0, {}).get("location"))

    def _site_of(self, location: int | None) -> int | None:
        return _id(self._location_records.get(location or 0, {}).get("site"))


class Tree:
    """A nested group of NetBox's, by ids."""

    def __init__(self, records: Iterable[Record]) -> None:
        self._parents = {record["id"]: _id(record["parent"]) for record in records}
        self._path = cache(self._walk)
        self._set = cache(lambda node: frozenset(self._walk(node)))

    def path(self, node: int | None) -> tuple[int, ...]:
        """From the outermost ancestor down to the node."""
        return () if node is None else self._path(node)

    def with_ancestors(self, node: int | None) -> Ids:
        return frozenset() if node is None else self._set(node)

    def _walk(self, node: int) -> tuple[int, ...]:
        return (*self.path(self._parents.get(node)), node)


def _id(record: Record | None) -> int | None:
    return None if record is None else int(record["id"])


def _single(record: Record | None) -> Ids:
    return frozenset() if record is None else frozenset({int(record["id"])})


def _tags(record: Record) -> frozenset[str]:
    return frozenset(tag["slug"] for tag in record["tags"])


def _place(kind: str, record: Record, own: Document | None = None) -> Place:
    return Place(f"{kind}:{record['name']}", _tags(record), own or {})


def _contexts(records: Sequence[Record], pools: Pools, own: Mapping[tuple[str, int], int]) -> Iterable[Context]:
    places = {context: criterion for (criterion, _), context in own.items()}
    for rank, record in enumerate(records):
        pool = pools.by_id.get(record["id"])
        if pool:
            origin = f"pool:{pool.name}"
        elif place := places.get(record["id"]):
            origin = f"{_KINDS[place]}:{record[place][0]['name']}"
        else:
            origin = f"context:{record['name']}"
        yield Context(
            id=record["id"],
            name=record["name"],
            weight=record["weight"],
            rank=rank,
            data=record["data"],
            criteria=_criteria(record),
            active=record["is_active"],
            origin=origin,
            depth=pool.depth if pool else None,
        )


def _criteria(record: Record) -> dict[str, frozenset[int] | frozenset[str]]:
    """Read what a context is assigned to: tags come as slugs, all else as objects."""
    ids = {name: frozenset(one["id"] for one in record[name]) for name in CRITERIA if name != "tags" and record[name]}
    return {**ids, **({"tags": frozenset(record["tags"])} if record["tags"] else {})}


def _own(records: Iterable[Record]) -> dict[tuple[str, int], int]:
    """(`sites` or `locations`, its id) -> id of the context that holds its attributes.

    That is the one of our profile that is assigned to it and to nothing else; of several the oldest.
    """
    found: dict[tuple[str, int], int] = {}
    for record in records:
        if (record["profile"] or {}).get("name") == ATTRIBUTES_PROFILE:
            assigned = [(name, one) for name in CRITERIA for one in record[name]]
            if len(assigned) == 1 and assigned[0][0] in _KINDS:
                [(name, one)] = assigned
                key = (name, one["id"])
                found[key] = min(record["id"], found.get(key, record["id"]))
    return found
