# SPDX-License-Identifier: BSD-2-Clause
"""The real NetBox for the integration tests: the user's (NETBOX_API, NETBOX_TOKEN), else one of our own."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from clusto.netbox.client import Client, Settings
from clusto.netbox.schema import bootstrap


@dataclass(frozen=True)
class NetBoxServer:
    api_url: str
    token: str


@pytest.fixture(scope="session")
def netbox_server() -> NetBoxServer:
    """A NetBox with a token that may do everything, bootstrapped for clusto."""
    server = NetBoxServer(os.environ["NETBOX_API"], os.environ["NETBOX_TOKEN"])
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
