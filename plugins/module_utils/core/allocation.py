# SPDX-License-Identifier: BSD-2-Clause
"""Which addresses of a subnet may be chosen for somebody who names none, and which of them come next.

Inside, addresses of one family are plain numbers, so that an IPv6 subnet costs no more than an IPv4 one.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from .addresses import IPAddress, IPNetwork, ip, usable
from .errors import InvalidError


class Stretch(NamedTuple):
    """From the first to the last address, both included."""

    first: int
    last: int


@dataclass(frozen=True)
class Block:
    """A prefix, as far as it says something about its own addresses: those that are in no other prefix inside it."""

    net: IPNetwork
    whole: bool = False
    """Whether its first and last address may be borne too: NetBox's `is_pool`."""
    open: bool = True
    """Whether addresses may be chosen from it."""
    manager: str | None = None
    """The IP manager that it is."""

    @property
    def bounds(self) -> tuple[IPAddress, IPAddress]:
        """The first and the last address that hosts may bear."""
        return (self.net[0], self.net[-1]) if self.whole else usable(self.net)


def choosable(
    outer: Block, inner: Iterable[Block], ranges: Sequence[Stretch] = (), holes: Iterable[Stretch] = ()
) -> list[Stretch]:
    """List what an IP manager may choose from, upwards: the stretches of `outer` and of the prefixes inside it.

    Left out are prefixes that are closed, other managers with all that is inside them, and `holes`. With `ranges` only
    what is in one of them is left.
    """
    found: list[Stretch] = []
    others: list[IPNetwork] = []
    for block in sorted((outer, *inner), key=lambda b: b.net.prefixlen):  # the innermost one comes last, and decides
        first, last = block.bounds
        found = without(found, Stretch(int(block.net[0]), int(block.net[-1])))
        if block.manager is not None and block is not outer:
            others.append(block.net)
        if block.open and not any(contains(other, block.net) for other in others):
            found.append(Stretch(int(first), int(last)))
    for hole in holes:
        found = without(found, hole)
    return sorted(common(found, ranges) if ranges else found)


def contains(outer: IPNetwork, inner: IPNetwork) -> bool:
    return outer.prefixlen <= inner.prefixlen and inner.network_address in outer


def without(stretches: Iterable[Stretch], hole: Stretch) -> list[Stretch]:
    parts = (
        part
        for first, last in stretches
        for part in (Stretch(first, min(last, hole.first - 1)), Stretch(max(first, hole.last + 1), last))
    )
    return [part for part in parts if part.first <= part.last]


def common(stretches: Iterable[Stretch], others: Sequence[Stretch]) -> list[Stretch]:
    """What two lists of stretches have in common; those of one list do not overlap."""
    parts = (Stretch(max(a.first, b.first), min(a.last, b.last)) for a in stretches for b in others)
    return [part for part in parts if part.first <= part.last]


def among(stretches: Sequence[Stretch], number: int) -> bool:
    """Whether an address is in one of the stretches, which are in order."""
    place = bisect_right(stretches, number, key=lambda stretch: stretch.first)
    return place > 0 and number <= stretches[place - 1].last


def lowest(stretches: Iterable[Stretch], taken: Collection[int], count: int) -> list[int]:
    """Find the first `count` addresses of the stretches that are not taken; fewer when there are no more."""
    found: list[int] = []
    for first, last in stretches:
        number = first
        while number <= last and len(found) < count:
            if number not in taken:
                found.append(number)
            number += 1
    return found


def innermost(blocks: Iterable[Block], address: IPAddress) -> Block | None:
    """Find the smallest of the prefixes that hold an address."""
    return max((b for b in blocks if address in b.net), key=lambda b: b.net.prefixlen, default=None)


# Ranges as people write them: 192.168.1.50-192.168.1.99


def ranges(texts: Iterable[str], block: Block) -> list[Stretch]:
    """Read ranges of a subnet; InvalidError for one that is none, is outside, or overlaps another. In order."""
    found = sorted(_range(text, block) for text in texts)
    for one, other in pairwise(found):
        if other.first <= one.last:
            raise InvalidError(f"ranges {written(one, block.net)} and {written(other, block.net)} overlap")
    return found


def _range(text: str, block: Block) -> Stretch:
    begin, dash, end = text.partition("-") if isinstance(text, str) else ("", "", "")
    first = ip(begin)
    last = ip(end) if dash else first
    bounds = block.bounds
    for address in (first, last):
        if address.version != block.net.version or not int(bounds[0]) <= int(address) <= int(bounds[1]):
            raise InvalidError(f"range {text!r}: {address} is not in {block.net}; expected {bounds[0]} to {bounds[1]}")
    if int(last) < int(first):
        raise InvalidError(f"range {text!r}: {last} comes before {first}; expected the lower address first")
    return Stretch(int(first), int(last))


def written(stretch: Stretch, net: IPNetwork) -> str:
    """Write a range the way it is read."""
    address = type(net[0])
    return f"{address(stretch.first)}-{address(stretch.last)}"
