# SPDX-License-Identifier: BSD-2-Clause
"""What entities share: canonical documents, walks through containers, lists for messages."""

from __future__ import annotations

from typing import Any

import pytest

from clusto.core.errors import InvalidError, shown
from clusto.drivers.documents import checked
from clusto.drivers.entity import reached


@pytest.mark.parametrize(
    ("given", "canonical"),
    [
        ({"a": 1}, {"a": 1}),
        ({"a": {"": 1}}, {"a": 1}),
        ({"port-nic-eth": {"1": {"mac": "x"}}}, {"port-nic-eth": {"1": {"mac": "x"}}}),
        ({"a": {"b": ["x", "y"]}}, {"a": {"b": ["x", "y"]}}),
    ],
)
def test_document_is_brought_into_canonical_form(given: dict[str, Any], canonical: dict[str, Any]) -> None:
    assert checked(given) == canonical


@pytest.mark.parametrize("document", [{"1a": 1}, {"": 1}, {"a b": 1}, {"a": {"b c": 1}}, {"a": object()}])
def test_names_and_values_that_are_none_are_refused(document: dict[str, Any]) -> None:
    with pytest.raises(InvalidError):
        checked(document)


def test_reached_finds_the_nearest_first_and_each_once() -> None:
    graph = {"a": ["b", "c"], "b": ["d"], "c": ["d", "a"], "d": []}
    assert reached("a", graph.__getitem__) == ["b", "c", "d"]


def test_long_lists_are_cut_in_messages() -> None:
    assert shown("abc") == "a, b, c"
    assert shown("abcdefgh") == "a, b, c, d, e and 3 more"
