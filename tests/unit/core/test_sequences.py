# SPDX-License-Identifier: BSD-2-Clause
from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clusto.core.errors import InvalidError
from clusto.core.sequences import LONGEST, Member, expand


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (7, (7,)),
        ("7", (7,)),
        ("1-3,5-6", (1, 2, 3, 5, 6)),
        ("1-9/4", (1, 5, 9)),
        ("1-8/4", (1, 5)),
        ("3-1", (3, 2, 1)),
        (" 1 , 2 ", (1, 2)),
        ("bb1-bb3,ba1", ("bb1", "bb2", "bb3", "ba1")),
        ("a08-a11", ("a08", "a09", "a10", "a11")),
        ("01-03", ("01", "02", "03")),
        ("Gi1/0/9-Gi1/0/11", ("Gi1/0/9", "Gi1/0/10", "Gi1/0/11")),
        ("Gi1/0/1-Gi1/0/9/4", ("Gi1/0/1", "Gi1/0/5", "Gi1/0/9")),
        ("rack-1-rack-2", ("rack-1", "rack-2")),
        ("infeed-aa", ("infeed-aa",)),
        ("bb1-8", ("bb1-8",)),
        ("eth0", ("eth0",)),
    ],
)
def test_members(text: Any, expected: tuple[Member, ...]) -> None:
    assert expand(text) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "nothing between two commas"),
        ("1,,2", "'1,,2': nothing between two commas; expected a sequence such as 1-8"),
        ("1-8/0", "'1-8/0': step 0; expected 1 or more"),
        (f"1-{LONGEST},a", f"more than {LONGEST} members"),
        ("1-999999999", f"more than {LONGEST} members"),
        (None, "None: expected a sequence"),
        (True, "True: expected a sequence"),
        (1.5, "1.5: expected a sequence"),
    ],
)
def test_what_is_refused(text: Any, message: str) -> None:
    with pytest.raises(InvalidError, match=message):
        expand(text)


STEMS = st.sampled_from(["", "bb", "Gi1/0/", "port-", "é"])


@given(STEMS, st.integers(0, 60), st.integers(0, 60), st.integers(1, 9))
def test_a_range_is_every_step_between_its_ends(stem: str, first: int, last: int, step: int) -> None:
    found = expand(f"{stem}{first}-{stem}{last}/{step}")
    away = 1 if first <= last else -1
    numbers = [n for n in range(61) if min(first, last) <= n <= max(first, last) and (n - first) % step == 0]
    assert list(found) == [f"{stem}{n}" if stem else n for n in numbers[::away]]


@given(st.lists(st.integers(0, 999) | st.from_regex(r"[a-z]+[0-9]{1,3}", fullmatch=True), min_size=1, max_size=20))
def test_single_members_are_what_was_written(members: list[Member]) -> None:
    assert expand(",".join(map(str, members))) == tuple(members)


@given(st.text(max_size=40))
def test_any_text_is_a_sequence_or_refused(text: str) -> None:
    try:
        found = expand(text)
    except InvalidError:
        return
    assert 0 < len(found) <= LONGEST
