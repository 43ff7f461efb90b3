# SPDX-License-Identifier: BSD-2-Clause
"""What a layout says of one rack, as the options of the modules `device` and `server`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..core.errors import InvalidError
from ..core.layouts import Cable, End, Layout, Slot
from ..core.layouts import Device as Standing
from ..core.ports import NIC_ETH
from ..core.sequences import Member
from ..drivers import Device, Rack, registry
from .arrivals import Guest

Options = dict[str, Any]
Resolve = Callable[[str], list[str]]
"""The addresses that DNS has for a name; NotFoundError where it has none."""
SERVER = "server"


@dataclass(frozen=True)
class Wishes:
    rack: Rack
    layout: Layout
    resolve: Resolve

    def name(self, suffix: str) -> str:
        return f"{self.rack.name}-{suffix}"

    def device(self, device: Standing) -> Options:
        """A device of the layout, with the cables that begin at it."""
        type_ = device.type or clusto_type(device.driver)
        if type_ is None:
            raise InvalidError(
                f"rack layout {self.layout.name!r}, device {device.suffix}: driver {device.driver!r} has no class;"
                " expected type too, such as networkswitch"
            )
        name = self.name(device.suffix)
        cables = [self._cable(cable) for cable in self.layout.cables if begin(cable).device == device.suffix]
        return {"name": name, "type": type_, **self._common(device, name), "ports": cables}

    def server(self, guest: Guest) -> Options:
        slot, manager = guest.slot, guest.name_manager or guest.slot.name_manager
        if guest.name is None and manager is None:
            raise InvalidError(
                f"{slot} has no name: expected name or name_manager, for layout {self.layout.name!r} names none"
            )
        ports = [
            {
                **port_of(port.type, port.port),
                "mac": guest.macs.get((port.type, port.port)),
                "connected_to": self._far(port.to, port.details),
            }
            for port in slot.ports
        ]
        unnamed = {"name_manager": self._filled(manager or ""), "called": guest.title}
        named = {"name": guest.name} if guest.name else unnamed
        return {**named, "type": SERVER, **self._common(slot, guest.name), "ports": ports}

    # Their parts

    def _common(self, what: Standing | Slot, name: str | None) -> Options:
        own = what.options
        return {
            "driver": what.driver,
            "rack": self.rack.name,
            "datacenter": self.rack.datacenter_name,
            "ru": list(what.units) or None,
            "stays": True,
            "ips": [ip for address in own.get("ips", ()) for ip in self._ips(address, name, what)],
            "pools": [self._filled(pool) for pool in own["pools"]] if "pools" in own else None,
            "attributes": own.get("attributes"),
        }

    def _ips(self, address: Mapping[str, Any], name: str | None, what: Standing | Slot) -> Iterator[Options]:
        port = {"type": NIC_ETH.name, **{key: address[key] for key in ("osport", "type", "number") if key in address}}
        if "ip_manager" in address:
            yield {**port, "ip_manager": self._filled(address["ip_manager"])}
        elif name is None:
            raise InvalidError(f"{what}: its address comes from DNS, for its name; expected name, not name_manager")
        else:
            domain = self._filled(address["dns"]).strip(".")
            yield from ({**port, "ip": ip} for ip in self.resolve(f"{name}.{domain}"))

    def _cable(self, cable: Cable) -> Options:
        near = begin(cable)
        far = cable.b if near is cable.a else cable.a
        return {**port_of(near.type, near.port), "connected_to": self._far(far, cable.details)}

    def _far(self, end: End, details: Mapping[str, Any]) -> Options:
        entity = self.name(end.device) if end.device else self._filled(end.entity or "")
        return {"entity": entity, **port_of(end.type, end.port), "cable": dict(details)}

    def _filled(self, text: str) -> str:
        """Write the names of rack and datacenter for `{rack}` and `{datacenter}`."""
        return text.replace("{rack}", self.rack.name).replace("{datacenter}", self.rack.datacenter_name or "")


def port_of(type_: str, port: Member) -> Options:
    return {"type": type_, "number" if isinstance(port, int) else "name": port}


def begin(cable: Cable) -> End:
    """The end at whose device a cable is told of."""
    return cable.a if cable.a.device else cable.b


def clusto_type(driver: str) -> str | None:
    """That of the driver's class; None where there is no class."""
    found = registry.drivers(Device.object_type).get(driver)
    return found.clusto_type() if found else None
