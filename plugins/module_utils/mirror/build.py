# SPDX-License-Identifier: BSD-2-Clause
"""NetBox's records, as the API gives them, turned into an Inventory: joined, merged, and shared where they are equal.

NetBox may change while it is read, and others keep odd things in it. What points to something that is not there is left
out; nothing here complains.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from sys import intern
from typing import Final

from ..core import addresses
from ..core.ports import natural
from ..netbox.records import attributes, device_surroundings, machine_surroundings
from .inventory import Inventory
from .memory import shared
from .model import DEVICE, VIRTUAL_MACHINE, Address, Host, Manager, Port
from .places import NOTHING, Lists, Places, Record, id_of

Records = Lists
Owner = tuple[str, int]
"""Object type and id of what a MAC or an IP address is assigned to."""

_INTERFACE: Final = "dcim.interface"
_VM_INTERFACE: Final = "virtualization.vminterface"


def build(records: Records, *, api_url: str, loaded_at: float) -> Inventory:
    """Make the inventory of the lists that `load.read` gives, under their names."""
    places = Places(records)
    return Inventory(
        api_url=api_url,
        loaded_at=loaded_at,
        hosts=hosts(records, places),
        pools=places.pools,
        sites=places.sites.values(),
        locations=places.locations.values(),
        racks=places.racks.values(),
        managers=managers(records["prefixes"]),
    )


def hosts(records: Records, places: Places) -> Iterator[Host]:
    """Make the hosts of six lists of `load.HOSTS`: devices, then virtual machines."""
    macs, bound = _macs(records["mac_addresses"]), _addresses(records["ip_addresses"])
    ports = _ports(records["interfaces"], "device", _INTERFACE, macs, bound)
    for record in records["devices"]:
        yield _device(record, places, ports.get(record["id"], ()))
    ports = _ports(records.get("vm_interfaces", ()), "virtual_machine", _VM_INTERFACE, macs, bound)
    for record in records["virtual_machines"]:
        yield _machine(record, places, ports.get(record["id"], ()))


def managers(records: Iterable[Record]) -> list[Manager]:
    """Make the IP managers of prefixes."""
    return [manager for record in records if (manager := _manager(record))]


def _device(record: Record, places: Places, ports: tuple[Port, ...]) -> Host:
    own = attributes(record) or NOTHING
    return Host(
        kind=DEVICE,
        id=record["id"],
        name=record["name"] or None,
        type=_interned(record["role"], "slug"),
        driver=_interned(record["device_type"], "model"),
        status=intern(record["status"]["value"]),
        unit=shared(record["position"]),
        own=own,
        ports=ports,
        primary_ip4=_primary(record["primary_ip4"], ports),
        primary_ip6=_primary(record["primary_ip6"], ports),
        oob_ip=_primary(record["oob_ip"], ports),
        **places.given(device_surroundings(record), own)._asdict(),
    )


def _machine(record: Record, places: Places, ports: tuple[Port, ...]) -> Host:
    own = attributes(record) or NOTHING
    return Host(
        kind=VIRTUAL_MACHINE,
        id=record["id"],
        name=record["name"],
        type=_interned(record["role"], "slug"),
        driver=None,
        status=intern(record["status"]["value"]),
        own=own,
        ports=ports,
        primary_ip4=_primary(record["primary_ip4"], ports),
        primary_ip6=_primary(record["primary_ip6"], ports),
        **places.given(machine_surroundings(record), own)._asdict(),
    )


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
            lag=id_of(record.get("lag")),
            bridge=id_of(record["bridge"]),
            parent=id_of(record["parent"]),
            addresses=tuple(bound.get(owner, ())),
        )
        found.setdefault(record[holder]["id"], []).append(port)
    return {host: tuple(sorted(ports, key=lambda port: natural(port.name))) for host, ports in found.items()}


def _primary_first(primary: Record | None, macs: list[str]) -> tuple[str, ...]:
    first = [primary["mac_address"].lower()] if primary else []
    return tuple(dict.fromkeys([*first, *macs]))


def _manager(record: Record) -> Manager | None:
    """Read a prefix that bears a clusto name; any other is none."""
    fields = record["custom_fields"]
    if not (name := fields.get("clusto_name")):
        return None
    gateway, vrf = fields.get("clusto_gateway") or None, _interned(record["vrf"], "name")
    return Manager(record["id"], name, record["prefix"], gateway, vrf, attributes(record) or NOTHING)


def _interned(record: Record | None, field: str) -> str | None:
    return intern(record[field]) if record else None
