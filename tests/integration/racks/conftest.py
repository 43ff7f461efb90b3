# SPDX-License-Identifier: BSD-2-Clause
from __future__ import annotations

from collections.abc import Iterator

import pytest

from clusto.netbox.client import Client, Settings
from tools.lab.instance import NetBoxServer

from ..modules.conftest import ansible_playbook, modules
from ..proxy import Proxy
from .world import World

__all__ = ["ansible_playbook", "modules"]


@pytest.fixture(scope="module")
def world(netbox_server: NetBoxServer) -> Iterator[World]:
    with Client(Settings(netbox_server.api_url, netbox_server.token)) as client:
        yield World(client)


@pytest.fixture
def proxy(netbox_server: NetBoxServer) -> Iterator[Proxy]:
    with Proxy(netbox_server.api_url) as proxy:
        yield proxy
