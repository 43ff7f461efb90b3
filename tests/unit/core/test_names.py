# SPDX-License-Identifier: BSD-2-Clause
"""Numbered names: written, read back, counted on."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clusto.core.errors import ConflictError, InvalidError
from clusto.core.names import Numbering, following, whole

NUMBERINGS = st.builds(
    Numbering,
    basename=st.text("abs019-", max_size=4),
    digits=st.integers(1, 15),
    leading_zeros=st.booleans(),
)


@pytest.mark.parametrize(
    ("numbering", "number", "name"),
    [
        (Numbering("s", 4), 0, "s0000"),  # the seed's
        (Numbering("foo", 4), 1, "foo0001"),
        (Numbering("bar", 2, leading_zeros=False), 7, "bar7"),
        (Numbering("", 2), 99, "99"),
    ],
)
def test_names_are_written_as_clusto_wrote_them(numbering: Numbering, number: int, name: str) -> None:
    assert numbering.name(number) == name
    assert numbering.number(name) == number


@given(NUMBERINGS, st.data())
def test_every_number_has_a_name_of_its_own(numbering: Numbering, data: st.DataObject) -> None:
    number = data.draw(st.integers(0, numbering.highest))
    assert numbering.number(numbering.name(number)) == number


@given(NUMBERINGS, st.text("abs019-²", max_size=8))
def test_what_is_read_as_a_name_is_written_so(numbering: Numbering, text: str) -> None:
    number = numbering.number(text)
    assert number is None or numbering.name(number) == text


@pytest.mark.parametrize(
    "name", ["s000", "s00000", "t0000", "s", "s00a0", "S0000", "s\u0660\u0661\u0662\u0663", "s" + "9" * 40]
)
def test_names_of_others_have_no_number(name: str) -> None:
    assert Numbering("s", 4).number(name) is None


@pytest.mark.parametrize("digits", [0, -1, 16, True, "4", 2.0])
def test_digits_are_one_to_fifteen(digits: int) -> None:
    with pytest.raises(InvalidError, match="expected a whole number from 1 to 15"):
        Numbering("s", digits)


@pytest.mark.parametrize("basename", [" s", "s\n", 7])
def test_a_basename_begins_a_name(basename: str) -> None:
    with pytest.raises(InvalidError, match="basename"):
        Numbering(basename, 2)


def test_whole_numbers_have_bounds() -> None:
    assert whole(3, "next") == 3
    with pytest.raises(InvalidError, match="next -1: expected a whole number from 0"):
        whole(-1, "next")


@given(st.integers(0, 20), st.integers(1, 8), st.sets(st.integers(0, 40)))
def test_the_next_numbers_leave_out_what_is_taken(first: int, count: int, taken: set[int]) -> None:
    found = following(first, 100, count, taken.__contains__, "x")
    assert len(found) == count
    assert sorted({*range(first, found[-1] + 1)} - taken) == found


def test_all_or_none_when_they_run_out() -> None:
    with pytest.raises(ConflictError, match="names: 2 left, the next would be 10, expected 9 at most"):
        following(7, 9, 3, {8}.__contains__, "names")
    with pytest.raises(ConflictError, match="names: the next would be 10"):
        following(10, 9, 1, set().__contains__, "names")
