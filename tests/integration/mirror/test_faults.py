# SPDX-License-Identifier: BSD-2-Clause
"""NetBox fails in the middle, a token expires, the process is killed while it saves: what is served stays whole."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from clusto.mirror.inventory import Inventory
from clusto.mirror.load import load
from clusto.mirror.mirror import RELOAD, Mirror
from clusto.mirror.snapshot import restore
from clusto.netbox.client import Client, Settings
from tests.contents import contents

from ..conftest import NetBoxServer
from ..proxy import Proxy, cut, first, lose, refuse, slow
from .walk import DEVICES, INTERFACES, MACS, SITES, Walk


class Timer:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def proxy(client: Client) -> Iterator[Proxy]:
    with Proxy(client.settings.api_url) as proxy:
        yield proxy


@pytest.fixture
def through(client: Client, proxy: Proxy) -> Iterator[Client]:
    with Client(Settings(proxy.url, client.settings.token)) as through:
        yield through


@pytest.fixture(scope="module")
def walk(netbox_server: NetBoxServer) -> Iterator[Walk]:
    with Client(Settings(netbox_server.api_url, netbox_server.token)) as client:
        yield Walk(client, uuid.uuid4().hex[:6], seed=3)


def whole(client: Client) -> str:
    return contents(load(client, 0.0))


def lists(proxy: Proxy) -> list[str]:
    """The endpoints that came by."""
    return sorted({path.partition("?")[0] for _, path, _ in proxy.seen})


def test_reading_everything_that_fails_at_any_list_leaves_the_older_inventory(
    client: Client, through: Client, proxy: Proxy, walk: Walk
) -> None:
    timer = Timer()
    mirror = Mirror(through, monotonic=timer)
    before = mirror.start()
    there = lists(proxy)
    assert len(there) > 12
    walk.add_device()
    walk.change_rack()
    for list_ in there:
        timer.now += 2 * RELOAD
        with proxy.always(refuse(500), "GET", list_):  # what the last attempt began may be on its way yet
            assert mirror.refresh() is False, list_
        assert mirror.current is before
        assert list_ in (mirror.freshness.error or "")
    assert mirror.freshness.failures == {"unavailable": len(there)}
    assert mirror.refresh() is True
    assert mirror.freshness.error is None
    assert contents(mirror.current) == whole(client)


def test_netbox_that_is_slow_while_everything_is_read(
    client: Client, through: Client, proxy: Proxy, walk: Walk
) -> None:
    """One list comes late, and what was read before is still whole; one does not come in time, and the older stays."""
    timer = Timer()
    mirror = Mirror(through, monotonic=timer)
    mirror.start()
    walk.add_device()
    timer.now += 2 * RELOAD
    proxy.on(slow(1), "GET", INTERFACES)
    proxy.on(first(walk.add_device), "GET", DEVICES)  # meanwhile
    assert mirror.refresh() is True
    assert proxy.waiting == 0
    mirror.refresh()
    assert contents(mirror.current) == whole(client)

    before = mirror.current
    walk.add_device()
    with Client(replace(through.settings, timeout=1)) as impatient:
        hasty = Mirror(impatient, monotonic=timer)
        hasty._state = mirror._state
        timer.now += 2 * RELOAD
        proxy.on(slow(2), "GET", INTERFACES)
        assert hasty.refresh() is False
    assert hasty.current is before
    assert "no answer within 1 s" in (hasty.freshness.error or "")


def test_device_that_vanishes_while_it_is_read_is_left_out_at_once(
    client: Client, through: Client, proxy: Proxy, walk: Walk
) -> None:
    mirror = Mirror(through)
    mirror.start()
    walk.add_device()
    walk.add_device()
    gone = walk.made[DEVICES].pop()
    proxy.on(first(lambda: client.delete(DEVICES, gone)), "GET", INTERFACES)
    assert mirror.refresh() is True
    assert proxy.waiting == 0
    assert mirror.current.host("device", gone) is None
    mirror.refresh()
    assert mirror.freshness.failures == {}
    assert contents(mirror.current) == whole(client)


@pytest.mark.parametrize("list_", ["core/object-changes", SITES, DEVICES, MACS])
def test_following_that_fails_in_the_middle_leaves_the_older_inventory(
    client: Client, through: Client, proxy: Proxy, walk: Walk, list_: str
) -> None:
    mirror = Mirror(through)
    before = mirror.start()
    walk.add_device()
    walk.client.update(SITES, walk.made[SITES][0], {"name": walk.name()})
    proxy.on(refuse(500), "GET", list_)
    assert mirror.refresh() is False
    assert mirror.current is before
    assert proxy.waiting == 0
    assert mirror.refresh() is True
    assert mirror.freshness.reloads == 1
    assert contents(mirror.current) == whole(client)


def test_connections_that_break_are_made_again_within_one_refresh(
    client: Client, through: Client, proxy: Proxy, walk: Walk
) -> None:
    mirror = Mirror(through)
    mirror.start()
    walk.add_device()
    for fault in (cut, lose):
        proxy.on(fault, "GET", DEVICES)
    assert mirror.refresh() is True
    assert contents(mirror.current) == whole(client)


def test_start_with_a_snapshot_does_not_wait_for_a_netbox_that_hangs(
    client: Client, through: Client, proxy: Proxy, walk: Walk, tmp_path: Path
) -> None:
    before = Mirror(through, tmp_path / "mirror").start()
    walk.add_device()
    answers, caught_up = threading.Event(), threading.Event()
    proxy.on(lambda forward: forward() if answers.wait(60) else None, "GET", "core/object-changes")
    mirror = Mirror(through, tmp_path / "mirror", patience=0.1, interval=0.1)
    assert mirror.start() == before
    assert mirror.freshness.source == "snapshot"
    mirror.on_change(lambda inventory: caught_up.set() if len(inventory.hosts) > len(before.hosts) else None)
    mirror.follow()
    answers.set()
    assert caught_up.wait(120)
    mirror.stop()
    assert (mirror.freshness.source, mirror.freshness.reloads) == ("netbox", 0)
    assert contents(mirror.current) == whole(client)


def test_token_that_expires_while_following(
    client: Client, unique: Callable[[str], str], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    user = client.create("users/users", {"username": unique("u"), "password": "Correct-Horse-7-Battery"})
    client.update("users/users", user["id"], {"is_active": True})
    types = [{"name": unique("all"), "users": [user["id"]], "actions": ["view"], "object_types": TYPES}]
    client.create("users/permissions", types)
    token = client.create("users/tokens", {"user": user["id"], "version": 1})
    with Client(Settings(client.settings.api_url, token["token"])) as reader:
        mirror = Mirror(reader, tmp_path / "mirror")
        before = mirror.start()
        client.update("users/tokens", token["id"], {"expires": "2020-01-01T00:00:00Z"})
        assert mirror.refresh() is False
        assert "403" in (mirror.freshness.error or "") or "xpired" in (mirror.freshness.error or "")
        assert mirror.current is before
        again = Mirror(reader, tmp_path / "mirror", patience=60)
        assert again.start() == before
        assert again.freshness.source == "snapshot"
        assert {record.levelname for record in caplog.records} == {"ERROR"}
        client.update("users/tokens", token["id"], {"expires": None})
        assert [mirror.refresh(), again.refresh()] == [False, False]
        assert [mirror.freshness.error, again.freshness.error] == [None, None]
        assert again.freshness.source == "netbox"


TYPES = (
    *("extras.configcontext", "extras.tag", "tenancy.tenant", "virtualization.cluster", "core.objectchange"),
    *("dcim.region", "dcim.sitegroup", "dcim.site", "dcim.location", "dcim.rack", "dcim.devicerole", "dcim.platform"),
    *("dcim.device", "dcim.interface", "dcim.macaddress", "ipam.ipaddress", "ipam.prefix"),
    *("virtualization.virtualmachine", "virtualization.vminterface"),
)


# Killed while it saves

SAVER = """
import sys
from pathlib import Path
from clusto.mirror.feed import Position
from clusto.mirror.inventory import Inventory
from clusto.mirror.model import Host
from clusto.mirror.snapshot import Saved, save
path, number = Path(sys.argv[1]), 0
while True:
    number += 1
    hosts = [Host("device", n, f"generation {number}", None, None, "active") for n in range(5000)]
    inventory = Inventory(api_url="http://netbox", loaded_at=number, hosts=hosts)
    save(Saved(inventory, Position(number)), path)
    print(number, flush=True)
