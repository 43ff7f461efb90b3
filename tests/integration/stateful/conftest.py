# SPDX-License-Identifier: BSD-2-Clause
from __future__ import annotations

from collections.abc import Iterator

import pytest

from clusto.drivers import Session, connect
from tools.lab.instance import NetBoxServer


@pytest.fixture(scope="module")
def session(netbox_server: NetBoxServer) -> Iterator[Session]:
    with connect(netbox_server.api_url, netbox_server.token, timeout=300) as session:
        yield session
