# SPDX-License-Identifier: BSD-2-Clause
"""The ports of devices and virtual machines: found by number or name, their attributes, their MAC addresses.

What connects them is in `cables`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from ..core import addresses, attributes, ports
from ..core.errors import ConflictError, ExistsError, InvalidError, NotFoundError
from ..core.ports import Component, Naming, PortType
from ..netbox.client import Filter, Query
from .cables import Cabled
from .documents import CustomFieldDocument, custom_field
from .session import Record

if TYPE_CHECKING:
    from .session import Session

MACS = "dcim/mac-addresses"
MAC = "mac"
VM_INTERFACE = "virtualization.vminterface"
ENDPOINTS: Mapping[str, str] = {
    Component.INTERFACE: "dcim/interfaces",
    Component.CONSOLE_PORT: "dcim/console-ports",
    Component.CONSOLE_SERVER_PORT: "dcim/console-server-ports",
    Component.POWER_PORT: "dcim/power-ports",
    Component.POWER_OUTLET: "dcim/power-outlets",
    Component.FRONT_PORT: "dcim/front-ports",
    Component.REAR_PORT: "dcim/rear-ports",
    VM_INTERFACE: "virtualization/interfaces",
}
COUNTS: Mapping[str, str] = {
    component: f"{endpoint.rpartition('/')[2].removesuffix('s').replace('-', '_')}_count"
    for component, endpoint in ENDPOINTS.items()
}
"""What a device's record calls the number of its ports of each component."""
FIELDS = (
    *("id", "name", "label", "type", "mgmt_only", "primary_mac_address", "custom_fields", "device", "virtual_machine"),
    *("cable", "link_peers", "link_peers_type", "connected_endpoints", "connected_endpoints_type", "_occupied"),
)
"""What is read of a port; each component has some of them."""
USUAL: Mapping[str, str] = {
    Component.INTERFACE: "1000base-t",
    Component.CONSOLE_PORT: "rj-45",
    Component.CONSOLE_SERVER_PORT: "rj-45",
    Component.POWER_PORT: "nema-5-15p",
    Component.POWER_OUTLET: "nema-5-15r",
    Component.FRONT_PORT: "8p8c",
    Component.REAR_PORT: "8p8c",
}
"""NetBox's type of a new port where none is given."""


@dataclass(frozen=True)
class Port:
    """One port as NetBox has it; or as it will be made, when the record is that of its template."""

    object_type: str
    record: Record
    like: PortType | None = None
    """The port type of the port whose record tells of this one, in brief: it is of the same if it can be."""

    @property
    def id(self) -> int:
        return int(self.record["id"])

    @property
    def endpoint(self) -> str:
        return ENDPOINTS[self.object_type]

    @property
    def name(self) -> str:
        """NetBox's; of what has no name, such as a circuit's end, what NetBox shows for it."""
        return str(self.record.get("name") or self.record["display"])

    @property
    def type(self) -> str:
        """NetBox's, such as `1000base-t`; empty for a virtual machine's."""
        return str((self.record.get("type") or {}).get("value", ""))

    @property
    def mgmt_only(self) -> bool:
        return bool(self.record.get("mgmt_only"))

    @property
    def is_interface(self) -> bool:
        return self.object_type in {Component.INTERFACE, VM_INTERFACE}

    @property
    def device(self) -> str | None:
        """The name of the device that it is at; power feeds and circuits are at none."""
        device = self.record.get("device")
        return str(device["name"] or device["display"]) if device else None

    @property
    def porttype(self) -> str:
        """The name of its port type; of what is none of clusto's ports, NetBox's object type."""
        if self.like and self.object_type in self.like.components:
            return self.like.name
        if self.object_type == VM_INTERFACE:
            return ports.NIC_ETH.name
        return ports.PORT_TYPES.of(self.object_type, self.type).name if self.is_port else self.object_type

    @property
    def is_port(self) -> bool:
        """Whether clusto can name it: a component of a device."""
        return self.object_type in set(Component)

    @property
    def title(self) -> str:
        """How messages name it: `sw1, nic-eth 'Gi1/0/1'`."""
        return f"{self.device}, {self.porttype} {self.name!r}" if self.device else f"{self.porttype} {self.name!r}"

    # What it is connected to; a template's record tells of nothing

    @property
    def identity(self) -> tuple[str, int] | None:
        """What tells it from all other ports; None for one that is not made yet."""
        return (self.object_type, self.id) if self.record.get("device") else None

    @property
    def occupied(self) -> bool:
        """Whether NetBox would refuse a cable: it has one, of whatever status, or is marked as connected."""
        return bool(self.record.get("_occupied"))

    @property
    def cable(self) -> int | None:
        """The id of its cable."""
        cable = self.record.get("cable")
        return int(cable["id"]) if cable else None

    def peers(self) -> list[Port]:
        """The ports at the other end of its cable: one, but for a cable that somebody has split."""
        return self._told("link_peers")

    def ends(self) -> list[Port]:
        """The ports at the far end of its connection, behind all patch panels; none while the path is incomplete.

        NetBox tells no far end of a patch panel's own ports: of those it is the other end of the cable.
        """
        return self.peers() if self.object_type in ports.PASS_THROUGH else self._told("connected_endpoints")

    def _told(self, field: str) -> list[Port]:
        like = ports.PORT_TYPES.of(self.object_type, self.type) if self.is_port else None
        found = [Port(self.record[f"{field}_type"], record, like) for record in self.record.get(field) or ()]
        return ports.in_order(found)

    @property
    def mac(self) -> str | None:
        primary = self.record.get("primary_mac_address")
        return addresses.mac(primary["mac_address"]) if primary else None

    def attributes(self) -> dict[str, Any]:
        own = {} if self.object_type == VM_INTERFACE else custom_field(self.record)
        return {**own, MAC: self.mac} if self.mac else own


