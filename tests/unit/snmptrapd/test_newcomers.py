# SPDX-License-Identifier: BSD-2-Clause
"""Several addresses judged together."""

from __future__ import annotations

from collections.abc import Mapping

from clusto.snmp.macnotify import MacChange, Operation
from clusto.snmptrapd.events import Outcome, Sighting, SwitchPort, Verdict
from clusto.snmptrapd.judgement import Bearer, Judgement, Newcomer, Place
from clusto.snmptrapd.newcomers import judged

A, B = "02:00:00:00:00:0a", "02:00:00:00:00:0b"
UPLINK = 48


class Scene:
    """A switch of which nothing is known but that its last port is an uplink."""

    def place(self, told: SwitchPort) -> Place:
        port = told.base_port
        return Place(f"port {port}", port) if port != UPLINK else Place("uplink", lack="an uplink")

    def bearer(self, mac: str) -> Bearer | None:
        return None


def judge(*seen: tuple[str, int]) -> list[Judgement]:
    sightings = {
        n: Sighting(n, SwitchPort(port), MacChange(Operation.LEARNT, 442, mac, port))
        for n, (mac, port) in enumerate(seen)
    }
    found: Mapping[int, Judgement] = judged(Scene(), sightings)
    return [found[n] for n in range(len(seen))]


def outcome(found: Judgement) -> tuple[Verdict, str]:
    assert isinstance(found, Outcome)
    return found.verdict, found.reason


def test_addresses_at_several_ports_are_several_servers() -> None:
    assert judge((A, 1), (B, 2)) == [Newcomer(), Newcomer()]


def test_an_address_is_where_it_was_learnt_last() -> None:
    earlier, later = judge((A, 1), (A, 2))
    assert outcome(earlier) == (Verdict.IGNORED, f"MAC address {A} has been learnt at port 2 since")
    assert later == Newcomer()


def test_an_uplink_is_no_place_of_a_server() -> None:
    here, there = judge((A, 1), (A, UPLINK))
    assert here == Newcomer()
    assert outcome(there)[0] is Verdict.IGNORED


def test_of_two_addresses_at_one_port_the_first_is_made() -> None:
    first, second = judge((A, 1), (B, 1))
    assert first == Newcomer()
    assert outcome(second)[0] is Verdict.RETRY


def test_the_same_address_in_two_vlans_is_one_server() -> None:
    assert judge((A, 1), (A, 1)) == [Newcomer(), Newcomer()]
