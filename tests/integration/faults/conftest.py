# SPDX-License-Identifier: BSD-2-Clause
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from tools.lab.instance import NetBoxServer

from ..modules.conftest import Modules, modules
from ..proxy import Proxy

__all__ = ["modules"]


@pytest.fixture
def proxy(netbox_server: NetBoxServer) -> Iterator[Proxy]:
    with Proxy(netbox_server.api_url) as proxy:
        yield proxy


@pytest.fixture
def through(modules: Modules, proxy: Proxy) -> Modules:
    """Modules that reach NetBox by the proxy."""
    return replace(modules, connection={**modules.connection, "api_url": proxy.url, "timeout": 60})
