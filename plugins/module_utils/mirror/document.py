# SPDX-License-Identifier: BSD-2-Clause
"""An inventory as one JSON document, for the snapshot on disk and for Ansible's inventory cache.

Rows instead of objects with keys, and what many rows share (documents of attributes, lists of pools) written once and
pointed to: that is small, fast to read, and keeps shared what was shared.
"""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from sys import intern
from typing import Any, Generic, NamedTuple, TypeVar

from ..core.errors import ClustoError
from ..netbox.records import Surroundings
from .inventory import Inventory
from .memory import shared
from .model import DEVICE, VIRTUAL_MACHINE, Address, Document, Host, Location, Manager, Pool, Port, PortKind, Rack, Site

VERSION = 2
"""Raise it with every change of a row's meaning; older documents are then refused, and loaded anew."""

Row = list[Any]
T = TypeVar("T")


class SnapshotError(ClustoError):
    """What was saved is of no use: missing, damaged, of another version or of another NetBox. Load instead."""


def to_document(inventory: Inventory) -> dict[str, Any]:
    return _Writer().document(inventory)


def from_document(document: Any, api_url: str) -> Inventory:
    """Read what `to_document` made of the NetBox at `api_url`. Raises SnapshotError for everything else."""
    try:
        if document["version"] != VERSION:
            raise SnapshotError(f"it is of version {document['version']!r}, expected {VERSION}")
        if document["api_url"] != api_url:
            raise SnapshotError(f"it is of {document['api_url']}, expected {api_url}")
        return _read(document)
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise SnapshotError(f"it is damaged: {error!r}") from error


class _Table(Generic[T]):
    """Distinct values in the order in which they were first seen; `index` gives a value's place."""

    def __init__(self, key: Callable[[T], object]) -> None:
        self._key = key
        self._places: dict[object, int] = {}
        self.rows: list[T] = []

    def index(self, value: T) -> int:
        place = self._places.setdefault(self._key(value), len(self.rows))
        if place == len(self.rows):
            self.rows.append(value)
        return place


_plain_pool = attrgetter("id", "name", "driver", "depth", "parents", "children")
_plain_kind = attrgetter("name", "type", "label", "enabled", "mgmt_only", "lag", "bridge", "parent")
_plain_address = attrgetter("id", "ip", "prefix_length", "status", "role", "vrf", "dns_name")
_plain_manager = attrgetter("id", "name", "network", "gateway", "vrf")
_plain_host = attrgetter("kind", "id", "name", "type", "driver", "status", "unit")
_primaries = attrgetter("primary_ip4", "primary_ip6", "oob_ip")


class _Writer:
    def __init__(self) -> None:
        # Equal documents are one object in an inventory, so identity tells them apart well enough.
        self._documents: _Table[Document] = _Table(key=id)
        self._pools: _Table[tuple[str, ...]] = _Table(key=lambda pools: pools)
        self._kinds: _Table[PortKind] = _Table(key=lambda kind: kind)
        self._around: _Table[Surroundings] = _Table(key=lambda around: around)

    def document(self, inventory: Inventory) -> dict[str, Any]:
        return {
            "version": VERSION,
            "api_url": inventory.api_url,
            "loaded_at": inventory.loaded_at,
            "sites": [[site.id, site.name, site.slug] for site in inventory.sites.values()],
            "locations": [
                [place.id, place.name, place.slug, _id(place.site), _id(place.parent)]
                for place in inventory.locations.values()
            ],
            "racks": [
                [rack.id, rack.name, _id(rack.site), _id(rack.location), self._documents.index(rack.attributes)]
                for rack in inventory.racks.values()
            ],
            "pools": [_plain_pool(pool) for pool in inventory.pools.values()],
            "managers": [
                [*_plain_manager(manager), self._documents.index(manager.attributes)] for manager in inventory.managers
            ],
            "hosts": [self._host(host) for host in inventory.hosts],
            "documents": self._documents.rows,
            "pool_lists": self._pools.rows,
            "port_kinds": list(map(_plain_kind, self._kinds.rows)),
            "around": [[*around[:-1], sorted(around.tags)] for around in self._around.rows],
        }

    def _host(self, host: Host) -> Row:
        return [
            _plain_host(host),
            _id(host.site),
            [place.id for place in host.locations],
            _id(host.rack),
            self._pools.index(host.pools),
            self._documents.index(host.attributes),
            self._documents.index(host.own),
            self._around.index(host.around),
            [self._port(port) for port in host.ports],
            [address and _plain_address(address) for address in _primaries(host)],
        ]

    def _port(self, port: Port) -> Row:
        return [port.id, self._kinds.index(port.kind), port.macs, list(map(_plain_address, port.addresses))]


