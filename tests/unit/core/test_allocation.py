# SPDX-License-Identifier: BSD-2-Clause
"""What may be chosen and what is next, against a reference that looks at every address by itself."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clusto.core import allocation
from clusto.core.allocation import Block, Stretch
from clusto.core.errors import InvalidError

NET = ip_network("10.0.0.0/24")
HERE = int(NET[0])


@st.composite
def networks(draw: st.DrawFn, shortest: int) -> IPv4Network:
    length = draw(st.integers(shortest, 32))
    number = draw(st.integers(0, 2 ** (length - 24) - 1))
    return IPv4Network((HERE + (number << (32 - length)), length))


@st.composite
def blocks(draw: st.DrawFn) -> Block:
    return Block(
        draw(networks(25)), draw(st.booleans()), draw(st.booleans()), draw(st.sampled_from([None, None, "another"]))
    )


@st.composite
def stretches(draw: st.DrawFn) -> Stretch:
    first, last = sorted((draw(st.integers(0, 255)), draw(st.integers(0, 255))))
    return Stretch(HERE + first, HERE + last)


def apart(found: list[Stretch]) -> list[Stretch]:
    """Those that do not overlap one before them, as a manager's ranges are."""
    kept: list[Stretch] = []
    for one in sorted(found):
        if not kept or one.first > kept[-1].last:
            kept.append(one)
    return kept


def may_be_chosen(outer: Block, inner: list[Block], ranges: list[Stretch], holes: list[Stretch], number: int) -> bool:
    address = IPv4Address(number)
    holding = [outer, *(b for b in inner if address in b.net)]
    home = max(holding, key=lambda b: b.net.prefixlen)
    return (
        home.open
        and int(home.bounds[0]) <= number <= int(home.bounds[1])
        and not any(b.manager for b in holding if b is not outer)
        and not any(first <= number <= last for first, last in holes)
        and (not ranges or any(first <= number <= last for first, last in ranges))
    )


@given(
    st.builds(Block, st.just(NET), whole=st.booleans(), open=st.booleans(), manager=st.just("this")),
    st.lists(blocks(), max_size=6, unique_by=lambda b: b.net),
    st.lists(stretches(), max_size=3).map(apart),
    st.lists(stretches(), max_size=3),
    st.sets(st.integers(HERE, HERE + 255)),
    st.integers(0, 300),
)
def test_the_lowest_of_what_may_be_chosen(  # noqa: PLR0913, PLR0917 - all that the choice depends on
    outer: Block, inner: list[Block], ranges: list[Stretch], holes: list[Stretch], taken: set[int], count: int
) -> None:
    room = allocation.choosable(outer, inner, ranges, holes)
    expected = [n for n in range(HERE, HERE + 256) if may_be_chosen(outer, inner, ranges, holes, n)]
    assert [n for first, last in room for n in range(first, last + 1)] == expected
    assert [n for n in range(HERE - 2, HERE + 258) if allocation.among(room, n)] == expected
    assert allocation.lowest(room, taken, count) == [n for n in expected if n not in taken][:count]


def test_a_huge_subnet_costs_nothing() -> None:
    outer = Block(ip_network("2001:db8::/32"))
    inner = [Block(ip_network("2001:db8::/48"), manager="another"), Block(ip_network("2001:db8:1::/64"), open=False)]
    room = allocation.choosable(outer, inner)
    first = int(IPv6Address("2001:db8:1:1::"))
    assert allocation.lowest(room, {first, first + 1}, 2) == [first + 2, first + 3]


@pytest.mark.parametrize(
    ("net", "whole", "first", "last"),
    [
        ("10.0.0.0/29", False, "10.0.0.1", "10.0.0.6"),
        ("10.0.0.0/29", True, "10.0.0.0", "10.0.0.7"),
        ("10.0.0.0/31", False, "10.0.0.0", "10.0.0.1"),
        ("10.0.0.7/32", False, "10.0.0.7", "10.0.0.7"),
        ("2001:db8::/64", False, "2001:db8::1", "2001:db8::ffff:ffff:ffff:ffff"),
        ("2001:db8::/127", False, "2001:db8::", "2001:db8::1"),
        ("2001:db8::7/128", False, "2001:db8::7", "2001:db8::7"),
    ],
)
def test_bounds(net: str, whole: bool, first: str, last: str) -> None:  # noqa: FBT001 - a column of the table
    assert [str(address) for address in Block(ip_network(net), whole).bounds] == [first, last]


def test_the_innermost_prefix_decides() -> None:
    nested = [Block(ip_network(net)) for net in ("10.0.0.0/24", "10.0.0.64/26", "10.0.0.64/28", "10.0.0.128/26")]
    assert allocation.innermost(nested, IPv4Address("10.0.0.70")) == nested[2]
    assert allocation.innermost(nested, IPv4Address("10.0.0.99")) == nested[1]
    assert allocation.innermost(nested, IPv4Address("10.0.1.1")) is None


def test_ranges_are_read_and_written_in_their_order() -> None:
    texts = ["10.0.0.50-10.0.0.99", " 10.0.0.7 ", "10.0.0.8 - 10.0.0.9"]
    found = allocation.ranges(texts, Block(NET))
    kept = ["10.0.0.7-10.0.0.7", "10.0.0.8-10.0.0.9", "10.0.0.50-10.0.0.99"]
    assert [allocation.written(one, NET) for one in found] == kept
    assert allocation.ranges(kept, Block(NET)) == found


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        (["10.0.0.9-10.0.0.5"], "range '10.0.0.9-10.0.0.5': 10.0.0.5 comes before 10.0.0.9"),
        (["10.0.0.0-10.0.0.5"], "10.0.0.0 is not in 10.0.0.0/24; expected 10.0.0.1 to 10.0.0.254"),
        (["10.0.0.9-10.0.1.5"], "10.0.1.5 is not in 10.0.0.0/24"),
        (["2001:db8::1-2001:db8::5"], "2001:db8::1 is not in 10.0.0.0/24"),
        (["10.0.0.5-9"], "'9' is no IP address"),
        ([""], "'' is no IP address"),
        ([7], "'' is no IP address"),
        (
            ["10.0.0.9-10.0.0.20", "10.0.0.1-10.0.0.9"],
            "ranges 10.0.0.1-10.0.0.9 and 10.0.0.9-10.0.0.20 overlap",
        ),
    ],
)
def test_ranges_that_are_none(texts: list[str], message: str) -> None:
    with pytest.raises(InvalidError, match=message.replace(".", r"\.")):
        allocation.ranges(texts, Block(NET))