class HasPorts(Cabled):
    """A device or a virtual machine."""

    _owner_field: ClassVar[str]
    """What a port's record calls it: `device`."""
    known_ports: Mapping[str, Sequence[Record]] | None = None
    """Component -> the records of its ports, where they were read for many at once: nothing is asked again then."""
    _port_names: ClassVar[Mapping[str, tuple[str, int]]] = {}
    """Port type -> (stem, first): port n is called stem + (first + n - 1); other types count in natural order."""

    def _components(self, port_type: PortType) -> tuple[str, ...]:
        """NetBox's object types that hold its ports of a type."""
        return port_type.components

    def ports(self, porttype: str) -> list[Port]:
        """Its ports of a type, as their numbers go; NotFoundError for a type that there is not."""
        meant = ports.port_type(porttype)
        return among(self._read(self._components(meant)), meant)

    def _read(self, components: Collection[str]) -> list[Port]:
        found = self.known_ports
        if found is None:
            query: dict[str, Filter] = {f"{self._owner_field}_id": self.id, "fields": FIELDS}
            found = self._client.fetch({c: Query(ENDPOINTS[c], query) for c in components})
        return [Port(component, record) for component in components for record in found.get(component, ())]

    def port(self, porttype: str, wanted: int | str) -> Port:
        """One of them by number (from 1) or name; NotFoundError, which lists those that there are."""
        return self.pick(porttype, wanted, self.ports(porttype))

    @classmethod
    def naming(cls, porttype: str) -> Naming | None:
        """How this driver calls its ports of a type; None when they count in natural order."""
        return Naming(*cls._port_names[porttype]) if porttype in cls._port_names else None

    def pick(self, porttype: str, wanted: int | str, there: Sequence[Port]) -> Port:
        """The one of its ports of a type (`there`) that a number or name means."""
        return ports.find(f"{self.label}, {porttype}", wanted, there, self.naming(porttype))

    def add_port(
        self, porttype: str, name: str, *, component: str | None = None, type_: str | None = None, **fields: Any
    ) -> Port:
        """Make a port that its device type does not have.

        component: NetBox's object type, where those that it has of this port type leave that open. type_: NetBox's
        type of port. fields: more of NetBox's. InvalidError for what is left open; ExistsError for a name
        that is taken.
        """
        meant = ports.port_type(porttype)
        there = self.ports(porttype)
        made_of = component or self._only_component(meant, there)
        if made_of not in self._components(meant):
            expected = ", ".join(self._components(meant)) or "none at all"
            raise InvalidError(f"{self.label}, {porttype} {name!r}: {made_of!r} is no component of it, but {expected}")
        if any(port.name == name and port.object_type == made_of for port in there):
            raise ExistsError(f"{self.label} has a {porttype} {name!r} already")
        if made_of != VM_INTERFACE:
            if type_ is None and meant.types:
                raise InvalidError(
                    f"{self.label}, {porttype} {name!r}: expected type_, one of {', '.join(sorted(meant.types))}"
                )
            fields = {"type": type_ or USUAL[made_of], **fields}
        body = {self._owner_field: self.id, "name": name, **fields}
        return Port(made_of, self._client.create(ENDPOINTS[made_of], body))

    def _only_component(self, meant: PortType, there: Sequence[Port]) -> str:
        possible = {port.object_type for port in there} or set(self._components(meant))
        if len(possible) != 1:
            raise InvalidError(
                f"{self.label}: a new port of {meant.name} may be one of {', '.join(sorted(possible)) or 'nothing'};"
                " expected component to say which"
            )
        return possible.pop()

    # Attributes of ports

    def set_port_attr(self, porttype: str, port: int | str, key: str, value: Any) -> None:
        """Replace the value of a port's attribute; `mac` is the MAC address of an interface.

        InvalidError for what is no MAC address, ConflictError for one that another interface bears.
        """
        found = self.port(porttype, port)
        if key == MAC:
            set_mac(self._session, found, value)
        else:
            self._port_document(found).change(lambda old: attributes.set_value(old, key, value))

    def get_port_attr(self, porttype: str, port: int | str, key: str) -> Any:
        """None when the port has no such attribute."""
        return self.port(porttype, port).attributes().get(key)

    def del_port_attr(self, porttype: str, port: int | str, key: str) -> None:
        found = self.port(porttype, port)
        if key == MAC:
            clear_mac(self._session, found)
        else:
            self._port_document(found).change(lambda old: attributes.delete(old, key=key))

    def port_attrs(self, porttype: str, port: int | str) -> dict[str, Any]:
        return self.port(porttype, port).attributes()

    def _port_document(self, port: Port) -> CustomFieldDocument:
        if port.object_type == VM_INTERFACE:
            raise InvalidError(f"{self.label}: ports of virtual machines have no attributes but {MAC}")
        return CustomFieldDocument(self._client, port.endpoint, port.id)

    def all_ports(self) -> list[tuple[str, int | str, Port]]:
        """Its ports of all types as their numbers go: port type, number, or name if it has none, port."""
        return [(known.name, number or port.name, port) for known, number, port in self._everything()]

    def _everything(self) -> Iterator[tuple[PortType, int | None, Port]]:
        read = self._read(self._present())
        for known in ports.PORT_TYPES:
            there = among(read, known)
            numbers = ports.numbers(there, self.naming(known.name))
            yield from ((known, numbers.get((port.object_type, port.name)), port) for port in there)

    def _present(self) -> list[str]:
        """The components of which it has any, as its record counts them: NetBox is asked for these only."""
        if self.known_ports is None:
            self.refresh()
        possible = dict.fromkeys(c for known in ports.PORT_TYPES for c in self._components(known))
        return [component for component in possible if self.record.get(COUNTS[component], 1)]

    def port_info(self) -> dict[str, list[dict[str, Any]]]:
        """Port type -> its ports in the order of their numbers.

        Each has `name`, `number` (None if it has none), `attributes`, `connected_to` (the far end of its connection,
        behind patch panels) and `cabled_to` (the other end of its cable), those two with `entity`, `type` and `port`.
        """
        info: dict[str, list[dict[str, Any]]] = {known.name: [] for known in ports.PORT_TYPES}
        for known, number, port in self._everything():
            info[known.name].append(
                {
                    "name": port.name,
                    "number": number,
                    "attributes": port.attributes(),
                    "connected_to": described(port.ends()),
                    "cabled_to": described(port.peers()),
                }
            )
        return info

    # OS ports

    def osport(self, name: str, porttype: str | None = None, portnum: int | str | None = None) -> tuple[Port, bool]:
        """The interface that the operating system calls `name`, and whether it was made now.

        With port type and number it is that physical port, which keeps the name as its label. Without, it is the
        interface of that name or label, made as a virtual one if missing.
        """
        interfaces = self.ports(ports.INTERFACE)
        named = next((i for key in ("name", "label") for i in interfaces if i.record.get(key) == name), None)
        if porttype is None and portnum is None:
            return (named, False) if named else (self._new_interface(name), True)
        if porttype is None or portnum is None:
            raise InvalidError(f"{self.label}, osport {name!r}: give both port type and port number, or neither")
        port = self.port(porttype, portnum)
        if not port.is_interface:
            raise InvalidError(f"{self.label}, osport {name!r}: {porttype} {portnum} ({port.name}) bears no addresses")
        if named and named.id != port.id:
            raise ConflictError(
                f"{self.label}: osport {name!r} is interface {named.name!r}, not {porttype} {portnum} ({port.name!r})"
            )
        if named is None:
            self._client.update(port.endpoint, port.id, {"label": name})
        return port, False

    def ipmi_port(self) -> Port:
        """Find the port of its management card, the one called `ipmi` if there are several; made if there is none."""
        cards = [port for port in self.ports(ports.INTERFACE) if port.mgmt_only]
        named = [port for port in cards if port.name == IPMI]
        return next(iter(named or cards), None) or self._new_interface(IPMI)

    def _new_interface(self, name: str) -> Port:
        component, body = self.new_interface(name)
        return Port(component, self._client.create(ENDPOINTS[component], body))

    def new_interface(self, name: str) -> tuple[str, dict[str, Any]]:
        """What kind of component a new interface is, and what makes it."""
        component = self._components(ports.NIC_ETH)[0]
        body: dict[str, Any] = {self._owner_field: self.id, "name": name}
        if component == Component.INTERFACE:
            # An IPMI card's port has a socket of its own, though no template says so.
            body |= {"type": "other", "mgmt_only": True} if name == IPMI else {"type": "virtual"}
        return component, body