def _id(thing: Site | Location | Rack | None) -> int | None:
    return None if thing is None else thing.id


def _read(document: dict[str, Any]) -> Inventory:
    documents: list[Document] = document["documents"]
    sites: dict[int | None, Site] = {row[0]: Site(*row) for row in document["sites"]}
    locations: dict[int | None, Location] = {}
    for place_id, name, slug, site, parent in document["locations"]:
        locations[place_id] = Location(place_id, name, slug, sites.get(site), locations.get(parent))
    racks: dict[int | None, Rack] = {
        rack_id: Rack(rack_id, name, sites.get(site), locations.get(location), documents[attributes])
        for rack_id, name, site, location, attributes in document["racks"]
    }
    pool_lists = [tuple(map(intern, names)) for names in document["pool_lists"]]
    around = [Surroundings._make([*ids, frozenset(map(intern, tags))]) for *ids, tags in document["around"]]
    port_kinds = [PortKind(intern(name), intern(type_), *more) for name, type_, *more in document["port_kinds"]]
    places = _Places(documents, pool_lists, around, port_kinds, sites, locations, racks)
    return Inventory(
        api_url=document["api_url"],
        loaded_at=document["loaded_at"],
        hosts=(_host(row, places) for row in document["hosts"]),
        pools=[
            Pool(pool_id, name, driver, depth, tuple(parents), tuple(children))
            for pool_id, name, driver, depth, parents, children in document["pools"]
        ],
        sites=sites.values(),
        locations=locations.values(),
        racks=racks.values(),
        managers=[
            Manager(manager_id, name, network, gateway, vrf, documents[attributes])
            for manager_id, name, network, gateway, vrf, attributes in document["managers"]
        ],
    )


class _Places(NamedTuple):
    """What the rows of hosts point to."""

    documents: list[Document]
    pool_lists: list[tuple[str, ...]]
    around: list[Surroundings]
    port_kinds: list[PortKind]
    sites: dict[int | None, Site]
    locations: dict[int | None, Location]
    racks: dict[int | None, Rack]


def _host(row: Row, places: _Places) -> Host:
    (kind, host_id, name, type_, driver, status, unit), site, locations, rack, pools, attributes, own, around, *more = (
        row
    )
    ports = tuple(_port(places.port_kinds, *port) for port in more[0])
    known = {address.id: address for port in ports for address in port.addresses}
    primary_ip4, primary_ip6, oob_ip = (a and (known.get(a[0]) or _address(a)) for a in more[1])
    return Host(
        kind=DEVICE if kind == DEVICE else VIRTUAL_MACHINE,
        id=host_id,
        name=name,
        type=_shared(type_),
        driver=_shared(driver),
        status=intern(status),
        site=places.sites.get(site),
        locations=tuple(places.locations[location] for location in locations),
        rack=places.racks.get(rack),
        unit=shared(unit),
        pools=places.pool_lists[pools],
        attributes=places.documents[attributes],
        own=places.documents[own],
        ports=ports,
        primary_ip4=primary_ip4,
        primary_ip6=primary_ip6,
        oob_ip=oob_ip,
        around=places.around[around],
    )


def _port(kinds: list[PortKind], port_id: int, kind: int, macs: list[str], addresses: list[Row]) -> Port:
    return Port.of(port_id, kinds[kind], tuple(macs), tuple(map(_address, addresses)))


def _address(row: Row) -> Address:
    address_id, ip, prefix_length, status, role, vrf, dns_name = row
    return Address(address_id, ip, prefix_length, intern(status), _shared(role), _shared(vrf), dns_name)


def _shared(text: str | None) -> str | None:
    return None if text is None else intern(text)
