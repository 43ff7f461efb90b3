# SPDX-License-Identifier: BSD-2-Clause
"""Servers, their interfaces and addresses, and IP managers: those that a list names, however many, in few requests."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from functools import cached_property
from typing import TypeVar

from ..core import addresses, references
from ..core.addresses import IPAddress
from ..core.errors import InvalidError, NotFoundError
from ..core.ports import Component
from ..core.references import Reference
from ..drivers import Device, Entity, IPManager, Session, VirtualMachine
from ..drivers.host import Host
from ..drivers.ipmanager import responsible
from ..drivers.ports import ENDPOINTS, VM_INTERFACE, Port
from ..drivers.session import Record
from ..drivers.subnet import ADDRESSES, NAME, PREFIXES, host_part
from ..drivers.vrf import find_vrf
from ..netbox.client import Query

Kind = TypeVar("Kind", bound=Entity)

FEW = 4
"""Up to so many addresses NetBox is asked which subnets hold them; for more, all IP managers are read."""


class Hosts:
    """The devices and virtual machines that `texts` mean are looked up once; the rest as often as `read` is called."""

    def __init__(self, session: Session, texts: Collection[str]) -> None:
        self._session = session
        self._texts = texts
        self._interfaces: dict[Host, list[Port]] = {}
        self.bound: dict[Host, list[Record]] = {}
        """The addresses of each."""

    def read(self) -> None:
        """Read interfaces and addresses of all that may be meant."""
        devices = [host.id for host in self._hosts if isinstance(host, Device)]
        machines = [host.id for host in self._hosts if isinstance(host, VirtualMachine)]
        found = self._session.client.fetch(
            {
                Component.INTERFACE: Query(ENDPOINTS[Component.INTERFACE], {"device_id": devices}),
                VM_INTERFACE: Query(ENDPOINTS[VM_INTERFACE], {"virtual_machine_id": machines}),
                "of devices": Query(ADDRESSES, {"device_id": devices}),
                "of machines": Query(ADDRESSES, {"virtual_machine_id": machines}),
            }
        )
        by_id = {(host.object_type, host.id): host for host in self._hosts}
        self.bound = {host: [] for host in self._hosts}
        self._interfaces = {host: [] for host in self._hosts}
        for kind, owner, component, key in (
            (Device, "device", Component.INTERFACE, "of devices"),
            (VirtualMachine, "virtual_machine", VM_INTERFACE, "of machines"),
        ):
            for record in found[component]:
                self._interfaces[by_id[kind.object_type, record[owner]["id"]]].append(Port(component, record))
            for record in found[key]:
                if host := by_id.get((kind.object_type, record["assigned_object"][owner]["id"])):
                    self.bound[host].append(record)  # those of a virtual chassis are found with its master, too

    def interface(self, host: Host, osport: str) -> Port | None:
        """The interface that the operating system calls `osport`: that may be its label."""
        there = self._interfaces[host]
        return next((port for key in ("name", "label") for port in there if port.record.get(key) == osport), None)

    def host(self, text: str) -> Host:
        """NotFoundError, AmbiguousError; InvalidError for what bears no addresses."""
        try:
            return references.resolve(text, self._types, self._among, lambda host: host.reading)
        except NotFoundError:
            other = self._session.get_by_name(text)  # says in its own words when there is nothing of that name
            raise InvalidError(f"{other.label} bears no addresses; expected a server or another device") from None

    @cached_property
    def _types(self) -> Collection[str]:
        """What may stand before the colon of a reference."""
        return self._session.types if any(":" in text for text in self._texts) else ()

    @cached_property
    def _hosts(self) -> list[Host]:
        """All that any reading of a text may mean."""
        names = {r.name for text in self._texts if text.strip() for r in references.readings(text, self._types)}
        kinds = (Device, VirtualMachine)
        found = self._session.client.fetch({kind.object_type: kind.ask(name=sorted(names)) for kind in kinds})
        return [kind.from_record(self._session, record) for kind in kinds for record in found[kind.object_type]]

    def _among(self, reading: Reference) -> Sequence[Host]:
        return meant(reading, self._hosts)


class Managers:
    """The IP managers that are named, and those that hold some addresses; their subnets as they are now."""

    def __init__(self, session: Session, names: Collection[str], ips: Collection[IPAddress]) -> None:
        self._session = session
        self._vrfs: dict[str, int | None] = {}
        self._types = session.types if any(":" in name for name in names) else ()
        wanted = {r.name for name in names if name.strip() for r in references.readings(name, self._types)}
        queries = {"named": Query(PREFIXES, {f"cf_{NAME}": sorted(wanted)})}
        if len(ips) > FEW:
            queries["all"] = Query(PREFIXES, {f"cf_{NAME}__empty": False})
        else:
            queries |= {f"of {ip}": Query(PREFIXES, {"contains": f"{ip}/{ip.max_prefixlen}"}) for ip in ips}
        found = session.client.fetch(queries)
        records = {record["id"]: record for of_one in found.values() for record in of_one}
        among = (IPManager.from_record(session, r) for r in records.values() if IPManager.is_entity(r))
        self._managers = sorted(among, key=lambda manager: manager.id)

    def look_at(self, managers: Iterable[IPManager]) -> None:
        """Read the subnets of some of them."""
        IPManager.look_at(self._session, list(dict.fromkeys(managers)))

    def named(self, text: str) -> IPManager:
        """NotFoundError."""
        try:
            return references.resolve(text, self._types, lambda r: meant(r, self._managers), lambda m: m.reading)
        except NotFoundError:
            return IPManager.get(text, session=self._session)  # says what else bears the name

    def of(self, ip: IPAddress, vrf: str | None) -> IPManager:
        """The one that an address belongs to; NotFoundError, AmbiguousError. Without `vrf` it may be in any VRF."""
        return responsible(ip, [m for m in self._managers if vrf is None or m.vrf_id == self.vrf_id(vrf)])

    def vrf_id(self, text: str) -> int | None:
        """The VRF of that name or RD; None for the global table, which an empty text means. NotFoundError."""
        if text not in self._vrfs:
            table = find_vrf(self._session, text)
            self._vrfs[text] = table["id"] if table else None
        return self._vrfs[text]


def meant(reading: Reference, entities: Iterable[Kind]) -> list[Kind]:
    """Those that one reading of a reference means."""
    return [
        entity
        for entity in entities
        if entity.name == reading.name
        and reading.type in {None, entity.type}
        and reading.datacenter in {None, entity.datacenter_name}
    ]


def known(session: Session, ips: Collection[IPAddress]) -> dict[IPAddress, list[Record]]:
    """What NetBox has of some addresses, in any VRF."""
    found: dict[IPAddress, list[Record]] = defaultdict(list)
    for record in session.client.list(ADDRESSES, address=sorted(map(str, ips))):
        found[addresses.ip(host_part(record["address"]))].append(record)
    return found
