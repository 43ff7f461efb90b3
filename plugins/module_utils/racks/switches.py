# SPDX-License-Identifier: BSD-2-Clause
"""The switches of a rack as they are now: their ports, and which servers are plugged in there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from ..core import attributes
from ..core.errors import ConflictError, NotFoundError, StaleError
from ..core.layouts import End, Slot
from ..core.ports import Component
from ..core.sequences import Member
from ..drivers import Device, Rack, Server, Session
from ..drivers.bulk_documents import BATCH
from ..drivers.documents import CUSTOM_FIELD, custom_field
from ..drivers.port import ENDPOINTS, Port
from ..drivers.session import Record
from ..ensure.servers import fields, parts
from ..netbox.client import Query
from .wishes import SERVER, Wishes

VLAN = "vlan"
INTERFACES = ENDPOINTS[Component.INTERFACE]


def standing(rack_id: int) -> Query:
    """Ask for all that stands in a rack."""
    return fields.devices(rack_id=rack_id)


def interfaces(*devices: int) -> Query:
    """Ask for the interfaces of devices."""
    return Query(INTERFACES, {"device_id": sorted(devices), "fields": parts.FIELDS}, short=True)


class Switches:
    """Those of some suffixes that are there, read once."""

    def __init__(self, session: Session, wishes: Wishes, suffixes: Iterable[str]) -> None:
        self._session = session
        self._client = session.client
        self._names = {suffix: wishes.name(suffix) for suffix in suffixes}
        self._devices = {record["name"]: Device.from_record(session, record) for record in self._read(wishes.rack)}
        read = self._client.ask(interfaces(*(device.id for device in self._devices.values())))
        for device in self._devices.values():
            own = [record for record in read if record["device"]["id"] == device.id]
            device.known_ports = {Component.INTERFACE: own}
        self._servers: dict[int, Server] = {}

    def _read(self, rack: Rack) -> Sequence[Record]:
        """They stand in the rack; where one stands elsewhere, whoever wants to connect it is told so."""
        names = {*self._names.values()}
        found = [one for one in self._client.ask(standing(rack.id)) if one["name"] in names]
        missing = sorted(names - {record["name"] for record in found})
        site = rack.record["site"]["id"]
        return found + self._client.list(Device.endpoint, name=missing, site_id=site, fields=fields.DEVICE)

    def look(self, slots: Iterable[Slot]) -> None:
        """Read which servers are plugged in where those of some places are."""
        wanted = [port for slot in slots for one in slot.ports if (port := self._port(one.to))]
        parts.join(self._client, wanted, parts.ports(self._devices.values()))
        ids = {peer.record["device"]["id"] for port in wanted for peer in port.peers() if peer.is_port}
        found = self._client.list(Device.endpoint, id=sorted(ids), role=SERVER, fields=fields.DEVICE)
        self._servers |= {record["id"]: Server.from_record(self._session, record) for record in found}

    def _port(self, end: End) -> Port | None:
        with suppress(NotFoundError):  # whoever wants to connect it is told so
            device = self._devices.get(self._names.get(end.device or "", ""))
            return device.port(end.type, end.port) if device else None
        return None

    def server_at(self, slot: Slot) -> str | None:
        """The name of the server that is plugged in where one of that place is, looked at; ConflictError for two."""
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

    def set_vlans(self, vlans: Mapping[End, int]) -> None:
        """Record them, where something else is recorded; nothing that others write at the ports meanwhile is lost."""
        wanted = [
            (port, end, vlan) for end, vlan in vlans.items() if (port := self._port(end)) and self.vlan(end) != vlan
        ]
        for start in range(0, len(wanted), BATCH):
            some = wanted[start : start + BATCH]
            changes = [with_vlan(port.record, vlan) for port, _, vlan in some]
            try:
                self._client.update_many(INTERFACES, changes, [port.record for port, *_ in some])
            except StaleError:  # somebody has written at one of them: each by itself, again and again
                for _, end, vlan in some:
                    self._devices[self._names[end.device or ""]].set_port_attr(end.type, end.port, VLAN, vlan)


def with_vlan(record: Mapping[str, Any], vlan: int) -> dict[str, Any]:
    document = attributes.set_value(custom_field(record), VLAN, vlan)
    return {"id": record["id"], "custom_fields": {CUSTOM_FIELD: document}}
