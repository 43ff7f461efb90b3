# SPDX-License-Identifier: BSD-2-Clause
from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clusto.snmp import ber, pdu
from clusto.snmp.ber import MalformedError
from clusto.snmp.macnotify import MAC_CHANGED
from clusto.snmp.message import CommunityMessage, parse
from clusto.snmp.pdu import Kind, notification

from .captures import INFORM_V2C, TRAP_V1, TRAP_V2C


def read(datagram: bytes) -> pdu.Notification:
    message = parse(datagram)
    assert isinstance(message, CommunityMessage)
    return notification(message.data, message.pdu)


def trap(*bindings: bytes, kind: int = Kind.TRAP) -> bytes:
    head = b"".join(map(ber.encoded_integer, (7, 0, 0)))
    return ber.value(kind, head + ber.sequence(*bindings))


def binding(name: str, contents: bytes) -> bytes:
    return ber.sequence(ber.value(ber.OID, ber.oid(name)), contents)


NAMED = binding("1.3.6.1.6.3.1.1.4.1.0", ber.value(ber.OID, MAC_CHANGED))


@pytest.mark.parametrize(
    ("datagram", "kind", "agent"),
    [(TRAP_V2C, Kind.TRAP, None), (INFORM_V2C, Kind.INFORM, None), (TRAP_V1, Kind.TRAP_V1, bytes((192, 0, 2, 7)))],
)
def test_what_net_snmp_sends(datagram: bytes, kind: Kind, agent: bytes | None) -> None:
    found = read(datagram)
    assert (found.kind, found.trap, found.agent) == (kind, MAC_CHANGED, agent)
    assert ber.dotted(found.bindings[-1].name) == "1.3.6.1.4.1.9.9.215.1.1.8.1.3.5"
    assert datagram.endswith(found.octets)


def test_what_a_proxy_adds() -> None:
    address = ber.value(ber.IP_ADDRESS, bytes((192, 0, 2, 9)))
    assert notification(trap(NAMED, binding("1.3.6.1.6.3.18.1.3.0", address))).agent == bytes((192, 0, 2, 9))
    short = ber.value(ber.IP_ADDRESS, bytes((192, 0, 2)))
    assert notification(trap(NAMED, binding("1.3.6.1.6.3.18.1.3.0", short))).agent is None


@pytest.mark.parametrize(
    ("generic", "specific", "expected"),
    [
        (0, 0, "1.3.6.1.6.3.1.1.5.1"),
        (3, 99, "1.3.6.1.6.3.1.1.5.4"),
        (6, 1, "1.3.6.1.4.1.9.0.1"),
        (6, 300, "1.3.6.1.4.1.9.0.300"),
    ],
)
def test_traps_of_version_1_are_named_as_rfc_3584_says(generic: int, specific: int, expected: str) -> None:
    assert ber.dotted(notification(version_1(generic, specific)).trap) == expected


def version_1(generic: int, specific: int, agent: bytes = bytes(4)) -> bytes:
    parts = [ber.value(ber.OID, ber.oid("1.3.6.1.4.1.9")), ber.value(ber.IP_ADDRESS, agent)]
    parts += [ber.encoded_integer(generic), ber.encoded_integer(specific), ber.encoded_integer(5, ber.TIME_TICKS)]
    return ber.value(Kind.TRAP_V1, b"".join(parts) + ber.sequence())


@pytest.mark.parametrize(
    ("label", "octets"),
    [
        ("a GET", trap(NAMED, kind=0xA0)),
        ("a Response", trap(NAMED, kind=0xA2)),
        ("no snmpTrapOID", trap()),
        ("a snmpTrapOID that is an integer", trap(binding("1.3.6.1.6.3.1.1.4.1.0", ber.encoded_integer(1)))),
        ("a variable that is none", trap(NAMED, ber.encoded_integer(1))),
        ("a variable without value", trap(NAMED, ber.sequence(ber.value(ber.OID, ber.oid("1.3"))))),
        ("a variable with two values", trap(NAMED, binding("1.3", ber.encoded_integer(1) * 2))),
        ("a variable in another tag", trap(NAMED, b"\x31" + binding("1.3", ber.encoded_integer(1))[1:])),
        ("octets behind the variables", ber.value(Kind.TRAP, trap(NAMED)[2:] + b"\5\0")),
        ("generic-trap 7", version_1(7, 0)),
        ("generic-trap -1", version_1(-1, 0)),
        ("specific-trap -1", version_1(6, -1)),
        ("an agent-addr of 16 octets", version_1(6, 1, bytes(16))),
        ("cut off", trap(NAMED)[:-1]),
        ("nothing", b""),
    ],
)
def test_malformed(label: str, octets: bytes) -> None:
    with pytest.raises(MalformedError):
        notification(octets)


def test_a_response_repeats_request_id_and_variables() -> None:
    asked = read(INFORM_V2C)
    answer = pdu.response(asked)
    assert answer[0] == Kind.RESPONSE
    assert answer[1:] == asked.octets[1:]  # error-status and error-index were 0


@given(st.integers(-(2**31), 2**31 - 1), st.integers(0, 2**33))
def test_reports(request_id: int, count: int) -> None:
    octets = pdu.report(request_id, ber.oid("1.3.6.1.6.3.15.1.1.4.0"), count)
    assert octets[0] == Kind.REPORT
    assert pdu.request_id(octets, 0, len(octets)) == request_id


@given(st.binary(max_size=200))
def test_garbage_raises_one_error_only(data: bytes) -> None:
    for tag in (Kind.TRAP, Kind.INFORM, Kind.TRAP_V1):
        try:
            notification(ber.value(tag, data))
        except MalformedError:
            continue
    assert isinstance(pdu.request_id(data, 0, len(data)), int)
