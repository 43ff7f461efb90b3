# SPDX-License-Identifier: BSD-2-Clause
from __future__ import annotations

import random
import uuid
from collections.abc import Callable, Iterator

import pytest

from clusto.drivers import BasicServer, Datacenter, IPManager, Session, connect
from tools.lab.instance import NetBoxServer

Unique = Callable[[str], str]


@pytest.fixture(scope="session")
def connected(netbox_server: NetBoxServer) -> Iterator[Session]:
    with connect(netbox_server.api_url, netbox_server.token) as session:
        yield session


@pytest.fixture(autouse=True)
def session(connected: Session) -> Session:
    connected.use()  # tests of other directories may have come in between
    return connected


@pytest.fixture
def mac() -> str:
    """A locally administered address that nothing else bears."""
    return ":".join(["02", *(f"{octet:02x}" for octet in uuid.uuid4().bytes[:5])])


@pytest.fixture
def net() -> str:
    """The first three octets of a /24 that nothing else uses, in the space of RFC 6598."""
    return f"100.{random.randrange(64, 128)}.{random.randrange(256)}"


@pytest.fixture
def datacenter(unique: Unique) -> Datacenter:
    return Datacenter(unique("dc"))


@pytest.fixture
def server(unique: Unique) -> BasicServer:
    return BasicServer(unique("ex"))


@pytest.fixture
def manager(unique: Unique, net: str) -> IPManager:
    return IPManager(unique("subnet"), baseip=f"{net}.0", netmask="255.255.255.0", gateway=f"{net}.1")
