# SPDX-License-Identifier: BSD-2-Clause
"""Which device an item without a name means: that which bears its MAC address, else that in its rack units. No I/O."""

from __future__ import annotations

from collections.abc import Iterator

from ...core.errors import ConflictError, InvalidError
from ...drivers import Device, Rack
from .ground import MARK, Ground
from .wishes import Wish


def recognised(ground: Ground, wish: Wish, rack: Rack | None) -> Device | None:
    """None for one that is to be made. ConflictError, naming both, when there are two that it may be.

    InvalidError without a MAC address and without rack units: then each repeat would make one more.
    """
    if not wish.macs and not (rack and wish.ru):
        raise InvalidError(
            f"{wish.label}: name_manager without a MAC address and without rack and ru; expected one of the two, by"
            " which a repeat knows again what is there"
        )
    bearing = {device.id: device for mac in wish.macs for device in bearers(ground, wish, mac)}
    if len(bearing) > 1:
        names = " and ".join(device.label for device in bearing.values())
        raise ConflictError(f"{wish.label}: its MAC addresses are borne by {names}; expected one device")
    bearer = next(iter(bearing.values()), None)
    there = standing(ground, wish, rack) if rack and wish.ru else None
    if bearer and there and bearer != there:
        units = ", ".join(map(str, there.units))
        raise ConflictError(
            f"{wish.label}: its MAC address is borne by {bearer.label}, but in rack {wish.rack}, unit {units} stands"
            f" {there.label}; expected one device"
        )
    return bearer or there


def bearers(ground: Ground, wish: Wish, mac: str) -> Iterator[Device]:
    """Devices of the type that bear a MAC address, or were made to and do not yet."""
    for record in ground.macs[mac]:
        owner = (record["assigned_object"] or {}).get("device")
        if owner and ground.devices[owner["id"]].type == wish.type:
            yield ground.devices[owner["id"]]
    for device in ground.devices.values():
        if device.record["description"] == MARK + mac and device.type == wish.type:
            yield device


def standing(ground: Ground, wish: Wish, rack: Rack) -> Device | None:
    """The device that stands at exactly these units; of one unit given, the lowest of those of a device."""
    units = tuple(sorted(wish.ru or ()))
    for device in ground.standing[rack.id]:
        exactly = device.units == units or (len(units) == 1 and device.units[:1] == units)
        if exactly and device.type == wish.type:
            return ground.devices[device.id]
    return None