"""
KILLS = 12


def test_process_killed_while_it_saves_leaves_a_whole_snapshot(tmp_path: Path) -> None:
    path = tmp_path / "mirror"
    torn = 0
    for kill in range(KILLS):
        before = set(tmp_path.iterdir())
        with subprocess.Popen([sys.executable, "-c", SAVER, str(path)], stdout=subprocess.PIPE, text=True) as saver:
            assert saver.stdout is not None
            assert saver.stdout.readline() == "1\n"
            while not set(tmp_path.glob(".mirror.*")) - before:
                time.sleep(0.001)
            time.sleep(kill * 0.002)  # each at another moment of the save
            saver.send_signal(signal.SIGKILL)
        saved = restore(path, "http://netbox")
        assert saved.position.newest == saved.inventory.loaded_at
        assert {host.name for host in saved.inventory.hosts} == {f"generation {saved.position.newest}"}
        assert len(saved.inventory.hosts) == 5000
        torn += len(set(tmp_path.iterdir()) - before - {path})
    assert torn > 0  # some were killed in the middle


def test_torn_snapshot_is_refused_with_its_reason_and_everything_read(
    client: Client, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "mirror"
    first: Inventory = Mirror(client, path).start()
    path.write_bytes(path.read_bytes()[:-100])
    mirror = Mirror(client, path)
    assert contents(mirror.start()) == contents(first)
    assert mirror.freshness.reloads == 1
    assert f"snapshot {path} cannot be used: it is damaged" in caplog.text
    assert contents(restore(path, client.settings.api_url).inventory) == contents(first)
