# SPDX-License-Identifier: BSD-2-Clause
"""Servers that are plugged into switch ports. No I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..core.errors import InvalidError
from ..core.layouts import Slot, SlotPort
from ..core.sequences import Member, expand

OPTIONS = ("name", "name_manager", "switch", "mac")


@dataclass(frozen=True, kw_only=True)
class Arrival:
    """A server at a port of the rack's switch.

    Without `name` it is the one that is there already, by its cable, its MAC address or its rack units; else a new one,
    named by `name_manager`, or as the layout says.
    """

    switchport: Member
    """The port's number, or its name."""
    switch: str | None = None
    """The switch's suffix in the layout, where servers are at several."""
    name: str | None = None
    name_manager: str | None = None
    mac: str | None = None
    """Of the server's port that is plugged in there."""
    vlan: int | None = None
    """To be recorded at the switch port, as its attribute `vlan`."""

    @classmethod
    def of(cls, options: Mapping[str, Any]) -> Arrival:
        """Read what a module is given: there every port is a text."""
        found = expand(options["switchport"])
        if len(found) != 1:
            raise InvalidError(f"switchport {options['switchport']!r}: expected one port")
        return cls(switchport=found[0], **{name: options.get(name) for name in OPTIONS})

    @property
    def title(self) -> str:
        return self.name or f"switch port {self.switchport}"


@dataclass
class Guest:
    """One server, of which there may have been told at several of its ports."""

    slot: Slot
    name: str | None = None
    name_manager: str | None = None
    macs: dict[tuple[str, Member], str] = field(default_factory=dict)
    """By type and number or name of the server's port."""
    told: list[int] = field(default_factory=list)
    """The indices of the arrivals that tell of it."""

    @property
    def title(self) -> str:
        macs = f" with MAC address {' and '.join(self.macs.values())}" if self.macs else ""
        return self.name or f"switch port {self.slot.switchport}{macs}"

    def add(self, arrival: Arrival, port: SlotPort) -> None:
        """InvalidError for another name than was told before."""
        for what in ("name", "name_manager"):
            known, told = getattr(self, what), getattr(arrival, what)
            if known and told and known != told:
                raise InvalidError(f"{self.slot}: {what} {told!r}, and {known!r} at another of its ports")
            setattr(self, what, known or told)
        if arrival.mac:
            self.macs[port.type, port.port] = arrival.mac
