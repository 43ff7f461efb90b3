# SPDX-License-Identifier: BSD-2-Clause
from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from clusto.core.errors import InvalidError, NotFoundError
from clusto.mirror.inventory import Inventory
from clusto.mirror.mirror import Freshness
from clusto.mirror.model import DEVICE, VIRTUAL_MACHINE, Address, Host, Kind, Port
from clusto.service.log import Log
from clusto.snmp.macnotify import MacChange, Operation
from clusto.snmptrapd.config import Credentials
from clusto.snmptrapd.discovery import LOOK_AGAIN, Discovery, Unread
from clusto.snmptrapd.events import DONE, Event, Outcome, Sighting, SwitchPort, Verdict
from clusto.snmptrapd.observer import Observer
from clusto.snmptrapd.ports import AGE, PAUSE, PortMaps
from clusto.snmptrapd.reading import Names, ReadError
from clusto.snmptrapd.reconcile import address_of, find

ADDRESS = "192.0.2.1"
CHANGE = MacChange(Operation.LEARNT, 442, "02:00:00:00:00:01", 3)
WANTED = {"snmp": {"discovery": 1}}


def device(
    attributes: Mapping[str, Any] = WANTED,
    *,
    number: int = 1,
    name: str = "sw1",
    kind: Kind = DEVICE,
    address: str = ADDRESS,
) -> Host:
    ports = (
        Port(1, "Vlan442", "virtual", addresses=(Address(number, address, 24, "active"),)),
        Port(2, "GigabitEthernet1/0/3", "1000base-t"),
        Port(3, "four", "1000base-t", label="Gi1/0/4"),
    )
    return Host(kind, number, name, "networkswitch", "cisco4948", "active", ports=ports, attributes=attributes)


def inventory(*hosts: Host) -> Inventory:
    return Inventory(api_url="http://netbox", loaded_at=0, hosts=hosts)


class Mirror:
    """Becomes the next of `states` with each refresh."""

    def __init__(self, *states: Inventory, error: str | None = None) -> None:
        self._states = list(states)
        self.refreshed = 0
        self.freshness = Freshness("netbox", 0.0, error=error)

    @property
    def current(self) -> Inventory:
        return self._states[0]

    def refresh(self) -> bool:
        self.refreshed += 1
        if len(self._states) > 1:
            self._states.pop(0)
        return True


class Handler:
    def __init__(self) -> None:
        self.seen: list[tuple[Host, Sighting]] = []

    def handle(self, _: Inventory, switch: Host, sightings: Sequence[Sighting]) -> Sequence[Outcome]:
        self.seen += [(switch, sighting) for sighting in sightings]
        return [DONE] * len(sightings)


def act(mirror: Mirror, now: float = 0.0, discovery: Discovery | None = None) -> tuple[Sequence[Outcome], Handler]:
    handler = Handler()
    discovery = discovery or Discovery(mirror, Unread(), handler, clock=lambda: now)
    return discovery.act(ADDRESS, [Event(1000.0, ADDRESS, CHANGE)]), handler


@pytest.mark.parametrize("value", [1, "1", True, "true"])
def test_a_switch_that_takes_part(value: object) -> None:
    host = device({"snmp": {"discovery": value}})
    outcomes, handler = act(Mirror(inventory(host)))
    assert outcomes == [DONE]
    assert handler.seen == [(host, Sighting(1000.0, SwitchPort(3), CHANGE))]


@pytest.mark.parametrize(
    ("host", "words"),
    [
        (device({}), "snmp.discovery is not set on it or on what it is in (sw1)"),
        (device({"snmp": {"discovery": 0}}), "snmp.discovery is not set"),
        (device({"snmp": "public"}), "snmp.discovery is not set"),
        (device(kind=VIRTUAL_MACHINE), "no device in NetBox has the address"),
        (device(address="192.0.2.2"), "no device in NetBox has the address"),
    ],
)
def test_who_takes_no_part_is_ignored(host: Host, words: str) -> None:
    (outcome,), handler = act(Mirror(inventory(host)))
    assert outcome.verdict is Verdict.IGNORED
    assert words in outcome.reason
    assert handler.seen == []


def test_netbox_is_asked_before_a_switch_is_ignored() -> None:
    mirror = Mirror(inventory(), inventory(device()))
    outcomes, _ = act(mirror)
    assert outcomes == [DONE]
    assert mirror.refreshed == 1


def test_netbox_is_not_asked_again_and_again() -> None:
    mirror, times = Mirror(inventory()), iter((0.0, LOOK_AGAIN - 1, LOOK_AGAIN, LOOK_AGAIN + 1))
    discovery = Discovery(mirror, Unread(), Handler(), clock=lambda: next(times))
    for _ in range(4):
        act(mirror, discovery=discovery)
    assert mirror.refreshed == 2


