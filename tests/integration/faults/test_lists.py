# SPDX-License-Identifier: BSD-2-Clause
"""Lists of pools, bindings, attributes and connections while NetBox fails or the program is killed.

Refused, nothing of a list stays; else the next run completes it, and nothing is there twice. (Lists of servers:
tests/integration/servers.)
"""

from __future__ import annotations

import importlib
import threading
import time
import uuid
from collections.abc import Iterator
from dataclasses import replace

import pytest

from clusto.drivers import connect
from clusto.ensure.servers.writing import REPEATS
from tools.lab.instance import NetBoxServer

from ..modules.conftest import Modules
from ..proxy import WRITE, Answer, Forward, Proxy, cut, late, lose, refuse
from .lists import ADDRESSES, CABLES, CONTEXTS, LONG, MIDDLE, RACKS, TAGS, TEN, WHOLE, World, started

FAULTS = (refuse(500), cut, lose)
LIBRARY = "ansible_collections.clusto.datacenter.plugins.module_utils"
CHUNKS = {
    "drivers.bulk_documents": "BATCH",
    "drivers.membership": "BATCH",
    "drivers.allocation": "CHUNK",
    "ensure.links": "CHUNK",
}
"""Where it is said how many items a request has."""


@pytest.fixture(scope="module")
def world(netbox_server: NetBoxServer) -> Iterator[World]:
    with connect(netbox_server.api_url, netbox_server.token) as session:
        yield World(session, uuid.uuid4().hex[:6])


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two items in a request, so that a list of three has a later one."""
    cut_into(2, monkeypatch)


@pytest.fixture
def tens(monkeypatch: pytest.MonkeyPatch) -> None:
    cut_into(TEN, monkeypatch)


def cut_into(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    for module, name in CHUNKS.items():
        monkeypatch.setattr(importlib.import_module(f"{LIBRARY}.{module}"), name, size)


def completes(world: World, modules: Modules, module: str, n: int, whole: list[int]) -> None:
    """The next run does what is missing."""
    second = modules.run(module, **world.options(module, n))
    assert "msg" not in second, second["msg"]
    assert world.count(module, n) == whole
    world.clear(module, n)


@pytest.mark.usefixtures("short")
@pytest.mark.parametrize("module", MIDDLE)
def test_each_write(world: World, module: str, proxy: Proxy, through: Modules, modules: Modules) -> None:
    """The last one is refused, too."""
    n = next(world.numbers)
    assert "msg" not in (plain := through.run(module, **world.options(module, n))), plain["msg"]
    assert world.count(module, n) == WHOLE[module]
    writes = len(proxy.written())
    world.clear(module, n)
    for nth in range(1, writes + 1):
        n = next(world.numbers)
        proxy.on(FAULTS[nth % len(FAULTS)], WRITE, nth=nth)
        failed = through.run(module, **world.options(module, n))
        assert proxy.waiting == 0
        assert proxy.url in failed.get("msg", proxy.url)
        completes(world, modules, module, n, WHOLE[module])
    n = next(world.numbers)
    for nth in (writes, 2 * writes) if module == "connection" else (writes,):  # they are tried once more
        proxy.on(refuse(400), WRITE, nth=nth)
    assert "made up by a test" in through.run(module, **world.options(module, n))["msg"]
    assert set(world.count(module, n)) == {0}


@pytest.mark.parametrize("module", MIDDLE)
def test_killed(world: World, module: str, proxy: Proxy, through: Modules, modules: Modules) -> None:
    """The program dies as it sends a request, which NetBox gets all the same."""
    n = next(world.numbers)
    process = started(through, module, world.options(module, n))

    def kill(forward: Forward) -> Answer | None:
        process.kill()
        forward()
        return None

    proxy.on(kill, *MIDDLE[module])
    process.communicate(timeout=120)
    assert process.returncode == -9
    proxy.settle()
    again = modules.run(module, **world.options(module, n))
    assert "msg" not in again, again["msg"]
    assert not modules.run(module, **world.options(module, n))["changed"]
    assert world.count(module, n) == WHOLE[module]
    world.clear(module, n)


def test_pools_that_netbox_makes_after_the_time_out(world: World, proxy: Proxy, through: Modules, modules) -> None:
    """Their tags stay, or their config contexts would hold for every device: the next run finds both."""
    n = next(world.numbers)
    impatient = replace(through, connection={**through.connection, "timeout": 3})
    made = threading.Event()

    def slow(forward: Forward) -> None:
        time.sleep(6)  # the client waits for three seconds, and one more for each of two pools
        forward()
        made.set()

    proxy.on(slow, "POST", CONTEXTS)
    assert "no answer within" in impatient.run("pool", **world.options("pool", n))["msg"]
    assert not made.is_set()
    names = world.pools(n)
    assert len(world.client.list(TAGS, name=names)) == len(names)
    assert made.wait(60)
    assert all(context["tags"] for context in world.client.list(CONTEXTS, name=names))
    completes(world, modules, "pool", n, WHOLE["pool"])


@pytest.mark.parametrize("module", ["ip_binding", "attribute", "connection"])
def test_netbox_does_it_when_the_program_has_given_up(
    world: World, module: str, proxy: Proxy, through: Modules, modules: Modules
) -> None:
    """The program finds what came late, or tells that there was no answer; then the next run does."""
    n = next(world.numbers)
    done = threading.Event()
    proxy.on(late(3, done), *MIDDLE[module])
    failed = through.run(module, **world.options(module, n))
    assert "no connection" in failed.get("msg", "no connection")
    assert done.wait(60)
    completes(world, modules, module, n, WHOLE[module])


@pytest.mark.usefixtures("tens")
def test_two_requests_of_connections(
    world: World, proxy: Proxy, through: Modules, modules: Modules, monkeypatch: pytest.MonkeyPatch
) -> None:
    """NetBox fails in the second request, however often it is sent, and nothing stays; then in all ways in turn."""
    monkeypatch.setattr(world, "ends", world.many_ends)
    options = world.options("connection", 0)
    for _ in range(1 + REPEATS):
        proxy.on(refuse(500), "POST", CABLES, nth=2)
    assert "made up by a test" in through.run("connection", **options)["msg"]
    assert (proxy.waiting, world.count("connection", 0)) == (0, [0])
    for fault in FAULTS:
        proxy.on(fault, "POST", CABLES, nth=2)
    assert through.run("connection", **options)["changed"]
    assert (proxy.waiting, world.count("connection", 0)) == (0, [LONG])
    assert not modules.run("connection", **options)["changed"]


@pytest.mark.usefixtures("tens")
@pytest.mark.parametrize("module", ["pool", "ip_binding", "attribute"])
def test_two_requests(  # noqa: PLR0913, PLR0917 - fixtures
    world: World, module: str, proxy: Proxy, through: Modules, modules: Modules, monkeypatch: pytest.MonkeyPatch
) -> None:
    """NetBox refuses the second request of its kind, and nothing stays; then its answer to it is lost."""
    monkeypatch.setattr(world, "racks", world.many_racks)
    step = ("POST", ADDRESSES) if module == "ip_binding" else ("PATCH", RACKS)
    n = next(world.numbers)
    proxy.on(refuse(400), *step, nth=2)
    assert "made up by a test" in through.run(module, **world.options(module, n))["msg"]
    assert set(world.count(module, n)) == {0}
    proxy.on(lose, *step, nth=2)
    through.run(module, **world.options(module, n))
    assert proxy.waiting == 0
    completes(world, modules, module, n, [2, 2 * LONG] if module == "pool" else [LONG])
