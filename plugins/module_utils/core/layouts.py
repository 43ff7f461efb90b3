# SPDX-License-Identifier: BSD-2-Clause
"""Rack layouts: what they say of every device, cable and switch port. `layout_reading` reads their documents."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from .errors import NotFoundError
from .racks import Units
from .sequences import Member

Options = Mapping[str, Any]


class End(NamedTuple):
    """A port of a device, which is one of the layout, by its suffix, or another, by its name."""

    device: str | None
    entity: str | None
    type: str
    port: Member

    def __str__(self) -> str:
        return f"{self.device or self.entity} {self.type} {self.port}"


@dataclass(frozen=True)
class Device:
    """What every rack of the layout has once."""

    suffix: str
    driver: str
    type: str | None
    """The clusto type; None for the driver's own."""
    units: Units
    """As given: one may be the lowest of several. None for what takes none."""
    options: Options
    """`ips`, `pools` and `attributes`, as in the document."""


class Cable(NamedTuple):
    a: End
    b: End
    details: Options


class SlotPort(NamedTuple):
    """A port of a server, and where its cable leads."""

    type: str
    port: Member
    to: End
    details: Options


@dataclass(frozen=True)
class Slot:
    """The place of one server: what a switch port says of what is plugged into it."""

    switchport: Member
    driver: str
    name_manager: str | None
    units: Units
    """As of a device."""
    ports: tuple[SlotPort, ...]
    options: Options
    """As of a device."""

    def __str__(self) -> str:
        return f"the server at switch port {self.switchport}"


@dataclass(frozen=True)
class Layout:
    name: str
    devices: tuple[Device, ...]
    cables: tuple[Cable, ...]
    slots: tuple[Slot, ...]
    switch: str | None
    """The suffix of the switch at whose ports the servers are; None where there are none."""
    _nics: Mapping[tuple[str, Member], tuple[Slot, SlotPort]] = field(repr=False)
    """Suffix and port of a switch -> what is plugged in there."""

    @property
    def switches(self) -> list[str]:
        """The suffixes of all switches at which there are servers."""
        return list(dict.fromkeys(suffix for suffix, _ in self._nics))

    def has(self, port: Member, switch: str) -> bool:
        return (switch, port) in self._nics

    def at(self, port: Member, switch: str | None = None) -> tuple[Slot, SlotPort]:
        """Find what belongs at a port of a switch (its suffix): the server's place, and which of its ports it is.

        NotFoundError, with what the layout has, for a port of which it says nothing.
        """
        switch = switch or self.switch
        try:
            return self._nics[switch or "", port]
        except KeyError:
            there = [str(known) for suffix, known in self._nics if suffix == switch]
            raise NotFoundError(
                f"rack layout {self.name!r} has no switch port {port!r} of {switch};"
                f" expected {', '.join(there) or f'one of {self.switch}'}"
            ) from None


def drivers(document: Any) -> set[str]:
    """List the drivers that a document names, be there ever so much wrong with it otherwise."""
    parts = document if isinstance(document, Mapping) else {}
    devices, entries = parts.get("devices"), parts.get("switchports")
    named = [
        *(devices if isinstance(devices, list | tuple) else ()),
        *(entries.values() if isinstance(entries, Mapping) else ()),
        parts.get("servers"),
    ]
    found = (one.get("driver") for one in named if isinstance(one, Mapping))
    return {driver.lower() for driver in found if isinstance(driver, str)}


def plain(document: Any) -> Any:
    """Give a document the form that JSON has: YAML reads the key of a single switch port as a number."""
    if isinstance(document, Mapping):
        return {str(key): plain(value) for key, value in document.items()}
    return [plain(one) for one in document] if isinstance(document, list | tuple) else document
