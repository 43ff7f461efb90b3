# SPDX-License-Identifier: BSD-2-Clause
"""One switch in NetBox, with an address of loopback of its own, and one program for all tests.

And a rack whose switch has an address as well, and another program, which puts servers there.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from clusto.netbox.client import Client, Settings
from tools.lab.instance import NetBoxServer

from ..accounts import account
from ..proxy import Proxy
from .daemon import COMMUNITY, Daemon, NetSnmp
from .racked import Plugs, Racked

V2C = ("-v2c", "-c", COMMUNITY)
UNDONE = (
    *("ipam/ip-addresses", "dcim/interfaces", "dcim/devices"),
    *("dcim/racks", "dcim/sites", "dcim/device-types"),
)
"""What is removed, in an order in which NetBox lets it go."""


class World:
    """Switches, written with NetBox's plain API. `close` removes what was made."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.run = uuid.uuid4().hex[:6]
        octets = uuid.uuid4().bytes
        self._net = f"127.{octets[0]}.{octets[1]}"
        self._stem = octets[2:6].hex(":")
        self._numbers = count(2)
        self._undo: list[tuple[str, int]] = []
        self.macs = (f"02:{self._stem}:{number:02x}" for number in count(1))
        model = {"model": f"switch-{self.run}", "slug": f"switch-{self.run}"}  # without ports: those take long to make
        self.device_type = self.make("dcim/device-types", manufacturer={"slug": "clusto"}, **model)["id"]
        self.site = self.make("dcim/sites", name=f"dc-{self.run}", slug=f"dc-{self.run}")["id"]

    def close(self) -> None:
        for endpoint in UNDONE:
            self.client.delete_many(endpoint, [number for one, number in self._undo if one == endpoint])

    def make(self, endpoint: str, **body: Any) -> dict[str, Any]:
        assert endpoint in UNDONE
        made = self.client.create(endpoint, body)
        self._undo.append((endpoint, made["id"]))
        return made

    def address(self) -> str:
        return f"{self._net}.{next(self._numbers)}"

    def switch(self, address: str, *, discovery: bool = True) -> str:
        """Make a switch with this address and interface Gi1/0/2, and give its name."""
        device = self.make(
            "dcim/devices",
            name=f"sw-{self.run}-{address}",
            site=self.site,
            role={"slug": "networkswitch"},
            device_type=self.device_type,
            local_context_data={"snmp": {"discovery": 1}} if discovery else None,
        )
        self.make("dcim/interfaces", device=device["id"], name="Gi1/0/2", type="1000base-t")
        vlan = self.make("dcim/interfaces", device=device["id"], name="Vlan442", type="virtual")
        place = {"assigned_object_type": "dcim.interface", "assigned_object_id": vlan["id"]}
        self.make("ipam/ip-addresses", address=f"{address}/{128 if ':' in address else 32}", **place)
        return str(device["name"])


@pytest.fixture(scope="package")
def world(netbox_server: Any) -> Iterator[World]:
    with Client(Settings(netbox_server.api_url, netbox_server.token)) as client:
        made = World(client)
        yield made
        made.close()


@pytest.fixture(scope="package")
def source(world: World) -> str:
    """The address of the switch that most tests send as."""
    address = world.address()
    world.switch(address)
    return address


@pytest.fixture(scope="package")
def one_daemon(source: str, tmp_path_factory: pytest.TempPathFactory, netbox_server: Any) -> Iterator[Daemon]:
    made = Daemon(tmp_path_factory.mktemp("snmptrapd"), netbox_server.api_url, netbox_server.token)
    yield made
    assert made.stop() == 0


@pytest.fixture
def daemon(one_daemon: Daemon) -> Iterator[Daemon]:
    """The program, running with its first settings, its log empty."""
    one_daemon.begin()
    one_daemon.serve()
    yield one_daemon
    one_daemon.reconnect()


@pytest.fixture
def sender(one_daemon: Daemon, source: str, world: World, tmp_path_factory: pytest.TempPathFactory) -> NetSnmp:
    return NetSnmp(tmp_path_factory.mktemp("net-snmp"), source, f"127.0.0.1:{one_daemon.port}", world.macs)


@pytest.fixture
def elsewhere(sender: NetSnmp, tmp_path: Path) -> Callable[[str], NetSnmp]:
    """Give a sender at another address."""
    return lambda address: NetSnmp(tmp_path, address, sender.target, sender.macs)


@pytest.fixture
def stranger(world: World, elsewhere: Callable[[str], NetSnmp]) -> NetSnmp:
    """A sender at an address that NetBox does not have."""
    return elsewhere(world.address())


@pytest.fixture(scope="package")
def racked(netbox_server: NetBoxServer, world: World) -> Iterator[Racked]:
    with Client(Settings(netbox_server.api_url, netbox_server.token)) as client:
        yield Racked(client, world.address(), world.macs)


@pytest.fixture(scope="package")
def proxy(netbox_server: NetBoxServer) -> Iterator[Proxy]:
    with Proxy(netbox_server.api_url) as made:
        yield made


@pytest.fixture(scope="package")
def token(racked: Racked) -> Iterator[str]:
    """What role netbox permits the program is enough for all that follows."""
    with account(racked.client, "snmptrapd", f"snmptrapd-{racked.world.run}") as made:
        yield made


@pytest.fixture(scope="package")
def plugs_into(racked: Racked, proxy: Proxy, token: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plugs]:
    daemon = Daemon(
        tmp_path_factory.mktemp("newcomers"),
        proxy.url,
        token,
        make_servers=True,
        name_manager=racked.world.names.name,
        warning_interval=0.01,
        timeout=60,
    )
    net_snmp = NetSnmp(
        tmp_path_factory.mktemp("net-snmp"), racked.address, f"127.0.0.1:{daemon.port}", iter(racked.mac, "")
    )
    yield Plugs(racked, daemon, net_snmp)
    assert daemon.stop() == 0


@pytest.fixture
def plugs(plugs_into: Plugs) -> Plugs:
    """The program runs with its first settings, its log is empty."""
    plugs_into.daemon.begin()
    plugs_into.daemon.serve()
    return plugs_into
