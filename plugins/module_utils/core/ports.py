# SPDX-License-Identifier: BSD-2-Clause
"""Port types, which ends fit together, and which port is number n."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Protocol, TypeVar

from .errors import InvalidError, NotFoundError


class Component(StrEnum):
    """NetBox's object types that ports are, in the order in which those of one port type are numbered.

    What a console server or power strip gives comes before what it takes itself: outlet 1 of a strip is number 1.
    """

    INTERFACE = "dcim.interface"
    CONSOLE_SERVER_PORT = "dcim.consoleserverport"
    CONSOLE_PORT = "dcim.consoleport"
    POWER_OUTLET = "dcim.poweroutlet"
    POWER_PORT = "dcim.powerport"
    FRONT_PORT = "dcim.frontport"
    REAR_PORT = "dcim.rearport"

    @property
    def words(self) -> str:
        """How messages call it: `console server port`."""
        return self.name.lower().replace("_", " ")


PASS_THROUGH: Final = frozenset({Component.FRONT_PORT, Component.REAR_PORT})
"""The ports of patch panels: a connection leads in at the one and out at the other."""

FITS: Final = frozenset(
    {
        frozenset({Component.INTERFACE}),
        frozenset({Component.CONSOLE_PORT, Component.CONSOLE_SERVER_PORT}),
        frozenset({Component.POWER_PORT, Component.POWER_OUTLET}),
        *(
            frozenset({end, through})
            for end in (Component.INTERFACE, Component.CONSOLE_PORT, Component.CONSOLE_SERVER_PORT, *PASS_THROUGH)
            for through in PASS_THROUGH
        ),
    }
)
"""What a cable may connect, as NetBox has it (dcim.constants.COMPATIBLE_TERMINATION_TYPES); one alone fits its like."""

OUTSIDE_FITS: Final[Mapping[str, tuple[Component, ...]]] = {
    "dcim.powerfeed": (Component.POWER_PORT,),
    "circuits.circuittermination": (Component.INTERFACE, Component.FRONT_PORT, Component.REAR_PORT),
}
"""The same for what is at no device. Two circuits, which NetBox would connect too, are left to their provider."""

PHYSICALLY_NONE: Final = frozenset({"virtual", "bridge", "lag", "channel"})  # NetBox's interface types without a socket
WIRELESS: Final = re.compile(r"ieee802\.1[15].*|other-wireless|gsm|cdma|lte|[45]g")


def takes_cables(type_: str) -> bool:
    """Whether a port of that type of NetBox's can have a cable (dcim.constants.NONCONNECTABLE_IFACE_TYPES)."""
    return type_ not in PHYSICALLY_NONE and not WIRELESS.fullmatch(type_)


@dataclass(frozen=True)
class PortType:
    """What users call a kind of port; NetBox keeps each as one of `components`.

    `types` are NetBox's types of port that belong to it; without, all that no other port type claims.
    """

    name: str
    components: tuple[Component, ...]
    types: frozenset[str] = frozenset()

    def claims(self, component: str, type_: str) -> bool:
        """Whether a port is of this type whatever other port types there are."""
        return component in self.components and type_ in self.types


NIC_ETH: Final = PortType("nic-eth", (Component.INTERFACE,))
CONSOLE_SERIAL: Final = PortType("console-serial", (Component.CONSOLE_SERVER_PORT, Component.CONSOLE_PORT))
PWR_NEMA_5: Final = PortType("pwr-nema-5", (Component.POWER_OUTLET, Component.POWER_PORT))
FRONT_PORT: Final = PortType("front-port", (Component.FRONT_PORT,))
REAR_PORT: Final = PortType("rear-port", (Component.REAR_PORT,))
SHIPPED: Final = (NIC_ETH, CONSOLE_SERIAL, PWR_NEMA_5, FRONT_PORT, REAR_PORT)
"""The types that ports are of, unless a user's own claims them; of each component one."""

INTERFACE: Final = "interface"
WAYS: Final[Mapping[str, PortType]] = {
    name: PortType(name, (component,))
    for name, component in (
        (INTERFACE, Component.INTERFACE),
        ("console-port", Component.CONSOLE_PORT),
        ("console-server-port", Component.CONSOLE_SERVER_PORT),
        ("power-port", Component.POWER_PORT),
        ("power-outlet", Component.POWER_OUTLET),
    )
}
"""More ways to say which port: all of one component, numbered by themselves, whatever type they are of."""


