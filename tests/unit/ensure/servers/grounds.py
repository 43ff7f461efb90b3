# SPDX-License-Identifier: BSD-2-Clause
"""A ground that was never asked of a NetBox."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from clusto.core.errors import BatchError
from clusto.core.ports import Component
from clusto.drivers import Device, Rack, Session
from clusto.ensure.batch import each
from clusto.ensure.servers.ground import Ground
from clusto.ensure.servers.plan import Plan
from clusto.ensure.servers.targets import Target
from clusto.ensure.servers.wishes import wishes
from clusto.netbox.client import Client, Settings

UNITS = 8
SITE = {"id": 1, "name": "dc", "slug": "dc"}
ROLE = {"id": 1, "slug": "server"}
MODEL = {"id": 1, "slug": "basicserver", "model": "basicserver", "manufacturer": {"slug": "clusto"}, "u_height": 1.0}
RACK = {"id": 1, "name": "r1", "site": SITE, "location": None, "starting_unit": 1, "u_height": UNITS}
NIC = {"label": "", "type": {"value": "1000base-t"}, "mgmt_only": False, "custom_fields": {}}
Item = dict[str, Any]


class Nowhere(Client):
    """A client that must not be asked."""

    def __init__(self) -> None:
        super().__init__(Settings("http://netbox.invalid", "0" * 40))

    def _send(self, request: Any) -> Any:
        raise AssertionError(f"asked {request}")


def device(id_: int, unit: int, mac: str | None = None, description: str = "") -> Mapping[str, Any]:
    return {
        "id": id_,
        "name": f"s{id_}",
        "display": f"s{id_}",
        "display_url": "",
        "role": ROLE,
        "device_type": MODEL,
        "site": SITE,
        "location": None,
        "rack": {"id": 1, "name": "r1"},
        "position": unit,
        "face": None,
        "tags": [],
        "local_context_data": None,
        "description": description,
        "mac": mac,
    }


def ground(there: Sequence[Mapping[str, Any]], items: Sequence[Item], **options: Any) -> Ground:
    """A rack, in which these devices stand."""
    session = Session(Nowhere())
    session._looked_up["dcim/device-roles", "slug", "server"] = ROLE
    session.remember("dcim/device-types", [MODEL])
    made = Ground(session, wishes("server", {"rack": "r1", **options}, items), "basicserver")
    made.models = [MODEL]
    made.racks = {1: Rack.from_record(session, RACK)}
    made.templates = {1: {Component.INTERFACE: [{**NIC, "id": 1, "name": "eth0"}]}}
    for record in there:
        one = Device.from_record(session, record)
        made.devices[one.id] = one
        made.standing[1].append(one)
        primary = {"id": one.id, "mac_address": record["mac"]} if record["mac"] else None
        port = {**NIC, "id": one.id, "name": "eth0", "device": record, "primary_mac_address": primary}
        one.known_ports = {Component.INTERFACE: [port]}
        if primary:
            assigned = {"assigned_object_type": "dcim.interface", "assigned_object_id": one.id}
            made.macs[record["mac"]].append({**primary, **assigned, "assigned_object": port})
    return made


def planned(of: Ground) -> list[Target]:
    plan, names = Plan(of, "servers"), [wish.title for wish in of.wishes]
    targets = each("servers", names, of.wishes, plan.find)
    return each("servers", names, targets, plan.work_out)


def refused(error: BatchError) -> dict[int, str]:
    return {index: str(reason) for index, _, reason in error.refused}