IPMI = "ipmi"
"""The interface of a server's management card."""


def among(there: Sequence[Port], meant: PortType) -> list[Port]:
    """Those of a port type, as their numbers go."""
    components = {*meant.components, *([VM_INTERFACE] if Component.INTERFACE in meant.components else [])}
    exact = meant.name in ports.WAYS
    return ports.in_order(p for p in there if p.object_type in components and (exact or p.porttype == meant.name))


def described(connected: Sequence[Port]) -> dict[str, Any] | None:
    """What users read of the port that another is connected to; of a cable that is split, of its first."""
    first = next(iter(connected), None)
    return {"entity": first.device, "type": first.porttype, "port": first.name} if first else None


def set_mac(session: Session, port: Port, text: str, *, take_from: Collection[Port] = ()) -> None:
    """Make a MAC address the primary one of an interface, in place of the one it had.

    take_from: other ports that may lose it to this one. Interrupted anywhere, the same call completes it.
    """
    client = session.client
    mac = addresses.mac(text)
    if not port.is_interface:
        raise InvalidError(f"port {port.name!r} is no network interface; it has no MAC address")
    for other in take_from:
        if other.id != port.id:
            _let_go(session, other, mac)
    record = bearable(session, port, mac)
    if record is None:
        record = client.create(MACS, {"mac_address": mac, **_assigned(port)})
        try:
            bearable(session, port, mac)  # somebody may have given it to another interface at the same moment
        except ConflictError:
            client.delete(MACS, record["id"])
            raise
    elif record["assigned_object_id"] is None:
        client.update(MACS, record["id"], _assigned(port))
    before = port.record.get("primary_mac_address")
    if before is None or before["id"] != record["id"]:
        client.update(port.endpoint, port.id, {"primary_mac_address": record["id"]})
        if before is not None:
            client.delete(MACS, before["id"])


