# SPDX-License-Identifier: BSD-2-Clause
"""The part of BER (ITU-T X.690) that SNMP uses (RFC 3417 section 8): definite lengths, tags of one octet.

Reading goes by offsets into the whole message: nothing is copied until somebody wants it.
"""

from __future__ import annotations

from typing import Final

from ..core.errors import InvalidError

INTEGER: Final = 0x02
OCTET_STRING: Final = 0x04
NULL: Final = 0x05
OID: Final = 0x06
SEQUENCE: Final = 0x30
# RFC 2578 section 7.1
IP_ADDRESS: Final = 0x40
COUNTER32: Final = 0x41
UNSIGNED32: Final = 0x42
TIME_TICKS: Final = 0x43
LONGEST_OID: Final = 640  # 128 numbers of 32 bits (RFC 2578 section 3.5)


class MalformedError(InvalidError):
    """Bytes that are no SNMP message. The only error that parsing raises, whatever the bytes."""


Span = tuple[int, int]
"""Where the contents of a value begin and end."""


def header(data: bytes, at: int, end: int) -> tuple[int, int, int]:
    """Read tag and length at `at`; gives the tag and where the contents begin and end. Nothing reaches beyond `end`."""
    start = at + 2
    if start > end:
        raise MalformedError(f"a value at octet {at} ends before its length")
    length = data[at + 1]
    if length >= 0x80:
        start, length = _long_length(data, at, end)
    stop = start + length
    if stop > end:
        raise MalformedError(f"a value at octet {at} says {length} octets; {end - start} are left")
    return data[at], start, stop


def _long_length(data: bytes, at: int, end: int) -> Span:
    """X.690 section 8.1.3.5, with four octets at most: no datagram needs more."""
    count = data[at + 1] & 0x7F
    start = at + 2 + count
    if not 1 <= count <= 4 or start > end:
        raise MalformedError(f"a value at octet {at} has a length of {count} octets; expected 1 to 4, all there")
    return start, int.from_bytes(data[at + 2 : start])


def expect(data: bytes, at: int, end: int, tag: int) -> Span:
    """Give the contents of the value at `at`, which must be of this tag."""
    found, start, stop = header(data, at, end)
    if found != tag:
        raise MalformedError(f"tag {found:#04x} at octet {at}; expected {tag:#04x}")
    return start, stop


def integer(data: bytes, at: int, end: int) -> tuple[int, int]:
    """Read an INTEGER of 32 bits; gives it and where it ends."""
    start, stop = expect(data, at, end, INTEGER)
    if not 1 <= stop - start <= 4:
        raise MalformedError(f"an INTEGER of {stop - start} octets at octet {at}; expected 1 to 4")
    return int.from_bytes(data[start:stop], signed=True), stop


def identifier(data: bytes, at: int, end: int) -> tuple[bytes, int]:
    """Read an OBJECT IDENTIFIER; gives its contents and where it ends."""
    start, stop = expect(data, at, end, OID)
    if stop - start > LONGEST_OID:
        raise MalformedError(f"an object identifier of {stop - start} octets; expected {LONGEST_OID} at most")
    return data[start:stop], stop


def octets(data: bytes, at: int, end: int) -> tuple[bytes, int]:
    """Read an OCTET STRING; gives it and where it ends."""
    start, stop = expect(data, at, end, OCTET_STRING)
    return data[start:stop], stop


def value(tag: int, contents: bytes) -> bytes:
    """One value on the wire."""
    length = len(contents)
    if length < 0x80:
        return bytes((tag, length)) + contents
    size = length.to_bytes((length.bit_length() + 7) // 8)
    return bytes((tag, 0x80 | len(size))) + size + contents


def encoded_integer(number: int, tag: int = INTEGER) -> bytes:
    """Write a number in as few octets as its two's complement takes (X.690 section 8.3); the counters' too."""
    bits = (number if number >= 0 else ~number).bit_length()
    return value(tag, number.to_bytes(bits // 8 + 1, signed=True))


def sequence(*parts: bytes) -> bytes:
    return value(SEQUENCE, b"".join(parts))


def oid(text: str) -> bytes:
    """Give the contents of an object identifier such as 1.3.6.1."""
    first, second, *rest = map(int, text.split("."))
    return encoded_arcs(first * 40 + second, *rest)


def encoded_arcs(*numbers: int) -> bytes:
    """Write (the rest of) an object identifier's contents."""
    return b"".join(map(_base128, numbers))


def _base128(number: int) -> bytes:
    found = bytes((number & 0x7F,))
    while number := number >> 7:
        found = bytes((0x80 | number & 0x7F,)) + found
    return found


def arcs(contents: bytes) -> tuple[int, ...]:
    """Give the numbers in (a part of) an object identifier, from where one of them begins (X.690 section 8.19)."""
    found: list[int] = []
    number = 0
    for octet in contents:
        number = number << 7 | octet & 0x7F
        if octet < 0x80:
            found.append(number)
            number = 0
    return tuple(found)


def dotted(contents: bytes) -> str:
    """Write an object identifier as people write it."""
    numbers = arcs(contents)
    if not numbers:
        return ""
    first = min(numbers[0] // 40, 2)
    return ".".join(map(str, (first, numbers[0] - first * 40, *numbers[1:])))
