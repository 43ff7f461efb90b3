# SPDX-License-Identifier: BSD-2-Clause
"""Where devices are to stand. What the list moves frees its rack unit for the others. No I/O."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ...core import racks
from ...core.errors import ConflictError, InvalidError
from ...drivers import Rack
from ..task import State
from .ground import Ground
from .targets import Target
from .wishes import Wish

NOWHERE: State = {"datacenter": None, "locations": []}


class Places:
    """Of one list, whose items are in each other's way as well."""

    def __init__(self, ground: Ground, targets: Mapping[int, Target]) -> None:
        self._ground = ground
        self._targets = targets
        self._layouts: dict[int, racks.Rack] = {}

    def rack(self, wish: Wish) -> Rack | None:
        """The rack that is wished for; NotFoundError, InvalidError when it is in another datacenter."""
        if not wish.rack:
            return None
        datacenter = self._ground.datacenter(wish.datacenter) if wish.datacenter else None
        rack = self._ground.rack(wish.rack, datacenter.name if datacenter else None)
        if datacenter and rack.datacenter_name != datacenter.name:
            raise InvalidError(f"{rack.label} is in {rack.datacenter_name}, not in {datacenter.label}")
        return rack

    def work_out(self, target: Target, now: State) -> State:
        """What of its state changes by its place; target.place is what would put it there."""
        changes = self._changes(target, now)
        if target.wish.stays and any(now[key] and value != now[key] for key, value in changes.items()):
            raise ConflictError(f"{target.label} is in {told(now)}; expected {told({**now, **changes})}")
        return changes

    def _changes(self, target: Target, now: State) -> State:
        wish = target.wish
        rack = self.rack(wish)
        if rack is not None or (wish.ru and now["rack"]):
            return self._in_rack(target, rack or self._rack_now(target))
        if wish.ru:
            raise InvalidError(f"{target.label}: ru {', '.join(map(str, wish.ru))} without a rack; expected rack too")
        datacenter = self._ground.datacenter(wish.datacenter) if wish.datacenter else None
        if wish.rack == "" and now["rack"] and datacenter is None:
            there = self._rack_now(target).record
            site = {"site": there["site"]["id"], "location": (there["location"] or {}).get("id")}
            return self._outside(target, site, self._ground.where(there))
        if datacenter and (datacenter.name != now["datacenter"] or (wish.rack == "" and now["rack"])):
            return self._outside(target, datacenter.target(), {"datacenter": datacenter.name, "locations": []})
        return {}

    def _outside(self, target: Target, site: Mapping[str, Any], where: State) -> State:
        target.place = {**site, "rack": None, "position": None, "face": ""}
        return {**where, "rack": None, "units": []}

    def _rack_now(self, target: Target) -> Rack:
        return self._ground.racks[target.device.record["rack"]["id"]]

    def _in_rack(self, target: Target, rack: Rack) -> State:
        device, ru = target.device, target.wish.ru
        staying = target.exists and device.record["rack"] is not None and device.record["rack"]["id"] == rack.id
        if ru is None and staying:
            return {}
        if ru is None and device.height:
            raise InvalidError(f"{target.label}: rack {rack.name!r} without a unit; expected ru too")
        units = [] if ru is None else list(self._units(rack, target, ru))
        position = units[0] if units else None
        if not staying or device.position != position:
            target.place = {
                "site": rack.record["site"]["id"],
                "location": (rack.record["location"] or {}).get("id"),
                "rack": rack.id,
                "position": position,
                "face": (device.face or "front") if units else "",
            }
        return {**self._ground.where(rack.record), "rack": rack.name, "units": units}

    def _units(self, rack: Rack, target: Target, ru: Sequence[int]) -> racks.Units:
        if rack.id not in self._layouts:
            self._layouts[rack.id] = self._ground.layout(rack, self._movers)
        layout = self._layouts[rack.id]
        occupant = racks.Occupant(target.title, target.device.id)
        units = layout.place(occupant, ru[0] if len(ru) == 1 else ru, target.device.height)
        occupied = {**layout.occupied, **dict.fromkeys(units, occupant)}
        self._layouts[rack.id] = racks.Rack(layout.name, layout.min_u, layout.max_u, occupied)
        return units

    @property
    def _movers(self) -> set[int]:
        """The devices of the list that are given a place: they stand in nobody's way where they are now."""
        placed = (t for t in self._targets.values() if t.wish.present and (t.wish.ru or t.wish.rack is not None))
        return {t.device.id for t in placed if t.exists}


def told(state: State) -> str:
    """How messages name a place."""
    units = f", unit {', '.join(map(str, state['units']))}" if state["units"] else ""
    return f"rack {state['rack']}{units}" if state["rack"] else f"datacenter {state['datacenter']}"
