# SPDX-License-Identifier: BSD-2-Clause
"""The real NetBox for the integration tests: the user's (NETBOX_API, NETBOX_TOKEN), else one of our own."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Iterator

import pytest

from clusto.netbox.client import Client, Settings
from clusto.netbox.schema import bootstrap
from tools.lab.instance import Instance, NetBoxServer
from tools.lab.private import private_instances


@pytest.fixture(scope="session")
def netbox_instance() -> Iterator[Callable[[], Instance]]:
    """Start one more NetBox with each call, empty and not bootstrapped: to be stopped, broken, upgraded."""
    with private_instances() as start:
        yield start


@pytest.fixture(scope="session")
def instance(netbox_instance: Callable[[], Instance]) -> Instance:
    """The one of our own that `netbox_server` is of, unless that is the user's: for what is done beside it."""
    return netbox_instance()


@pytest.fixture(scope="session")
def netbox_server(request: pytest.FixtureRequest) -> NetBoxServer:
    """A NetBox with a token that may do everything, bootstrapped for clusto."""
    if "NETBOX_API" in os.environ:
        server = NetBoxServer(os.environ["NETBOX_API"], os.environ["NETBOX_TOKEN"])
    else:
        server = request.getfixturevalue("instance").server
    with Client(Settings(server.api_url, server.token)) as client:
        bootstrap(client)
    return server


@pytest.fixture
def client(netbox_server: NetBoxServer) -> Iterator[Client]:
    with Client(Settings(netbox_server.api_url, netbox_server.token)) as client:
        yield client


@pytest.fixture
def unique() -> Callable[[str], str]:
    """Names that no other test and no earlier run has taken: unique("rack") -> rack-3f2a9c."""
    run = uuid.uuid4().hex[:6]
    return lambda stem: f"{stem}-{run}"
