# SPDX-License-Identifier: BSD-2-Clause
"""Racks, and the rack units of the devices in them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from ..core import racks
from ..core.errors import InvalidError, shown
from ..core.merge import Scope
from ..netbox.records import World
from . import registry
from .documents import CUSTOM_FIELD, CustomFieldDocument, checked
from .entity import Entity
from .moves import check_directly_in, check_elsewhere, check_namesakes, is_in
from .place import Datacenter, Location, Place, around, place_of, target
from .session import Session

if TYPE_CHECKING:
    from .device import Device

HIGHEST = 100
"""NetBox's limit of units."""


class RackAndUnits(NamedTuple):
    rack: Rack
    units: list[int]
    """Lowest first; none for a device without height or without position."""


class Rack(Entity):
    """Units `min_u` to `max_u`; devices stand in adjacent ones."""

    object_type = "dcim.rack"
    endpoint = "dcim/racks"
    _clusto_type = "rack"
    _named_by_datacenter = True

    def __init__(  # noqa: PLR0913 - by keyword only, each a property of the rack
        self,
        name: str,
        *,
        datacenter: Datacenter | None = None,
        location: Location | None = None,
        min_u: int = racks.MIN_U,
        max_u: int = racks.MAX_U,
        attributes: Mapping[str, Any] | None = None,
        session: Session | None = None,
    ) -> None:
        self._begin(name, session)
        place = around(f"rack {name!r}", datacenter, location)
        self._refuse_taken(name, place.datacenter_name if place else None)
        self.record = self._client.create(
            self.endpoint,
            {
                "name": name,
                **target(self._session, place),
                **self.bounds(racks.Rack(name, min_u, max_u)),
                "custom_fields": {
                    "clusto_driver": self._driver_name,
                    CUSTOM_FIELD: checked(attributes or {}) or None,
                },
            },
        )

    @staticmethod
    def bounds(units: racks.Rack) -> dict[str, int]:
        height = units.max_u - units.min_u + 1
        if height > HIGHEST:
            raise InvalidError(f"rack {units.name}: {height} units, NetBox knows {HIGHEST} at most")
        return {"starting_unit": units.min_u, "u_height": height}

    @property
    def documents(self) -> CustomFieldDocument:
        return CustomFieldDocument(self._client, self.endpoint, self.id)

    @property
    def place(self) -> Place | None:
        return place_of(self._session, self.record)

    def scope(self, world: World) -> Scope:
        return world.rack(self.record)

    def check_move(self, place: Entity | None, name: str | None = None) -> None:
        """ExistsError when it (then called `name`), or a device in it, has a namesake where it is to be put."""
        devices = {"dcim.device": registry.kind("dcim.device").ask(rack_id=self.id)}
        site = target(self._session, place)["site"]
        check_namesakes(self._session, self, place, site=site, along=devices, name=name)

    def put(self, place: Entity | None) -> None:
        """NetBox takes the devices along. ExistsError when it or one of them has a namesake there."""
        self.check_move(place)
        self.update(target(self._session, place))

    # Units

    @property
    def min_u(self) -> int:
        return int(self.record["starting_unit"])

    @property
    def max_u(self) -> int:
        return self.min_u + int(self.record["u_height"]) - 1

    def resize(self, min_u: int, max_u: int) -> None:
        """ConflictError when a device stands outside the new bounds."""
        changes = self.bounds(self.layout().resized(min_u, max_u))
        if (min_u, max_u) != (self.min_u, self.max_u):
            self.update(changes)

    def insert(self, device: Device, units: int | Iterable[int] | None = None, *, move: bool = False) -> None:
        """Put a device into adjacent units, as many as it is high, or give the lowest; none if it has no height.

        InvalidError for units that it cannot take, ConflictError for those where another stands, and when the device
        is elsewhere, unless `move` takes it out of there.
        """
        device.refresh()
        if device.place != self and not move:
            check_elsewhere(device, self)
        self.refresh()
        position: int | None = None
        if units is not None or device.height:
            wanted = () if units is None else units
            position = self.layout().place(device.occupant, wanted, device.height)[0]
        if device.place != self or device.position != position:
            site = {"site": self.record["site"]["id"], "location": (self.record["location"] or {}).get("id")}
            face = (device.face or "front") if position else ""
            device.update({**site, "rack": self.id, "position": position, "face": face})

    def remove(self, device: Device) -> None:
        """Take a device out; it is then in the location or datacenter of the rack."""
        self.refresh()
        device.refresh()
        check_directly_in(device, self)
        device.put(self.place)

    def __contains__(self, entity: object) -> bool:
        return is_in(entity, self)

    def get_device_in(self, unit: int) -> Device | None:
        """Find the device that stands in a unit; None when it is free. InvalidError when the rack has no such unit."""
        if not self.min_u <= unit <= self.max_u:
            raise InvalidError(f"{self.label} has no unit {unit}; expected {self.min_u} to {self.max_u}")
        return next((d for d in self._devices() if unit in d.units), None)

    @staticmethod
    def get_rack_and_u(device: Device) -> RackAndUnits | None:
        """Find where a device stands; None when it is in no rack."""
        device.refresh()
        return RackAndUnits(device.place, list(device.units)) if isinstance(device.place, Rack) else None

    def _devices(self) -> list[Device]:
        return self._contents()  # type: ignore[return-value]  # it holds devices only

    def layout(self) -> racks.Rack:
        """Read its units, and what stands in them."""
        occupied = {unit: device.occupant for device in self._devices() for unit in device.units}
        return racks.Rack(self.name, self.min_u, self.max_u, occupied)

    def _contents(self) -> list[Entity]:
        return self._session.entities({"dcim.device": registry.kind("dcim.device").ask(rack_id=self.id)})

    def obstacles(self) -> list[str]:
        devices = self._contents()
        return [f"in it stand {shown(d.name for d in devices)}"] if devices else []

    def describe(self) -> dict[str, Any]:
        self.refresh()
        devices = sorted(self._devices(), key=lambda d: (d.units, d.name))
        return {
            **super().describe(),
            **self._description_of_place(),
            "min_u": self.min_u,
            "max_u": self.max_u,
            "devices": [{"name": d.name, "type": d.type, "units": list(d.units)} for d in devices],
        }


class BasicRack(Rack):
    """clusto's own name of the plain rack."""


class APCRack(Rack):
    pass