def _let_go(session: Session, port: Port, mac: str) -> None:
    """Take a MAC address off a port, first as its primary one: NetBox moves none that is that."""
    if port.mac == mac:
        session.client.update(port.endpoint, port.id, {"primary_mac_address": None})
    for record in session.client.list(MACS, mac_address=mac):
        if (record["assigned_object_type"], record["assigned_object_id"]) == (port.object_type, port.id):
            nowhere = {"assigned_object_type": None, "assigned_object_id": None}
            session.client.update(MACS, record["id"], nowhere)


def _assigned(port: Port) -> dict[str, Any]:
    return {"assigned_object_type": port.object_type, "assigned_object_id": port.id}


def bearable(session: Session, port: Port | None, mac: str) -> Record | None:
    """Find the MAC address if NetBox has it already, on this port or on none; ConflictError when another port bears it.

    `port` is None for one that is not made yet.
    """
    return bearable_of(session.client.list(MACS, mac_address=mac), port, mac)


def bearable_of(records: Iterable[Record], port: Port | None, mac: str) -> Record | None:
    """Do the same with the records of that MAC address, once they are read."""
    here = (port.object_type, port.id) if port else None
    found = None
    for record in records:
        assigned = record["assigned_object_id"] is not None
        if assigned and (record["assigned_object_type"], record["assigned_object_id"]) != here:
            raise ConflictError(f"MAC address {mac} is borne by {bearer(record)} already")
        if found is None or assigned:
            found = record
    return found


def bearer(record: Record) -> str:
    """How messages name the interface that a MAC or IP address is assigned to."""
    assigned = record["assigned_object"]
    if assigned is None:
        return f"{record['assigned_object_type']} {record['assigned_object_id']}"
    owner = assigned.get("device") or assigned.get("virtual_machine")
    return f"{owner['display']}, interface {assigned['name']}" if owner else str(assigned["display"])


def clear_mac(session: Session, port: Port) -> None:
    primary = port.record.get("primary_mac_address")
    if primary is None:
        raise NotFoundError(f"port {port.name!r} has no MAC address")
    session.client.update(port.endpoint, port.id, {"primary_mac_address": None})
    session.client.delete(MACS, primary["id"])
