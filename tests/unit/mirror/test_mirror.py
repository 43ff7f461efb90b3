# SPDX-License-Identifier: BSD-2-Clause
"""The mirror against a NetBox in memory: what it asks, when it reads everything, what it serves meanwhile."""

from __future__ import annotations

import logging
import threading
from pathlib import Path

import pytest

from clusto.core.errors import AccessError, ClustoError, NotFoundError, UnavailableError
from clusto.mirror.feed import LOG
from clusto.mirror.inventory import Inventory
from clusto.mirror.mirror import RELOAD, SHARE, UNASKED, Mirror
from clusto.mirror.snapshot import Saved, restore, save

from .netbox import NetBox

AWAY = UnavailableError("GET http://netbox/api/: connection refused")
SITES = "dcim/sites"


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Timer(Clock):
    """Lets each reading of it take a while if `step` is set."""

    step = 0.0

    def __call__(self) -> float:
        self.now += self.step
        return self.now


def names(inventory: Inventory) -> list[str]:
    return [site.name for site in inventory.sites.values()]


@pytest.fixture
def netbox() -> NetBox:
    netbox = NetBox()
    netbox.add(SITES, name="sv3")
    return netbox


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def timer() -> Timer:
    return Timer()


@pytest.fixture
def mirror(netbox: NetBox, clock: Clock, timer: Timer, tmp_path: Path) -> Mirror:
    return Mirror(netbox, tmp_path / "mirror", clock=clock, monotonic=timer)


@pytest.fixture
def again(netbox: NetBox, clock: Clock, timer: Timer, tmp_path: Path) -> Mirror:
    """One that is started later with the same snapshot."""
    return Mirror(netbox, tmp_path / "mirror", clock=clock, monotonic=timer, patience=30)


def test_before_the_start_there_is_nothing(mirror: Mirror) -> None:
    with pytest.raises(ClustoError, match=r"start\(\) comes first"):
        _ = mirror.current
    with pytest.raises(ClustoError, match=r"start\(\) comes first"):
        mirror.refresh()


def test_start_loads_and_saves(mirror: Mirror, tmp_path: Path) -> None:
    assert names(mirror.start()) == ["sv3"]
    assert (mirror.freshness.source, mirror.freshness.loaded_at, mirror.freshness.error) == ("netbox", 1000.0, None)
    assert mirror.freshness.reloads == 1
    assert restore(tmp_path / "mirror", "http://netbox").inventory == mirror.current


def test_refresh_asks_little_while_nothing_changes(mirror: Mirror, netbox: NetBox, clock: Clock) -> None:
    before = mirror.start()
    netbox.asked.clear()
    clock.now = 1002.0
    assert mirror.refresh() is False
    assert mirror.current is before
    assert netbox.asked == [LOG]
    assert (mirror.freshness.loaded_at, mirror.freshness.checked_at) == (1000.0, 1002.0)


def test_refresh_reads_what_changed_and_tells_everybody_who_asked(mirror: Mirror, netbox: NetBox, clock: Clock) -> None:
    told: list[list[str]] = []
    mirror.on_change(lambda inventory: told.append(names(inventory)))
    mirror.start()
    mirror.on_change(lambda inventory: told.append(["late", *names(inventory)]))
    netbox.add(SITES, name="ny1")
    netbox.asked.clear()
    clock.now = 1002.0
    assert mirror.refresh() is True
    assert names(mirror.current) == ["sv3", "ny1"]
    assert told == [["sv3"], ["late", "sv3"], ["sv3", "ny1"], ["late", "sv3", "ny1"]]
    assert mirror.refresh() is False
    assert netbox.asked == [LOG, LOG, SITES, LOG]
    freshness = mirror.freshness
    assert (freshness.changes, freshness.reloads, freshness.loaded_at, mirror.current.loaded_at) == (1, 1, 1002, 1002)


def test_who_asks_is_told_until_when_what_changed(mirror: Mirror, netbox: NetBox, timer: Timer) -> None:
    told: list[tuple[float, object]] = []
    mirror.on_news(lambda since, types: told.append((since, types)))
    began = timer.now
    mirror.start()
    timer.now += 5
    mirror.refresh()
    netbox.add(SITES, name="ny1")
    netbox.error = AWAY
    mirror.refresh()
    netbox.error = None
    timer.now += 5
    mirror.refresh()
    timer.now += 2 * RELOAD
    mirror.refresh()
    netbox.add(SITES, name="ny2")
    timer.now += 2 * RELOAD
    mirror.refresh()
    reloads = [(began + 10 + 2 * RELOAD, set()), (began + 10 + 4 * RELOAD, None)]
    assert told == [(began, None), (began + 5, set()), (began + 10, {"dcim.site"}), *reloads]


