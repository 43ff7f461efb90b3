# SPDX-License-Identifier: BSD-2-Clause
"""Port types, which ends fit together, and which port is number n."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Protocol, TypeVar

from .errors import InvalidError, NotFoundError


class Component(StrEnum):
    """NetBox's object types that ports are."""

    INTERFACE = "dcim.interface"
    CONSOLE_PORT = "dcim.consoleport"
    CONSOLE_SERVER_PORT = "dcim.consoleserverport"
    POWER_PORT = "dcim.powerport"
    POWER_OUTLET = "dcim.poweroutlet"


FITS: Final = frozenset(
    {
        (Component.INTERFACE, Component.INTERFACE),
        (Component.CONSOLE_PORT, Component.CONSOLE_SERVER_PORT),
        (Component.POWER_PORT, Component.POWER_OUTLET),
    }
)
"""The pairs of ends that a cable may connect, either way round."""

PHYSICALLY_NONE: Final = frozenset({"virtual", "bridge", "lag"})  # NetBox's interface types without a socket


@dataclass(frozen=True)
class PortType:
    """What users call a kind of port; NetBox keeps each as one of `components`."""

    name: str
    components: tuple[Component, ...]


NIC_ETH: Final = PortType("nic-eth", (Component.INTERFACE,))
CONSOLE_SERIAL: Final = PortType("console-serial", (Component.CONSOLE_PORT, Component.CONSOLE_SERVER_PORT))
PWR_NEMA_5: Final = PortType("pwr-nema-5", (Component.POWER_PORT, Component.POWER_OUTLET))
PORT_TYPES: Final[Mapping[str, PortType]] = {t.name: t for t in (NIC_ETH, CONSOLE_SERIAL, PWR_NEMA_5)}
"""Those of clusto. A user's own: `{**PORT_TYPES, "pwr-c13": PortType("pwr-c13", PWR_NEMA_5.components)}`."""


def port_type(name: str, known: Mapping[str, PortType] = PORT_TYPES) -> PortType:
    """NotFoundError, with those that there are, when there is none of that name."""
    try:
        return known[name]
    except KeyError:
        raise NotFoundError(f"no port type {name!r}; expected one of {', '.join(sorted(known))}") from None


def fit(one: Component, other: Component) -> bool:
    """Whether a cable may connect the two."""
    return (one, other) in FITS or (other, one) in FITS


class Port(Protocol):
    """What the numbering looks at; `type` is NetBox's, such as `1000base-t`."""

    @property
    def name(self) -> str: ...
    @property
    def type(self) -> str: ...
    @property
    def mgmt_only(self) -> bool: ...


Numbered = TypeVar("Numbered", bound=Port)


def natural(name: str) -> tuple[tuple[str, int, str], ...]:
    """Make a sort key that sorts `eth2` before `eth10`, and `Gi1/0/9` before `Gi1/0/10`."""
    parts = re.findall(r"([^0-9]*)([0-9]*)", name)[:-1]
    return tuple((text.casefold(), int(digits or -1), text + digits) for text, digits in parts)


def numbered(ports: Iterable[Numbered]) -> list[Numbered]:
    """Sort the ports that have a number, of a device's of one type: all but virtual, LAG and management-only ones."""
    counted = (p for p in ports if p.type not in PHYSICALLY_NONE and not p.mgmt_only)
    return sorted(counted, key=lambda p: natural(p.name))


def find(device: str, wanted: int | str, ports: Sequence[Numbered], names: Sequence[str] = ()) -> Numbered:
    """Find a port of a device by number (from 1) or name.

    ports: those of one type. names: where the driver says so, those of number 1, 2 and so on.
    Raises InvalidError for a number below 1, NotFoundError when there is none.
    """
    if isinstance(wanted, str):
        found = next((p for p in ports if p.name == wanted), None)
    elif isinstance(wanted, bool) or wanted < 1:
        raise InvalidError(f"{device}: port number {wanted!r}; expected a whole number, 1 or more")
    elif names:
        name = names[wanted - 1] if wanted <= len(names) else None
        found = next((p for p in ports if p.name == name), None)
    else:
        found = next(iter(numbered(ports)[wanted - 1 : wanted]), None)
    if found is None:
        there = ", ".join(p.name for p in sorted(ports, key=lambda p: natural(p.name)))
        raise NotFoundError(f"{device} has no port {wanted!r}; it has {there or 'none of that type'}")
    return found