class PortTypes:
    """The port types that there are: those shipped and those that users define."""

    def __init__(self) -> None:
        self._defined: dict[str, PortType] = {known.name: known for known in SHIPPED}

    def __iter__(self) -> Iterator[PortType]:
        return iter(self._defined.values())

    def get(self, name: str) -> PortType:
        """NotFoundError, with those that there are, when there is none of that name."""
        try:
            return self._defined.get(name) or WAYS[name]
        except KeyError:
            expected = ", ".join([*self._defined, *WAYS])
            raise NotFoundError(f"no port type {name!r}; expected one of {expected}") from None

    def define(self, name: str, components: Sequence[str], types: Sequence[str]) -> PortType:
        """Add one; nothing happens when the very same is there already.

        InvalidError for another of that name, for what are no components, and for a type that another port type
        claims: of which of the two a port is must not depend on who comes first.
        """
        if unknown := [one for one in components if one not in set(Component)]:
            raise InvalidError(
                f"port type {name!r}: {', '.join(map(repr, unknown))}; expected some of {', '.join(Component)}"
            )
        new = PortType(name, tuple(Component(one) for one in components), frozenset(types))
        if not new.components or not new.types:
            raise InvalidError(f"port type {name!r}: expected components, and NetBox's types of port that belong to it")
        known = self._defined.get(name) or WAYS.get(name)
        if known not in {None, new}:
            raise InvalidError(f"port type {name!r} is there already, and defined otherwise: {known}")
        for other in self:
            common = sorted(new.types & other.types)
            if other.name != name and common and set(new.components) & set(other.components):
                raise InvalidError(f"port type {name!r}: {', '.join(common)} belongs to port type {other.name!r}")
        self._defined[name] = new
        return new

    def of(self, component: str, type_: str) -> PortType:
        """Find the type of a port, of which NetBox says `type_` (empty where it tells none)."""
        claiming = (known for known in self if known.claims(component, type_))
        return next(claiming, None) or next(known for known in SHIPPED if component in known.components)


PORT_TYPES: Final = PortTypes()


def port_type(name: str) -> PortType:
    """NotFoundError, with those that there are, when there is none of that name."""
    return PORT_TYPES.get(name)


def define_port_type(name: str, components: Iterable[str], *, types: Iterable[str]) -> PortType:
    """Make a port type of your own, such as pwr-c13, for all devices; see `PortTypes.define`.

    components: of NetBox's `dcim.powerport`, `dcim.poweroutlet` … types: NetBox's types of them that belong to it, such
    as `iec-60320-c13`; they are no longer of the shipped port type.
    """
    listed = [[given] if isinstance(given, str) else [*given] for given in (components, types)]
    return PORT_TYPES.define(name, *listed)


def fit(one: Component, other: Component) -> bool:
    """Whether a cable may connect the two."""
    return frozenset({one, other}) in FITS


class Port(Protocol):
    """What the numbering looks at; `type` is NetBox's, such as `1000base-t`."""

    @property
    def object_type(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def type(self) -> str: ...
    @property
    def mgmt_only(self) -> bool: ...


Numbered = TypeVar("Numbered", bound=Port)
RANK: Final[Mapping[str, int]] = {component: rank for rank, component in enumerate(Component)}


def natural(name: str) -> tuple[tuple[str, int, str], ...]:
    """Make a sort key that sorts `eth2` before `eth10`, and `Gi1/0/9` before `Gi1/0/10`."""
    parts = re.findall(r"([^0-9]*)([0-9]*)", name)[:-1]
    return tuple((text.casefold(), int(digits or -1), text + digits) for text, digits in parts)


def in_order(ports: Iterable[Numbered]) -> list[Numbered]:
    """Sort the ports of a device as their numbers go: by component, then by name."""
    return sorted(ports, key=lambda p: (RANK.get(p.object_type, 0), natural(p.name)))


def numbered(ports: Iterable[Numbered]) -> list[Numbered]:
    """Sort the ports that have a number, of a device's of one type: all but virtual, LAG and management-only ones."""
    return in_order(p for p in ports if p.type not in PHYSICALLY_NONE and not p.mgmt_only)


@dataclass(frozen=True)
class Naming:
    """How a driver calls its ports of one type: port n is `stem` with `first + n - 1` behind it."""

    stem: str
    first: int

    def name(self, number: int) -> str:
        return f"{self.stem}{self.first + number - 1}"

    def number(self, name: str) -> int | None:
        """The number of a port of that name; None for a name that is not the driver's."""
        digits = name.removeprefix(self.stem)
        number = int(digits) - self.first + 1 if digits.isdecimal() else 0
        return number if number >= 1 and self.name(number) == name else None


def numbers(ports: Sequence[Numbered], naming: Naming | None = None) -> dict[tuple[str, str], int]:
    """Tell the numbers of those ports of one type that have one, by object type and name."""
    if naming is None:
        return {(p.object_type, p.name): n for n, p in enumerate(numbered(ports), 1)}
    told = ((p, naming.number(p.name)) for p in in_order(ports))
    return {(p.object_type, p.name): n for p, n in told if n is not None}


def find(device: str, wanted: int | str, ports: Sequence[Numbered], naming: Naming | None = None) -> Numbered:
    """Find a port of a device by number (from 1) or name.

    ports: those of one type. Of two components that have a port of one name, the one that is numbered first is meant.
    Raises InvalidError for a number below 1, NotFoundError when there is none.
    """
    there = in_order(ports)
    if isinstance(wanted, str):
        found = next((p for p in there if p.name == wanted), None)
    elif isinstance(wanted, bool) or wanted < 1:
        raise InvalidError(f"{device}: port number {wanted!r}; expected a whole number, 1 or more")
    elif naming:
        found = next((p for p in there if p.name == naming.name(wanted)), None)
    else:
        found = next(iter(numbered(there)[wanted - 1 : wanted]), None)
    if found is None:
        names = ", ".join(p.name for p in there)
        raise NotFoundError(f"{device} has no port {wanted!r}; it has {names or 'none of that type'}")
    return found