def test_change_of_what_the_mirror_does_not_hold_is_noted_and_nobody_told(mirror: Mirror, netbox: NetBox) -> None:
    before = mirror.start()
    netbox.note("create", "extras.journalentry", 1, None, {})
    assert [mirror.refresh(), mirror.refresh()] == [False, False]
    assert mirror.current is before
    assert mirror.freshness.changes == 1


def test_change_made_while_everything_is_read_is_read_next_time(mirror: Mirror, netbox: NetBox) -> None:
    def meanwhile(endpoint: str) -> None:
        if endpoint == "dcim/racks" and len(netbox.tables[SITES]) == 1:  # after the sites
            netbox.add(SITES, name="ny1")

    netbox.before_answer = meanwhile
    assert names(mirror.start()) == ["sv3"]
    assert [mirror.refresh(), mirror.refresh()] == [True, False]


@pytest.mark.parametrize("gap", ["pruned", "set back", "too many"])
def test_gap_in_the_log_leads_to_reading_everything(mirror: Mirror, netbox: NetBox, gap: str) -> None:
    netbox.add(SITES, name="ny1")
    before = mirror.start()
    if gap == "pruned":
        netbox.log.clear()
    elif gap == "set back":
        del netbox.log[netbox.numbered]
    else:
        for _ in range(2000):
            netbox.note("update", "dcim.device", 1, {}, {})
    netbox.remove(SITES, 2, logged=False)
    assert mirror.refresh() is True
    assert (names(mirror.current), mirror.freshness.reloads) == (["sv3"], 2)
    assert mirror.current is not before
    assert mirror.refresh() is False


def test_what_no_log_tells_is_found_in_a_while(mirror: Mirror, netbox: NetBox, timer: Timer) -> None:
    mirror.start()
    netbox.tables[SITES][1]["name"] = "renamed"
    timer.now += RELOAD * 0.8
    assert mirror.refresh() is False
    timer.now += RELOAD * 0.4
    assert mirror.refresh() is True
    assert (names(mirror.current), mirror.freshness.reloads) == (["renamed"], 2)


def test_everything_read_again_and_found_unchanged_is_no_news(mirror: Mirror, timer: Timer) -> None:
    before = mirror.start()
    timer.now += RELOAD * 2
    assert mirror.refresh() is False
    assert mirror.current is before
    assert mirror.freshness.reloads == 2


def test_reading_everything_that_takes_long_is_done_seldom(mirror: Mirror, netbox: NetBox, timer: Timer) -> None:
    timer.step = RELOAD
    mirror.start()
    timer.step = 0
    assert mirror.freshness.reload_seconds == RELOAD
    netbox.tables[SITES][1]["name"] = "renamed"
    timer.now += RELOAD * (SHARE - 4)
    assert mirror.refresh() is False


def test_changes_are_followed_while_everything_cannot_be_read(mirror: Mirror, netbox: NetBox, timer: Timer) -> None:
    mirror.start()

    def broken(endpoint: str) -> None:
        if endpoint == "ipam/prefixes":
            raise UnavailableError("GET ipam/prefixes: 500")

    netbox.before_answer = broken
    timer.now += RELOAD * 2
    before = mirror.current
    assert mirror.refresh() is False
    assert mirror.current is before
    assert mirror.freshness.error == "GET ipam/prefixes: 500"
    netbox.add(SITES, name="ny1")
    assert mirror.refresh() is True
    assert (names(mirror.current), mirror.freshness.error) == (["sv3", "ny1"], None)


def test_error_in_the_middle_of_following_leaves_everything_as_it_was(mirror: Mirror, netbox: NetBox) -> None:
    before = mirror.start()
    netbox.add("dcim/devices")
    netbox.add(SITES, name="ny1")
    netbox.before_answer = lambda endpoint: setattr(netbox, "error", AWAY if endpoint == "dcim/interfaces" else None)
    assert mirror.refresh() is False
    assert mirror.current is before
    netbox.before_answer, netbox.error = lambda _: None, None
    assert mirror.refresh() is True
    assert (names(mirror.current), len(mirror.current.hosts)) == (["sv3", "ny1"], 1)


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


