# SPDX-License-Identifier: BSD-2-Clause
"""The ports of devices and virtual machines: found by number or name, their attributes, the interfaces of an OS.

A single one is in `port`, its MAC address in `macs`, what connects them in `cables`; their names are here too.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, ClassVar

from ..core import attributes, ports
from ..core.errors import ConflictError, ExistsError, InvalidError
from ..core.ports import Component, Naming, PortType
from ..netbox.client import Filter, Query
from .attributed import pointing
from .cables import Cabled
from .documents import CustomFieldDocument
from .macs import MACS, bearable, bearable_of, bearer, clear_mac, set_mac
from .outside import tell_panels
from .port import COUNTS, ENDPOINTS, FIELDS, MAC, USUAL, VM_INTERFACE, Port, described
from .session import Record

__all__ = [
    "COUNTS",
    "ENDPOINTS",
    "FIELDS",
    "IPMI",
    "MACS",
    "VM_INTERFACE",
    "HasPorts",
    "Port",
    "bearable",
    "bearable_of",
    "bearer",
    "clear_mac",
    "described",
    "set_mac",
]

IPMI = "ipmi"
"""The interface of a server's management card."""


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
            read = self._client.fetch({c: Query(ENDPOINTS[c], query) for c in components})
            tell_panels(self._client, [record for records in read.values() for record in records])
            found = read
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
        """Replace the value of a port's attribute, an entity too; `mac` is the MAC address of an interface.

        InvalidError for what is no MAC address, ConflictError for one that another interface bears.
        """
        found = self.port(porttype, port)
        if key == MAC:
            set_mac(self._session, found, value)
        else:
            self._port_document(found).change(lambda old: attributes.set_value(old, key, pointing(value)))

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


def among(there: Sequence[Port], meant: PortType) -> list[Port]:
    """Those of a port type, as their numbers go."""
    components = {*meant.components, *([VM_INTERFACE] if Component.INTERFACE in meant.components else [])}
    exact = meant.name in ports.WAYS
    return ports.in_order(p for p in there if p.object_type in components and (exact or p.porttype == meant.name))
