# SPDX-License-Identifier: BSD-2-Clause
from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clusto.snmp import ber
from clusto.snmp.macnotify import MESSAGE, Fault, MacChange, Operation, Told, read
from clusto.snmp.message import CommunityMessage, parse
from clusto.snmp.pdu import Binding, Kind, Notification, notification

from .captures import TRAP_V1, TRAP_V2C

END = "00" * 11
ONE = "0101ba0011223344550003"
GOOD = MacChange(Operation.LEARNT, 442, "00:11:22:33:44:55", 3)


def told(*messages: bytes, tag: int = ber.OCTET_STRING) -> Told:
    bindings = tuple(Binding(MESSAGE + bytes((i,)), tag, octets) for i, octets in enumerate(messages, 1))
    return read(Notification(Kind.TRAP, 1, b"", None, bindings, b"", b""))


def faults(found: Told) -> list[Fault]:
    return [problem.fault for problem in found.problems]


@pytest.mark.parametrize("datagram", [TRAP_V1, TRAP_V2C])
def test_what_net_snmp_sends(datagram: bytes) -> None:
    message = parse(datagram)
    assert isinstance(message, CommunityMessage)
    second = MacChange(Operation.LEARNT, 330, "00:11:22:33:44:56", 4)
    assert read(notification(message.data, message.pdu)) == Told((GOOD, second), ())


@pytest.mark.parametrize("end", [END, "00", "00" * 5, END + "ff" * 20])
def test_the_end_may_be_cut_short_and_what_follows_it_is_not_read(end: str) -> None:
    assert told(bytes.fromhex(ONE + end)) == Told((GOOD,), ())


def test_every_message_of_every_index() -> None:
    other = MacChange(Operation.REMOVED, 7, "02:00:00:00:00:01", 65535)
    assert told(bytes.fromhex(ONE + END), bytes.fromhex("020007020000000001ffff00")) == Told((GOOD, other), ())


def test_as_many_tuples_as_an_object_can_hold() -> None:
    found = told(bytes.fromhex(ONE * 23 + "00"))
    assert found == Told((GOOD,) * 23, ())


@pytest.mark.parametrize(
    ("octets", "fault", "where"),
    [
        ("0301ba0011223344550003", Fault.OPERATION, "cmnHistMacChangedMsg.1, tuple 2"),
        ("ff01ba0011223344550003", Fault.OPERATION, "cmnHistMacChangedMsg.1, tuple 2"),
        ("0100000011223344550003", Fault.VLAN, "cmnHistMacChangedMsg.1, tuple 2"),
        ("010fff0011223344550003", Fault.VLAN, "cmnHistMacChangedMsg.1, tuple 2"),
        ("0101ba0000000000000003", Fault.ZERO_MAC, "cmnHistMacChangedMsg.1, tuple 2"),
        ("0101ba0100000000000003", Fault.MULTICAST_MAC, "cmnHistMacChangedMsg.1, tuple 2"),
        ("0101baffffffffffff0003", Fault.MULTICAST_MAC, "cmnHistMacChangedMsg.1, tuple 2"),
        ("0101ba0011223344550000", Fault.PORT, "cmnHistMacChangedMsg.1, tuple 2"),
    ],
)
def test_a_bad_tuple_is_told_and_the_others_count(octets: str, fault: Fault, where: str) -> None:
    found = told(bytes.fromhex(ONE + octets + ONE + END))
    assert found.changes == (GOOD, GOOD)
    (problem,) = found.problems
    assert str(problem) == f"{where}: {fault} ({octets})"


@pytest.mark.parametrize("cut", range(1, 11))
def test_a_truncated_tuple(cut: int) -> None:
    found = told(bytes.fromhex(ONE) + bytes.fromhex(ONE)[:cut])
    assert found.changes == (GOOD,)
    assert faults(found) == [Fault.TRUNCATED]


@pytest.mark.parametrize(("octets", "changes"), [(ONE, (GOOD,)), ("", ())])
def test_a_message_without_end(octets: str, changes: tuple[MacChange, ...]) -> None:
    found = told(bytes.fromhex(octets))
    assert found.changes == changes
    assert faults(found) == [Fault.NO_END]


def test_a_notification_without_message() -> None:
    assert faults(told()) == [Fault.NO_MESSAGE]


def test_a_message_of_another_type() -> None:
    found = told(b"\1", tag=ber.INTEGER)
    assert found.changes == ()
    assert faults(found) == [Fault.NO_OCTETS]


good = st.builds(
    MacChange,
    operation=st.sampled_from([Operation.LEARNT, Operation.REMOVED]),
    vlan=st.integers(1, 4094),
    mac=st.binary(min_size=6, max_size=6).filter(lambda mac: any(mac) and not mac[0] & 1).map(lambda mac: mac.hex(":")),
    base_port=st.integers(1, 65535),
)


def packed(change: MacChange) -> bytes:
    mac = bytes.fromhex(change.mac.replace(":", ""))
    return bytes((change.operation,)) + change.vlan.to_bytes(2) + mac + change.base_port.to_bytes(2)


@given(st.lists(good, max_size=23))
def test_round_trip(changes: list[MacChange]) -> None:
    assert told(b"".join(map(packed, changes)) + b"\0") == Told(tuple(changes), ())


@given(st.lists(st.binary(max_size=254), max_size=3), st.binary(max_size=20))
def test_garbage_raises_nothing_and_is_all_accounted_for(messages: list[bytes], index: bytes) -> None:
    bindings = tuple(Binding(MESSAGE + index, ber.OCTET_STRING, octets) for octets in messages)
    found = read(Notification(Kind.TRAP, 1, b"", None, bindings, b"", b""))
    assert all(str(problem) for problem in found.problems)
    assert len(found.changes) <= sum(len(octets) // 11 for octets in messages)
    if not any(0 in octets[::11] for octets in messages):
        assert len(found.changes) + len(found.problems) >= sum(-(-len(octets) // 11) for octets in messages)
