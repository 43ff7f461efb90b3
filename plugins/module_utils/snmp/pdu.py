# SPDX-License-Identifier: BSD-2-Clause
"""The PDUs of notifications (RFC 1157 section 4.1.6, RFC 3416 sections 4.2.6 and 4.2.7) and of what answers them."""

from __future__ import annotations

from enum import IntEnum
from typing import Final, NamedTuple

from .ber import (
    COUNTER32,
    INTEGER,
    IP_ADDRESS,
    LONGEST_OID,
    OID,
    SEQUENCE,
    TIME_TICKS,
    MalformedError,
    encoded_arcs,
    encoded_integer,
    expect,
    header,
    identifier,
    integer,
    oid,
    sequence,
    value,
)

TRAP_OID: Final = oid("1.3.6.1.6.3.1.1.4.1.0")  # snmpTrapOID.0
STANDARD_TRAPS: Final = oid("1.3.6.1.6.3.1.1.5")  # snmpTraps
TRAP_ADDRESS: Final = oid("1.3.6.1.6.3.18.1.3.0")  # snmpTrapAddress.0, which proxies add (RFC 3584 section 3.1)
ENTERPRISE_SPECIFIC: Final = 6  # generic-trap (RFC 1157 section 4.1.6)
_NO_ERROR: Final = encoded_integer(0) * 2  # error-status and error-index


class Kind(IntEnum):
    """The tags of the PDUs that matter here."""

    RESPONSE = 0xA2
    TRAP_V1 = 0xA4
    INFORM = 0xA6
    TRAP = 0xA7
    REPORT = 0xA8


class Binding(NamedTuple):
    """One variable: the contents of its name and of its value, and that one's tag."""

    name: bytes
    tag: int
    value: bytes


class Notification(NamedTuple):
    """A trap or an INFORM."""

    kind: Kind
    request_id: int
    """0 in a trap of version 1."""
    trap: bytes
    """snmpTrapOID; of version 1 what RFC 3584 section 3.1 makes of it."""
    agent: bytes | None
    """Four octets: snmpTrapAddress, or the agent-addr of version 1. Whoever sends may write what he likes here."""
    bindings: tuple[Binding, ...]
    binding_list: bytes
    octets: bytes
    """The whole PDU: with its request-id and sysUpTime no other that this sender sends."""


def notification(data: bytes, at: int = 0, end: int | None = None) -> Notification:
    """Read the PDU at `at`. Raises MalformedError, also for a PDU that is no notification."""
    tag, start, stop = header(data, at, len(data) if end is None else end)
    if tag in {Kind.TRAP, Kind.INFORM}:
        return _version_2(data, Kind(tag), at, start, stop)
    if tag == Kind.TRAP_V1:
        return _version_1(data, at, start, stop)
    raise MalformedError(f"a PDU with tag {tag:#04x}; expected a trap or an INFORM")


def _version_2(data: bytes, kind: Kind, at: int, start: int, stop: int) -> Notification:
    request_id, start = integer(data, start, stop)
    _, start = integer(data, start, stop)
    _, start = integer(data, start, stop)
    bindings = _bindings(data, start, stop)
    trap = agent = None
    for name, tag, contents in bindings:
        if name == TRAP_OID and tag == OID and len(contents) <= LONGEST_OID:
            trap = contents
        elif name == TRAP_ADDRESS and tag == IP_ADDRESS and len(contents) == 4:
            agent = contents
    if trap is None:
        raise MalformedError("no snmpTrapOID.0 among the variables (RFC 3416 section 4.2.6)")
    return Notification(kind, request_id, trap, agent, bindings, data[start:stop], data[at:stop])


def _version_1(data: bytes, at: int, start: int, stop: int) -> Notification:
    enterprise, start = identifier(data, start, stop)
    first, last = expect(data, start, stop, IP_ADDRESS)
    agent = data[first:last]
    if len(agent) != 4:
        raise MalformedError(f"an agent-addr of {len(agent)} octets; expected 4")
    generic, start = integer(data, last, stop)
    specific, start = integer(data, start, stop)
    _, start = expect(data, start, stop, TIME_TICKS)
    if generic == ENTERPRISE_SPECIFIC and specific >= 0:
        trap = enterprise + encoded_arcs(0, specific)
    elif 0 <= generic < ENTERPRISE_SPECIFIC:
        trap = STANDARD_TRAPS + bytes((generic + 1,))
    else:
        raise MalformedError(f"generic-trap {generic}, specific-trap {specific}; expected 0 to 6, and 0 or more")
    bindings = _bindings(data, start, stop)
    return Notification(Kind.TRAP_V1, 0, trap, agent, bindings, data[start:stop], data[at:stop])


def _bindings(data: bytes, at: int, end: int) -> tuple[Binding, ...]:
    start, stop = expect(data, at, end, SEQUENCE)
    if stop != end:
        raise MalformedError(f"{end - stop} octets behind the variables")
    found = []
    while start < stop:
        _, inner, last = header(data, start, stop)
        name, name_end = identifier(data, inner, last)
        tag, contents, contents_end = header(data, name_end, last)
        if data[start] != SEQUENCE or contents_end != last:
            raise MalformedError(f"at octet {start} is no pair of name and value")
        found.append(Binding(name, tag, data[contents:contents_end]))
        start = last
    return tuple(found)


def response(inform: Notification) -> bytes:
    """Acknowledge an INFORM: the same request-id and variables (RFC 3416 section 4.2.7)."""
    return value(Kind.RESPONSE, encoded_integer(inform.request_id) + _NO_ERROR + inform.binding_list)


def report(request_id: int, counter: bytes, count: int) -> bytes:
    """Tell a counter of what was refused (RFC 3412 section 7.1 step 3); `counter` is its name."""
    binding = sequence(value(OID, counter), encoded_integer(count & 0xFFFFFFFF, COUNTER32))
    return value(Kind.REPORT, encoded_integer(request_id) + _NO_ERROR + sequence(binding))


def request_id(data: bytes, at: int, end: int) -> int:
    """Give the request-id of whatever PDU stands at `at`; 0 where none can be read."""
    try:
        _, start, stop = header(data, at, end)
        return integer(data, start, stop)[0] if data[start : start + 1] == bytes((INTEGER,)) else 0
    except MalformedError:
        return 0
