# SPDX-License-Identifier: BSD-2-Clause
"""kill -9 at random moments, while servers are plugged in: each that was acknowledged is in NetBox, complete, and once.

CLUSTO_KILLS kills (3 unless said; the long form is 100), at moments that CLUSTO_SEED decides. What they hit is logged.
"""

from __future__ import annotations

import logging
import os
import random
import signal
import subprocess
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import count
from threading import Event

from ..proxy import WRITE, Proxy, first
from .racked import Plugs, Racked, ended

log = logging.getLogger(__name__)

KILLS = int(os.environ.get("CLUSTO_KILLS", "3"))
SEED = int(os.environ.get("CLUSTO_SEED", "4"))
PORTS = (13, 14, 16)
WRITES = 14
"""About as many requests make all of them."""


class Killer:
    def __init__(self, plugs: Plugs, proxy: Proxy) -> None:
        self._plugs = plugs
        self._proxy = proxy
        self._chance = random.Random(SEED)
        self.lives = Counter[str]()
        """How many were ended when they had written nothing, something, or all."""

    @property
    def kills(self) -> int:
        return self.lives.total()

    def kill(self, sending: Sequence[subprocess.Popen[bytes]]) -> None:
        """End one life, at the nth request that changes something, or after a while; begin the next one."""
        moment, written, last = Event(), count(1), self._chance.randint(1, WRITES)
        before = len(self._proxy.written())

        def see() -> None:
            if next(written) == last:
                moment.set()

        with self._proxy.always(first(see), WRITE):
            moment.wait(self._chance.uniform(0.1, 6))
            self._plugs.daemon.signal(signal.SIGKILL)
        self._plugs.daemon.process.wait()
        something = len(self._proxy.written()) > before
        self._plugs.daemon.start()
        self.lives["all" if self.is_over(sending) else "something" if something else "nothing"] += 1

    def is_over(self, sending: Sequence[subprocess.Popen[bytes]]) -> bool:
        """Whether everything is acknowledged, and was done before this life began."""
        [*_, serving] = [line for line in self._plugs.daemon.lines() if line["message"] == "serving"]
        return serving["waiting"] == 0 and all(process.poll() == 0 for process in sending)


def test_what_is_acknowledged_is_made_once_whoever_kills_the_program(
    plugs: Plugs, racked: Racked, proxy: Proxy
) -> None:
    killer = Killer(plugs, proxy)
    rounds = servers = 0
    following = upcoming(racked)
    while killer.kills < KILLS:
        macs = {port: racked.mac() for port in PORTS}
        sending = [plugs.begin(mac, port) for port, mac in macs.items()]
        while killer.kills < KILLS:
            killer.kill(sending)
            if killer.is_over(sending):
                break
        assert ended(sending) == [0] * len(macs)
        plugs.settle()
        check(racked, macs)
        rounds, servers = rounds + 1, servers + len(macs)
        if killer.kills < KILLS:
            racked.client.delete_many("dcim/devices", [racked.server(mac).id for mac in macs.values()])
    spent = upcoming(racked) - following - servers
    log.info("%s; %d servers in %d rounds, %d names were lost", dict(killer.lives), servers, rounds, spent)


def upcoming(racked: Racked) -> int:
    """The number in the next server's name."""
    names = racked.world.names
    return int(names.peek()[0].removeprefix(names.basename))


def check(racked: Racked, macs: Mapping[int, str]) -> None:
    """Each is there, whole, and there is nothing else of it."""
    for port, mac in macs.items():
        racked.check_whole(racked.server(mac), port)
    there = racked.servers()
    assert len({server["name"] for server in there}) == len(there) == len({server["position"] for server in there})
    assert [one for one in there if one["description"]] == []
    mine = [racked.server(mac).id for mac in macs.values()]
    assert len({*mine}) == len(macs)
    addresses = racked.client.list("ipam/ip-addresses", parent=str(racked.world.servers))
    assert [one["address"] for one in addresses if one["assigned_object_id"] is None] == []
    owners = [one["assigned_object"]["device"]["id"] for one in addresses]
    assert [owners.count(server) for server in mine] == [1] * len(mine)
    known = racked.client.list("dcim/mac-addresses", device_id=mine)
    assert sorted(one["mac_address"].lower() for one in known) == sorted(macs.values())
    cables = {one["id"]: one for one in racked.client.list("dcim/cables", device_id=mine)}
    assert all(one["a_terminations"] and one["b_terminations"] for one in cables.values())
    assert len(cables) == sum(len(racked.factory.slot(port)[0].ports) for port in macs)