def test_nothing_is_ignored_while_netbox_is_away() -> None:
    mirror = Mirror(inventory(), error="refused")
    (outcome,), _ = act(mirror)
    assert outcome.verdict is Verdict.RETRY
    assert outcome.reason == "no device in NetBox has the address, and NetBox cannot be asked: refused"
    assert mirror.refreshed == 0


class Switch:
    """Has base ports, all or by VLAN; counts what it is asked."""

    def __init__(self, ports: Mapping[int | None, Mapping[int, Names] | ReadError]) -> None:
        self._ports = ports
        self.asked: list[int | None] = []

    def ports(self, vlan: int | None = None) -> dict[int, Names]:
        self.asked.append(vlan)
        found = self._ports.get(vlan, ReadError("no answer"))
        if isinstance(found, ReadError):
            raise found
        return dict(found)


class Reading:
    def __init__(self, switch: Switch) -> None:
        self.now = 0.0
        self.log = io.StringIO()
        self.maps = PortMaps(
            {"default": Credentials("public"), "core": Credentials("other")},
            Log(self.log, "text"),
            lambda _, __: switch,
            lambda: self.now,
        )

    def resolve(self, base_port: int, vlan: int = 442, host: Host | None = None) -> SwitchPort:
        return self.maps.resolve(host or device(), ADDRESS, vlan, base_port)


LONG, SHORT = Names("Gi1/0/3", "GigabitEthernet1/0/3"), Names("Gi1/0/4", "")


def test_interfaces_are_found_by_either_name_and_remembered() -> None:
    switch = Switch({None: {3: LONG, 4: SHORT, 5: Names("Gi1/0/5", "")}})
    reading, host = Reading(switch), device()
    assert reading.resolve(3) == SwitchPort(3, "Gi1/0/3", host.ports[1])
    assert reading.resolve(4) == SwitchPort(4, "Gi1/0/4", host.ports[2])
    assert reading.resolve(5) == SwitchPort(5, "Gi1/0/5", None)
    assert [str(reading.resolve(port)) for port in (3, 4, 5)] == ["GigabitEthernet1/0/3", "four", "Gi1/0/5"]
    assert switch.asked == [None]
    reading.now = AGE
    reading.resolve(3)
    assert switch.asked == [None, None]


def test_a_vlan_is_asked_for_what_is_not_there_else() -> None:
    switch = Switch({None: {}, 442: {3: LONG}})
    reading = Reading(switch)
    assert reading.resolve(3).name == "Gi1/0/3"
    assert reading.resolve(9) == SwitchPort(9)
    assert switch.asked == [None, 442]
    reading.now = PAUSE
    reading.resolve(9)
    assert switch.asked == [None, 442, None, 442]


def test_a_switch_that_does_not_answer_is_left_in_peace() -> None:
    switch = Switch({})
    reading = Reading(switch)
    assert [reading.resolve(3), reading.resolve(3, vlan=7)] == [SwitchPort(3), SwitchPort(3)]
    assert switch.asked == [None]
    assert reading.log.getvalue().count("base ports of sw1 are not known: no answer") == 1
    reading.now = PAUSE
    reading.resolve(3)
    assert switch.asked == [None, None]


def test_what_a_switch_said_holds_while_it_does_not_answer() -> None:
    said: dict[int | None, dict[int, Names] | ReadError] = {None: {3: LONG}}
    reading = Reading(Switch(said))
    reading.resolve(3)
    said[None] = ReadError("no answer")
    reading.now = AGE
    assert reading.resolve(3).name == "Gi1/0/3"


@pytest.mark.parametrize("value", ["nothing", False, 7])
def test_a_switch_that_nobody_may_read(value: object) -> None:
    switch = Switch({None: {3: LONG}})
    host = device({"snmp": {"discovery": 1, "read": value}})
    assert Reading(switch).resolve(3, host=host) == SwitchPort(3)
    assert switch.asked == []


def test_what_the_observer_tells() -> None:
    log = io.StringIO()
    host, known = device(), device(number=2, name="s0001", address="192.0.2.2")
    assert Observer(Log(log)).handle(inventory(host, known), host, [Sighting(0, SwitchPort(3, "Gi3"), CHANGE)]) == [
        DONE
    ]
    assert log.getvalue() == ""  # until it is flushed


def test_devices_are_found_by_name_and_by_address() -> None:
    host, twin = device(), device(number=2, name="twin", address="192.0.2.2")
    other = device(number=3, name="twin", address="192.0.2.3")
    one = inventory(host, twin, other)
    assert find(one, "sw1") is find(one, ADDRESS) is host
    for name in ("nobody", "192.0.2.9"):
        with pytest.raises(NotFoundError, match="no device in NetBox has that name or address"):
            find(one, name)
    with pytest.raises(InvalidError, match="the name of 2 devices"):
        find(one, "twin")


def test_the_address_that_a_switch_is_reached_by() -> None:
    assert address_of(device()) == ADDRESS
    with pytest.raises(NotFoundError, match="sw2 has no address"):
        address_of(Host(DEVICE, 2, "sw2", None, None, "active"))
