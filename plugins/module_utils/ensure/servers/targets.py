# SPDX-License-Identifier: BSD-2-Clause
"""What one wish comes to: the device as it is, as it will be, and the pieces that have to be written for that."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ...core.ports import INTERFACE
from ...drivers import Device, IPManager
from ...drivers.ports import Port
from ...drivers.session import Record
from ..bindings import Binding
from ..task import State
from .wishes import Wish


class Mac(NamedTuple):
    """A MAC address that a port is to bear; `record` is what NetBox has of it already."""

    port: Port
    mac: str
    record: Record | None


class Link(NamedTuple):
    """A cable that is to be: between a port of this device and one of another, maybe also of this list."""

    port: Port
    far: Target | Device
    far_port: Port
    details: Mapping[str, Any]
    """NetBox's fields of the cable, if it is made."""
    loose: int | None
    """The cable that is at one of the two already, and ends nowhere."""


@dataclass
class Bind:
    """An address that is to be bound; `ip` is None, or a forecast, when its manager is to choose it."""

    osport: str
    manager: IPManager
    ip: str | None
    given: bool

    @property
    def binding(self) -> Binding:
        """As states tell it."""
        vrf = {"vrf": self.manager.vrf} if self.manager.vrf else {}
        return {"ip": self.ip or "", "osport": self.osport, **vrf}


@dataclass
class Target:
    wish: Wish
    device: Device
    """The one that is there; else a draft, of which only name, driver and ports tell something."""
    exists: bool
    before: State | None = None
    after: State | None = None
    place: Mapping[str, Any] | None = None
    """The fields that put it where it is to be; None when it is there."""
    macs: list[Mac] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    binds: list[Bind] = field(default_factory=list)
    moves: list[tuple[Record, str]] = field(default_factory=list)
    """Addresses of this device that go to another of its interfaces."""
    freed: list[Record] = field(default_factory=list)
    labels: dict[str, tuple[Port, str]] = field(default_factory=dict)
    """By the names of ports: the labels that they are to bear."""

    @property
    def title(self) -> str:
        """How a list's result calls it."""
        state = self.after or self.before
        return str(state["name"]) if state else self.wish.title

    @property
    def label(self) -> str:
        return self.device.label if self.exists else self.wish.label

    @property
    def end(self) -> bool:
        """Whether it is there and is not to be."""
        return self.exists and not self.wish.present

    def made(self, port: Port) -> Port:
        """The port itself, of one that was worked out from a template."""
        if self.exists:
            return port
        there = self.device.known_ports or {}
        return next(Port(port.object_type, r) for r in there[port.object_type] if r["name"] == port.name)

    def interface(self, osport: str) -> str:
        """The name in NetBox of what the operating system calls `osport`: that may be its label."""
        there = self.device.ports(INTERFACE)
        labels = {label: port.name for port in there if (label := port.record.get("label"))}
        return {**labels, **{port.name: port.name for port in there}}.get(osport, osport)


def owners(targets: Iterable[Target]) -> list[int]:
    """The indices of their items."""
    return [t.wish.index for t in targets]


def draft(wish: Wish, session: Any, model: Record, role: Record) -> Device:
    """A device that is not made yet, with the ports that it will have."""
    site = {"name": "", "slug": "unplaced"}
    record = {"id": -1 - wish.index, "name": wish.title, "display": wish.title, "role": role, "device_type": model}
    nowhere: dict[str, Any] = {"site": site, "location": None, "rack": None, "position": None, "face": None, "tags": []}
    return Device.from_record(session, {**record, **nowhere, "local_context_data": None})
