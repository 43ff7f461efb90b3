# SPDX-License-Identifier: BSD-2-Clause
"""NetBox itself is stopped in the middle of lists, one of each kind at once, and started again."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from clusto.drivers import connect
from clusto.netbox.schema import bootstrap
from tools.lab.instance import Instance
from tools.lab.netbox import NetBox
from tools.lab.ports import free_port

from ..modules.conftest import Modules
from ..proxy import Proxy, first
from .lists import MIDDLE, WHOLE, World, started


@pytest.fixture
def netbox(instance: Instance) -> Iterator[NetBox]:
    """A process of this test's own, on a database that others use, too."""
    own = instance.beside(free_port(), "netbox-restarted")
    own.serve(mortal=True)
    own.await_ready(instance.server.token)
    yield own
    own.web.stop()


def test_netbox_restarted_in_the_middle(instance: Instance, netbox: NetBox, modules: Modules) -> None:
    """Each list's first requests are answered, then none. The next run completes it, and nothing is there twice."""
    token = instance.server.token
    own = replace(modules, connection={"api_url": netbox.url, "token": token})
    together = threading.Barrier(len(MIDDLE), netbox.web.stop)
    with connect(netbox.url, token) as session, Proxy(netbox.url) as proxy:
        bootstrap(session.client)
        world = World(session, uuid.uuid4().hex[:6])
        for method, endpoint in MIDDLE.values():
            proxy.on(first(lambda: together.wait(120)), method, endpoint)
        through = replace(own, connection={**own.connection, "api_url": proxy.url})
        running = [started(through, module, world.options(module, 0)) for module in MIDDLE]
        with ThreadPoolExecutor(len(running)) as pool:
            ends = list(pool.map(lambda process: process.communicate(timeout=240)[0], running))
        assert all(
            process.returncode == 1 and proxy.url.encode() in end for process, end in zip(running, ends, strict=True)
        )
        assert netbox.web.running is None
        netbox.serve(mortal=True)
        netbox.await_ready(token)
        for module in MIDDLE:
            again = own.run(module, **world.options(module, 0))
            assert "msg" not in again, again["msg"]
            assert world.count(module, 0) == WHOLE[module]
            assert not own.run(module, **world.options(module, 0))["changed"]
