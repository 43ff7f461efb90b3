# SPDX-License-Identifier: BSD-2-Clause
"""Rack units, within one list."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clusto.core.errors import BatchError

from .grounds import SITE, UNITS, device, ground, planned, refused


@given(
    st.lists(st.integers(1, UNITS), unique=True, max_size=5),
    st.lists(st.tuples(st.integers(1, 7), st.integers(1, UNITS)), unique_by=lambda wish: wish[0], max_size=6),
)
def test_rack_units_as_if_all_moved_at_the_same_moment(now: list[int], wanted: list[tuple[int, int]]) -> None:
    """A unit is refused when one that stays has it, or an item before it in the list."""
    there = [device(n, unit) for n, unit in enumerate(now, 1)]
    moving = {n for n, _ in wanted}
    taken = {unit for n, unit in enumerate(now, 1) if n not in moving}
    expected = set()
    for index, (_, unit) in enumerate(wanted):
        if unit in taken:
            expected.add(index)
        taken.add(unit)
    items = [{"name": f"s{n}", "ru": [unit]} for n, unit in wanted]
    if expected:
        with pytest.raises(BatchError, match="is occupied by") as caught:
            planned(ground(there, items))
        assert refused(caught.value).keys() == expected
        return
    targets = planned(ground(there, items))
    assert [target.after and target.after["units"] for target in targets] == [[unit] for _, unit in wanted]
    changed = [n > len(now) or now[n - 1] != unit for n, unit in wanted]
    assert [target.place is not None for target in targets] == changed


def test_what_an_absent_item_has_is_free_for_the_next_task_only() -> None:
    items = [{"name": "s1", "state": "absent"}, {"name": "new", "ru": [3]}]
    with pytest.raises(BatchError, match="unit 3 is occupied by s1"):
        planned(ground([device(1, 3)], items))


def test_one_that_stays_is_not_moved() -> None:
    """A place is completed, but not changed."""
    stays = {"stays": True, "datacenter": "dc"}
    nowhere = {**device(1, 3), "rack": None, "position": None, "site": {**SITE, "slug": "unplaced"}}
    unitless = {**device(2, 4), "position": None}
    there = [nowhere, unitless, device(3, 5), device(4, 7)]
    items = [{"name": f"s{n}", "ru": [n], **stays} for n in (1, 2)] + [{"name": "s3", "ru": [5], **stays}]
    of = ground(there, items)
    of.sites = [SITE]
    assert [bool(target.place) for target in planned(of)] == [True, True, False]
    of = ground(there, [{"name": "s4", "ru": [6], **stays}])
    of.sites = [SITE]
    with pytest.raises(BatchError, match="server 's4' is in rack r1, unit 7; expected rack r1, unit 6"):
        planned(of)


def test_items_of_several_types_are_told_apart() -> None:
    """The one that stands there is a server; so the switch is made, not taken for it."""
    of = ground([device(1, 3)], [{"name": "s1", "type": "networkswitch", "ru": [4]}])
    of.session._looked_up["dcim/device-roles", "slug", "networkswitch"] = {"id": 2, "slug": "networkswitch"}
    with pytest.raises(BatchError, match="server 's1' is in dc already"):
        planned(of)
