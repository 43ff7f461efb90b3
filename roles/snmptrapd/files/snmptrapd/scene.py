# SPDX-License-Identifier: BSD-2-Clause
"""A switch, its rack's layout, and what is at the ports where something was learnt, as NetBox has it at this moment."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress

from ..core import addresses
from ..core.errors import ConflictError, InvalidError, NotFoundError
from ..core.layouts import Slot
from ..core.ports import NIC_ETH, PHYSICALLY_NONE, Component
from ..core.sequences import Member
from ..drivers import Device, Rack, RackLayout, Session
from ..drivers.ports import ENDPOINTS, MACS, VM_INTERFACE, Port
from ..drivers.racklayout import named_by
from ..drivers.session import Record
from ..ensure.servers import fields, named, parts
from ..ensure.servers.bearers import BEARER
from ..ensure.servers.ground import Ground
from ..ensure.servers.wishes import Wish
from ..mirror.model import Host
from ..netbox.client import Query
from ..racks import RackFactory
from ..racks.factory import factory_of
from ..racks.switches import VLAN, interfaces, standing
from ..racks.wishes import SERVER
from .events import Sighting, SwitchPort
from .judgement import Bearer, Nic, Place

INTERFACE = Component.INTERFACE
INTERFACES = ENDPOINTS[INTERFACE]
CABLED = (INTERFACE, Component.CONSOLE_PORT, Component.POWER_PORT)
"""What layouts cable at servers."""


class Scene:
    """Read once, in a few rounds of requests: the same, as far as they go, by which servers are made. NetBoxError."""

    def __init__(self, session: Session, switch: Host, sightings: Sequence[Sighting]) -> None:
        self._session = session
        self._client = session.client
        self._name = str(switch)
        macs = sorted({sighting.change.mac for sighting in sightings})
        found = self._client.fetch(
            {
                INTERFACES: interfaces(switch.id),
                MACS: Query(MACS, {"mac_address": macs, "fields": (*fields.MAC, BEARER)}),
                **({"there": standing(switch.rack.id), **ahead(session, switch)} if switch.rack else {}),
            }
        )
        self.lack = ""
        """Why there is no factory."""
        self.suffix: str | None = None
        self.switch = self._find_switch(switch.id, found.get("there", ()))
        if self.switch:
            self.switch.known_ports = {INTERFACE: found[INTERFACES]}
        self._numbers: dict[int, tuple[str, Member, Port]] = {
            port.id: (type_, number, port) for type_, number, port in (self.switch.all_ports() if self.switch else ())
        }
        self.factory = self._find_factory(found.get("racks", ()))
        self._ports = {sighting.port: self._port(sighting.port) for sighting in sightings}
        there = [port for port in self._ports.values() if port]
        parts.join(self._client, there, there)
        self._read_devices(there, found[MACS])

    def _find_switch(self, id_: int, there: Sequence[Record]) -> Device | None:
        """In its rack, unless it was moved just now."""
        known = any(record["id"] == id_ for record in there)
        records = there if known else self._client.ask(fields.devices(id=id_))
        return next((Device.from_record(self._session, one) for one in records if one["id"] == id_), None)

    # The layout

    def _find_factory(self, racks: Iterable[Record]) -> RackFactory | None:
        if self.switch is None:
            self.lack = f"{self._name} is no longer in NetBox"
            return None
        if self.switch.record["rack"] is None:
            self.lack = f"{self.switch.label} is in no rack"
            return None
        id_ = self.switch.record["rack"]["id"]
        record = next((rack for rack in racks if rack["id"] == id_), None)
        try:
            if record is None:  # it was renamed, or the switch moved, just now
                record = self._client.get(Rack.endpoint, id_).record
            factory = factory_of(Rack.from_record(self._session, record), self._session)
            suffixes = {factory.wishes.name(suffix): suffix for suffix in factory.parsed.switches}
        except (NotFoundError, InvalidError) as error:
            self.lack = str(error)
            return None
        self.suffix = suffixes.get(self.switch.name)
        if self.suffix is None:
            expected = f"expected {' or '.join(suffixes)}" if suffixes else "it has no servers"
            self.lack = (
                f"{self.switch.label} is no switch of rack layout {factory.layout_name!r} in {factory.rack.label}"
                f" at which there are servers: {expected}"
            )
        return factory

    def slot(self, member: Member) -> Slot | None:
        """Find what the layout has at a port of the switch."""
        if self.factory is None or self.suffix is None or not self.factory.parsed.has(member, self.suffix):
            return None
        return self.factory.parsed.at(member, self.suffix)[0]

    # Ports

    def _port(self, told: SwitchPort) -> Port | None:
        """Find the interface; where the switch was not read, that of the layout's number."""
        ports = [port for _, _, port in self._numbers.values()]
        if told.interface:
            return next((port for port in ports if port.id == told.interface.id), None)
        if told.name:  # it may have been made a moment ago
            name = told.name.casefold()
            return next((p for p in ports if name in {p.name.casefold(), p.record["label"].casefold()}), None)
        type_ = self._type(told.base_port)
        return next((p for t, number, p in self._numbers.values() if (t, number) == (type_, told.base_port)), None)

    def _type(self, member: Member) -> str:
        if self.factory and self.suffix and self.factory.parsed.has(member, self.suffix):
            return self.factory.parsed.at(member, self.suffix)[1].to.type
        return NIC_ETH.name

    def _member(self, port: Port) -> Member | None:
        """What the layout calls a port, by number or name."""
        type_, number, _ = self._numbers[port.id]
        return next((one for one in (number, port.name) if self.slot(one) and self._type(one) == type_), None)

    def place(self, told: SwitchPort) -> Place:
        port = self._ports[told]
        if port is None:
            return Place(str(told), lack=self.lack or f"NetBox has no interface {told} of {self._name}")
        member, far = self._member(port), other_end(port)
        nic = self._nic(far, member) if far else self._standing(member)
        return Place(
            port.title,
            member,
            self.lack or ("" if member is not None else self._outside(port)),
            nic,
            far.title if far and nic is None else None,
            port.attributes().get(VLAN),
        )

    def _outside(self, port: Port) -> str:
        name = self.factory.layout_name if self.factory else ""
        return f"rack layout {name!r} has no server at {port.title}"

    def record_vlan(self, told: SwitchPort, vlan: int) -> None:
        port = self._ports[told]
        if self.switch and port:
            self.switch.set_port_attr(port.porttype, port.name, VLAN, vlan)

    # Servers

    def _read_devices(self, ports: Iterable[Port], macs: Sequence[Record]) -> None:
        ends = [end for port in ports if (end := other_end(port))]
        far = {end.record["device"]["id"] for end in ends if end.is_port}
        bearing = {r["assigned_object_id"] for r in macs if r["assigned_object_type"] == INTERFACE}
        owners = {r["assigned_object"]["device"]["id"] for r in macs if r["assigned_object_type"] == INTERFACE}
        there = {record["id"]: record for record in self._read_standing(ports)}
        others = self._client.ask(fields.devices(id=sorted((far | owners) - there.keys())))
        records = [*others, *there.values()]
        self._devices = {record["id"]: Device.from_record(self._session, record) for record in records}
        parts.take(self._client.fetch(parts.queries(self._devices.values(), CABLED)), self._devices.values())
        self._interfaces = {p.id: p for p in parts.ports(self._devices.values()) if p.object_type == INTERFACE}
        parts.join(self._client, [self._interfaces[id_] for id_ in bearing & self._interfaces.keys()], ())
        self._bearers = {addresses.mac(r["mac_address"]): r for r in macs if r["assigned_object_id"] is not None}

    def bearer(self, mac: str) -> Bearer | None:
        record = self._bearers.get(mac)
        if record is None:
            return None
        if record["assigned_object_type"] == VM_INTERFACE:
            machine = record["assigned_object"]["virtual_machine"]
            return Bearer(None, machine["name"], record["assigned_object_id"], record["assigned_object"]["name"])
        port = self._interfaces.get(record["assigned_object_id"])
        if port is None:  # it went while we looked
            return None
        owner = self._devices[port.record["device"]["id"]]
        far = other_end(port)
        return Bearer(
            owner.id,
            owner.label,
            port.id,
            port.name,
            is_server=owner.type == SERVER,
            has_socket=not port.mgmt_only and port.type not in PHYSICALLY_NONE,
            connected_to=far.title if far else None,
        )

    def _nic(self, far: Port, member: Member | None) -> Nic | None:
        port = self._interfaces.get(far.id) if far.object_type == INTERFACE else None
        owner = self._devices.get(port.record["device"]["id"]) if port else None
        if port is None or owner is None or owner.type != SERVER:
            return None
        return self._described(owner, port, self.slot(member) if member is not None else None)

    def _standing(self, member: Member | None) -> Nic | None:
        """Find the NIC that belongs at a port, of the server in the rack units that the layout has for it."""
        if self.factory is None or member is None:
            return None
        slot, mine = self.factory.parsed.at(member, self.suffix)
        rack, lowest = self.factory.rack.id, min(slot.units, default=None)
        for owner in self._devices.values():
            here = (owner.record["rack"] or {}).get("id") == rack and owner.position == lowest is not None
            if here and owner.type == SERVER:
                with suppress(NotFoundError):  # of another driver, without such a port
                    return self._described(owner, owner.port(mine.type, mine.port), slot)
        return None

    def _described(self, owner: Device, port: Port, slot: Slot | None) -> Nic:
        return Nic(owner.id, owner.label, port.id, port.name, port.mac, slot is None or is_whole(owner, slot))

    def _read_standing(self, ports: Iterable[Port]) -> list[Record]:
        """Read the servers that stand where those would that are plugged into ports without a cable."""
        members = [self._member(port) for port in ports if other_end(port) is None]
        slots = [slot for member in members if member is not None and (slot := self.slot(member)) and slot.units]
        if self.factory is None or not slots:
            return []
        lowest = {min(slot.units) for slot in slots}
        found = self._client.ask(standing(self.factory.rack.id))
        return [one for one in found if one["role"]["slug"] == SERVER and one["position"] in lowest]


def ahead(session: Session, switch: Host) -> dict[str, Query]:
    """What the factory and the making of servers ask a little later, as far as the inventory lets one know it."""
    rack = switch.rack
    if rack is None:
        return {}
    server = Wish(type=SERVER, index=0, rack=rack.name, datacenter=rack.site.name if rack.site else None)
    queries = named.queries(Ground(session, [server], None))
    with suppress(ConflictError):
        if layout := named_by(switch.attributes, str(switch)):
            queries["layout"] = RackLayout.query(layout)
    return queries


def other_end(port: Port) -> Port | None:
    """What is connected to a port, behind patch panels if the path is complete."""
    return next(iter(port.ends() or port.peers()), None)


def is_whole(server: Device, slot: Slot) -> bool:
    """Whether there is a cable at all the server's ports that the layout connects."""
    for wanted in slot.ports:
        with suppress(NotFoundError):  # of another driver: what it does not have cannot be missing
            if not server.port(wanted.type, wanted.port).occupied:
                return False
    return True
