# SPDX-License-Identifier: BSD-2-Clause
"""Names that are numbered: `s0000`, `s0001` … (clusto's SimpleNameManager)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .errors import ExhaustedError, InvalidError

LARGEST = 10**15 - 1
"""The largest number: what JSON keeps exact everywhere."""
MOST_DIGITS = 15


@dataclass(frozen=True)
class Numbering:
    """How a number is written behind `basename`. InvalidError unless there are 1 to 15 digits."""

    basename: str = ""
    digits: int = 2
    leading_zeros: bool = True

    def __post_init__(self) -> None:
        whole(self.digits, "digits", MOST_DIGITS, lowest=1)
        if not isinstance(self.basename, str) or self.basename != self.basename.lstrip():
            raise InvalidError(f"basename {self.basename!r}: expected text without blanks before it")
        if not self.basename.isprintable():
            raise InvalidError(f"basename {self.basename!r}: expected printable text")

    @property
    def highest(self) -> int:
        """The last number that the digits can write."""
        return int(10**self.digits - 1)

    def name(self, number: int) -> str:
        return f"{self.basename}{number:0{self.digits if self.leading_zeros else 1}d}"

    def number(self, name: str) -> int | None:
        """Read the number of a name; None for a name that `name` never makes."""
        written = name.removeprefix(self.basename)
        if not (name.startswith(self.basename) and written.isascii() and written.isdigit()):
            return None
        number = int(written) if len(written) <= MOST_DIGITS else LARGEST
        return number if number <= self.highest and self.name(number) == name else None


def whole(number: Any, what: str, highest: int = LARGEST, lowest: int = 0) -> int:
    """Return a number; InvalidError, saying `what`, when it is none within the bounds."""
    if isinstance(number, bool) or not isinstance(number, int) or not lowest <= number <= highest:
        raise InvalidError(f"{what} {number!r}: expected a whole number from {lowest} to {highest}")
    return number


def following(first: int, highest: int, count: int, taken: Callable[[int], bool], what: str) -> list[int]:
    """List the next `count` numbers from `first` that are not taken; ExhaustedError, saying `what`, when they end."""
    found: list[int] = []
    number = first
    while len(found) < count:
        if number > highest:
            left = f"{len(found)} left, " if count > 1 else ""
            raise ExhaustedError(f"{what}: {left}the next would be {number}, expected {highest} at most")
        if not taken(number):
            found.append(number)
        number += 1
    return found
