# SPDX-License-Identifier: BSD-2-Clause
"""The switches of a rack as they are now: their ports, and which servers are plugged in there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress

from ..core.errors import ConflictError, NotFoundError
from ..core.layouts import End, Slot
from ..core.ports import Component
from ..core.sequences import Member
from ..drivers import Device, Server, Session
from ..drivers.port import ENDPOINTS, FIELDS, Port
from .wishes import SERVER, Wishes

VLAN = "vlan"


class Switches:
    """Those of some suffixes that are there, read once."""

    def __init__(self, session: Session, wishes: Wishes, suffixes: Iterable[str]) -> None:
        self._session = session
        self._names = {suffix: wishes.name(suffix) for suffix in suffixes}
        site = wishes.rack.record["site"]["id"]
        found = session.client.list(Device.endpoint, name=sorted(self._names.values()), site_id=site)
        self._devices = {record["name"]: Device.from_record(session, record) for record in found}
        ids = sorted(device.id for device in self._devices.values())
        interfaces = session.client.list(ENDPOINTS[Component.INTERFACE], device_id=ids, fields=FIELDS)
        for device in self._devices.values():
            own = [record for record in interfaces if record["device"]["id"] == device.id]
            device.known_ports = {Component.INTERFACE: own}
        self._servers = self._plugged_in()

    def _plugged_in(self) -> Mapping[int, Server]:
        """By id: the servers at the other ends of the cables of all ports."""
        ports = (port for device in self._devices.values() for _, _, port in device.all_ports())
        ids = {peer.record["device"]["id"] for port in ports for peer in port.peers() if peer.is_port}
        found = self._session.client.list(Device.endpoint, id=sorted(ids), role=SERVER)
        return {record["id"]: Server.from_record(self._session, record) for record in found}

    def _port(self, end: End) -> Port | None:
        with suppress(NotFoundError):  # whoever wants to connect it is told so
            device = self._devices.get(self._names.get(end.device or "", ""))
            return device.port(end.type, end.port) if device else None
        return None

    def server_at(self, slot: Slot) -> str | None:
        """The name of the server that is plugged in where one of that place is; ConflictError for two."""
        ports = [port for one in slot.ports if (port := self._port(one.to))]
        ids = {peer.record["device"]["id"]: port for port in ports for peer in port.peers() if peer.is_port}
        found = {self._servers[id_]: port for id_, port in ids.items() if id_ in self._servers}
        if len(found) > 1:
            ends = " and ".join(f"{port.title} is connected to {server.label}" for server, port in found.items())
            raise ConflictError(f"{slot}: {ends}; expected one server")
        return next((server.name for server in found), None)

    def same(self, suffix: str, port: Member) -> Member | None:
        """The number of a port that is given by name, or its name, by its number; None for one without the other."""
        device = self._devices.get(self._names[suffix])
        numbered = [(number, one.name) for _, number, one in device.all_ports()] if device else []
        if isinstance(port, str):
            return next((number for number, name in numbered if name == port and isinstance(number, int)), None)
        return next((name for number, name in numbered if number == port), None)

    def vlan(self, end: End) -> int | None:
        """What is recorded at a port."""
        port = self._port(end)
        return port.attributes().get(VLAN) if port else None

    def set_vlan(self, end: End, vlan: int) -> None:
        device = self._devices[self._names[end.device or ""]]
        device.set_port_attr(end.type, end.port, VLAN, vlan)
