# SPDX-License-Identifier: BSD-2-Clause
"""MAC addresses: which interface bears one, and the primary one of each."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING, Any

from ..core import addresses
from ..core.errors import ConflictError, InvalidError, NotFoundError
from .port import Port
from .session import Record

if TYPE_CHECKING:
    from .session import Session

MACS = "dcim/mac-addresses"


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
