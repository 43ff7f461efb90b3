# SPDX-License-Identifier: BSD-2-Clause
from __future__ import annotations

from typing import Any

import pytest

from clusto.core.errors import ConflictError, InvalidError
from clusto.core.racks import Occupant, Rack, units_of

NEW, D = Occupant("new", 0), Occupant("d", 0)
S20 = Occupant("s20", 2)
RACK = Rack("sv3-001", occupied={36: Occupant("sv3-001-sw1", 1), 33: S20, 34: S20})


@pytest.mark.parametrize(
    ("units", "height", "expected"),
    [
        (1, 1, (1,)),
        (45, 1, (45,)),
        (10, 2, (10, 11)),
        ([11, 10], 2, (10, 11)),
        ([10], 3, (10, 11, 12)),
        ((10,), 0.5, (10,)),
        (10, 1.5, (10, 11)),
    ],
)
def test_place(units: Any, height: float, expected: tuple[int, ...]) -> None:
    assert RACK.place(NEW, units, height) == expected


def test_a_device_does_not_stand_in_its_own_way() -> None:
    assert RACK.place(S20, [34, 35], 2) == (34, 35)


def test_another_device_of_its_name_does() -> None:
    with pytest.raises(ConflictError, match="rack sv3-001, device s20: unit 34 is occupied by s20"):
        RACK.place(Occupant("s20", 3), [34, 35], 2)


@pytest.mark.parametrize(
    ("units", "height", "message"),
    [
        (0, 1, "rack sv3-001, device new: unit 0 is outside the rack; expected 1 to 45"),
        (45, 2, "unit 46 is outside the rack"),
        ([], 1, r"0 units given \(\); it is 1 units high"),
        ([3, 5], 2, "units 3, 5 are not adjacent"),
        ([3, 3], 2, "units 3, 3 are not adjacent"),
        ([3, 4, 5], 2, r"3 units given \(3, 4, 5\); it is 2 units high"),
        ([1.5], 1, "units 1.5; expected whole numbers"),
        ([True], 1, "units True; expected whole numbers"),
        (1, 0, "it is 0 units high; expected a device that takes rack units"),
    ],
)
def test_units_that_are_refused(units: Any, height: float, message: str) -> None:
    with pytest.raises(InvalidError, match=message):
        RACK.place(NEW, units, height)


def test_an_occupied_unit_names_both_devices() -> None:
    with pytest.raises(ConflictError, match="rack sv3-001, device new: unit 36 is occupied by sv3-001-sw1"):
        RACK.place(NEW, 35, 2)


def test_other_bounds() -> None:
    small = Rack("r", 10, 12)
    assert small.place(D, 12) == (12,)
    with pytest.raises(InvalidError, match="unit 9 is outside the rack; expected 10 to 12"):
        small.place(D, 9)
    for bounds in ((0, 5), (5, 4)):
        with pytest.raises(InvalidError, match=f"rack r: units {bounds[0]} to {bounds[1]}"):
            Rack("r", *bounds)


def test_resized() -> None:
    assert RACK.resized(30, 40).max_u == 40
    for bounds, unit in (((35, 45), 33), ((1, 35), 36)):
        with pytest.raises(ConflictError, match=f"rack sv3-001: unit {unit} is occupied by"):
            RACK.resized(*bounds)


@pytest.mark.parametrize(
    ("position", "height", "units"),
    [(1, 1, (1,)), (10, 2, (10, 11)), (1.5, 1, (1, 2)), (1.5, 0.5, (1,)), (1, 1.5, (1, 2)), (3, 0, ())],
)
def test_units_of(position: float, height: float, units: tuple[int, ...]) -> None:
    assert units_of(position, height) == units
