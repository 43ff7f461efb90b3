# SPDX-License-Identifier: BSD-2-Clause
from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from clusto.drivers import Session, connect
from tools.lab.instance import NetBoxServer

from ..inventory.conftest import run
from ..modules.conftest import modules
from .world import Others

__all__ = ["modules", "run"]


@pytest.fixture(scope="package")
def session(netbox_server: NetBoxServer) -> Iterator[Session]:
    with connect(netbox_server.api_url, netbox_server.token) as session:
        yield session


@pytest.fixture(scope="package")
def others(session: Session) -> Iterator[Others]:
    others = Others(session.client, f"{random.randrange(16**6):06x}")
    try:
        others.build()
        yield others
    finally:
        others.remove()
