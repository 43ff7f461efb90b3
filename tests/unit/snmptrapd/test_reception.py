# SPDX-License-Identifier: BSD-2-Clause
from __future__ import annotations

from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clusto.core.addresses import prefix
from clusto.snmp import ber
from clusto.snmp.engine import Engine, Reason
from clusto.snmp.message import community_response, parse
from clusto.snmp.pdu import Kind
from clusto.snmp.usm import User
from clusto.snmptrapd.reception import COMMUNITY, MALFORMED, Accepted, Reception, Refused
from tests.unit.snmp import captures

SENDER = "198.51.100.1"
USER = User.of("sw", ("SHA-256", "maplesyrup"), ("AES", "pancakes1"))


def reception(*communities: str, trusted: str = "203.0.113.0/24") -> Reception:
    engine = Engine(b"\x80ours", 1, [USER], started=0, salt=0)
    return Reception(communities or ("secret", "public"), engine, [prefix(trusted)])


def accepted(datagram: bytes, sender: str = SENDER) -> Accepted:
    found = reception().receive(datagram, sender, 10)
    assert isinstance(found, Accepted)
    return found


@pytest.mark.parametrize("datagram", [captures.TRAP_V1, captures.TRAP_V2C, captures.TRAP_AES])
def test_traps(datagram: bytes) -> None:
    found = accepted(datagram)
    assert found.switch == SENDER
    assert [change.base_port for change in found.told.changes] == [3, 4]
    assert (found.other, found.response) == (None, None)


def test_an_inform_has_a_response() -> None:
    found = accepted(captures.INFORM_V2C)
    request = parse(captures.INFORM_V2C)
    pdu = captures.INFORM_V2C[request.pdu :]
    assert found.response == community_response(request, bytes((Kind.RESPONSE,)) + pdu[1:])


def test_the_same_again_has_the_same_key() -> None:
    key = accepted(captures.TRAP_V2C).key
    assert accepted(captures.TRAP_V2C).key == key
    assert accepted(captures.TRAP_V2C, "198.51.100.2").key != key
    later = captures.TRAP_V2C.replace(bytes.fromhex("4302032f"), bytes.fromhex("43020330"))  # sysUpTime
    assert accepted(later).key != key


@pytest.mark.parametrize(("sender", "switch"), [("203.0.113.9", "192.0.2.7"), (SENDER, SENDER)])
def test_only_who_is_trusted_speaks_for_others(sender: str, switch: str) -> None:
    assert accepted(captures.TRAP_V1, sender).switch == switch


def test_an_agent_without_address_is_the_sender() -> None:
    nameless = captures.TRAP_V1.replace(bytes((0x40, 4, 192, 0, 2, 7)), bytes((0x40, 4, 0, 0, 0, 0)))
    assert accepted(nameless, "203.0.113.9").switch == "203.0.113.9"
    assert accepted(captures.TRAP_V2C, "203.0.113.9").switch == "203.0.113.9"


def test_another_notification_is_named() -> None:
    cold_start = ber.oid("1.3.6.1.4.1.9.9.215.2.0.9")
    other = captures.TRAP_V2C.replace(ber.oid("1.3.6.1.4.1.9.9.215.2.0.1"), cold_start)
    found = accepted(other)
    assert found.other == "1.3.6.1.4.1.9.9.215.2.0.9"
    assert found.told == ((), ())


@pytest.mark.parametrize(
    ("communities", "datagram", "reason"),
    [
        ((), b"", MALFORMED),
        ((), captures.TRAP_V2C[:-1], MALFORMED),
        (("Public", "publi", "publicc"), captures.TRAP_V2C, COMMUNITY),
        ((), captures.TRAP_DES, Reason.DIGEST),
        ((), captures.TRAP_AUTH, Reason.LEVEL),
        ((), captures.TRAP_AES192, Reason.DIGEST),
    ],
)
def test_refused(communities: tuple[str, ...], datagram: bytes, reason: str) -> None:
    found = reception(*communities).receive(datagram, SENDER, 10)
    assert isinstance(found, Refused)
    assert (found.reason, found.report) == (reason, None)


def test_a_question_for_our_engine_is_answered() -> None:
    found = reception().receive(captures.DISCOVERY, SENDER, 10)
    assert isinstance(found, Refused)
    assert found.reason == Reason.DISCOVERY
    assert found.report


def test_no_secret_is_told() -> None:
    found = reception("s3cret").receive(captures.TRAP_V2C, SENDER, 10)
    assert "s3cret" not in str(found)
    assert "public" not in str(found)


ALL = [value for name, value in vars(captures).items() if name.isupper() and name != "ENGINE"]


@given(st.binary(max_size=400))
def test_garbage_is_refused(datagram: bytes) -> None:
    assert isinstance(reception().receive(datagram, SENDER, 10), Refused)


@given(st.sampled_from(ALL), st.data())
def test_damaged_captures_are_accepted_or_refused(capture: bytes, data: st.DataObject) -> None:
    damaged = bytearray(capture)
    for _ in range(data.draw(st.integers(1, 4))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    found = reception(trusted="0.0.0.0/0").receive(bytes(damaged), SENDER, 10)
    assert isinstance(found, Accepted | Refused)
    if isinstance(found, Accepted):
        assert ip_address(found.switch)
        assert all(str(problem) for problem in found.told.problems)
