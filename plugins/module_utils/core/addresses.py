# SPDX-License-Identifier: BSD-2-Clause
"""MAC and IP addresses and subnets."""

from __future__ import annotations

import ipaddress
import re
from typing import Final

from .errors import InvalidError

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
IPNetwork = ipaddress.IPv4Network | ipaddress.IPv6Network

OCTETS: Final = re.compile(r"[0-9a-f]{2}(?:([:.-])[0-9a-f]{2}(?:\1[0-9a-f]{2}){4}|[0-9a-f]{10})")
CISCO: Final = re.compile(r"[0-9a-f]{4}\.[0-9a-f]{4}\.[0-9a-f]{4}")


def mac(text: str) -> str:
    """Read a MAC address; answer with its canonical form, `00:11:22:33:44:55`.

    Octets may have colons, dashes, dots or nothing between them; Cisco's `0011.2233.4455` too. InvalidError else.
    """
    lower = text.strip().lower() if isinstance(text, str) else ""
    if not OCTETS.fullmatch(lower) and not CISCO.fullmatch(lower):
        raise InvalidError(f"{text!r} is no MAC address; expected six octets such as 00:11:22:33:44:55")
    digits = re.sub(r"[^0-9a-f]", "", lower)
    return ":".join(digits[i : i + 2] for i in range(0, 12, 2))


def ip(text: str) -> IPAddress:
    """Read an IPv4 or IPv6 address without prefix length; InvalidError."""
    try:
        return ipaddress.ip_address(_stripped(text))
    except ValueError:
        raise InvalidError(f"{text!r} is no IP address; expected one such as 192.168.1.50 or 2001:db8::50") from None


def ipv4(text: str) -> ipaddress.IPv4Address:
    address = ip(text)
    if not isinstance(address, ipaddress.IPv4Address):
        raise InvalidError(f"{text!r} is an IPv6 address; expected an IPv4 address")
    return address


def prefix(text: str) -> IPNetwork:
    """Read a subnet such as `192.168.20.0/22`; InvalidError, also for bits set after the prefix."""
    stripped = _stripped(text)
    address, slash, length = stripped.partition("/")
    if not slash or not re.fullmatch(r"[0-9]{1,3}", length):
        raise InvalidError(f"{text!r} is no prefix; expected an address and a length such as 192.168.20.0/22")
    return _network(ip(address), int(length), stripped)


def network(baseip: str, netmask: str | int) -> IPNetwork:
    """Read an IPManager's subnet: base address and netmask (`255.255.252.0`, or a prefix length). InvalidError."""
    address = ip(baseip)
    return _network(address, _length(address, netmask), f"{baseip} with netmask {netmask}")


def _length(address: IPAddress, netmask: str | int) -> int:
    text = str(netmask).strip()
    if re.fullmatch(r"[0-9]{1,3}", text):
        return int(text)
    mask = ip(text)
    bits = f"{int(mask):0{mask.max_prefixlen}b}"
    if "01" in bits or mask.version != address.version:
        raise InvalidError(f"{netmask!r} is no netmask of {address}; expected one such as 255.255.252.0, or 22")
    return bits.count("1")


def _network(address: IPAddress, length: int, text: str) -> IPNetwork:
    if length > address.max_prefixlen:
        raise InvalidError(f"{text}: prefix length {length}, expected {address.max_prefixlen} at most")
    found = ipaddress.ip_network((address, length), strict=False)
    if found.network_address != address:
        raise InvalidError(
            f"{text}: {address} is inside the subnet, expected its first address {found.network_address}"
        )
    return found


def _stripped(text: str) -> str:
    return text.strip() if isinstance(text, str) else ""


def usable(subnet: IPNetwork) -> tuple[IPAddress, IPAddress]:
    """Return the first and the last address that hosts may bear.

    Left out are an IPv4 subnet's own and its broadcast address (RFC 1122 section 3.2.1.3; not for /31, RFC 3021, and
    /32) and an IPv6 subnet's Subnet-Router anycast address (RFC 4291 section 2.6.1; not for /127, RFC 6164, and /128).
    """
    first, last = subnet.network_address, subnet.broadcast_address
    if subnet.max_prefixlen - subnet.prefixlen <= 1:
        return first, last
    return first + 1, last - 1 if subnet.version == 4 else last


def check_usable(
    subnet: IPNetwork, address: IPAddress, what: str, bounds: tuple[IPAddress, IPAddress] | None = None
) -> None:
    """InvalidError unless hosts of the subnet may bear the address; `what` names it, such as `gateway`.

    `bounds` are given where others than the usual ones hold.
    """
    first, last = bounds or usable(subnet)
    if address.version != subnet.version or not int(first) <= int(address) <= int(last):
        raise InvalidError(f"{what} {address} is not in {subnet}; expected {first} to {last}")
