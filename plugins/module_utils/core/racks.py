# SPDX-License-Identifier: BSD-2-Clause
"""Rack units: which a device may take. Units are whole numbers; the lowest of a device's is NetBox's `position`."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from .errors import ConflictError, InvalidError

MIN_U = 1
MAX_U = 45  # clusto's rack

Units = tuple[int, ...]


class Occupant(NamedTuple):
    """A device as it stands in a rack: others may have its name."""

    name: str
    id: int = 0
    """NetBox's; 0 for one that it does not have."""

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True)
class Rack:
    """A rack's units, and what stands in them."""

    name: str
    min_u: int = MIN_U
    max_u: int = MAX_U
    occupied: Mapping[int, Occupant] = field(default_factory=dict)
    """Unit -> the device there."""

    def __post_init__(self) -> None:
        if not 1 <= self.min_u <= self.max_u:
            raise InvalidError(
                f"rack {self.name}: units {self.min_u} to {self.max_u}; expected a lowest unit of 1 or more, and"
                " a highest that is not below it"
            )

    def place(self, device: Occupant, units: int | Iterable[int], height: float = 1) -> Units:
        """Return the units that a device takes, lowest first. One unit means the lowest of as many as it is high.

        Raises InvalidError for units outside the rack, not adjacent, or not as many as `height` says, ConflictError for
        one where another device stands. A device does not stand in its own way.
        """
        wanted = self._wanted(device, units, height)
        if outside := [u for u in wanted if not self.min_u <= u <= self.max_u]:
            raise InvalidError(
                f"rack {self.name}, device {device}: unit {_listed(outside)} is outside the rack;"
                f" expected {self.min_u} to {self.max_u}"
            )
        for unit in wanted:
            if (other := self.occupied.get(unit, device)) != device:
                raise ConflictError(f"rack {self.name}, device {device}: unit {unit} is occupied by {other}")
        return wanted

    def _wanted(self, device: Occupant, units: int | Iterable[int], height: float) -> Units:
        high = math.ceil(height)
        given = tuple(range(units, units + high)) if isinstance(units, int) else tuple(sorted(units))
        name = f"rack {self.name}, device {device}"
        if high < 1:
            raise InvalidError(f"{name}: it is {height:g} units high; expected a device that takes rack units")
        if len(given) == 1 and high > 1:
            given = tuple(range(given[0], given[0] + high))
        if any(isinstance(u, bool) or not isinstance(u, int) for u in given):
            raise InvalidError(f"{name}: units {_listed(given)}; expected whole numbers")
        if given and given != tuple(range(given[0], given[0] + len(given))):
            raise InvalidError(f"{name}: units {_listed(given)} are not adjacent")
        if len(given) != high:
            raise InvalidError(f"{name}: {len(given)} units given ({_listed(given)}); it is {height:g} units high")
        return given

    def resized(self, min_u: int, max_u: int) -> Rack:
        """Make the same rack with other bounds; ConflictError when a device stands outside them."""
        for unit, device in sorted(self.occupied.items()):
            if not min_u <= unit <= max_u:
                raise ConflictError(
                    f"rack {self.name}: unit {unit} is occupied by {device}; it would be outside {min_u} to {max_u}"
                )
        return Rack(self.name, min_u, max_u, self.occupied)


def units_of(position: float, height: float) -> Units:
    """List the whole units that NetBox's position and height touch, halves too; none for a device without height."""
    return tuple(range(math.floor(position), math.ceil(position + height)))


def _listed(units: Iterable[object]) -> str:
    return ", ".join(str(unit) for unit in units)
