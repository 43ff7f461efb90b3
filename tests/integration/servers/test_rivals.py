# SPDX-License-Identifier: BSD-2-Clause
"""Two programs whose lists want the same: both have looked and found it free before one of them writes."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tools.lab.instance import NetBoxServer

from ..proxy import Proxy, first
from .running import run
from .world import World

Item = dict[str, Any]
PROGRAM = [sys.executable, "-m", "tests.integration.servers.running"]
ROOT = Path(__file__).parents[3]


@pytest.fixture
def proxies(netbox_server: NetBoxServer) -> Iterator[tuple[Proxy, Proxy]]:
    """The ways of two programs to NetBox; what each wrote can be seen."""
    with Proxy(netbox_server.api_url) as one, Proxy(netbox_server.api_url) as other:
        yield one, other


@dataclass(frozen=True)
class Contest:
    """What item 1 of two lists wants, and only one can have."""

    wants: Callable[[World, int], Item]
    """The options of an item by a number; those of 40 and 41 exclude each other, 43 is free."""
    meet: str
    """The endpoint where both are about to make something when neither has what it wants."""
    reason: str
    alike: bool = True
    """Whether both want number 40."""


def mac(world: World, number: int) -> Item:
    return {"ports": [{"number": 1, "mac": world.mac(900 + number)}]}


def link(world: World, number: int) -> Item:
    return {"ports": [{"number": 1, "connected_to": {"entity": world.equipment["networkswitch"], "number": number}}]}


def units(world: World, number: int) -> Item:
    """40 and 41, or 41 and 42: NetBox itself keeps only lowest units apart."""
    return {"driver": "penguinserver2u", "rack": world.rack, "ru": [number]}


def name(world: World, number: int) -> Item:
    return {"name": f"{world.name(number)}-same"}


CONTESTS = {
    "mac": Contest(mac, "dcim/mac-addresses", "is borne by {winner}, interface eth0 already"),
    "port": Contest(link, "dcim/cables", "connected to {winner}, nic-eth 'eth0'"),
    "unit": Contest(units, "dcim/devices", "unit 41 is occupied by {winner}", alike=False),
    "name": Contest(name, "dcim/devices", "server '{winner}' is in NetBox by now"),
}


def compete(world: World, proxies: tuple[Proxy, Proxy], lists: list[list[Item]], meet: str) -> list[Item]:
    """Run both, each as a process of its own; they wait for each other where they meet."""
    meeting = threading.Barrier(2, timeout=60)
    running = []
    for proxy, servers in zip(proxies, lists, strict=True):
        proxy.on(first(meeting.wait), "POST", meet)
        options = json.dumps({"datacenter": world.datacenter.name, "servers": servers})
        command = [*PROGRAM, proxy.url, world.client.settings.token, "server", options]
        running.append(subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True))
    return [json.loads(process.communicate(timeout=120)[0]) for process in running]


@pytest.mark.parametrize("what", CONTESTS)
def test_one_has_it_and_the_other_is_told_by_whom(world: World, proxies: tuple[Proxy, Proxy], what: str) -> None:
    contest = CONTESTS[what]
    numbers = (40, 40 if contest.alike else 41)
    lists = [[{"name": f"{world.name(1)}-{what}-{who}0"}, {"name": f"{world.name(1)}-{what}-{who}1"}] for who in "ab"]
    for servers, number in zip(lists, numbers, strict=True):
        servers[1] |= contest.wants(world, number)
    before = world.count()
    told = compete(world, proxies, lists, contest.meet)
    assert [proxy.waiting for proxy in proxies] == [0, 0]
    [loser] = [n for n in range(2) if "errors" in told[n]]
    winner = told[1 - loser]["entities"][1]["name"]
    [[index, reason]] = told[loser]["errors"]
    assert index == 1
    assert contest.reason.format(winner=winner) in reason
    had = {"macs": what == "mac", "cables": what == "port"}
    assert world.count() == {kind: n + (2 if kind == "devices" else had.get(kind, 0)) for kind, n in before.items()}
    lists[loser][1] |= contest.wants(world, 43)
    settings = world.client.settings
    again = {"datacenter": world.datacenter.name, "servers": lists[loser]}
    assert run(settings.api_url, settings.token, "server", **again).changed
    assert not run(settings.api_url, settings.token, "server", **again).changed
