# SPDX-License-Identifier: BSD-2-Clause
"""Several addresses judged together; what is believed of what was read a while ago."""

from __future__ import annotations

import io
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import pytest

from clusto.core.errors import ConflictError
from clusto.drivers import Session
from clusto.mirror.inventory import Inventory
from clusto.mirror.model import DEVICE, Host
from clusto.netbox.client import Client, Settings
from clusto.netbox.kept import Kept
from clusto.netbox.records import QUERIES, World
from clusto.service.log import Log
from clusto.snmp.macnotify import MacChange, Operation
from clusto.snmptrapd import newcomers as module
from clusto.snmptrapd.events import Outcome, Sighting, SwitchPort, Verdict
from clusto.snmptrapd.findings import Findings
from clusto.snmptrapd.judgement import Bearer, Judgement, Newcomer, Nic, Place
from clusto.snmptrapd.newcomers import Newcomers, judged

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


@pytest.mark.parametrize(
    ("kept", "world", "expected"),
    [
        (1, None, Verdict.DONE),
        (0, World(dict.fromkeys(QUERIES, ())), Verdict.DONE),
        (0, None, Verdict.IGNORED),
    ],
    ids=["read by another", "followed", "read now"],
)
def test_nothing_is_ignored_by_what_was_kept(
    monkeypatch: pytest.MonkeyPatch, kept: int, world: World | None, expected: Verdict
) -> None:
    """A layout that came a moment ago: at the first look the switch's rack has none."""
    looks = 0

    def scene(session: Session, *_: Any) -> Any:
        nonlocal looks
        looks += 1
        assert looks > 1 or world is None or session.world() is world
        reusing.reused += kept and looks == 1
        place = (
            Place("port 1", lack="no layout") if looks == 1 else Place("port 1", 1, nic=Nic(1, "s1", 1, "eth0"), vlan=1)
        )
        bearer = Bearer(1, "s1", 1, "eth0")
        return SimpleNamespace(place=lambda _: place, bearer=lambda _: bearer if looks > 1 else None, factory=None)

    monkeypatch.setattr(module, "Scene", scene)
    client, log = Client(Settings("http://netbox.invalid", "0" * 40)), Log(io.StringIO())
    findings = Findings(client, log)
    monkeypatch.setattr(findings, "tell", lambda *_, **__: None)
    reusing = Kept(1)
    handler = Newcomers(client, log, findings, reusing, lambda: world, name_manager="", dry_run=False)
    switch = Host(DEVICE, 1, "sw1", "networkswitch", "cisco4948", "active")
    sighting = Sighting(0, SwitchPort(1), MacChange(Operation.LEARNT, 1, A, 1))
    [outcome] = handler.handle(Inventory(api_url="", loaded_at=0), switch, [sighting])
    assert (outcome.verdict, looks) == (expected, 2 if kept or world else 1)


def test_what_was_refused_once_is_looked_at_without_what_was_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The rack has another layout by now, of which the inventory does not know yet."""
    world = World(dict.fromkeys(QUERIES, ()))
    worlds: list[World | None] = []

    def scene(*_: Any) -> Any:
        place = Place("port 1", 1)
        return SimpleNamespace(
            place=lambda _: place, bearer=lambda _: None, slot=lambda _: None, suffix="sw1", factory=object()
        )

    def session(_: Any, known: World | None = None) -> Any:
        worlds.append(known)
        return SimpleNamespace(use=lambda: None)

    monkeypatch.setattr(module, "Scene", scene)
    monkeypatch.setattr(module, "Session", session)
    client, log = Client(Settings("http://netbox.invalid", "0" * 40)), Log(io.StringIO())
    findings = Findings(client, log)
    monkeypatch.setattr(findings, "tell", lambda *_, **__: None)
    handler = Newcomers(client, log, findings, Kept(1), lambda: world, name_manager="", dry_run=False)
    monkeypatch.setattr(handler._maker, "make", lambda *_: [ConflictError("port 1 is taken")])
    switch = Host(DEVICE, 1, "sw1", "networkswitch", "cisco4948", "active")
    sighting = Sighting(0, SwitchPort(1), MacChange(Operation.LEARNT, 1, A, 1))
    verdicts = [handler.handle(Inventory(api_url="", loaded_at=0), switch, [sighting])[0].verdict for _ in range(3)]
    assert verdicts == [Verdict.RETRY, Verdict.IGNORED, Verdict.RETRY]
    assert worlds == [world, None, world]
