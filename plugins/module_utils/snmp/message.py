# SPDX-License-Identifier: BSD-2-Clause
"""SNMP messages: version 1 (RFC 1157 section 4), 2c (RFC 1901 section 3) and 3 (RFC 3412 section 6)."""

from __future__ import annotations

from enum import IntEnum, IntFlag
from typing import Final, NamedTuple

from .ber import (
    OCTET_STRING,
    SEQUENCE,
    MalformedError,
    Span,
    encoded_integer,
    expect,
    header,
    integer,
    octets,
    sequence,
    value,
)

MAX_SIZE: Final = 65507  # msgMaxSize: what fits into a UDP datagram
USER_BASED: Final = 3  # msgSecurityModel (RFC 3411 section 5)


class Version(IntEnum):
    V1 = 0
    V2C = 1
    V3 = 3


class Flags(IntFlag):
    """msgFlags (RFC 3412 section 6.4)."""

    AUTH = 1
    PRIV = 2
    REPORTABLE = 4


LEVEL: Final = Flags.AUTH | Flags.PRIV


class CommunityMessage(NamedTuple):
    """`data[pdu:]` is its PDU."""

    version: Version
    community: bytes
    data: bytes
    pdu: int


class Parameters(NamedTuple):
    """Of the user-based security model (RFC 3414 section 2.4), but for the digest."""

    engine_id: bytes
    boots: int
    time: int
    """Seconds since the authoritative engine's last boot."""
    user: bytes
    salt: bytes


class SecureMessage(NamedTuple):
    """A message of version 3."""

    message_id: int
    flags: Flags
    security: Parameters
    digest: Span
    content: Span
    """Of msgData: the scoped PDU with its header, or the octets it was encrypted to."""
    data: bytes


def parse(data: bytes) -> CommunityMessage | SecureMessage:
    """Read what is outside of the PDU. Raises MalformedError."""
    start, end = expect(data, 0, len(data), SEQUENCE)
    if end != len(data):
        raise MalformedError(f"{len(data) - end} octets behind the message")
    version, start = integer(data, start, end)
    if version in {Version.V1, Version.V2C}:
        community, pdu = octets(data, start, end)
        return CommunityMessage(Version(version), community, data, pdu)
    if version != Version.V3:
        raise MalformedError(f"version {version}; expected 0 (v1), 1 (v2c) or 3")
    return _version_3(data, start, end)


def _version_3(data: bytes, at: int, end: int) -> SecureMessage:
    start, at = expect(data, at, end, SEQUENCE)
    message_id, start = integer(data, start, at)
    _, start = integer(data, start, at)
    flags, start = octets(data, start, at)
    model, start = integer(data, start, at)
    if len(flags) != 1 or message_id < 0:
        raise MalformedError(f"msgID {message_id}, msgFlags {flags.hex()!r}; expected 0 or more, and one octet")
    if model != USER_BASED:
        raise MalformedError(f"security model {model}; expected {USER_BASED}, the user-based one")
    level = Flags(flags[0] & (LEVEL | Flags.REPORTABLE))
    if level & LEVEL == Flags.PRIV:
        raise MalformedError("privacy without authentication (RFC 3412 section 7.2 step 5)")
    parameters, stop = expect(data, at, end, OCTET_STRING)
    content = _content(data, stop, end, encrypted=Flags.PRIV in level)
    security, digest = _user_based(data, parameters, stop)
    return SecureMessage(message_id, level, security, digest, content, data)


def _content(data: bytes, at: int, end: int, *, encrypted: bool) -> Span:
    tag, start, stop = header(data, at, end)
    if tag != (OCTET_STRING if encrypted else SEQUENCE) or stop != end:
        raise MalformedError(f"msgData with tag {tag:#04x} and {end - stop} octets behind it")
    return (start, stop) if encrypted else (at, stop)


def _user_based(data: bytes, at: int, end: int) -> tuple[Parameters, Span]:
    """Read msgSecurityParameters; gives them, and where in the message the digest is."""
    at, end = expect(data, at, end, SEQUENCE)
    engine_id, at = octets(data, at, end)
    boots, at = integer(data, at, end)
    time, at = integer(data, at, end)
    user, at = octets(data, at, end)
    digest = expect(data, at, end, OCTET_STRING)
    salt, _ = octets(data, digest[1], end)
    if len(engine_id) > 32 or len(user) > 32 or boots < 0 or time < 0:
        raise MalformedError("security parameters out of the ranges of RFC 3414 section 2.4")
    return Parameters(engine_id, boots, time, user, salt), digest


class Context(NamedTuple):
    """contextEngineID and contextName: whose management information it is. Answers repeat it."""

    engine_id: bytes
    name: bytes = b""


def scoped_pdu(data: bytes, at: int = 0) -> tuple[Context, int]:
    """Give the context and where the PDU begins in the scoped PDU at `at` (RFC 3412 section 6.8)."""
    start, stop = expect(data, at, len(data), SEQUENCE)
    engine_id, start = octets(data, start, stop)
    name, start = octets(data, start, stop)
    return Context(engine_id, name), start


def community_response(request: CommunityMessage, pdu: bytes) -> bytes:
    return sequence(encoded_integer(request.version), value(OCTET_STRING, request.community), pdu)


def scoped(context: Context, pdu: bytes) -> bytes:
    return sequence(value(OCTET_STRING, context.engine_id), value(OCTET_STRING, context.name), pdu)


def secure(message_id: int, flags: Flags, security: Parameters, content: bytes, digest: bytes = b"") -> bytes:
    """Write a message of version 3; `content` is the scoped PDU, or what it was encrypted to."""
    head = sequence(
        encoded_integer(message_id),
        encoded_integer(MAX_SIZE),
        value(OCTET_STRING, bytes((flags,))),
        encoded_integer(USER_BASED),
    )
    parameters = sequence(
        value(OCTET_STRING, security.engine_id),
        encoded_integer(security.boots),
        encoded_integer(security.time),
        value(OCTET_STRING, security.user),
        value(OCTET_STRING, digest),
        value(OCTET_STRING, security.salt),
    )
    body = value(OCTET_STRING, content) if Flags.PRIV in flags else content
    return sequence(encoded_integer(Version.V3), head, value(OCTET_STRING, parameters), body)
