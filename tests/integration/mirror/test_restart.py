# SPDX-License-Identifier: BSD-2-Clause
"""NetBox itself is stopped and started again while the mirror reads: what is served is whole, and soon the newest."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator

import pytest

from clusto.core.errors import UnavailableError
from clusto.mirror.inventory import Inventory
from clusto.mirror.load import load
from clusto.mirror.mirror import RELOAD, Mirror
from clusto.netbox.client import Client, Settings
from clusto.netbox.schema import bootstrap
from clusto.netbox.transport import Request, Sent, Transport
from tests.contents import contents
from tools.lab.instance import Instance
from tools.lab.netbox import NetBox
from tools.lab.ports import free_port

from .walk import DEVICES, INTERFACES, SITES, Walk


class Interrupted(Transport):
    """Before the next request to `at`, `act` happens, while others are under way; `hurt` counts who noticed."""

    at = ""
    hurt = 0

    def __init__(self, settings: Settings, act: Callable[[], object]) -> None:
        super().__init__(settings)
        self._act = act

    def send(self, request: Request) -> Sent:
        if request.endpoint == self.at:
            self.at = ""
            self._act()
        try:
            sent = super().send(request)
        except UnavailableError:
            self.hurt += 1
            raise
        self.hurt += sent.attempts > 1
        return sent


class Timer:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture(scope="module")
def netbox(instance: Instance) -> Iterator[NetBox]:
    """A process of these tests' own, on a database that others use, too."""
    own = instance.beside(free_port(), "netbox-restarted")
    own.serve(mortal=True)
    yield own
    own.web.stop()


@pytest.fixture(scope="module")
def settings(instance: Instance, netbox: NetBox) -> Settings:
    token = instance.server.token
    netbox.await_ready(token)
    return Settings(netbox.url, token)


@pytest.fixture(scope="module")
def walk(settings: Settings) -> Iterator[Walk]:
    with Client(settings) as client:
        bootstrap(client)
        yield Walk(client, uuid.uuid4().hex[:6], seed=4)


@pytest.mark.parametrize("everything", [True, False], ids=["reading everything", "catching up"])
def test_netbox_restarted_in_the_middle(netbox: NetBox, settings: Settings, walk: Walk, *, everything: bool) -> None:
    transport = Interrupted(settings, netbox.web.stop)
    timer = Timer()
    told: list[Inventory] = []
    with Client(settings, transport=transport) as client:
        mirror = Mirror(client, interval=0.1, monotonic=timer)
        mirror.start()
        mirror.on_change(told.append)
        walk.add_device()
        walk.client.update(SITES, walk.made[SITES][0], {"name": walk.name()})
        after = contents(load(walk.client, 0.0))
        timer.now += 2 * RELOAD if everything else 0
        transport.at = INTERFACES if everything else DEVICES

        assert mirror.refresh() is False
        assert netbox.web.running is None
        assert transport.hurt > 0
        assert mirror.current is told[0]
        assert "no connection" in (mirror.freshness.error or "")

        mirror.follow()
        netbox.serve(mortal=True)
        netbox.await_ready(settings.token)
        mirror.refresh()
        mirror.stop()
    assert [contents(inventory) == after for inventory in told] == [False, True]
    assert mirror.freshness.error is None
