# SPDX-License-Identifier: BSD-2-Clause
from __future__ import annotations

from typing import Any

import pytest

from clusto.core.errors import InvalidError
from clusto.ensure.links import CHUNK, DETAILS, Item, chunks, completed, details_of, wanted_details

A = {"entity": "s1", "type": "nic-eth", "number": 1, "name": None}
B = {"entity": "sw1", "type": None, "number": None, "name": "Gi1/0/1"}


def test_the_other_end_is_of_the_same_type_unless_it_says_otherwise() -> None:
    item = Item.of({"a": A, "b": B, "cable": None})
    assert item.name == "s1 nic-eth 1 - sw1 nic-eth Gi1/0/1"
    panel = Item.of({"a": A, "b": {**B, "type": "front-port"}, "cable": {"label": "x", "color": None}})
    assert panel.name == "s1 nic-eth 1 - sw1 front-port Gi1/0/1"
    assert panel.details == {"label": "x"}
    assert Item.of({"a": A, "b": None, "cable": None}).name == "s1 nic-eth 1"


def test_an_end_without_a_port() -> None:
    with pytest.raises(InvalidError, match="s1 nic-eth: expected number or name of the port"):
        Item.of({"a": {**A, "number": None}, "b": B, "cable": None})


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ({"color": "#F44336", "type": None}, {"color": "f44336"}),
        ({"color": "", "length": 0.0}, {"color": "", "length": 0.0}),
        ({}, {}),
    ],
)
def test_details_that_are_given(given: dict[str, Any], wanted: dict[str, Any]) -> None:
    assert wanted_details(given) == wanted


@pytest.mark.parametrize("color", ["red", "f4433", "f443366", "##f44336"])
def test_what_is_no_colour(color: str) -> None:
    with pytest.raises(InvalidError, match=f"color '{color}' of a cable: expected six hexadecimal digits"):
        wanted_details({"color": color})


def test_details_as_netbox_tells_them() -> None:
    bare = {"type": None, "status": {"value": "connected"}, "label": "", "color": "", "length": None}
    assert details_of({**bare, "length_unit": None, "description": ""}) == DETAILS
    assert completed({**DETAILS, "length": 2.0})["length_unit"] == "m"
    assert completed({**DETAILS, "length": 2.0, "length_unit": "ft"})["length_unit"] == "ft"
    assert completed({**DETAILS, "length_unit": "ft"}) == DETAILS


@pytest.mark.parametrize("count", [0, 1, CHUNK, CHUNK + 1, 3 * CHUNK])
def test_chunks(count: int) -> None:
    cut = list(chunks(range(count)))
    assert [n for chunk in cut for n in chunk] == list(range(count))
    assert all(1 <= len(chunk) <= CHUNK for chunk in cut)
