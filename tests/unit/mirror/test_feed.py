# SPDX-License-Identifier: BSD-2-Clause
"""Reading on in a change log whose entries show up late, vanish, or are others than before."""

from __future__ import annotations

import pytest

from clusto.mirror.changes import GapError
from clusto.mirror.feed import LOG, OVERLAP, Feed, Position

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
