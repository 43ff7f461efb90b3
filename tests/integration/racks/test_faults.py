# SPDX-License-Identifier: BSD-2-Clause
"""A rack whose building is killed half-way, and one that two programs build at the same moment."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from clusto.core.errors import ClustoError
from clusto.racks import Arrival, get_factory

from ..proxy import Answer, Forward, Proxy
from .world import World

WHOLE = {"devices": 3, "cables": 4, "ips": 2}
PROGRAM = """
import json, sys
from clusto.drivers import Session
from clusto.ensure.task import perform
from clusto.netbox.client import Client, Settings
from clusto.racks.task import EnsureRackFactory

api_url, token, options = sys.argv[1:]
with Session(Client(Settings(api_url, token))) as session:
    session.use()
    perform(EnsureRackFactory(session=session, **json.loads(options)))
"""


@pytest.mark.parametrize(
    ("step", "arrives"),
    [(("POST", "dcim/devices"), True), (("POST", "ipam/ip-addresses"), False), (("POST", "dcim/cables"), False)],
    ids=str,
)
def test_a_repeat_completes_what_a_kill_left(world: World, proxy: Proxy, step, arrives) -> None:
    """The program dies as it sends a request, which NetBox gets or not."""
    rack, token = world.rack(), world.client.settings.token
    options = {"rack": rack.name, "servers": [{"switchport": "2"}]}
    program = [sys.executable, "-c", PROGRAM, proxy.url, token, json.dumps(options)]
    process = subprocess.Popen(program, cwd=Path(__file__).parents[3])

    def kill(forward: Forward) -> Answer | None:
        process.kill()
        return forward() if arrives else None

    proxy.on(kill, *step)
    assert process.wait(120) == -9
    proxy.settle()
    factory = get_factory(rack)
    assert factory.build([Arrival(switchport=2)]).changed
    assert world.counted(rack) == WHOLE
    assert not factory.build([Arrival(switchport=2)]).changed


def test_two_at_once_build_one_rack(world: World) -> None:
    """Either may lose and say so; the rack is whole after one more run, and nothing is there twice."""
    rack, start, errors = world.rack(), threading.Barrier(2), []

    def work() -> None:
        world.session.use()
        factory = get_factory(rack)
        start.wait()
        try:
            factory.build([Arrival(switchport=2)])
        except ClustoError as error:
            errors.append(error)

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(errors) < 2, errors
    assert world.counted(rack) == WHOLE
    assert not get_factory(rack).build([Arrival(switchport=2)]).changed
