# SPDX-License-Identifier: BSD-2-Clause
from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_network
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clusto.core import addresses
from clusto.core.errors import InvalidError


@given(st.binary(min_size=6, max_size=6), st.booleans())
def test_a_mac_is_read_in_every_notation(octets: bytes, upper: bool) -> None:  # noqa: FBT001 - drawn by hypothesis
    digits = octets.hex()
    canonical = octets.hex(":")
    spellings = [digits, canonical, octets.hex("-"), octets.hex("."), f"{digits[:4]}.{digits[4:8]}.{digits[8:]}"]
    for text in spellings:
        assert addresses.mac(f" {text.upper() if upper else text}\n") == canonical


@pytest.mark.parametrize(
    "text",
    ["", "00:11:22:33:44", "00:11:22:33:44:55:66", "00:11-22:33-44:55", "0:11:22:33:44:55", "001122334g55",
     "0011.2233.44.55", "0011:2233:4455", "\u0966\u0966:11:22:33:44:55", None, 12],
)  # fmt: skip
def test_what_is_no_mac(text: Any) -> None:
    with pytest.raises(InvalidError, match="is no MAC address; expected six octets"):
        addresses.mac(text)


def test_addresses_are_read_strictly() -> None:
    assert addresses.ip(" 192.168.1.50 ") == IPv4Address("192.168.1.50")
    assert addresses.ip("2001:DB8::1") == IPv6Address("2001:db8::1")
    assert addresses.ipv4("10.0.0.1") == IPv4Address("10.0.0.1")
    with pytest.raises(InvalidError, match="'2001:db8::1' is an IPv6 address; expected an IPv4"):
        addresses.ipv4("2001:db8::1")


@pytest.mark.parametrize("text", ["", "10.0.0", "10.0.0.256", "10.0.0.01", "10.0.0.1/24", "host", None, 167772161])
def test_what_is_no_address(text: Any) -> None:
    with pytest.raises(InvalidError, match="is no IP address"):
        addresses.ip(text)


def test_subnets() -> None:
    dmz = ip_network("192.168.20.0/22")
    assert addresses.network("192.168.20.0", "255.255.252.0") == dmz
    assert addresses.network("192.168.20.0", "22") == dmz
    assert addresses.network("192.168.20.0", 22) == dmz
    assert addresses.prefix("192.168.20.0/22") == dmz
    assert addresses.prefix("2001:db8::/64") == ip_network("2001:db8::/64")
    assert addresses.network("0.0.0.0", "0.0.0.0") == ip_network("0.0.0.0/0")


@pytest.mark.parametrize(
    ("baseip", "netmask", "message"),
    [
        ("192.168.20.5", "255.255.252.0", "192.168.20.5 is inside the subnet, expected its first address 192.168.20.0"),
        ("192.168.20.0", "255.0.255.0", "'255.0.255.0' is no netmask of 192.168.20.0"),
        ("192.168.20.0", "0.0.3.255", "'0.0.3.255' is no netmask"),
        ("192.168.20.0", "ffff::", "'ffff::' is no netmask"),
        ("192.168.20.0", 33, "prefix length 33, expected 32 at most"),
        ("192.168.20.0", "mask", "'mask' is no IP address"),
        ("base", 24, "'base' is no IP address"),
    ],
)
def test_subnets_that_are_none(baseip: str, netmask: str | int, message: str) -> None:
    with pytest.raises(InvalidError, match=message):
        addresses.network(baseip, netmask)


@pytest.mark.parametrize("text", ["10.0.0.0", "10.0.0.0/", "10.0.0.0/x", "10.0.0.0/255.0.0.0", "10.0.0.1/24", None])
def test_prefixes_that_are_none(text: Any) -> None:
    with pytest.raises(InvalidError):
        addresses.prefix(text)


@pytest.mark.parametrize(
    ("subnet", "first", "last"),
    [
        ("192.168.20.0/22", "192.168.20.1", "192.168.23.254"),
        ("10.0.0.0/31", "10.0.0.0", "10.0.0.1"),
        ("10.0.0.7/32", "10.0.0.7", "10.0.0.7"),
        ("2001:db8::/64", "2001:db8::1", "2001:db8::ffff:ffff:ffff:ffff"),
        ("2001:db8::/127", "2001:db8::", "2001:db8::1"),
    ],
)
def test_usable(subnet: str, first: str, last: str) -> None:
    assert [str(address) for address in addresses.usable(ip_network(subnet))] == [first, last]


def test_what_is_not_usable_is_named_with_what_is() -> None:
    subnet = ip_network("10.0.0.0/29")
    addresses.check_usable(subnet, IPv4Address("10.0.0.1"), "gateway")
    addresses.check_usable(subnet, IPv4Address("10.0.0.7"), "address", (subnet[0], subnet[-1]))
    for text in ("10.0.0.0", "10.0.0.7", "10.0.0.8", "::1"):
        with pytest.raises(InvalidError, match=f"gateway {text} is not in 10.0.0.0/29; expected 10.0.0.1 to 10.0.0.6"):
            addresses.check_usable(subnet, addresses.ip(text), "gateway")