def test_start_reads_only_what_changed_since_the_snapshot(mirror: Mirror, again: Mirror, netbox: NetBox) -> None:
    mirror.start()
    netbox.add(SITES, name="ny1")
    netbox.asked.clear()
    assert names(again.start()) == ["sv3", "ny1"]
    assert (again.freshness.source, again.freshness.error, again.freshness.reloads) == ("netbox", None, 0)
    assert "dcim/devices" not in netbox.asked


def test_start_reads_everything_when_the_log_does_not_reach_back(mirror: Mirror, again: Mirror, netbox: NetBox) -> None:
    mirror.start()
    netbox.add(SITES, name="ny1")
    del netbox.log[1]
    assert names(again.start()) == ["sv3", "ny1"]
    assert again.freshness.reloads == 1


def test_snapshot_of_an_empty_log_says_nothing_of_what_came_and_was_pruned(
    mirror: Mirror, again: Mirror, netbox: NetBox
) -> None:
    netbox.log.clear()
    mirror.start()
    netbox.tables[SITES][1]["name"] = "renamed"
    assert names(again.start()) == ["renamed"]


def test_start_without_netbox_restores_the_snapshot_and_catches_up_when_it_is_back(
    mirror: Mirror, again: Mirror, netbox: NetBox
) -> None:
    mirror.start()
    netbox.error = AWAY
    assert again.start() == mirror.current
    assert (again.freshness.source, again.freshness.checked_at, again.freshness.error) == ("snapshot", None, str(AWAY))
    netbox.error = None
    netbox.add(SITES, name="ny1")
    assert again.refresh() is True
    assert again.freshness.source == "netbox"


