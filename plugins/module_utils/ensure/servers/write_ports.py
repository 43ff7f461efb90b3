# SPDX-License-Identifier: BSD-2-Clause
"""Ports get their MAC addresses and cables."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from ...core import addresses
from ...core.ports import Component
from ...drivers.cables import CABLES, SIDES, body, made
from ...drivers.ports import ENDPOINTS, MACS, Port
from ...drivers.session import Record
from ...netbox.client import Client
from .parts import ENDPOINTS_OF_PATHS
from .targets import Link, Target, owners
from .writing import Body, Writing

INTERFACES = ENDPOINTS[Component.INTERFACE]
FREE = {"assigned_object_type": None, "assigned_object_id": None}


class WritePorts:
    def __init__(self, client: Client, targets: Sequence[Target], writing: Writing) -> None:
        self._client = client
        self._writing = writing
        self._present = [t for t in targets if t.wish.present]
        self.replaced: list[int] = []
        """MAC addresses that nothing bears as its primary one any more."""

    def set_macs(self) -> None:
        """Where NetBox does not know the new one yet, the port's own MAC address record becomes it."""
        wishes = [(t, t.made(mac.port), mac) for t in self._present for mac in t.macs]
        known = [(t, port, mac) for t, port, mac in wishes if mac.record]
        changed = [(t, port, mac) for t, port, mac in wishes if not mac.record and primary(port)]
        new = [(t, port, mac) for t, port, mac in wishes if not mac.record and not primary(port)]
        self._writing.update(
            MACS,
            [{"id": primary(port), "mac_address": mac.mac} for _, port, mac in changed],
            [{"id": primary(port), "mac_address": port.mac} for _, port, _ in changed],
            owners(t for t, _, _ in changed),
            "MAC addresses changed",
        )
        free = [(t, port, mac.record) for t, port, mac in known if mac.record and not mac.record["assigned_object_id"]]
        self._writing.update(
            MACS,
            [{"id": record["id"], **assignment(port)} for _, port, record in free],
            [{"id": record["id"], **FREE} for _, _, record in free],
            owners(t for t, _, _ in free),
            "MAC addresses assigned",
        )
        bodies = [{"mac_address": mac.mac, **assignment(port)} for _, port, mac in new]
        made = self._writing.create(MACS, bodies, owners(t for t, _, _ in new), self._macs_there, "MAC addresses")
        borne = [(t, port, record["id"]) for (t, port, _), record in zip(new, made, strict=True)]
        borne += [(t, port, mac.record["id"]) for t, port, mac in known if mac.record]
        self._writing.update(
            INTERFACES,
            [{"id": port.id, "primary_mac_address": id_} for _, port, id_ in borne],
            [{"id": port.id, "primary_mac_address": primary(port)} for _, port, _ in borne],
            owners(t for t, _, _ in borne),
            "MAC addresses set",
        )
        self.replaced = [old for _, port, id_ in borne if (old := primary(port)) and old != id_]

    def _macs_there(self, bodies: Sequence[Body]) -> list[Record | None]:
        found = self._client.list(MACS, mac_address=[b["mac_address"] for b in bodies])
        by_port = {(addresses.mac(r["mac_address"]), r["assigned_object_id"]): r for r in found}
        return [by_port.get((b["mac_address"], b["assigned_object_id"])) for b in bodies]

    def connect(self) -> None:
        links = [(t, link) for t in self._present for link in t.links]
        new = [(t, link) for t, link in links if link.loose is None]
        bodies = [body(*ends(t, link), link.details) for t, link in new]
        simple = all(port.object_type in ENDPOINTS_OF_PATHS for t, link in new for port in ends(t, link))
        look = partial(made, self._client)
        # NetBox traces the path of each cable: where paths go on through panels, one cable has to know of another.
        self._writing.create(CABLES, bodies, owners(t for t, _ in new), look, "cables", side_by_side=simple)
        self._complete([(t, link, link.loose) for t, link in links if link.loose is not None])

    def _complete(self, links: Sequence[tuple[Target, Link, int]]) -> None:
        """Cables that end nowhere at one side are led to where they belong."""
        there = {record["id"]: record for record in self._client.list(CABLES, id=[loose for *_, loose in links])}
        changes, before = [], []
        for target, link, loose in links:
            port = next(port for port in ends(target, link) if port.cable != loose)
            side = next(side for side in SIDES if not there[loose][side])
            changes.append({"id": loose, side: body(port, port)[SIDES[0]]})
            before.append({"id": loose, side: []})
        self._writing.update(CABLES, changes, before, owners(t for t, *_ in links), "cables completed")

    def end(self) -> None:
        self._writing.delete(MACS, self.replaced, "MAC addresses")


def primary(port: Port) -> int | None:
    """The id of the MAC address that a port bears."""
    record = port.record.get("primary_mac_address")
    return int(record["id"]) if record else None


def ends(target: Target, link: Link) -> tuple[Port, Port]:
    """The two ports of a cable, when they are made."""
    far = link.far.made(link.far_port) if isinstance(link.far, Target) else link.far_port
    return target.made(link.port), far


def assignment(port: Port) -> dict[str, Any]:
    return {"assigned_object_type": port.object_type, "assigned_object_id": port.id}
