# SPDX-License-Identifier: BSD-2-Clause
"""DHCP messages (RFC 2131 section 2) from bytes and back."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from struct import Struct
from typing import Final, NamedTuple

from ..core.errors import InvalidError

HEADER: Final = Struct("!4B4s2H4s4s4s4s16s64s128s4s")
MAGIC_COOKIE: Final = b"\x63\x82\x53\x63"  # RFC 2131 section 3
MINIMUM: Final = 300  # octets of a BOOTP message that old clients and relays insist on (RFC 1542 section 2.1)
UNSPECIFIED: Final = bytes(4)
BROADCAST_FLAG: Final = 0x8000  # RFC 2131 section 2, figure 2
ETHERNET: Final = 1  # htype (RFC 1700)
BOOTREQUEST: Final = 1
BOOTREPLY: Final = 2


class MalformedError(InvalidError):
    """Bytes that are no DHCP message. The only error that parsing raises, whatever the bytes."""


class MessageType(IntEnum):
    """Option 53 (RFC 2132 section 9.6)."""

    DISCOVER = 1
    OFFER = 2
    REQUEST = 3
    DECLINE = 4
    ACK = 5
    NAK = 6
    RELEASE = 7
    INFORM = 8


class Code(IntEnum):
    """The options that the protocol itself uses."""

    PAD = 0
    REQUESTED_ADDRESS = 50
    LEASE_TIME = 51
    OVERLOAD = 52
    MESSAGE_TYPE = 53
    SERVER_ID = 54
    PARAMETER_REQUEST_LIST = 55
    MESSAGE = 56
    MAXIMUM_SIZE = 57
    RENEWAL_TIME = 58
    REBINDING_TIME = 59
    VENDOR_CLASS = 60
    CLIENT_ID = 61
    RELAY_AGENT = 82
    SUBNET_SELECTION = 118
    END = 255


LINK_SELECTION: Final = 5  # sub-option of RELAY_AGENT (RFC 3527 section 3)

# Lengths that RFC 2132 (52: 9.3, 53: 9.6, 50: 9.1, 54: 9.7, 57: 9.10) and RFC 3011 section 2 (118) fix.
LENGTHS: Final = {
    int(Code.MESSAGE_TYPE): 1,
    int(Code.OVERLOAD): 1,
    int(Code.REQUESTED_ADDRESS): 4,
    int(Code.SERVER_ID): 4,
    int(Code.MAXIMUM_SIZE): 2,
    int(Code.SUBNET_SELECTION): 4,
}


class Packet(NamedTuple):
    """One message. `chaddr` has `hlen` octets; `options` are whole (RFC 3396), pad, end and overload resolved."""

    op: int
    htype: int
    hops: int
    xid: bytes
    secs: int
    flags: int
    ciaddr: bytes
    yiaddr: bytes
    siaddr: bytes
    giaddr: bytes
    chaddr: bytes
    sname: bytes
    file: bytes
    options: Mapping[int, bytes]

    @property
    def message_type(self) -> int:
        """Option 53; 0 where it is missing (BOOTP)."""
        value = self.options.get(Code.MESSAGE_TYPE)
        return value[0] if value else 0

    @property
    def mac(self) -> str:
        return self.chaddr.hex(":")

    @property
    def maximum_size(self) -> int:
        """Octets of UDP payload that the client takes: 576 octets of IP datagram at least (RFC 2132 section 9.10)."""
        value = self.options.get(Code.MAXIMUM_SIZE)
        return (max(576, int.from_bytes(value)) if value else 576) - 28

    @property
    def relay(self) -> dict[int, bytes]:
        """The sub-options of option 82 (RFC 3046 section 2.0)."""
        return suboptions(self.options.get(Code.RELAY_AGENT, b""))


def parse(data: bytes) -> Packet:
    """Read the message in a UDP payload. Raises MalformedError."""
    if len(data) < HEADER.size:
        raise MalformedError(f"{len(data)} octets; expected at least {HEADER.size} (RFC 2131 section 2)")
    op, htype, hlen, hops, xid, secs, flags, ciaddr, yiaddr, siaddr, giaddr, chaddr, sname, file, cookie = (
        HEADER.unpack_from(data)
    )
    if cookie != MAGIC_COOKIE:
        raise MalformedError(f"magic cookie {cookie.hex()}; expected {MAGIC_COOKIE.hex()} (RFC 2131 section 3)")
    if hlen > len(chaddr):
        raise MalformedError(f"hlen {hlen}; expected at most {len(chaddr)}")
    options: dict[int, bytes] = {}
    _collect(data, HEADER.size, options)
    if Code.OVERLOAD in options:
        _unfold(options, sname, file)
    for code in LENGTHS.keys() & options.keys():
        if len(options[code]) != LENGTHS[code]:
            raise MalformedError(f"option {code} has {len(options[code])} octets; expected {LENGTHS[code]}")
    return Packet(
        op, htype, hops, xid, secs, flags, ciaddr, yiaddr, siaddr, giaddr, chaddr[:hlen], sname, file, options
    )


def _collect(data: bytes, at: int, options: dict[int, bytes]) -> None:
    """Add the options from `at` on, those of one code concatenated (RFC 3396 section 7). A missing end is forgiven."""
    end = len(data)
    while at < end:
        code = data[at]
        if code == Code.END:
            return
        if code == Code.PAD:
            at += 1
            continue
        start = at + 2
        if start > end:
            raise MalformedError(f"option {code} ends before its length")
        at = start + data[start - 1]
        if at > end:
            raise MalformedError(f"option {code} says {at - start} octets; {end - start} are left")
        value = data[start:at]
        options[code] = options[code] + value if code in options else value


def _unfold(options: dict[int, bytes], sname: bytes, file: bytes) -> None:
    """Option overload (RFC 2132 section 9.3): 1 file, 2 sname, 3 both; file is read first (RFC 2131 section 4.1)."""
    overload = options[Code.OVERLOAD]
    if overload not in (b"\1", b"\2", b"\3"):
        raise MalformedError(f"option overload {overload.hex()}; expected 1, 2 or 3")
    if overload[0] & 1:
        _collect(file, 0, options)
    if overload[0] & 2:
        _collect(sname, 0, options)


def suboptions(value: bytes) -> dict[int, bytes]:
    """Read the sub-options of an option that is built as option 82 is: no pad, no end. Raises MalformedError."""
    found: dict[int, bytes] = {}
    at = 0
    while at < len(value):
        start = at + 2
        if start > len(value) or start + value[start - 1] > len(value):
            raise MalformedError(f"sub-option {value[at]} is longer than the option that holds it")
        code, at = value[at], start + value[start - 1]
        found[code] = value[start:at]
    return found


def option(code: int, value: bytes) -> bytes:
    """One option on the wire, in pieces of 255 octets if need be (RFC 3396 section 6)."""
    if len(value) <= 255:
        return bytes((code, len(value))) + value
    return b"".join(option(code, value[at : at + 255]) for at in range(0, len(value), 255))


def serialize(packet: Packet) -> bytes:
    """Write the message as on the wire, message type first, padded to 300 octets. For clients; servers use `reply`."""
    hlen = len(packet.chaddr)
    kind = packet.options.get(Code.MESSAGE_TYPE)
    head = HEADER.pack(
        packet.op,
        packet.htype,
        hlen,
        packet.hops,
        packet.xid,
        packet.secs,
        packet.flags,
        packet.ciaddr,
        packet.yiaddr,
        packet.siaddr,
        packet.giaddr,
        packet.chaddr,
        packet.sname,
        packet.file,
        MAGIC_COOKIE,
    )
    first = option(Code.MESSAGE_TYPE, kind) if kind is not None else b""
    rest = b"".join(option(code, value) for code, value in packet.options.items() if code != Code.MESSAGE_TYPE)
    return (head + first + rest + b"\xff").ljust(MINIMUM, b"\0")


def dotted(address: bytes) -> str:
    """Write four octets as people write them."""
    return "{}.{}.{}.{}".format(*address)  # five times as fast as ipaddress; the log does it for every packet
