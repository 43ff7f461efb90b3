# SPDX-License-Identifier: BSD-2-Clause
"""The gateway of an IP manager: an address that NetBox keeps from being handed out.

What is made for it has a status and a description by which it is known again. An address that others made there, be it
a router's, serves as well, and stays when the manager goes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..core.addresses import IPAddress
from ..netbox.client import Client
from .allocation import bearers, known
from .lost import create
from .session import Record
from .subnet import ADDRESSES


def reserve(client: Client, gateway: IPAddress, length: int, name: str, vrf_id: int | None) -> Record | None:
    """Keep it from being handed out; None when NetBox has the address already."""
    if known(client, [gateway], vrf_id)[gateway]:
        return None
    [made] = create(client, [{"address": f"{gateway}/{length}", "vrf": vrf_id, **marks(name)}])
    return made


def release(client: Client, gateway: IPAddress, name: str, vrf_id: int | None) -> None:
    """Set free what was made for it."""
    for record in reservations(client, gateway, name, vrf_id):
        client.delete(ADDRESSES, record["id"])


def rename(client: Client, gateway: IPAddress, old: str, new: str, vrf_id: int | None) -> None:
    for record in reservations(client, gateway, old, vrf_id):
        client.update(ADDRESSES, record["id"], marks(new))


def of_others(client: Client, gateway: IPAddress, name: str, vrf_id: int | None) -> str | None:
    """Say, for a message, whose the address is that others made there; None when there is none."""
    ours = {record["id"] for record in reservations(client, gateway, name, vrf_id)}
    found = [record for record in known(client, [gateway], vrf_id)[gateway] if record["id"] not in ours]
    if bound := [record for record in found if record["assigned_object_id"] is not None]:
        return f"bound to {bearers(bound)}"
    notes = (f"{r['status']['value']}{f' ({note})' if (note := r['description']) else ''}" for r in found)
    return next(notes, None)


def reservations(client: Client, gateway: IPAddress, name: str, vrf_id: int | None) -> list[Record]:
    return [record for record in known(client, [gateway], vrf_id)[gateway] if is_reservation(record, name)]


def is_reservation(record: Record, name: str) -> bool:
    wanted = marks(name)
    unbound = record["assigned_object_id"] is None and record["status"]["value"] == wanted["status"]
    return unbound and bool(record["description"] == wanted["description"])


def marks(name: str) -> Mapping[str, Any]:
    return {"status": "reserved", "description": f"gateway of {name}"[:200]}
