# SPDX-License-Identifier: BSD-2-Clause
"""Values of options: from attributes to octets and back, one pair of functions per kind."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from ipaddress import IPv4Address, IPv4Network
from typing import Any, Final, NamedTuple

from ..core.dhcp_names import Kind
from ..core.errors import InvalidError


class Codec(NamedTuple):
    """`encode` raises ValueError, TypeError or KeyError for what is not `expected`, `decode` ValueError."""

    expected: str
    encode: Callable[[Any], bytes]
    decode: Callable[[bytes], Any]


_OCTETS: Final = re.compile(r"[0-9A-Fa-f]{2}(:[0-9A-Fa-f]{2})+")
_TRUE: Final = (True, 1, "1", "true", "yes", "on")
_FALSE: Final = (False, 0, "0", "false", "no", "off")


def truth(value: object) -> bool:
    """Read a switch as attributes write it: clusto's 1, JSON's true, or their texts. Raises ValueError."""
    known = value.lower() if isinstance(value, str) else value
    if isinstance(known, str | int) and known in _TRUE + _FALSE:
        return known in _TRUE
    raise ValueError(value)


def _items(value: object) -> Sequence[Any]:
    """Several values: a list, or a text of them with commas or blanks between. At least one."""
    items = re.split(r"[,\s]+", value.strip()) if isinstance(value, str) else value
    if not isinstance(items, list | tuple) or not items:
        raise ValueError(value)
    return items


def _text_only(value: object) -> str:
    if not isinstance(value, str) or not value or "\0" in value:
        raise ValueError(value)
    return value


def _ip(value: object) -> bytes:
    return IPv4Address(_text_only(value)).packed


def _from_ip(data: bytes) -> str:
    return str(IPv4Address(data))


def _ips(value: object) -> bytes:
    return b"".join(_ip(item) for item in _items(value))


def _chunks(data: bytes, size: int) -> list[bytes]:
    if not data or len(data) % size:
        raise ValueError(f"{len(data)} octets are not a multiple of {size}")
    return [data[at : at + size] for at in range(0, len(data), size)]


def _from_ips(data: bytes) -> list[str]:
    return [_from_ip(chunk) for chunk in _chunks(data, 4)]


def _ip_pairs(value: object) -> bytes:
    octets = _ips(value)
    if len(octets) % 8:
        raise ValueError(value)
    return octets


def _from_ip_pairs(data: bytes) -> list[str]:
    return [_from_ip(half) for pair in _chunks(data, 8) for half in (pair[:4], pair[4:])]


def _routes(value: object) -> bytes:
    """RFC 3442: width of the destination, its significant octets, router."""
    encoded = b""
    for item in value if isinstance(value, list | tuple) else [value]:
        to, via = (item["to"], item["via"]) if isinstance(item, dict) else _text_only(item).split(" via ")
        network = IPv4Network(_text_only(to).strip())
        width = network.prefixlen
        encoded += bytes((width,)) + network.network_address.packed[: (width + 7) // 8] + _ip(via.strip())
    if not encoded:
        raise ValueError(value)
    return encoded


def _from_routes(data: bytes) -> list[dict[str, str]]:
    routes, at = [], 0
    while at < len(data):
        width = data[at]
        end = at + 1 + (width + 7) // 8
        destination = IPv4Address(data[at + 1 : end].ljust(4, b"\0"))
        routes.append({"to": f"{destination}/{width}", "via": _from_ip(data[end : end + 4])})
        at = end + 4
    return routes


def _from_text(data: bytes) -> str:
    return data.rstrip(b"\0").decode("utf-8", "backslashreplace")  # RFC 2132 section 2: may end in NUL


def _domains(value: object) -> bytes:
    """RFC 1035 section 3.1: labels of 1 to 63 octets, 255 together."""
    encoded = b""
    for item in _items(value):
        labels = _text_only(item).removesuffix(".").encode("idna").split(b".")
        name = b"".join(bytes((len(label),)) + label for label in labels) + b"\0"
        if b"" in labels or len(name) > 255:
            raise ValueError(value)
        encoded += name
    return encoded


def _from_domains(data: bytes) -> list[str]:
    """Compression (RFC 1035 section 4.1.4) resolved; a pointer must lead backwards, so that it ends."""
    names, at = [], 0
    while at < len(data):
        name, at = _domain(data, at)
        names.append(name)
    return names


def _domain(data: bytes, at: int) -> tuple[str, int]:
    labels: list[bytes] = []
    limit, after = at, None
    while True:
        if at >= len(data):
            raise ValueError("a domain name that does not end")
        length = data[at]
        if length == 0:
            return b".".join(labels).decode("ascii", "backslashreplace"), at + 1 if after is None else after
        if length >= 0xC0:
            target = int.from_bytes(data[at : at + 2]) & 0x3FFF
            if target >= limit or at + 2 > len(data):
                raise ValueError("a compression pointer that does not lead backwards")
            after = at + 2 if after is None else after
            at = limit = target
            continue
        labels.append(data[at + 1 : at + 1 + length])
        at += 1 + length


def _bool(value: object) -> bytes:
    return bytes((truth(value),))


def _from_bool(data: bytes) -> bool:
    if data not in (b"\0", b"\1"):
        raise ValueError(data)
    return data == b"\1"


def _number(value: object, octets: int, *, signed: bool = False) -> bytes:
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise TypeError(value)
    try:
        return int(value).to_bytes(octets, signed=signed)
    except OverflowError as exc:
        raise ValueError(value) from exc


def _unsigned(octets: int) -> Codec:
    def encode(value: object) -> bytes:
        return _number(value, octets)

    def decode(data: bytes) -> int:
        if len(data) != octets:
            raise ValueError(f"{len(data)} octets instead of {octets}")
        return int.from_bytes(data)

    return Codec(f"a number from 0 to {256**octets - 1}", encode, decode)


def _int32(value: object) -> bytes:
    return _number(value, 4, signed=True)


def _from_int32(data: bytes) -> int:
    if len(data) != 4:
        raise ValueError(f"{len(data)} octets instead of 4")
    return int.from_bytes(data, signed=True)


def _uint16s(value: object) -> bytes:
    return b"".join(_number(item, 2) for item in ([value] if isinstance(value, int) else _items(value)))


def _from_uint16s(data: bytes) -> list[int]:
    return [int.from_bytes(chunk) for chunk in _chunks(data, 2)]


def _bytes(value: object) -> bytes:
    text = _text_only(value)
    return bytes.fromhex(text.replace(":", "")) if _OCTETS.fullmatch(text) else text.encode()


def _text(value: object) -> bytes:
    return _text_only(value).encode()


def _from_bytes(data: bytes) -> str:
    return data.hex(":")


CODECS: Final[dict[Kind, Codec]] = {
    Kind.IP: Codec("an IPv4 address", _ip, _from_ip),
    Kind.IPS: Codec("one or more IPv4 addresses", _ips, _from_ips),
    Kind.IP_PAIRS: Codec("pairs of IPv4 addresses", _ip_pairs, _from_ip_pairs),
    Kind.ROUTES: Codec('routes such as {"to": "10.0.0.0/8", "via": "192.168.1.1"}', _routes, _from_routes),
    Kind.TEXT: Codec("a text that is not empty", _text, _from_text),
    Kind.DOMAINS: Codec("one or more domain names", _domains, _from_domains),
    Kind.BOOL: Codec("true or false", _bool, _from_bool),
    Kind.UINT8: _unsigned(1),
    Kind.UINT16: _unsigned(2),
    Kind.UINT16S: Codec("one or more numbers from 0 to 65535", _uint16s, _from_uint16s),
    Kind.UINT32: _unsigned(4),
    Kind.INT32: Codec("a number from -2147483648 to 2147483647", _int32, _from_int32),
    Kind.BYTES: Codec("octets such as f1:00:75:7e, or a text", _bytes, _from_bytes),
}


def encode(kind: Kind, value: object) -> bytes:
    """Give the octets of an attribute's value. Raises InvalidError."""
    codec = CODECS[kind]
    try:
        return codec.encode(value)
    except (ValueError, TypeError, KeyError) as exc:  # AddressValueError and UnicodeError are ValueErrors
        raise InvalidError(f"{value!r} is not usable; expected {codec.expected}") from exc


def decode(kind: Kind, data: bytes) -> Any:
    """Give the value in an option's octets, in the form that `encode` takes. Raises InvalidError."""
    codec = CODECS[kind]
    try:
        return codec.decode(data)
    except ValueError as exc:
        raise InvalidError(f"octets {data.hex()} are not usable; expected {codec.expected}") from exc
