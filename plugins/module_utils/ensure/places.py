# SPDX-License-Identifier: BSD-2-Clause
"""Datacenters, locations and racks."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ..core import racks
from ..core.errors import InvalidError, NotFoundError
from ..drivers import Datacenter, Entity, Location, Place, Rack
from .entity import EntityTask
from .finding import find
from .task import State


def where(place: Place | None) -> State:
    """A place as `describe()` tells it: locations from the outermost inwards."""
    if place is None:
        return {"datacenter": None, "locations": []}
    around = [place, *place.places()]
    return {
        "datacenter": place.datacenter_name,
        "locations": [p.name for p in reversed(around) if isinstance(p, Location)],
    }


def moved(before: State, after: State) -> bool:
    return any(before[key] != after[key] for key in ("datacenter", "locations"))


@dataclass(kw_only=True)
class EnsureDatacenter(EntityTask[Datacenter]):
    kind = Datacenter
    default_driver = "basicdatacenter"
    keys = ("name", "driver", "attributes")

    def find(self) -> Datacenter | None:
        return find(self.session, Datacenter, self.name)

    def new(self) -> State:
        return {"name": self.name, "driver": self.default_driver, "attributes": {}}

    def make(self, cls: type[Datacenter], after: State, /) -> Datacenter:
        return cls(self.name, attributes=after["attributes"], session=self.session)


@dataclass(kw_only=True)
class EnsureLocation(EntityTask[Location]):
    kind = Location
    default_driver = "location"
    keys = ("name", "driver", "datacenter", "locations", "attributes")

    parent: str | None = None

    @cached_property
    def _parent(self) -> Place | None:
        if self.parent is None:
            return None
        types = {Datacenter.clusto_type(), Location.clusto_type()}
        place: Entity = self.session.get_by_name(self.parent, types=types)
        return place if isinstance(place, Place) else None

    def find(self) -> Location | None:
        return find(self.session, Location, self.name, self._parent.datacenter_name if self._parent else None)

    def new(self) -> State:
        return {"name": self.name, "driver": self.default_driver, **where(None), "attributes": {}}

    def wanted(self, _now: State, /) -> State:
        if self._parent is None:
            if self.found is None:
                raise InvalidError(f"location {self.name!r}: a new one needs parent, a datacenter or another location")
            return {}
        if self.found:
            self.found.check_move(self._parent, self.name if self.renaming else None)
        return where(self._parent)

    def make(self, cls: type[Location], after: State, /) -> Location:
        parent = self._parent
        place: dict[str, Any] = {"parent" if isinstance(parent, Location) else "datacenter": parent}
        return cls(self.name, **place, attributes=after["attributes"], session=self.session)

    def change(self, entity: Location, before: State, after: State, /) -> None:
        if moved(before, after) and self._parent:
            self._parent.insert(entity, move=True)


@dataclass(kw_only=True)
class EnsureRack(EntityTask[Rack]):
    kind = Rack
    default_driver = "basicrack"
    keys = ("name", "driver", "datacenter", "locations", "min_u", "max_u", "attributes")

    datacenter: str | None = None
    location: str | None = None
    min_u: int | None = None
    max_u: int | None = None

    @cached_property
    def _place(self) -> Place | None:
        datacenter = None if self.datacenter is None else Datacenter.get(self.datacenter, session=self.session)
        if self.location is None:
            return datacenter
        location = find(self.session, Location, self.location, datacenter.name if datacenter else None)
        if location is None:
            within = f" in datacenter {datacenter.name!r}" if datacenter else ""
            raise NotFoundError(f"there is no location {self.location!r}{within}")
        if datacenter and location.datacenter_name != datacenter.name:
            raise InvalidError(f"{location.label} is in {location.datacenter_name}, not in {datacenter.label}")
        return location

    def find(self) -> Rack | None:
        return find(self.session, Rack, self.name, self._place.datacenter_name if self._place else None)

    def new(self) -> State:
        return {
            "name": self.name,
            "driver": self.default_driver,
            **where(None),
            "min_u": racks.MIN_U,
            "max_u": racks.MAX_U,
            "attributes": {},
        }

    def wanted(self, now: State, /) -> State:
        return {**self._wanted_place(now), **self._wanted_bounds(now)}

    def _wanted_place(self, now: State) -> State:
        """A datacenter alone leaves the rack where it is in that datacenter."""
        if self._place is None or (self.location is None and now["datacenter"] == self._place.datacenter_name):
            return {}
        if self.found:
            self.found.check_move(self._place, self.name if self.renaming else None)
        return where(self._place)

    def _wanted_bounds(self, now: State) -> State:
        min_u = now["min_u"] if self.min_u is None else self.min_u
        max_u = now["max_u"] if self.max_u is None else self.max_u
        layout = self.found.layout() if self.found else racks.Rack(self.name)
        Rack.bounds(layout.resized(min_u, max_u))
        return {"min_u": min_u, "max_u": max_u}

    def make(self, cls: type[Rack], after: State, /) -> Rack:
        place = self._place
        given: dict[str, Any] = {"location" if isinstance(place, Location) else "datacenter": place}
        return cls(
            self.name,
            **given,
            min_u=after["min_u"],
            max_u=after["max_u"],
            attributes=after["attributes"],
            session=self.session,
        )

    def change(self, entity: Rack, before: State, after: State, /) -> None:
        if moved(before, after) and self._place:
            self._place.insert(entity, move=True)
        if any(before[key] != after[key] for key in ("min_u", "max_u")):
            entity.resize(after["min_u"], after["max_u"])
