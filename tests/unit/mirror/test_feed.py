# SPDX-License-Identifier: BSD-2-Clause
"""Reading on in a change log whose entries show up late, vanish, or are others than before."""

from __future__ import annotations

import pytest

from clusto.mirror.changes import GapError
from clusto.mirror.feed import LATE, LOG, OVERLAP, REVIEW, Feed, Position

from .netbox import NetBox

MOST = 100


@pytest.fixture
def netbox() -> NetBox:
    return NetBox()


def logged(netbox: NetBox, *numbers: int) -> None:
    for number in numbers:
        netbox.numbered = number - 1
        netbox.note("update", "dcim.device", 100 + number, {"name": "a"}, {"name": "b"})


def read(netbox: NetBox, position: Position) -> tuple[Position, list[int]]:
    position, changes = Feed(netbox).news(position, MOST)
    assert [100 + change.id for change in changes] == [change.object_id for change in changes]
    return position, sorted(change.id for change in changes)


def test_nothing_new_is_one_small_request(netbox: NetBox) -> None:
    logged(netbox, 1, 2)
    position = Feed(netbox).end()
    netbox.asked.clear()
    assert read(netbox, position) == (position, [])
    assert netbox.asked == [LOG]


def test_empty_log_and_its_first_entries(netbox: NetBox) -> None:
    position = Feed(netbox).end()
    assert position == Position()
    position, found = read(netbox, position)
    assert found == []
    logged(netbox, 1, 2)
    position, found = read(netbox, position)
    assert found == [1, 2]
    assert read(netbox, position) == (position, [])


def test_entry_that_shows_up_below_newer_ones_is_read_once(netbox: NetBox) -> None:
    logged(netbox, 1, 5)
    position = Feed(netbox).end()
    logged(netbox, 3)
    position, found = read(netbox, position)
    assert found == [3]
    logged(netbox, 2, 4, 7)
    position, found = read(netbox, position)
    assert found == [2, 4, 7]
    assert read(netbox, position) == (position, [])


def test_only_the_end_of_a_long_log_is_watched(netbox: NetBox) -> None:
    logged(netbox, 1, 50, OVERLAP + 40)
    position = Feed(netbox).end()
    assert position.seen == {50, OVERLAP + 40}
    logged(netbox, 2)  # too late
    assert read(netbox, position) == (position, [])
    logged(netbox, 2 * OVERLAP)
    position, found = read(netbox, position)
    assert found == [2 * OVERLAP]
    assert position.seen == {OVERLAP + 40, 2 * OVERLAP}


def test_entries_that_vanished_below_are_a_gap(netbox: NetBox) -> None:
    logged(netbox, 1, 2, 3)
    position = Feed(netbox).end()
    del netbox.log[1]
    with pytest.raises(GapError, match="1 entries of the change log are gone, from 1 on"):
        read(netbox, position)


@pytest.mark.parametrize("later", [(), (4,), (4, 5)])
def test_newest_entry_that_vanished_is_a_gap(netbox: NetBox, later: tuple[int, ...]) -> None:
    logged(netbox, 1, 2, 3)
    position = Feed(netbox).end()
    del netbox.log[3]
    logged(netbox, *later)
    with pytest.raises(GapError, match="entry 3 of the change log is not there any more"):
        read(netbox, position)


@pytest.mark.parametrize("later", [(), (4,), (4, 5)])
def test_netbox_set_back_to_a_backup_and_gone_on_since_is_a_gap(netbox: NetBox, later: tuple[int, ...]) -> None:
    logged(netbox, 1, 2, 3)
    position = Feed(netbox).end()
    logged(netbox, *later)
    netbox.log[3]["request_id"] = "another"
    with pytest.raises(GapError, match="entry 3 of the change log is not there any more"):
        read(netbox, position)


def test_too_many_at_once_are_a_gap_and_are_not_even_read(netbox: NetBox) -> None:
    logged(netbox, 1)
    position = Feed(netbox).end()
    logged(netbox, *range(2, MOST + 3))
    netbox.asked.clear()
    with pytest.raises(GapError, match="101 changes at once"):
        read(netbox, position)
    assert netbox.asked == [LOG]


