# SPDX-License-Identifier: BSD-2-Clause
from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network
from typing import Any

import pytest

from clusto.dhcp.options import OptionTable
from clusto.dhcp.packet import MalformedError, parse
from clusto.dhcp.parameters import Binding, attributes, parameters
from clusto.dhcp.reply import Template
from clusto.dhcp.subnet import select, selectors

from .captures import DHCLIENT_DISCOVER

INTERFACE = (bytes([10, 0, 0, 1]), bytes([10, 0, 1, 1]))
GIADDR, LINK, SELECTED, CIADDR = (bytes([10, 0, n, 1]) for n in (2, 3, 4, 5))
ZERO = bytes(4)


@pytest.mark.parametrize(
    ("giaddr", "ciaddr", "options", "broadcast", "expected"),
    [
        (ZERO, ZERO, {}, True, INTERFACE),
        (ZERO, CIADDR, {}, False, (CIADDR,)),
        (ZERO, CIADDR, {}, True, INTERFACE),
        (GIADDR, CIADDR, {}, False, (GIADDR,)),
        (GIADDR, CIADDR, {118: SELECTED}, False, (SELECTED,)),
        (GIADDR, CIADDR, {118: SELECTED, 82: b"\5\4" + LINK}, False, (LINK,)),
        (GIADDR, CIADDR, {82: b"\1\4eth0"}, False, (GIADDR,)),
    ],
    ids=["interface", "ciaddr", "broadcast", "giaddr", "RFC 3011", "RFC 3527", "other sub-options"],
)
def test_selectors(
    giaddr: bytes, ciaddr: bytes, options: dict[int, bytes], expected: tuple[bytes, ...], *, broadcast: bool
) -> None:
    packet = parse(DHCLIENT_DISCOVER)._replace(giaddr=giaddr, ciaddr=ciaddr, options=options)
    assert selectors(packet, INTERFACE, broadcast=broadcast) == expected


@pytest.mark.parametrize("value", [b"\5\3abc", b"\5\5abcde", b"\5\4abc"])
def test_malformed_link_selection(value: bytes) -> None:
    with pytest.raises(MalformedError):
        selectors(parse(DHCLIENT_DISCOVER)._replace(options={82: value}), INTERFACE, broadcast=True)


def template(address: str, network: str, **document: Any) -> Template:
    binding = Binding(IPv4Address(address), IPv4Network(network))
    return Template(binding, parameters(attributes(document, OptionTable()), binding))


def test_select_takes_the_address_in_the_clients_subnet() -> None:
    first, second = template("10.0.1.50", "10.0.1.0/24"), template("10.0.2.50", "10.0.2.0/24")
    assert select((first, second), INTERFACE) is first
    assert select((first, second), (GIADDR,)) is second
    assert select((first, second), (LINK,)) is None


def test_select_prefers_the_order_of_the_host() -> None:
    first, second = template("10.0.2.51", "10.0.2.0/24"), template("10.0.2.50", "10.0.2.0/24")
    assert select((first, second), (GIADDR,)) is first


@pytest.mark.parametrize(
    ("address", "inside"),
    [((10, 0, 1, 0), True), ((10, 0, 1, 255), True), ((10, 0, 0, 255), False), ((10, 0, 2, 0), False)],
)
def test_covers(address: tuple[int, ...], *, inside: bool) -> None:
    assert template("10.0.1.50", "10.0.1.0/24").covers(bytes(address)) is inside
