# SPDX-License-Identifier: BSD-2-Clause
"""Replies: option blocks made once per client's wishes, patched per packet; and where they are sent."""

from __future__ import annotations

from collections.abc import Iterable
from struct import Struct
from typing import Final, NamedTuple

from .packet import (
    BOOTREPLY,
    BROADCAST_FLAG,
    HEADER,
    MAGIC_COOKIE,
    MINIMUM,
    UNSPECIFIED,
    Code,
    MessageType,
    Packet,
    option,
)
from .parameters import Binding, Parameters

SERVER_PORT: Final = 67
CLIENT_PORT: Final = 68
BROADCAST: Final = b"\xff\xff\xff\xff"
LARGEST: Final = 1472  # octets of UDP payload in an Ethernet frame; what a client may say beyond that is not used

_HEAD: Final = Struct("!4B4s2H4s4s4s4s16s")  # the header up to chaddr
_EMPTY_FIELDS: Final = bytes(64 + 128) + MAGIC_COOKIE
_TYPE: Final = bytes((Code.MESSAGE_TYPE, 1))
_END: Final = bytes((Code.END,))
# What the client or its relay said is said back: RFC 6842 section 3, RFC 3011 section 2, RFC 3046 section 2.2, last.
_ECHOED: Final = (Code.CLIENT_ID, Code.SUBNET_SELECTION, Code.RELAY_AGENT)
_LEASE_ONLY: Final = {int(Code.LEASE_TIME), int(Code.RENEWAL_TIME), int(Code.REBINDING_TIME)}  # not for INFORM
_BODIES: Final = 16  # cached per template: hosts boot through few programs, each with one list of wishes


class Body(NamedTuple):
    """Options in a client's order. `omitted` are the codes for which it leaves no room."""

    octets: bytes
    omitted: tuple[int, ...]


class Template:
    """All that is known beforehand of the replies for one address of one host."""

    __slots__ = ("_bodies", "_fields", "_options", "_siaddr", "address", "first", "last", "server_id")

    def __init__(self, binding: Binding, parameters: Parameters) -> None:
        self.address = binding.address.packed
        self.first = binding.network.network_address.packed
        self.last = binding.network.broadcast_address.packed
        self.server_id = parameters.options.get(Code.SERVER_ID)
        """The one that the attributes give; it wins over the server's."""
        self._options = parameters.options
        self._siaddr = parameters.siaddr
        self._fields = bytes(64) + parameters.file.ljust(128, b"\0") + MAGIC_COOKIE
        self._bodies: dict[tuple[bytes, int, bytes, bool], Body] = {}

    def covers(self, address: bytes) -> bool:
        return self.first <= address <= self.last

    def reply(self, packet: Packet, message_type: MessageType, server_id: bytes) -> tuple[bytes, tuple[int, ...]]:
        """Build OFFER or ACK; tell the options that did not fit. An ACK to INFORM has no address and lease times."""
        informing = packet.message_type == MessageType.INFORM
        tail = _tail(packet)
        room = min(packet.maximum_size, LARGEST) - HEADER.size - len(_TYPE) - 1 - len(tail)
        body = self._body(packet.options.get(Code.PARAMETER_REQUEST_LIST, b""), room, server_id, informing)
        head = _head(
            packet,
            ciaddr=UNSPECIFIED if message_type is MessageType.OFFER else packet.ciaddr,
            yiaddr=UNSPECIFIED if informing else self.address,
            siaddr=self._siaddr,
        )
        octets = b"".join((head, self._fields, _TYPE, bytes((message_type,)), body.octets, tail))
        return octets.ljust(MINIMUM, b"\0"), body.omitted

    def _body(self, wishes: bytes, room: int, server_id: bytes, informing: bool) -> Body:  # noqa: FBT001 - part of the key
        key = (wishes, room, self.server_id or server_id, informing)
        body = self._bodies.get(key)
        if body is None:
            if len(self._bodies) >= _BODIES:
                self._bodies.clear()
            body = self._bodies[key] = self._ordered(*key)
        return body

    def _ordered(self, wishes: bytes, room: int, server_id: bytes, informing: bool) -> Body:  # noqa: FBT001 - as above
        """Order options: the server and lease, then as the client wishes (RFC 2132 section 9.8), then the others."""
        options = {**self._options, int(Code.SERVER_ID): server_id}
        order = dict.fromkeys((int(Code.SERVER_ID), int(Code.LEASE_TIME), *wishes, *sorted(options)))
        chosen = [code for code in order if code in options and not (informing and code in _LEASE_ONLY)]
        return _fit(((code, option(code, options[code])) for code in chosen), room)


def _fit(encoded: Iterable[tuple[int, bytes]], room: int) -> Body:
    """Take what there is room for, in that order."""
    octets, omitted = b"", []
    for code, piece in encoded:
        if len(octets) + len(piece) <= room:
            octets += piece
        else:
            omitted.append(code)
    return Body(octets, tuple(omitted))


def nak(packet: Packet, server_id: bytes, message: str) -> bytes:
    """Build a DHCPNAK (RFC 2131 table 3). A relay must broadcast it: the client may be on a wrong address (4.3.2)."""
    relayed = packet.giaddr != UNSPECIFIED
    head = _head(packet, flags=packet.flags | BROADCAST_FLAG if relayed else packet.flags)
    body = option(Code.SERVER_ID, server_id) + option(Code.MESSAGE, message.encode())
    octets = b"".join((head, _EMPTY_FIELDS, _TYPE, bytes((MessageType.NAK,)), body, _tail(packet)))
    return octets.ljust(MINIMUM, b"\0")


def _head(
    packet: Packet,
    *,
    ciaddr: bytes = UNSPECIFIED,
    yiaddr: bytes = UNSPECIFIED,
    siaddr: bytes = UNSPECIFIED,
    flags: int | None = None,
) -> bytes:
    """Pack the header up to chaddr (RFC 2131 table 3)."""
    return _HEAD.pack(
        BOOTREPLY,
        packet.htype,
        len(packet.chaddr),
        0,
        packet.xid,
        0,
        packet.flags if flags is None else flags,
        ciaddr,
        yiaddr,
        siaddr,
        packet.giaddr,
        packet.chaddr,
    )


def _tail(packet: Packet) -> bytes:
    """Echo what must be, and end."""
    options = packet.options
    return b"".join([option(code, options[code]) for code in _ECHOED if code in options]) + _END


class Destination(NamedTuple):
    """Where a reply goes. `mac` is given where the client cannot answer ARP yet: send it a frame, or else broadcast."""

    address: bytes
    port: int
    mac: bytes | None = None


def destination(packet: Packet, message_type: MessageType, yiaddr: bytes) -> Destination:
    """Apply RFC 2131 section 4.1, its rules in its order."""
    if packet.giaddr != UNSPECIFIED:
        return Destination(packet.giaddr, SERVER_PORT)
    if message_type is MessageType.NAK:
        return Destination(BROADCAST, CLIENT_PORT)
    if packet.ciaddr != UNSPECIFIED:
        return Destination(packet.ciaddr, CLIENT_PORT)
    if packet.flags & BROADCAST_FLAG:
        return Destination(BROADCAST, CLIENT_PORT)
    return Destination(yiaddr, CLIENT_PORT, packet.chaddr)
