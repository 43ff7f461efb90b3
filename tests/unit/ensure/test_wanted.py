# SPDX-License-Identifier: BSD-2-Clause
from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clusto.core.errors import InvalidError
from clusto.ensure import wanted

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (1, 1, True),
        (1, 1.0, True),
        (1, True, False),
        ({"a": {"b": 0}}, {"a": {"b": False}}, False),
        ([1, 2], [1, True], False),
        ([1], [1, 1], False),
        ({"a": 1}, {"a": 1, "b": 1}, False),
        ({"a": 1, "b": [2]}, {"b": [2], "a": 1}, True),
        (None, {}, False),
        ("1", 1, False),
    ],
)
def test_same(one, other, expected):
    assert wanted.same(one, other) is expected
    assert wanted.same(other, one) is expected


@given(JSON)
def test_everything_is_the_same_as_itself(value):
    assert wanted.same(value, value)


NOW = {"dhcp": {"domain": "a.org", "dns": ["x", "y"]}, "tier": 1}


@pytest.mark.parametrize(
    ("asked", "mode", "expected"),
    [
        (None, "merge", NOW),
        (None, "exact", NOW),
        ({}, "merge", NOW),
        ({}, "exact", {}),
        ({"tier": 2}, "merge", {**NOW, "tier": 2}),
        ({"tier": 2}, "exact", {"tier": 2}),
        ({"dhcp": {"enabled": 1}}, "merge", {"dhcp": {"domain": "a.org", "dns": ["x", "y"], "enabled": 1}, "tier": 1}),
        ({"dhcp": {"dns": ["z"]}}, "merge", {"dhcp": {"domain": "a.org", "dns": ["z"]}, "tier": 1}),
        ({"dhcp": {}}, "merge", {"dhcp": {}, "tier": 1}),
        ({"dhcp": "off"}, "merge", {"dhcp": "off", "tier": 1}),
        ({"disk": {"1": {"size": 9}}}, "merge", {**NOW, "disk": {"1": {"size": 9}}}),
    ],
)
def test_document(asked, mode, expected):
    assert wanted.document(NOW, asked, mode) == expected


@pytest.mark.parametrize("asked", [{"9lives": 1}, {"a b": 1}, {"a": {"b c": 1}}, {"": 1}])
@pytest.mark.parametrize("mode", ["merge", "exact"])
def test_a_document_with_names_that_are_none_is_refused(asked, mode):
    with pytest.raises(InvalidError):
        wanted.document(NOW, asked, mode)


def test_names_that_others_wrote_are_left_alone():
    assert wanted.document({"9lives": 1}, {"tier": 2}, "merge") == {"9lives": 1, "tier": 2}


@pytest.mark.parametrize(
    ("asked", "mode", "expected"),
    [
        (None, "exact", ["a", "b"]),
        (["c"], "add", ["a", "b", "c"]),
        (["b", "b"], "add", ["a", "b"]),
        (["b", "c"], "exact", ["b", "c"]),
        ([], "exact", []),
        (["b", "c"], "remove", ["a"]),
        ([], "remove", ["a", "b"]),
    ],
)
def test_names(asked, mode, expected):
    assert wanted.names(["b", "a"], asked, mode) == expected


@given(st.lists(st.text(max_size=2)), st.lists(st.text(max_size=2)), st.sampled_from(["add", "exact", "remove"]))
def test_asking_again_changes_nothing(now, asked, mode):
    once = wanted.names(now, asked, mode)
    assert wanted.names(once, asked, mode) == once
