# SPDX-License-Identifier: BSD-2-Clause
"""Ethernet frames around UDP: to send to a client that has no address yet, and to read what a capture saw."""

from __future__ import annotations

from struct import Struct
from typing import Final, NamedTuple

from .packet import MalformedError

_ETHERNET: Final = Struct("!6s6sH")
_IPV4: Final = Struct("!2B3H2BH4s4s")
_UDP: Final = Struct("!4H")
_ETHERTYPE_IPV4: Final = 0x0800
_UDP_PROTOCOL: Final = 17
_TTL: Final = 64
_DONT_FRAGMENT: Final = 0x4000
_FRAGMENT: Final = 0x3FFF  # more-fragments bit and offset


class Frame(NamedTuple):
    """A UDP datagram with what is around it; MAC addresses have 6 octets, IP addresses 4."""

    source_mac: bytes
    destination_mac: bytes
    source: bytes
    destination: bytes
    source_port: int
    destination_port: int
    payload: bytes


def checksum(data: bytes) -> int:
    """Compute RFC 1071's checksum. 2^16 is 1 modulo 65535, so the sum of the 16-bit words is the number modulo that."""
    return 0xFFFF - int.from_bytes(data if len(data) % 2 == 0 else data + b"\0") % 0xFFFF


def build(frame: Frame) -> bytes:
    """Write the frame with both checksums."""
    length = _UDP.size + len(frame.payload)
    header = [0x45, 0, _IPV4.size + length, 0, _DONT_FRAGMENT, _TTL, _UDP_PROTOCOL, 0, frame.source, frame.destination]
    header[7] = checksum(_IPV4.pack(*header))
    pseudo = frame.source + frame.destination + bytes((0, _UDP_PROTOCOL)) + length.to_bytes(2)
    ports = (frame.source_port, frame.destination_port, length)
    total = checksum(pseudo + _UDP.pack(*ports, 0) + frame.payload)
    ethernet = _ETHERNET.pack(frame.destination_mac, frame.source_mac, _ETHERTYPE_IPV4)
    return ethernet + _IPV4.pack(*header) + _UDP.pack(*ports, total) + frame.payload


def parse(data: bytes) -> Frame:
    """Read an unfragmented UDP datagram. Raises MalformedError for every other frame."""
    if len(data) < _ETHERNET.size + _IPV4.size:
        raise MalformedError(f"{len(data)} octets are too few for a frame with an IPv4 packet")
    destination_mac, source_mac, ethertype = _ETHERNET.unpack_from(data)
    version, _, total, _, fragment, _, protocol, _, source, destination = _IPV4.unpack_from(data, _ETHERNET.size)
    udp = _ETHERNET.size + (version & 0x0F) * 4
    end = _ETHERNET.size + total
    if ethertype != _ETHERTYPE_IPV4 or version >> 4 != 4 or version & 0x0F < 5:
        raise MalformedError("not an IPv4 packet")
    if protocol != _UDP_PROTOCOL or fragment & _FRAGMENT:
        raise MalformedError("not an unfragmented UDP datagram")
    if not udp + _UDP.size <= end <= len(data):
        raise MalformedError(f"an IPv4 packet of {total} octets in a frame of {len(data)}")
    source_port, destination_port, length, _ = _UDP.unpack_from(data, udp)
    if not _UDP.size <= length <= end - udp:
        raise MalformedError(f"a UDP datagram of {length} octets in an IPv4 packet of {total}")
    payload = data[udp + _UDP.size : udp + length]
    return Frame(source_mac, destination_mac, source, destination, source_port, destination_port, payload)
