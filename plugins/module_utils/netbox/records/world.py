# SPDX-License-Identifier: BSD-2-Clause
"""What surrounds devices and everything else that has attributes, and the scope of each in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Final, NamedTuple, cast

from ...core.merge import CRITERIA, OWN, Context, Contexts, Document, Place, Scope
from .fields import Record
from .pools import Pools

ATTRIBUTES_PROFILE: Final = "clusto attributes"
CUSTOM_FIELD: Final = "clusto_attributes"

Ids = frozenset[int]
_KINDS: Final = {"sites": "datacenter", "locations": "location"}


def attributes(record: Record) -> Document:
    """Return an entity's own attributes: a device's local context data, else the custom field; not for contexts."""
    if "local_context_data" in record:
        return record["local_context_data"] or {}
    return (record.get("custom_fields") or {}).get(CUSTOM_FIELD) or {}


class Surroundings(NamedTuple):
    """What a record says about where it is and what it is: ids, and the slugs of tags. Its scope follows from them."""

    site: int | None = None
    location: int | None = None
    rack: int | None = None
    device_type: int | None = None
    role: int | None = None
    platform: int | None = None
    tenant: int | None = None
    cluster: int | None = None
    tags: frozenset[str] = frozenset()


def device_surroundings(record: Record) -> Surroundings:
    return Surroundings(
        site=_id(record["site"]),
        location=_id(record["location"]),
        rack=_id(record["rack"]),
        device_type=_id(record["device_type"]),
        role=_id(record["role"]),
        platform=_id(record["platform"]),
        tenant=_id(record["tenant"]),
        cluster=_id(record["cluster"]),
        tags=_tags(record),
    )


def machine_surroundings(record: Record) -> Surroundings:
    return Surroundings(
        site=_id(record["site"]),
        role=_id(record["role"]),
        platform=_id(record["platform"]),
        tenant=_id(record["tenant"]),
        cluster=_id(record["cluster"]),
        tags=_tags(record),
    )


class World:
    """Everything but devices, virtual machines and prefixes, of one NetBox at one moment; gives those their scopes.

    An id that is in none of the lists (made while they were read) stands for itself, without ancestors.
    """

    def __init__(self, records: Mapping[str, Sequence[Record]]) -> None:
        """records: the lists that QUERIES asks for, under their names; contexts in the order asked for."""
        self.pools = Pools(records["contexts"], records["tags"])
        self._own = own_contexts(records["contexts"])
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
        self._scope = cache(self._work_out)

    def scope(self, given: Surroundings) -> Scope:
        """Scope of a device or a virtual machine, by what `device_surroundings` or `machine_surroundings` read."""
        return self._scope(given)

    def device(self, record: Record) -> Scope:
        """Scope of a device; `attributes(record)` is its local data."""
        return self.scope(device_surroundings(record))

    def virtual_machine(self, record: Record) -> Scope:
        """Scope of a virtual machine; `attributes(record)` is its local data."""
        return self.scope(machine_surroundings(record))

    def rack(self, record: Record) -> Scope:
        """Scope of a rack itself; `attributes(record)` is its local data."""
        place = Surroundings(_id(record["site"]), _id(record["location"]), tenant=_id(record["tenant"]))
        return self._member(self._scope(place), record)

    def site(self, record: Record) -> Scope:
        """Scope of a site itself; its own attributes are in `contexts`, there is no local data."""
        place = Surroundings(record["id"], tenant=_id(record["tenant"]))
        return self._scope(place)._replace(own=self._own.get(("sites", record["id"])))

    def location(self, record: Record) -> Scope:
        """Scope of a location itself; its own attributes are in `contexts`, there is no local data."""
        place = Surroundings(_id(record["site"]), record["id"], tenant=_id(record["tenant"]))
        return self._scope(place)._replace(own=self._own.get(("locations", record["id"])))

    def prefix(self, record: Record) -> Scope:
        """Scope of a prefix, that is of an IP manager; `attributes(record)` is its local data."""
        kind, there = record["scope_type"], record["scope_id"]
        location = there if kind == "dcim.location" else None
        site = there if kind == "dcim.site" else _id(self._location_records.get(location, {}).get("site"))
        scope = self._scope(Surroundings(site, location, tenant=_id(record["tenant"])))
        if kind == "dcim.region":
            scope = scope._replace(regions=self._regions.with_ancestors(there))
        elif kind == "dcim.sitegroup":
            scope = scope._replace(site_groups=self._groups.with_ancestors(there))
        return self._member(scope, record)

    def _member(self, scope: Scope, record: Record) -> Scope:
        """Let what is no host be in its own pools: NetBox gives its tags no contexts."""
        return scope._replace(places=(*scope.places, Place(OWN, _tags(record))))

    def pool(self, slug: str) -> Scope:
        """Scope of a pool itself; its own attributes are in `contexts`, there is no local data."""
        return Scope(tags=frozenset({slug}), own=self.pools.by_slug[slug].id, pools_only=True)

    def _work_out(self, given: Surroundings) -> Scope:
        """Done once for all that have the same surroundings."""
        site = self._sites.get(given.site, {})
        cluster = self._clusters.get(given.cluster, {})
        tenant = self._tenants.get(given.tenant, {})
        return Scope(
            regions=self._regions.with_ancestors(_id(site.get("region"))),
            site_groups=self._groups.with_ancestors(_id(site.get("group"))),
            sites=_single(given.site),
            locations=self._locations.with_ancestors(given.location),
            device_types=_single(given.device_type),
            roles=self._roles.with_ancestors(given.role),
            platforms=self._platforms.with_ancestors(given.platform),
            cluster_types=_single(_id(cluster.get("type"))),
            cluster_groups=_single(_id(cluster.get("group"))),
            clusters=_single(given.cluster),
            tenant_groups=_single(_id(tenant.get("group"))),
            tenants=_single(given.tenant),
            tags=given.tags,
            places=tuple(self._places(given)),
        )

    def _places(self, given: Surroundings) -> Iterable[Place]:
        """Outer to inner."""
        if given.site in self._sites:
            yield self._site_place(given.site)
        # A device may stand in a rack without NetBox saying which location that is.
        location = given.location or _id(self._racks.get(given.rack, {}).get("location"))
        for node in self._locations.path(location):
            if node in self._location_records:
                yield self._location_place(node)
        if given.rack in self._racks:
            yield self._rack_place(given.rack)


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
    return None if record is None else cast("int", record["id"])


def _single(id_: int | None) -> Ids:
    return frozenset() if id_ is None else frozenset({id_})


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


def own_contexts(records: Iterable[Record]) -> dict[tuple[str, int], int]:
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
