# SPDX-License-Identifier: BSD-2-Clause
"""The mirror follows the real NetBox, serves through its absence, and starts from the snapshot."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from clusto.core.errors import AccessError
from clusto.mirror.inventory import Inventory
from clusto.mirror.mirror import Mirror
from clusto.netbox.client import Client, Settings

from ..conftest import NetBoxServer


def site_names(inventory: Inventory) -> set[str]:
    return {site.name for site in inventory.sites.values()}


def test_every_kind_of_change_reaches_a_follower(client: Client, unique: Callable[[str], str]) -> None:
    mirror = Mirror(client, interval=0.1)
    mirror.start()
    name, renamed = unique("site"), unique("renamed")
    seen = {step: threading.Event() for step in ("made", "renamed", "deleted")}

    def watch(inventory: Inventory) -> None:
        names = site_names(inventory)
        if name in names:
            seen["made"].set()
        if renamed in names:
            seen["renamed"].set()
        elif seen["renamed"].is_set():
            seen["deleted"].set()

    mirror.on_change(watch)
    mirror.follow()
    try:
        site = client.create("dcim/sites", {"name": name, "slug": name})
        assert seen["made"].wait(120)
        client.update("dcim/sites", site["id"], {"name": renamed})
        assert seen["renamed"].wait(120)
        client.delete("dcim/sites", site["id"])
        assert seen["deleted"].wait(120)
    finally:
        mirror.stop()
    assert mirror.freshness.error is None


def test_start_while_netbox_is_away_serves_the_snapshot(netbox_server: NetBoxServer, tmp_path: Path) -> None:
    path = tmp_path / "mirror"
    with Client(Settings(netbox_server.api_url, netbox_server.token)) as client:
        before = Mirror(client, path).start()
    path.write_bytes(path.read_bytes())
    away = Settings("http://127.0.0.1:1", netbox_server.token, timeout=1)
    with Client(away) as client:
        # The snapshot is bound to the address of its NetBox, so the client keeps that and loses the way.
        client.settings = Settings(netbox_server.api_url, netbox_server.token, timeout=1)
        mirror = Mirror(client, path)
        assert mirror.start() == before
        assert mirror.freshness.source == "snapshot"
        assert mirror.refresh() is False


def test_wrong_token_is_an_error_at_the_start(netbox_server: NetBoxServer, tmp_path: Path) -> None:
    with (
        Client(Settings(netbox_server.api_url, "0" * 40, timeout=30)) as client,
        pytest.raises(AccessError),
    ):
        Mirror(client, tmp_path / "mirror").start()
