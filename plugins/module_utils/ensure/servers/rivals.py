# SPDX-License-Identifier: BSD-2-Clause
"""Others who came at the same moment, where NetBox itself does not see it: one MAC address, overlapping rack units.

A device's lowest unit and its name, ports and addresses are guarded by NetBox. For the rest everybody looks once he has
written; so of two at least one sees the other. The one whose object NetBox numbered later gives way at once. The
other waits for that, for it may not have been seen: then it gives way in the end.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import NamedTuple

from ...core import addresses
from ...core.errors import ConflictError
from ...drivers import Device
from ...drivers.ports import MACS, bearer
from ...drivers.session import Record
from ...netbox.client import Query
from . import fields
from .ground import Ground
from .targets import Target
from .writing import Writing

PATIENCE = 10.0
"""Seconds that somebody may take from writing to giving way."""
PAUSE = 0.5
NEIGHBOURS = "neighbours"


class Rival(NamedTuple):
    target: Target
    first: bool
    """Whether it was numbered before ours."""
    problem: str


class Rivals:
    def __init__(self, ground: Ground, targets: Sequence[Target], writing: Writing, patience: float = PATIENCE) -> None:
        self._patience = patience
        self._session = ground.session
        self._client = ground.session.client
        self._writing = writing
        self._present = [t for t in targets if t.wish.present]

    def neighbours(self) -> dict[str, Query]:
        """Ask for all that stands where some were put."""
        racks = {t.place["rack"] for t in self._present if t.place and t.place.get("position")}
        return {NEIGHBOURS: fields.devices(fields.STANDING, rack_id=sorted(racks))} if racks else {}

    def refuse_units(self, neighbours: Sequence[Record]) -> None:
        """BatchError when another device stands in the units that one was put into. neighbours: since then."""
        seen = [neighbours]
        self._wait_for(lambda: self._in_units(seen.pop() if seen else self._read_neighbours()))

    def _read_neighbours(self) -> Sequence[Record]:
        return self._client.fetch(self.neighbours()).get(NEIGHBOURS, ())

    def refuse_macs(self, replaced: Collection[int]) -> None:
        """BatchError when something else bears a MAC address. replaced: ids of those that are about to go."""
        self._wait_for(lambda: self._bearing_macs(replaced))

    def _wait_for(self, look: Callable[[], Iterator[Rival]]) -> None:
        deadline = time.monotonic() + self._patience
        while rivals := list(look()):
            if any(rival.first for rival in rivals) or time.monotonic() > deadline:
                raise self._writing.refusal((r.target.wish.index, ConflictError(r.problem)) for r in rivals)
            time.sleep(PAUSE)

    def _in_units(self, neighbours: Sequence[Record]) -> Iterator[Rival]:
        placed = [t for t in self._present if t.place and t.place.get("position")]
        for record in neighbours:
            other = Device.from_record(self._session, record)
            rack = record["rack"]
            for target in placed:
                units = (target.after or {})["units"]
                here = target.place and target.place["rack"] == rack["id"] and other.id != target.device.id
                if here and (common := sorted({*units} & {*other.units})):
                    text = f"rack {rack['name']}, device {target.title}: unit {common[0]} is occupied by {other.name}"
                    yield Rival(target, other.id < target.device.id, text)

    def _bearing_macs(self, replaced: Collection[int]) -> Iterator[Rival]:
        ours = {mac.mac: (target, target.made(mac.port).id) for target in self._present for mac in target.macs}
        own: dict[str, int] = {}
        others = []
        surplus = []
        for record in self._client.list(MACS, mac_address=sorted(ours)):
            mac, bearing = addresses.mac(record["mac_address"]), record["assigned_object_id"]
            if bearing == ours[mac][1]:
                surplus += [record["id"]] if mac in own else []  # of an answer that was lost
                own.setdefault(mac, record["id"])
            elif bearing is not None and record["id"] not in replaced:
                others.append((mac, record))
        self._writing.delete(MACS, surplus, "MAC addresses")
        for mac, record in others:
            first = mac not in own or record["id"] < own[mac]
            yield Rival(ours[mac][0], first, f"MAC address {mac} is borne by {bearer(record)} already")
