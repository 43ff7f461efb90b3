# SPDX-License-Identifier: BSD-2-Clause
"""One network, one subnet in NetBox and one server program per module; each test makes hosts of its own in them."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import closing

import pytest

from clusto.netbox.client import Client, Settings
from tools.lab.wire import Namespace, Segment, Wire

from .daemon import Daemon
from .world import World


@pytest.fixture(scope="module")
def world(netbox_server: object) -> Iterator[World]:
    run = uuid.uuid4().hex[:6]
    settings = Settings(netbox_server.api_url, netbox_server.token)
    with Client(settings) as client, closing(World(client, lambda stem: f"{stem}-{run}")) as made:
        yield made


@pytest.fixture(scope="module")
def wire() -> Iterator[Wire]:
    with Wire() as made:
        yield made


@pytest.fixture(scope="module")
def segment(wire: Wire) -> Segment:
    """The Ethernet that server and clients are on."""
    return wire.segment()


@pytest.fixture(scope="module")
def machine(wire: Wire, segment: Segment, world: World) -> Namespace:
    """Where the server runs; it has address 1 of the subnet."""
    return wire.host("server", segment, address=world.cidr(1))


@pytest.fixture(scope="module")
def one_daemon(wire: Wire, machine: Namespace, netbox_server: object) -> Daemon:
    return Daemon(wire, machine, netbox_server.api_url, netbox_server.token)


@pytest.fixture
def daemon(one_daemon: Daemon) -> Iterator[Daemon]:
    """The server with its log empty and its settings as at first; `serve` starts it, if it does not run so already."""
    one_daemon.begin()
    yield one_daemon
    one_daemon.reconnect()