def test_entry_that_comes_between_two_requests_is_read_now_or_next_time(netbox: NetBox) -> None:
    logged(netbox, 1, 3)
    position = Feed(netbox).end()
    logged(netbox, 5)

    def meanwhile(_: str) -> None:
        if len(netbox.asked) == 2:
            logged(netbox, 2, 6)

    netbox.asked.clear()
    netbox.before_answer = meanwhile
    position, first = read(netbox, position)
    position, second = read(netbox, position)
    assert sorted(first + second) == [2, 5, 6]
    assert read(netbox, position) == (position, [])


# How far each request counts


class Follower:
    """One feed that is asked again and again; `now` is its timer. `counted` has what each request counted after."""

    def __init__(self, netbox: NetBox) -> None:
        self.netbox = netbox
        self.now = 0.0
        self.feed = Feed(netbox, lambda: self.now)
        self.position = self.feed.end()
        self.found: list[int] = []
        assert self.look() == max(0, self.position.newest - OVERLAP)  # all, for the first time

    def look(self, after: float = 1.5) -> int:
        """Ask once; gives the number after which was counted."""
        self.now += after
        counted: list[int] = []
        self.netbox.on_read = lambda filters: counted.append(filters.get("id__gt", 0))
        self.position, changes = self.feed.news(self.position, MOST)
        self.found = sorted(change.id for change in changes)
        return counted[0]


def test_where_no_number_is_missing_only_the_newest_entry_is_counted(netbox: NetBox) -> None:
    logged(netbox, *range(1, 50))
    follower = Follower(netbox)
    assert follower.look() == 48
    logged(netbox, 50, 51)
    assert (follower.look(), follower.found) == (48, [50, 51])
    assert (follower.look(), follower.found) == (50, [])


def test_missing_number_is_looked_for_with_each_request(netbox: NetBox) -> None:
    logged(netbox, 1, 2, 4, 5, 9)
    follower = Follower(netbox)
    assert follower.look() == 2
    logged(netbox, 7)
    assert (follower.look(), follower.found) == (2, [7])
    logged(netbox, 3)
    assert (follower.look(), follower.found) == (2, [3])
    assert (follower.look(), follower.found) == (5, [])


def test_number_that_is_missing_for_long_is_looked_for_now_and_then(netbox: NetBox) -> None:
    logged(netbox, 1, 3, 4)
    follower = Follower(netbox)
    logged(netbox, 5)
    follower.look()
    follower.look(LATE)
    assert follower.look() == 4
    logged(netbox, 2, 6)
    assert (follower.look(), follower.found) == (4, [6])
    assert (follower.look(REVIEW), follower.found) == (0, [2])


def test_number_that_is_missing_of_late_is_looked_for_whatever_is_missing_for_long(netbox: NetBox) -> None:
    logged(netbox, 1, 3)
    follower = Follower(netbox)
    follower.look(LATE)
    logged(netbox, 5)
    follower.look()
    assert follower.look() == 3
    logged(netbox, 4)
    assert (follower.look(), follower.found) == (3, [4])


def test_entries_that_vanish_far_below_are_found_missing_soon(netbox: NetBox) -> None:
    logged(netbox, *range(1, 50))
    follower = Follower(netbox)
    del netbox.log[7]
    follower.look()
    with pytest.raises(GapError, match="1 entries of the change log are gone, from 7 on"):
        follower.look(REVIEW)


def test_log_without_missing_numbers_is_not_read_to_know_them(netbox: NetBox) -> None:
    logged(netbox, *range(1, 50))
    netbox.asked.clear()
    assert Feed(netbox).end().seen == frozenset(range(1, 50))
    assert netbox.asked == [LOG, LOG]
    del netbox.log[30]
    assert Feed(netbox).end().seen == frozenset(range(1, 50)) - {30}


def test_after_netbox_was_set_back_missing_numbers_are_looked_for_again(netbox: NetBox) -> None:
    logged(netbox, *range(1, 50))
    follower = Follower(netbox)
    follower.look(LATE)
    for number in (*range(10, 50),):
        del netbox.log[number]
    with pytest.raises(GapError):
        follower.look()
    logged(netbox, 12)
    follower.position = follower.feed.end()
    follower.look(REVIEW)
    assert follower.look() == 9
    logged(netbox, 11)
    assert (follower.look(), follower.found) == (9, [11])
