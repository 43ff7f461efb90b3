# SPDX-License-Identifier: BSD-2-Clause
"""NetBox's records, as the API gives them, turned into an Inventory: joined, merged, and shared where they are equal.

NetBox may change while it is read, and others keep odd things in it. What points to something that is not there is left
out; nothing here complains.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from sys import intern
from typing import Any, Final

from ..core import addresses
from ..core.merge import Document, Scope, merged
from ..core.ports import natural
from ..netbox.records import World, attributes
from .inventory import Inventory
from .model import DEVICE, VIRTUAL_MACHINE, Address, Host, Location, Manager, Pool, Port, Rack, Site

Record = Mapping[str, Any]
Records = Mapping[str, Sequence[Record]]
Owner = tuple[str, int]
"""Object type and id of what a MAC or an IP address is assigned to."""

_INTERFACE: Final = "dcim.interface"
_VM_INTERFACE: Final = "virtualization.vminterface"
_NOTHING: Final[Document] = {}


def build(records: Records, *, api_url: str, loaded_at: float) -> Inventory:
    """Make the inventory of the lists that `load.HOSTS` and `records.QUERIES` ask for, under their names."""
    return _Builder(records).inventory(api_url, loaded_at)


class _Builder:
    def __init__(self, records: Records) -> None:
        self._records = records
        self._world = World(records)
        self._sites: dict[int | None, Site] = {r["id"]: Site(r["id"], r["name"], r["slug"]) for r in records["sites"]}
        self._locations = _locations(records["locations"], self._sites)
        self._racks: dict[int | None, Rack] = {r["id"]: self._rack(r) for r in records["racks"]}
        self._pools: dict[Scope, tuple[str, ...]] = {}
        macs, bound = _macs(records["mac_addresses"]), _addresses(records["ip_addresses"])
        self._ports = {
            DEVICE: _ports(records["interfaces"], "device", _INTERFACE, macs, bound),
            VIRTUAL_MACHINE: _ports(records["vm_interfaces"], "virtual_machine", _VM_INTERFACE, macs, bound),
        }

    def inventory(self, api_url: str, loaded_at: float) -> Inventory:
        return Inventory(
            api_url=api_url,
            loaded_at=loaded_at,
            hosts=[
                *map(self._device, self._records["devices"]),
                *map(self._machine, self._records["virtual_machines"]),
            ],
            pools=_pools(self._world),
            sites=self._sites.values(),
            locations=self._locations.values(),
            racks=self._racks.values(),
            managers=[manager for record in self._records["prefixes"] if (manager := _manager(record))],
        )

    def _rack(self, record: Record) -> Rack:
        site, location = _id(record["site"]), _id(record["location"])
        own = attributes(record) or _NOTHING
        return Rack(record["id"], record["name"], self._sites.get(site), self._locations.get(location), own)

    def _device(self, record: Record) -> Host:
        ports = self._ports[DEVICE].get(record["id"], ())
        rack = self._racks.get(_id(record["rack"]))
        location = self._locations.get(_id(record["location"])) or (rack.location if rack else None)
        scope, own = self._world.device(record), attributes(record) or _NOTHING
        return Host(
            kind=DEVICE,
            id=record["id"],
            name=record["name"] or None,
            type=_interned(record["role"], "slug"),
            driver=_interned(record["device_type"], "model"),
            status=intern(record["status"]["value"]),
            site=self._sites.get(_id(record["site"])),
            locations=_path(location),
            rack=rack,
            unit=record["position"],
            pools=self._pools_of(scope),
            attributes=merged(scope, self._world.contexts, own),
            own=own,
            ports=ports,
            primary_ip4=_primary(record["primary_ip4"], ports),
            primary_ip6=_primary(record["primary_ip6"], ports),
            oob_ip=_primary(record["oob_ip"], ports),
        )

    def _machine(self, record: Record) -> Host:
        ports = self._ports[VIRTUAL_MACHINE].get(record["id"], ())
        scope, own = self._world.virtual_machine(record), attributes(record) or _NOTHING
        return Host(
            kind=VIRTUAL_MACHINE,
            id=record["id"],
            name=record["name"],
            type=_interned(record["role"], "slug"),
            driver=None,
            status=intern(record["status"]["value"]),
            site=self._sites.get(_id(record["site"])),
            pools=self._pools_of(scope),
            attributes=merged(scope, self._world.contexts, own),
            own=own,
            ports=ports,
            primary_ip4=_primary(record["primary_ip4"], ports),
            primary_ip6=_primary(record["primary_ip6"], ports),
        )

    def _pools_of(self, scope: Scope) -> tuple[str, ...]:
        """Name the pools of the host itself, then those of its rack, its locations and its site; each once."""
        if (known := self._pools.get(scope)) is None:
            tags = (scope.tags, *(place.tags for place in reversed(scope.places)))
            known = tuple(dict.fromkeys(pool.name for one in tags for pool in self._world.pools.of(one)))
            self._pools[scope] = known
        return known


def _locations(records: Sequence[Record], sites: Mapping[int | None, Site]) -> dict[int | None, Location]:
    """Make each after the one around it, so that outer ones come first."""
    by_id: dict[int | None, Record] = {record["id"]: record for record in records}
    made: dict[int | None, Location] = {}

    def make(record: Record) -> Location:
        if record["id"] not in made:
            around = by_id.get(_id(record["parent"]))
            parent = make(around) if around else None
            site = sites.get(_id(record["site"]))
            made[record["id"]] = Location(record["id"], record["name"], record["slug"], site, parent)
        return made[record["id"]]

    for record in records:
        make(record)
    return made


def _path(location: Location | None) -> tuple[Location, ...]:
    return (*_path(location.parent), location) if location else ()


def _macs(records: Iterable[Record]) -> dict[Owner, list[str]]:
    found: dict[Owner, list[str]] = {}
    for record in records:
        if record["assigned_object_id"] is not None:
            owner = record["assigned_object_type"], record["assigned_object_id"]
            found.setdefault(owner, []).append(record["mac_address"].lower())
    return found


def _addresses(records: Iterable[Record]) -> dict[Owner, list[Address]]:
    found: dict[Owner, list[Address]] = {}
    for record in records:
        owner = record["assigned_object_type"], record["assigned_object_id"]
        found.setdefault(owner, []).append(_address(record))
    return found


def _address(record: Record) -> Address:
    text, _, length = record["address"].partition("/")
    return Address(
        id=record["id"],
        ip=str(addresses.ip(text)) if ":" in text else text,
        prefix_length=int(length),
        status=intern(record["status"]["value"]) if "status" in record else "",
        role=_interned(record.get("role"), "value"),
        vrf=_interned(record.get("vrf"), "name"),
        dns_name=record["dns_name"],
    )


def _primary(record: Record | None, ports: Iterable[Port]) -> Address | None:
    """Find the address among those of the ports; one outside a NAT is not there, and comes with less about it."""
    if record is None:
        return None
    bound = (address for port in ports for address in port.addresses if address.id == record["id"])
    return next(bound, None) or _address(record)


def _ports(
    records: Iterable[Record],
    holder: str,
    object_type: str,
    macs: Mapping[Owner, list[str]],
    bound: Mapping[Owner, list[Address]],
) -> dict[int, tuple[Port, ...]]:
    """Group the interfaces by the id of their holder, `device` or `virtual_machine`."""
    found: dict[int, list[Port]] = {}
    for record in records:
        owner = object_type, record["id"]
        port = Port(
            id=record["id"],
            name=intern(record["name"]),
            type=_interned(record.get("type"), "value") or "virtual",
            label=intern(record.get("label", "")),
            enabled=record["enabled"],
            mgmt_only=record.get("mgmt_only", False),
            macs=_primary_first(record["primary_mac_address"], macs.get(owner, [])),
            lag=_id(record.get("lag")),
            bridge=_id(record["bridge"]),
            parent=_id(record["parent"]),
            addresses=tuple(bound.get(owner, ())),
        )
        found.setdefault(record[holder]["id"], []).append(port)
    return {host: tuple(sorted(ports, key=lambda port: natural(port.name))) for host, ports in found.items()}


def _primary_first(primary: Record | None, macs: list[str]) -> tuple[str, ...]:
    first = [primary["mac_address"].lower()] if primary else []
    return tuple(dict.fromkeys([*first, *macs]))


def _pools(world: World) -> list[Pool]:
    names = {pool.slug: pool.name for pool in world.pools}
    children: dict[str, list[str]] = {}
    for pool in world.pools:
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
        for pool in sorted(world.pools, key=lambda pool: pool.rank)
    ]


def _manager(record: Record) -> Manager | None:
    """Read a prefix that bears a clusto name; any other is none."""
    fields = record["custom_fields"]
    if not (name := fields.get("clusto_name")):
        return None
    gateway, vrf = fields.get("clusto_gateway") or None, _interned(record["vrf"], "name")
    return Manager(record["id"], name, record["prefix"], gateway, vrf, attributes(record) or _NOTHING)


def _id(record: Record | None) -> int | None:
    return None if record is None else record["id"]


def _interned(record: Record | None, field: str) -> str | None:
    return intern(record[field]) if record else None
