# SPDX-License-Identifier: BSD-2-Clause
"""A list that takes several requests, while NetBox fails in the second of them."""

from __future__ import annotations

from typing import Any

import pytest

from clusto.core.errors import NetBoxError

from ..proxy import Proxy, lose, refuse
from .running import run
from .world import World

COUNT = 120
SECOND = {"nth": 2}


@pytest.fixture
def options(world: World) -> dict[str, Any]:
    """Many devices that cost NetBox little: they have no ports."""
    [maker] = world.client.list("dcim/manufacturers", slug="clusto")
    slug = f"brick-{world.run}"
    world.client.create("dcim/device-types", {"manufacturer": maker["id"], "model": slug, "slug": slug, "u_height": 0})
    items = [{"name": world.name(100 + n)} for n in range(COUNT)]
    return {"type": "appliance", "driver": slug, "datacenter": world.datacenter.name, "devices": items}


def test_faults_in_the_second_request(world: World, proxy: Proxy, options: dict[str, Any]) -> None:
    token = world.client.settings.token
    proxy.on(refuse(400), "POST", "dcim/devices", **SECOND)
    with pytest.raises(NetBoxError, match="made up by a test"):
        run(proxy.url, token, "device", **options)
    assert proxy.waiting == 0
    assert world.count()["devices"] == 0, "what the first request had made"
    proxy.on(refuse(500), "POST", "dcim/devices", **SECOND)
    proxy.on(lose, "POST", "dcim/devices", **SECOND)  # of those that are not refused: what is sent again
    made = run(proxy.url, token, "device", **options)
    assert proxy.waiting == 0
    assert [entity["name"] for entity in made.result["entities"]] == [item["name"] for item in options["devices"]]
    assert world.count()["devices"] == COUNT
    assert not run(proxy.url, token, "device", **options).changed
    proxy.on(lose, "DELETE", "dcim/devices", **SECOND)
    proxy.on(refuse(500), "DELETE", "dcim/devices", nth=3)
    assert run(proxy.url, token, "device", **options, state="absent").changed
    assert proxy.waiting == 0
    assert world.count()["devices"] == 0
