# SPDX-License-Identifier: BSD-2-Clause
"""A list while NetBox refuses, answers 500, loses answers, or the program is killed; and two programs at once."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from clusto.core.errors import ClustoError, ConflictError, InvalidError, NetBoxError
from clusto.drivers import Session
from clusto.drivers.namemanager import SimpleEntityNameManager

from ..proxy import Answer, Forward, Proxy, lose, refuse, twice
from .running import run
from .world import World

EACH = 2
DEVICES = ("POST", "dcim/devices")
MACS = ("POST", "dcim/mac-addresses")
PRIMARY = ("PATCH", "dcim/interfaces")
ADDRESSES = ("POST", "ipam/ip-addresses")
CABLES = ("POST", "dcim/cables")
step_id = "{0[1]}".format


@pytest.fixture(scope="module")
def numbers() -> Iterator[int]:
    """Each test has servers, rack units and ports of its own."""
    return count(1)


@pytest.fixture
def options(world: World, numbers: Iterator[int]) -> dict[str, Any]:
    return {**world.common, "servers": [world.item(next(numbers)) for _ in range(EACH)]}


@pytest.fixture
def before(world: World) -> dict[str, int]:
    return world.count()


def grown(before: dict[str, int]) -> dict[str, int]:
    return {what: n + EACH * (3 if what == "cables" else 1) for what, n in before.items()}


@pytest.mark.parametrize("step", [PRIMARY, ADDRESSES, CABLES], ids=step_id)
def test_what_is_refused_half_way_leaves_nothing(world, proxy: Proxy, options, before, step) -> None:
    proxy.on(refuse(400), *step)
    with pytest.raises(NetBoxError, match="made up by a test"):
        run(proxy.url, world.client.settings.token, "server", **options)
    assert proxy.waiting == 0
    assert world.count() == before


@pytest.mark.parametrize("fault", [lose, refuse(500)], ids=["lost", "500"])
@pytest.mark.parametrize("step", [DEVICES, MACS, ADDRESSES, CABLES], ids=step_id)
def test_a_lost_answer_doubles_nothing(world, proxy: Proxy, options, before, step, fault) -> None:  # noqa: PLR0913, PLR0917 - fixtures
    proxy.on(fault, *step)
    made = run(proxy.url, world.client.settings.token, "server", **options)
    assert proxy.waiting == 0
    assert made.result["entities"][0]["ports"]["nic-eth"][0]["connected_to"]
    assert world.count() == grown(before)


@pytest.mark.parametrize(
    ("step", "arrives"), [(DEVICES, True), (MACS, False), (PRIMARY, True), (ADDRESSES, True), (CABLES, False)]
)
def test_a_repeat_completes_what_a_kill_left(world, proxy: Proxy, options, before, step, arrives) -> None:  # noqa: PLR0913, PLR0917 - fixtures
    """The program dies as it sends a request, which NetBox gets or not."""
    token = world.client.settings.token
    program = [sys.executable, "-m", "tests.integration.servers.running"]
    process = subprocess.Popen(
        [*program, proxy.url, token, "server", json.dumps(options)], cwd=Path(__file__).parents[3]
    )

    def kill(forward: Forward) -> Answer | None:
        process.kill()
        return forward() if arrives else None

    proxy.on(kill, *step)
    assert process.wait(120) == -9
    proxy.settle()
    assert run(proxy.url, token, "server", **options).changed
    assert world.count() == grown(before)
    assert not run(proxy.url, token, "server", **options).changed


def test_what_is_done_meanwhile_is_not_done_again(world, proxy: Proxy, options, before) -> None:
    """Such as by the last request of a run that was killed, which NetBox is still working on."""
    token = world.client.settings.token
    bare = [
        {**item, "ports": [{**port, "connected_to": None} for port in item["ports"]]} for item in options["servers"]
    ]
    run(proxy.url, token, "server", **{**options, "servers": bare})
    proxy.on(twice, *CABLES)
    made = run(proxy.url, token, "server", **options)
    assert {400, 500} & {seen.status for seen in proxy.seen}
    assert made.result["entities"][0]["ports"]["nic-eth"][0]["connected_to"]
    assert world.count() == grown(before)
    assert not run(proxy.url, token, "server", **options).changed


def test_where_nothing_has_changed_a_refusal_is_final(world, proxy: Proxy, options, before) -> None:
    """Also where something is to be deleted in the same list: what that would take along is no news."""
    token, [there, new] = world.client.settings.token, options["servers"]
    run(proxy.url, token, "server", **{**options, "servers": [there]})
    requests = len(proxy.written())
    proxy.on(refuse(400), *DEVICES)
    with pytest.raises(NetBoxError, match="made up by a test"):
        run(proxy.url, token, "server", **{**options, "servers": [{"name": there["name"], "state": "absent"}, new]})
    assert [seen.status for seen in proxy.written()[requests:]] == [400]
    assert world.count()["devices"] == before["devices"] + 1


def test_two_at_once_for_the_same_units(world: World, options, before) -> None:
    """One wins; the other is told by whom its units are taken, and leaves nothing."""
    settings = world.client.settings
    others = [{**item, "name": f"{item['name']}-b", "ports": []} for item in options["servers"]]
    start = threading.Barrier(2)
    errors: list[ClustoError] = []

    def work(servers: list[dict[str, Any]]) -> None:
        start.wait()
        try:
            run(settings.api_url, settings.token, "server", **{**options, "ips": None, "servers": servers})
        except ClustoError as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=(servers,)) for servers in (options["servers"], others)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(errors) == 1, errors
    units = [item["ru"][0] for item in options["servers"]]
    assert all(f"unit {unit} is occupied by {world.name(unit)}" in str(errors[0]) for unit in units)
    assert world.count()["devices"] == before["devices"] + EACH


@pytest.fixture
def names(world: World) -> SimpleEntityNameManager:
    found = world.client.list("extras/config-contexts", name=f"names-{world.run}")
    session = Session(world.client)
    if found:
        return SimpleEntityNameManager.get(found[0]["name"], session=session)
    return SimpleEntityNameManager(f"names-{world.run}", basename=f"s{world.run}-n", digits=3, session=session)


def test_names_are_given_once_and_known_again(world: World, proxy: Proxy, numbers, names, before) -> None:
    token = world.client.settings.token
    items = [{key: v for key, v in world.item(next(numbers)).items() if key != "name"} for _ in range(EACH)]
    options = {**world.common, "name_manager": names.name, "servers": items}
    expected = names.peek(EACH)
    rehearsed = run(proxy.url, token, "server", rehearse=True, **options)
    assert list(rehearsed.after or ()) == expected == names.peek(EACH)
    proxy.on(refuse(400), "POST", "dcim/devices")
    with pytest.raises(NetBoxError):
        run(proxy.url, token, "server", **options)
    assert names.peek(EACH) == expected
    made = run(proxy.url, token, "server", **options)
    assert [entity["name"] for entity in made.result["entities"]] == expected
    assert not run(proxy.url, token, "server", **options).changed
    assert world.count() == grown(before)
    crossed = [{**items[0], "ru": items[1]["ru"]}]
    with pytest.raises(ConflictError, match=rf"borne by server '{expected[0]}', but .* stands server '{expected[1]}'"):
        run(proxy.url, token, "server", **{**options, **crossed[0], "servers": None})
    with pytest.raises(InvalidError, match="without a MAC address and without rack and ru"):
        run(proxy.url, token, "server", name_manager=names.name)


def test_one_known_by_its_mac_address_alone_is_not_made_twice(world, proxy: Proxy, names, numbers, before) -> None:
    token = world.client.settings.token
    options = {"name_manager": names.name, "ports": [{"number": 1, "mac": world.mac(next(numbers))}]}
    for _ in range(8):  # NetBox is away from the second write on, also for what takes the first one back
        proxy.on(lambda _: None, "POST", "dcim/mac-addresses")
        proxy.on(lambda _: None, "DELETE", "dcim/devices")
    with pytest.raises(NetBoxError):
        run(proxy.url, token, "server", **options)
    proxy._orders.clear()
    assert world.count()["devices"] == before["devices"] + 1
    made = run(proxy.url, token, "server", **options)
    assert made.changed
    assert not run(proxy.url, token, "server", **options).changed
    assert world.count()["devices"] == before["devices"] + 1
    [device] = world.client.list("dcim/devices", name=made.result["entity"]["name"])
    assert device["description"] == ""
