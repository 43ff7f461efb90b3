# SPDX-License-Identifier: BSD-2-Clause
"""The table of what a MAC address at a switch port means."""

from __future__ import annotations

from dataclasses import replace

import pytest

from clusto.snmptrapd.events import DONE, Outcome, Verdict
from clusto.snmptrapd.judgement import Bearer, Finding, Judgement, Kind, Newcomer, Nic, Place, Settled, judge

MAC, OTHER = "02:00:00:00:00:01", "02:00:00:00:00:02"
FREE = Place("sw1, nic-eth 'Gi1/3'", 3)
BARE = Nic(7, "server 's1'", 70, "eth0")
KNOWN = replace(BARE, mac=OTHER)
HALF = replace(BARE, mac=MAC, is_whole=False)
OURS = Bearer(7, "server 's1'", 70, "eth0", connected_to="sw1, nic-eth 'Gi1/3'")
SECOND_NIC = Bearer(7, "server 's1'", 71, "eth1", connected_to="sw1, nic-eth 'Gi1/4'")
CARD = Bearer(7, "server 's1'", 72, "ipmi", has_socket=False)
THEIRS = Bearer(8, "server 's2'", 80, "eth0", connected_to="sw1, nic-eth 'Gi1/5'")
WAITING = replace(THEIRS, connected_to=None)
UPLINK = Place("sw1, nic-eth 'Gi1/48'", lack="rack layout 'a' has no server at sw1, nic-eth 'Gi1/48'")
SWITCH = replace(WAITING, owner="networkswitch 'sw9'", is_server=False)
MACHINE = Bearer(None, "vm1", 70, "eth0")


def at(nic: Nic) -> Place:
    return replace(FREE, nic=nic)


@pytest.mark.parametrize(
    ("place", "bearer", "expected"),
    [
        (FREE, None, Newcomer()),
        (at(BARE), None, Newcomer()),
        (at(replace(BARE, mac=MAC)), OURS, Settled(replace(BARE, mac=MAC))),
        (at(HALF), OURS, Newcomer()),
        (replace(UPLINK, nic=HALF), OURS, Settled(HALF)),
        (FREE, WAITING, Newcomer()),
        (FREE, THEIRS, Kind.MOVED),
        (FREE, replace(WAITING, has_socket=False), Kind.MOVED),
        (FREE, SWITCH, Kind.MOVED),
        (at(KNOWN), None, Kind.SECOND),
        (at(KNOWN), THEIRS, Kind.MISCABLED),
        (at(BARE), THEIRS, Kind.MISCABLED),
        (at(BARE), WAITING, Kind.MISCABLED),
        (at(KNOWN), SECOND_NIC, Kind.MISCABLED),
        (at(KNOWN), CARD, DONE),
        (at(KNOWN), MACHINE, "is that of virtual machine vm1"),
        (FREE, MACHINE, "is that of virtual machine vm1"),
        (UPLINK, None, "has no server at"),
        (UPLINK, THEIRS, "has no server at"),
        (replace(FREE, lack="sw1 is in no rack"), None, "sw1 is in no rack"),
        (
            replace(FREE, stranger="fw1, nic-eth 'eth0'"),
            None,
            "is connected to fw1, nic-eth 'eth0', which is no server",
        ),
        (replace(FREE, stranger="fw1, nic-eth 'eth0'"), THEIRS, "which is no server's NIC"),
    ],
)
def test_the_table(place: Place, bearer: Bearer | None, expected: Judgement | Kind | str) -> None:
    found = judge(MAC, place, bearer)
    if isinstance(expected, str) and not isinstance(expected, Kind):
        assert isinstance(found, Outcome)
        assert found.verdict is Verdict.IGNORED
        assert expected in found.reason
        assert found.is_lasting == bool(place.lack)
    elif isinstance(expected, Kind):
        assert isinstance(found, Finding)
        assert (found.kind, found.mac) == (expected, MAC)
        assert found.device == (bearer or OURS).device
        assert found.text.startswith(f"MAC address {MAC} is learnt at {place.title}")
    else:
        assert found == expected
        assert type(found) is type(expected)


@pytest.mark.parametrize("place", [FREE, at(BARE)])
def test_only_one_server_is_made_at_a_port(place: Place) -> None:
    found = judge(MAC, place, None, rival=OTHER)
    assert isinstance(found, Outcome)
    assert found.verdict is Verdict.RETRY
    assert OTHER in found.reason


def test_what_is_told_names_both_sides() -> None:
    found = judge(MAC, at(KNOWN), THEIRS)
    assert isinstance(found, Finding)
    assert found.text == (
        "MAC address 02:00:00:00:00:01 is learnt at sw1, nic-eth 'Gi1/3', which should be connected to server 's1',"
        " interface eth0; it is that of server 's2', interface eth0, connected to sw1, nic-eth 'Gi1/5'"
    )


def test_an_uplink_to_which_a_server_is_connected_is_looked_at_each_time() -> None:
    """It may be that server's address the next time, of which the VLAN is recorded."""
    found = judge(MAC, replace(UPLINK, nic=KNOWN), None)
    assert isinstance(found, Outcome)
    assert not found.is_lasting
