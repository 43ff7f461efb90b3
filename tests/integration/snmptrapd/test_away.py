# SPDX-License-Identifier: BSD-2-Clause
"""NetBox is away for long, while servers are plugged in and the program is killed: all are there in the end, once.

CLUSTO_AWAY says for how many seconds (10 unless said; the long form is 180).
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest

from ..proxy import Proxy, refuse
from .daemon import Daemon
from .racked import Plugs, Racked
from .test_interrupted import check, upcoming

AWAY = float(os.environ.get("CLUSTO_AWAY", "10"))
PORTS = (3, 4, 12)


@contextmanager
def unreachable(daemon: Daemon) -> Iterator[None]:
    daemon.cut_off()
    yield
    daemon.reconnect()


def absence(how: str, daemon: Daemon, proxy: Proxy) -> AbstractContextManager[None]:
    """NetBox's machine is gone; or a front end answers in its place that it is."""
    return unreachable(daemon) if how == "unreachable" else proxy.always(refuse(503))


@pytest.mark.parametrize("how", ["unreachable", "503"])
def test_servers_are_plugged_in_while_netbox_is_away(how: str, plugs: Plugs, racked: Racked, proxy: Proxy) -> None:
    daemon, following = plugs.daemon, upcoming(racked)
    macs = {port: racked.mac() for port in PORTS}
    with absence(how, daemon, proxy):
        for number, (port, mac) in enumerate(macs.items()):
            plugs.learnt((mac, port))  # and it is acknowledged
            time.sleep(AWAY / len(macs))
            if number == 1:
                daemon.signal(signal.SIGKILL)
                assert daemon.process
                daemon.process.wait()
                daemon.start()
        plugs.told(macs[PORTS[0]], "not done yet: ")  # and the others at the same time: one warning for all
        assert racked.bearing(*macs.values()) == []
        assert len(daemon.lines()) < 50 + AWAY  # the log does not fill up meanwhile
    for mac in macs.values():
        plugs.made(mac)
    plugs.settle()
    check(racked, macs)
    assert upcoming(racked) == following + len(macs)
    racked.client.delete_many("dcim/devices", [racked.server(mac).id for mac in macs.values()])