def test_start_does_not_wait_for_a_netbox_that_hangs(
    mirror: Mirror, netbox: NetBox, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    mirror.start()
    netbox.add(SITES, name="ny1")
    answers, caught_up = threading.Event(), threading.Event()
    netbox.before_answer = lambda _: answers.wait(60) and None
    hanging = Mirror(netbox, tmp_path / "mirror", patience=0.01)
    assert names(hanging.start()) == ["sv3"]
    assert (hanging.freshness.source, hanging.freshness.error) == ("snapshot", UNASKED)
    assert f"{UNASKED}, serving the snapshot of 1970-01-01 00:16:40 UTC" in caplog.text
    hanging.on_change(lambda inventory: caught_up.set() if len(inventory.sites) == 2 else None)
    answers.set()
    assert caught_up.wait(60)
    assert hanging.freshness.error is None


def test_start_without_netbox_and_without_a_snapshot_says_both(netbox: NetBox, tmp_path: Path) -> None:
    netbox.error = AWAY
    with pytest.raises(UnavailableError, match=r"connection refused; and snapshot .* cannot be read: No such file"):
        Mirror(netbox, tmp_path / "mirror").start()
    with pytest.raises(UnavailableError, match=r"connection refused$"):
        Mirror(netbox).start()


def test_snapshot_that_cannot_be_used_is_said_and_everything_read(
    netbox: NetBox, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "mirror"
    path.write_bytes(b"torn")
    mirror = Mirror(netbox, path)
    assert names(mirror.start()) == ["sv3"]
    assert f"snapshot {path} is damaged" in caplog.text
    assert restore(path, "http://netbox").inventory == mirror.current


def test_refused_token_is_an_error_without_a_snapshot_and_a_loud_complaint_with_one(
    mirror: Mirror, again: Mirror, netbox: NetBox, caplog: pytest.LogCaptureFixture
) -> None:
    netbox.error = AccessError("GET http://netbox/api/: Invalid token")
    with pytest.raises(AccessError):
        mirror.start()
    netbox.error = None
    mirror.start()
    netbox.error = AccessError("GET http://netbox/api/: Invalid token")
    assert names(again.start()) == ["sv3"]
    assert again.freshness.error == "GET http://netbox/api/: Invalid token"
    assert [record.levelname for record in caplog.records] == ["ERROR"]


def test_snapshot_that_cannot_be_written_is_said_and_harms_nothing(
    netbox: NetBox, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    assert names(Mirror(netbox, tmp_path / "nowhere" / "mirror").start()) == ["sv3"]
    assert "nowhere/mirror cannot be written: No such file or directory" in caplog.text


def test_saving_that_takes_long_is_done_seldom(mirror: Mirror, netbox: NetBox, timer: Timer, tmp_path: Path) -> None:
    timer.step = 1
    mirror.start()
    timer.step = 0
    netbox.add(SITES, name="ny1")
    mirror.refresh()
    assert names(restore(tmp_path / "mirror", "http://netbox").inventory) == ["sv3"]
    timer.now += SHARE * 3
    mirror.refresh()
    assert names(restore(tmp_path / "mirror", "http://netbox").inventory) == ["sv3", "ny1"]


def test_restored_inventory_is_not_saved_again(mirror: Mirror, again: Mirror, netbox: NetBox, tmp_path: Path) -> None:
    mirror.start()
    saved = restore(tmp_path / "mirror", "http://netbox")
    save(Saved(saved.inventory, saved.position), tmp_path / "mirror")
    before = (tmp_path / "mirror").stat()
    again.start()
    again.refresh()
    assert (tmp_path / "mirror").stat().st_ino == before.st_ino


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
    netbox.add(SITES, name="ny1")
    assert two.wait(30)
    netbox.add(SITES, name="am6")
    assert three.wait(30)
    mirror.stop()
    assert mirror.freshness.error is None
    assert not any(thread.name == "mirror" for thread in threading.enumerate())
    assert "a fault of the daemon's" in caplog.text


def test_what_arrives_after_the_stop_is_dropped(mirror: Mirror, netbox: NetBox) -> None:
    before = mirror.start()
    netbox.add(SITES, name="ny1")
    netbox.before_answer = lambda _: mirror.stop()
    assert mirror.refresh() is False
    assert mirror.current is before


def test_a_stop_before_the_first_answer_is_no_fault(
    mirror: Mirror, netbox: NetBox, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    mirror.start()
    asked, closed = threading.Event(), threading.Event()

    def answer(_: str) -> None:
        asked.set()
        closed.wait(30)
        raise RuntimeError("cannot schedule new futures after shutdown")

    netbox.before_answer = answer
    hurried = Mirror(netbox, tmp_path / "mirror", patience=0)
    hurried.start()
    assert asked.wait(30)
    stopping = threading.Thread(target=hurried.stop)
    stopping.start()
    while not hurried._stopped.is_set():
        stopping.join(0.01)
    closed.set()
    stopping.join()
    assert "cannot schedule" not in caplog.text


def test_questions_in_vain_are_counted_by_what_failed(mirror: Mirror, netbox: NetBox, clock: Clock) -> None:
    mirror.start()
    for netbox.error in (AWAY, AWAY, AccessError("GET http://netbox/api/: the token was refused")):
        clock.now += 1.5
        mirror.refresh()
    assert mirror.freshness.failures == {"unavailable": 2, "access": 1}
    assert mirror.freshness.age(clock.now) == 4.5
    netbox.error = None
    mirror.refresh()
    assert mirror.freshness.failures == {"unavailable": 2, "access": 1}
    assert mirror.freshness.age(clock.now) == 0


def test_list_is_read_and_followed_as_soon_as_a_context_depends_on_it(mirror: Mirror, netbox: NetBox) -> None:
    regions = "dcim/regions"
    outer = netbox.add(regions)
    inner = netbox.add(regions, parent={"id": outer})
    netbox.change(SITES, 1, region={"id": inner})
    device = netbox.add("dcim/devices", site={"id": 1})

    def attributes() -> object:
        host = mirror.current.host("device", device)
        return host and host.attributes

    mirror.start()
    netbox.change(regions, inner, name="emea")
    assert mirror.refresh() is False
    assert regions not in netbox.asked
    context = netbox.add("extras/config-contexts", data={"x": 1}, regions=[{"id": outer}])
    assert mirror.refresh() is True
    assert attributes() == {"x": 1}
    netbox.change(regions, inner, parent=None)
    assert mirror.refresh() is True
    assert attributes() == {}
    netbox.remove("extras/config-contexts", context)
    mirror.refresh()
    assert mirror.freshness.reloads == 1


def test_what_surrounds_hosts_is_given_for_so_long_as_netbox_said_it_was_so(
    mirror: Mirror, again: Mirror, netbox: NetBox, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    mirror.start()
    first = mirror.world(10)
    assert first is not None
    clock.now += 11
    assert mirror.world(10) is None
    mirror.refresh()
    assert mirror.world(10) is first, "nothing has changed"
    netbox.add(SITES, name="sv4")
    mirror.refresh()
    newer = mirror.world(10)
    assert newer not in {None, first}
    netbox.error = AWAY
    mirror.refresh()
    assert mirror.world(10) is None, "what NetBox has done since, nobody knows"
    again.start()
    assert again.world(1e9) is None, "a snapshot is of a moment that nobody asked NetBox about since"
    assert "connection refused" in caplog.text
