# SPDX-License-Identifier: BSD-2-Clause
"""The mirror against a scripted NetBox: what it asks, when it loads, what it serves meanwhile."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from clusto.core.errors import AccessError, ClustoError, NotFoundError, UnavailableError
from clusto.mirror.inventory import Inventory
from clusto.mirror.load import HOSTS, QUERIES
from clusto.mirror.mirror import CHANGES, OVERLAP, Mirror
from clusto.mirror.snapshot import restore
from clusto.netbox.client import Extent, Settings

AWAY = UnavailableError("GET http://netbox/api/: connection refused")


class NetBox:
    """A client whose NetBox holds sites, one for each name, and counts what is asked of it."""

    def __init__(self, *sites: str) -> None:
        self.settings = Settings("http://netbox", "secret")
        self.sites = list(sites)
        self.changes: list[int] = []
        self.error: Exception | None = None
        self.fetched = 0
        self.asked: list[dict[str, Any]] = []
        self.while_reading: Callable[[], None] = lambda: None

    def change(self, number: int, *sites: str) -> None:
        self.sites = list(sites)
        self.changes.append(number)

    def extent(self, endpoint: str, *, id__gt: int) -> Extent:
        assert endpoint == CHANGES
        if self.error:
            raise self.error
        self.asked.append({"id__gt": id__gt})
        there = [number for number in self.changes if number > id__gt]
        return Extent(len(there), max(there, default=0))

    def fetch(self, queries: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
        assert queries.keys() == {**QUERIES, **HOSTS}.keys()
        if self.error:
            raise self.error
        self.fetched += 1
        sites = [
            {"id": n, "name": name, "slug": name, "region": None, "group": None, "tenant": None, "tags": []}
            for n, name in enumerate(self.sites)
        ]
        self.while_reading()
        return {**{name: [] for name in queries}, "sites": sites}


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def names(inventory: Inventory) -> list[str]:
    return [site.name for site in inventory.sites.values()]


@pytest.fixture
def netbox() -> NetBox:
    return NetBox("sv3")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def mirror(netbox: NetBox, clock: Clock, tmp_path: Path) -> Mirror:
    return Mirror(netbox, tmp_path / "mirror", clock=clock)


def test_before_the_start_there_is_nothing(mirror: Mirror) -> None:
    with pytest.raises(ClustoError, match=r"start\(\) comes first"):
        _ = mirror.current
    with pytest.raises(ClustoError, match=r"start\(\) comes first"):
        mirror.refresh()


def test_start_loads_and_saves(mirror: Mirror, tmp_path: Path) -> None:
    assert names(mirror.start()) == ["sv3"]
    assert (mirror.freshness.source, mirror.freshness.loaded_at, mirror.freshness.error) == ("netbox", 1000.0, None)
    assert restore(tmp_path / "mirror", "http://netbox") == mirror.current


def test_refresh_asks_little_while_nothing_changes(mirror: Mirror, netbox: NetBox, clock: Clock) -> None:
    before = mirror.start()
    netbox.asked.clear()
    clock.now = 1002.0
    assert mirror.refresh() is False
    assert mirror.current is before
    assert (netbox.fetched, len(netbox.asked)) == (1, 1)
    assert (mirror.freshness.loaded_at, mirror.freshness.checked_at) == (1000.0, 1002.0)


def test_refresh_loads_what_changed_and_tells_everybody_who_asked(mirror: Mirror, netbox: NetBox) -> None:
    told: list[list[str]] = []
    mirror.on_change(lambda inventory: told.append(names(inventory)))
    mirror.start()
    mirror.on_change(lambda inventory: told.append(["late", *names(inventory)]))
    netbox.change(7, "sv3", "ny1")
    assert mirror.refresh() is True
    assert names(mirror.current) == ["sv3", "ny1"]
    assert told == [["sv3"], ["late", "sv3"], ["sv3", "ny1"], ["late", "sv3", "ny1"]]
    assert mirror.refresh() is False


def test_change_made_while_reading_is_read_next_time(mirror: Mirror, netbox: NetBox) -> None:
    netbox.while_reading = lambda: netbox.changes.append(8) if netbox.fetched == 1 else None
    mirror.start()
    assert [mirror.refresh(), mirror.refresh()] == [True, False]


def test_change_that_shows_up_below_newer_ones_is_noticed(mirror: Mirror, netbox: NetBox) -> None:
    netbox.changes = [5, 9]
    mirror.start()
    netbox.changes = [5, 7, 9]
    assert [mirror.refresh(), mirror.refresh()] == [True, False]


def test_only_the_end_of_a_long_log_is_watched(mirror: Mirror, netbox: NetBox) -> None:
    netbox.changes = [3, OVERLAP * 5]
    mirror.start()
    netbox.asked.clear()
    mirror.refresh()
    assert netbox.asked == [{"id__gt": OVERLAP * 4}]
    netbox.change(OVERLAP * 7, "sv3")
    mirror.refresh()
    netbox.asked.clear()
    mirror.refresh()
    assert netbox.asked == [{"id__gt": OVERLAP * 6}]


def test_netbox_set_back_to_an_older_database_is_read_again(mirror: Mirror, netbox: NetBox) -> None:
    netbox.changes = [5, 9]
    mirror.start()
    netbox.changes = [5]
    assert mirror.refresh() is True


def test_while_netbox_is_away_what_was_read_is_served(
    mirror: Mirror, netbox: NetBox, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    before = mirror.start()
    netbox.error = AWAY
    clock.now = 1500.0
    assert [mirror.refresh(), mirror.refresh()] == [False, False]
    assert mirror.current is before
    assert (mirror.freshness.loaded_at, mirror.freshness.checked_at, mirror.freshness.error) == (
        1000.0,
        1000.0,
        str(AWAY),
    )
    netbox.error = None
    assert mirror.refresh() is False
    assert mirror.freshness.error is None
    messages = [record.message for record in caplog.records if record.levelno >= logging.WARNING]
    assert messages == [
        f"NetBox cannot be asked, serving what was read at 1970-01-01 00:16:40 UTC: {AWAY}",
        "NetBox answers again",
    ]


def test_start_without_netbox_restores_the_snapshot_and_loads_when_it_is_back(
    mirror: Mirror, netbox: NetBox, clock: Clock, tmp_path: Path
) -> None:
    mirror.start()
    netbox.error = AWAY
    second = Mirror(netbox, tmp_path / "mirror", clock=clock)
    assert second.start() == mirror.current
    assert (second.freshness.source, second.freshness.checked_at, second.freshness.error) == (
        "snapshot",
        None,
        str(AWAY),
    )
    netbox.error = None
    assert second.refresh() is True
    assert second.freshness.source == "netbox"


def test_start_without_netbox_and_without_a_snapshot_says_both(netbox: NetBox, tmp_path: Path) -> None:
    netbox.error = AWAY
    with pytest.raises(UnavailableError, match=r"connection refused; and snapshot .* cannot be read: No such file"):
        Mirror(netbox, tmp_path / "mirror").start()
    with pytest.raises(UnavailableError, match=r"connection refused$"):
        Mirror(netbox).start()


def test_refused_token_is_not_covered_up_by_a_snapshot(mirror: Mirror, netbox: NetBox) -> None:
    mirror.start()
    netbox.error = AccessError("GET http://netbox/api/: Invalid token")
    with pytest.raises(AccessError):
        mirror.start()


def test_snapshot_that_cannot_be_written_is_said_and_harms_nothing(
    netbox: NetBox, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    assert names(Mirror(netbox, tmp_path / "nowhere" / "mirror").start()) == ["sv3"]
    assert "nowhere/mirror cannot be written: No such file or directory" in caplog.text


def test_following_serves_changes_survives_a_faulty_callback_and_stops(
    netbox: NetBox, caplog: pytest.LogCaptureFixture
) -> None:
    mirror = Mirror(netbox, interval=0.001)
    mirror.start()
    two, three = threading.Event(), threading.Event()

    def callback(inventory: Inventory) -> None:
        if len(inventory.sites) == 2:
            two.set()
            raise NotFoundError("a fault of the daemon's")  # an error of the library's is no answer of NetBox's
        if len(inventory.sites) == 3:
            three.set()

    mirror.on_change(callback)
    mirror.follow()
    netbox.change(1, "sv3", "ny1")
    assert two.wait(30)
    netbox.change(2, "sv3", "ny1", "am6")
    assert three.wait(30)
    mirror.stop()
    assert mirror.freshness.error is None
    assert not any(thread.name == "mirror" for thread in threading.enumerate())
    assert "a fault of the daemon's" in caplog.text


def test_what_arrives_after_the_stop_is_dropped(mirror: Mirror, netbox: NetBox) -> None:
    before = mirror.start()
    netbox.change(1, "sv3", "ny1")
    netbox.while_reading = mirror.stop
    assert mirror.refresh() is False
    assert mirror.current is before
