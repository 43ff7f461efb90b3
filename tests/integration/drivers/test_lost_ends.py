# SPDX-License-Identifier: BSD-2-Clause
"""With a device go the cables that lead nowhere without it, and what they led to is free."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from clusto.core.errors import RefusedError
from clusto.drivers import BasicServer, Session
from clusto.drivers.cables import CABLES, ends_of
from clusto.drivers.lost_ends import take_away

ETH0 = ("nic-eth", 1)


@pytest.fixture
def servers(unique: Callable[[str], str]) -> list[BasicServer]:
    return [BasicServer(unique(stem)) for stem in ("one", "two", "three")]


def cables(session: Session, *of: BasicServer) -> list[dict[str, Any]]:
    return session.client.list(CABLES, device_id=[server.id for server in of])


def test_the_far_port_is_free(session: Session, servers: list[BasicServer]) -> None:
    one, two, three = servers
    one.connect_ports(*ETH0, two, 1)
    one.connect_ports("nic-eth", 2, three, 1)
    assert [text.partition(": ")[0] for text in one.losses()] == ["its cables would be taken away"]
    one.delete(cascade=True)
    assert cables(session, two, three) == []
    assert two.port_free(*ETH0)
    two.connect_ports(*ETH0, three, 1)


def test_of_a_cable_that_others_split_only_its_own_end_goes(session: Session, servers: list[BasicServer]) -> None:
    one, two, three = servers
    ends = [{"object_type": "dcim.interface", "object_id": server.port(*ETH0).id} for server in servers]
    session.client.create(CABLES, {"a_terminations": ends[:2], "b_terminations": ends[2:]})
    [told] = one.losses()
    assert told.startswith("its ends of cables would go, which stay for others: to ")
    one.delete(cascade=True)
    [cable] = cables(session, three)
    assert {end.device for end in ends_of(cable)} == {two.name, three.name}
    assert three.get_connected(*ETH0) == two
    [told] = two.losses()
    assert told == f"its cables would be taken away: to {three.name}, nic-eth 'eth0'"
    two.delete(cascade=True)
    assert cables(session, three) == []
    assert three.port_free(*ETH0)


def test_of_a_device_that_stays_the_cables_stay(session: Session, servers: list[BasicServer]) -> None:
    one, two, _ = servers
    one.connect_ports(*ETH0, two, 1, label="uplink", color="aa1409")
    chassis = session.client.create("dcim/virtual-chassis", {"name": one.name, "master": one.id})
    with pytest.raises(RefusedError, match=one.name):
        one.delete(cascade=True)
    [cable] = cables(session, one)
    assert (cable["label"], cable["color"]) == ("uplink", "aa1409")
    assert one.get_connected(*ETH0) == two
    session.client.update("dcim/virtual-chassis", chassis["id"], {"master": None})
    one.delete(cascade=True)
    assert cables(session, two) == []


def test_cables_that_others_take_away_meanwhile(session: Session, servers: list[BasicServer]) -> None:
    one, two, three = servers
    one.connect_ports(*ETH0, two, 1)
    one.connect_ports("nic-eth", 2, three, 1)
    ids = [cable["id"] for cable in cables(session, one)]
    session.client.delete(CABLES, ids[0])
    take_away(session.client, ids)
    assert cables(session, one) == []
