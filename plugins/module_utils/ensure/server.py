# SPDX-License-Identifier: BSD-2-Clause
"""Servers: their place, ports, addresses and pools."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ..core import addresses, ports
from ..core.errors import AmbiguousError, ConflictError, InvalidError, NotFoundError
from ..core.ports import Component
from ..drivers import Datacenter, Location, Rack, Server, registry
from ..drivers.ports import Port, bearable
from ..netbox.blueprint import CONSOLE_PORTS, INTERFACES, POWER_PORTS
from ..netbox.client import Query
from .bindings import Binding, Bindings, in_order
from .entity import EntityTask
from .finding import check_free, find
from .places import moved, where
from .task import State

TEMPLATES = {
    Component.INTERFACE: INTERFACES,
    Component.CONSOLE_PORT: CONSOLE_PORTS,
    Component.POWER_PORT: POWER_PORTS,
}
"""What the ports of a new device are made from."""


@dataclass(kw_only=True)
class EnsureServer(EntityTask[Server]):
    kind = Server
    default_driver = "basicserver"
    keys = ("name", "driver", "datacenter", "locations", "rack", "units", "ips", "attributes")

    datacenter: str | None = None
    rack: str | None = None
    ru: Sequence[int] | None = None
    ports: Sequence[Mapping[str, Any]] | None = None
    ips: Sequence[Mapping[str, Any]] | None = None
    ips_mode: str = "add"

    # Where it is

    @cached_property
    def _datacenter(self) -> Datacenter | None:
        return None if self.datacenter is None else Datacenter.get(self.datacenter, session=self.session)

    @cached_property
    def _rack(self) -> Rack | None:
        if not self.rack:
            return None
        rack = find(self.session, Rack, self.rack, self._datacenter.name if self._datacenter else None)
        if rack is None:
            raise NotFoundError(f"there is no rack {self.rack!r}")
        if self._datacenter and rack.datacenter_name != self._datacenter.name:
            raise InvalidError(f"{rack.label} is in {rack.datacenter_name}, not in {self._datacenter.label}")
        return rack

    def find(self) -> Server | None:
        """By name alone; the datacenter counts where several have the name, for a server may move."""
        try:
            return find(self.session, Server, self.name)
        except AmbiguousError:
            place = self._rack or self._datacenter
            if place is None:
                raise
            return find(self.session, Server, self.name, place.datacenter_name)

    def new(self) -> State:
        return {
            "name": self.name,
            "driver": self.default_driver,
            **where(None),
            "rack": None,
            "units": [],
            "ips": [],
            "attributes": {},
            **({"macs": {}} if self.ports else {}),
        }

    def before(self) -> State | None:
        before = super().before()
        if before is not None and self.ports:
            named = (self._port(wish) for wish in self.ports)
            before["macs"] = {port.name: port.mac for port in named}
        return before

    # What is wanted

    def wanted(self, now: State, /) -> State:
        place = self._wanted_place(now)
        if self.found is None or (place and place["datacenter"] != now["datacenter"]):
            check_free(self.session, Server, self.name, place.get("datacenter"))
        return {**place, **self._wanted_ports(), **self._wanted_ips(now)}

    def _wanted_place(self, now: State) -> State:
        if self._rack is not None or (self.ru and now["rack"]):
            return self._wanted_units(self._rack or self._rack_now(), now)
        if self.ru:
            raise InvalidError(f"{self.label}: ru {', '.join(map(str, self.ru))} without a rack; expected rack too")
        if self.rack == "" and now["rack"]:
            place = self._datacenter or self._rack_now().place
            return {**where(place), "rack": None, "units": []}
        if self._datacenter and self._datacenter.datacenter_name != now["datacenter"]:
            return {**where(self._datacenter), "rack": None, "units": []}
        return {}

    def _rack_now(self) -> Rack:
        place = self.found.place if self.found else None
        if not isinstance(place, Rack):
            raise ConflictError(f"{self.label} is in no rack")
        return place

    def _wanted_units(self, rack: Rack, now: State) -> State:
        height = self.found.height if self.found else float(self._model["u_height"])
        here = {**where(rack.place), "rack": rack.name}
        staying = self.found is not None and self.found.place == rack
        if self.ru is None:
            if staying:
                return {}
            if height:
                raise InvalidError(f"{self.label}: rack {rack.name!r} without a unit; expected ru too")
            return {**here, "units": []}
        units = self.ru[0] if len(self.ru) == 1 else self.ru
        return {**here, "units": list(rack.layout().place(now["name"], units, height))}

    @cached_property
    def _model(self) -> Mapping[str, Any]:
        return Server.model(self.session, (self.driver or self.default_driver).lower())

    def _driver(self, before: State | None, now: State) -> str:
        """Any device type will do, by its slug; clusto's own are those of its drivers."""
        if self.driver is None and before is not None:
            return str(now["driver"])
        new = str(self._model["model"])
        if before is not None and before["driver"] != new:
            raise ConflictError(f"{self.label} has the driver {before['driver']!r}; it cannot become {new!r}")
        return new

    def _wanted_ports(self) -> State:
        """The MAC addresses of the ports that are named."""
        if not self.ports:
            return {}
        macs: dict[str, str] = {}
        for wish in self.ports:
            mac, port = addresses.mac(wish["mac"]), self._port(wish)
            if not port.is_interface:
                raise InvalidError(f"{self.label}: {wish['type']} {port.name!r} is no interface; it has no MAC address")
            bearable(self.session, port if self.found else None, mac)
            macs[port.name] = mac
        return {"macs": macs}

    def _port(self, wish: Mapping[str, Any]) -> Port:
        """The port itself; of a new server what it is to be made from."""
        wanted = wish["name"] or wish["number"]
        if self.found:
            return self.found.port(wish["type"], wanted)
        components = [c for c in ports.port_type(wish["type"]).components if c in TEMPLATES]
        of = {"device_type_id": self._model["id"]}
        found = self.session.client.fetch({c: Query(TEMPLATES[c], of) for c in components})
        there = [Port(c, record) for c in components for record in found[c]]
        return ports.find(f"{self.label}, {wish['type']}", wanted, there)

    @cached_property
    def _bindings(self) -> Bindings:
        return Bindings(self.session, self.found)

    def _wanted_ips(self, now: State) -> State:
        if self.ips is None:
            return {}
        exact = self.ips_mode == "exact"
        meant = self._bindings.meant(now["ips"], self.ips, move=exact)
        bound: list[Binding] = meant if exact else [*now["ips"], *(b for b in meant if b not in now["ips"])]
        return {"ips": in_order(bound)}

    # How it comes about

    def class_of(self, driver: str) -> type[Server]:
        known = registry.drivers(Server.object_type).get(driver, Server)
        return known if issubclass(known, Server) else Server

    def make(self, cls: type[Server], after: State, /) -> Server:
        place = self._rack.place if self._rack else self._datacenter
        given: dict[str, Any] = {"location" if isinstance(place, Location) else "datacenter": place}
        driver = str(self._model["slug"])
        return cls(self.name, driver=driver, **given, attributes=after["attributes"], session=self.session)

    def bare(self, after: State, /) -> State:
        return {**super().bare(after), "rack": None, "units": [], "ips": [], "macs": {}}

    def change(self, entity: Server, before: State, after: State, /) -> None:
        self._move(entity, before, after)
        for wish in self.ports or () if before.get("macs") != after.get("macs") else ():
            entity.set_port_attr(wish["type"], wish["name"] or wish["number"], "mac", wish["mac"])
        if before["ips"] != after["ips"]:
            after["ips"] = self._bindings.bring_about(entity, before["ips"], after["ips"])

    def _move(self, entity: Server, before: State, after: State) -> None:
        if not moved(before, after) and all(before[key] == after[key] for key in ("rack", "units")):
            return
        if after["rack"]:
            (self._rack or self._rack_now()).insert(entity, after["units"] or None, move=True)
        else:
            entity.put(self._datacenter or self._rack_now().place)

    def result(self, after: State | None, /) -> State:
        return super().result(after and {key: value for key, value in after.items() if key != "macs"})
