# SPDX-License-Identifier: BSD-2-Clause
"""The ports of devices and virtual machines: found by number or name, their attributes, their MAC addresses."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from ..core import addresses, attributes, ports
from ..core.errors import ConflictError, InvalidError, NotFoundError
from ..core.ports import Component, PortType
from ..netbox.client import Query
from .documents import CustomFieldDocument, custom_field
from .entity import Entity
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
    VM_INTERFACE: "virtualization/interfaces",
}


@dataclass(frozen=True)
class Port:
    """One port as NetBox has it."""

    object_type: str
    record: Record

    @property
    def id(self) -> int:
        return int(self.record["id"])

    @property
    def endpoint(self) -> str:
        return ENDPOINTS[self.object_type]

    @property
    def name(self) -> str:
        return str(self.record["name"])

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
    def mac(self) -> str | None:
        primary = self.record.get("primary_mac_address")
        return addresses.mac(primary["mac_address"]) if primary else None

    def attributes(self) -> dict[str, Any]:
        own = {} if self.object_type == VM_INTERFACE else custom_field(self.record)
        return {**own, MAC: self.mac} if self.mac else own


class HasPorts(Entity):
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
        """Its ports of a type; NotFoundError for a type that there is not."""
        components = self._components(ports.port_type(porttype))
        found = self.known_ports
        if found is None:
            owner = {f"{self._owner_field}_id": self.id}
            found = self._client.fetch({c: Query(ENDPOINTS[c], owner) for c in components})
        return [Port(component, record) for component in components for record in found.get(component, ())]

    def port(self, porttype: str, wanted: int | str) -> Port:
        """One of them by number (from 1) or name; NotFoundError, which lists those that there are."""
        names: tuple[str, ...] = ()
        if porttype in self._port_names and isinstance(wanted, int):
            stem, first = self._port_names[porttype]
            names = tuple(f"{stem}{first + n}" for n in range(max(0, wanted)))
        return ports.find(f"{self.label}, {porttype}", wanted, self.ports(porttype), names)

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

    def port_info(self) -> dict[str, list[dict[str, Any]]]:
        """Port type -> its ports in natural order, each with `name`, `number` (None if it has none), attributes."""
        info = {}
        for porttype in ports.PORT_TYPES:
            there = self.ports(porttype)
            counted = [port.name for port in ports.numbered(there)]
            info[porttype] = [
                {
                    "name": port.name,
                    "number": counted.index(port.name) + 1 if port.name in counted else None,
                    "attributes": port.attributes(),
                }
                for port in sorted(there, key=lambda p: ports.natural(p.name))
            ]
        return info

    # OS ports

    def osport(self, name: str, porttype: str | None = None, portnum: int | str | None = None) -> tuple[Port, bool]:
        """The interface that the operating system calls `name`, and whether it was made now.

        With port type and number it is that physical port, which keeps the name as its label. Without, it is the
        interface of that name or label, made as a virtual one if missing.
        """
        interfaces = self.ports(ports.NIC_ETH.name)
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
        cards = [port for port in self.ports(ports.NIC_ETH.name) if port.mgmt_only]
        named = [port for port in cards if port.name == IPMI]
        return next(iter(named or cards), None) or self._new_interface(IPMI)

    def _new_interface(self, name: str) -> Port:
        component = self._components(ports.NIC_ETH)[0]
        body: dict[str, Any] = {self._owner_field: self.id, "name": name}
        if component == Component.INTERFACE:
            # An IPMI card's port has a socket of its own, though no template says so.
            body |= {"type": "other", "mgmt_only": True} if name == IPMI else {"type": "virtual"}
        return Port(component, self._client.create(ENDPOINTS[component], body))


IPMI = "ipmi"
"""The interface of a server's management card."""


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
