# SPDX-License-Identifier: BSD-2-Clause
"""Attributes and the documents that hold them: exact both ways, for everything that NetBox may give us."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clusto.core.attributes import (
    ANY,
    LARGEST,
    NUMBER,
    Attribute,
    Relation,
    _is_branch,
    add_value,
    check_key,
    check_subkey,
    delete,
    from_document,
    plain,
    query,
    set_value,
    to_document,
)
from clusto.core.errors import ConflictError, InvalidError

NAMES = st.from_regex(r"[A-Za-z_]{1,3}[0-9A-Za-z_-]{0,3}", fullmatch=True).filter(lambda name: name != "_relation")
ODD_NAMES = st.sampled_from(["", "0", "1", "01", "10", "-1", "²", "_relation", "a.b", "ключ", "9" * 5000]) | NAMES
SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=3)
)
RELATIONS = st.builds(Relation, st.sampled_from(["dcim.device", "ipam.prefix"]), st.integers(1, 10**9))
JSON = st.recursive(
    SCALARS, lambda j: st.lists(j, max_size=3) | st.dictionaries(ODD_NAMES, j, max_size=3), max_leaves=6
)
DOCUMENTS = st.dictionaries(ODD_NAMES, JSON | st.dictionaries(ODD_NAMES, JSON, max_size=4), max_size=4)
VALUES = st.recursive(
    SCALARS | RELATIONS, lambda v: st.lists(v, max_size=3) | st.dictionaries(NAMES, v, max_size=3), max_leaves=5
)
ATTRIBUTES = st.lists(
    st.builds(
        Attribute,
        key=st.sampled_from(["dhcp", "snmp", "_x"]),
        subkey=st.none() | st.sampled_from(["enabled", "mac"]),
        number=st.none() | st.integers(0, 3) | st.just(LARGEST),
        value=VALUES,
    ),
    max_size=8,
)


def same(one: Any, other: Any) -> bool:
    """Equal as JSON is: `true`, `1` and `1.0` are three values."""
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


def several(attributes: list[Attribute]) -> list[Attribute]:
    """A lone list of two or more is as many values; everything in the order in which documents are read."""
    places: dict[tuple[str, int | None, str | None], list[Attribute]] = {}
    for a in attributes:
        places.setdefault((a.key, a.number, a.subkey), []).append(a)
    found = []
    for place in sorted(places, key=lambda p: (p[0], -1 if p[1] is None else p[1], p[2] or "")):
        group = places[place]
        if len(group) == 1 and isinstance(group[0].value, list) and len(group[0].value) > 1:
            key, number, subkey = place
            group = [Attribute(key, subkey, number, value) for value in group[0].value]
        found += group
    return found


def lone_bare(node: Any) -> bool:
    """Whether a bare value stands under the empty subkey though nothing makes that necessary."""
    return isinstance(node, dict) and node.keys() == {""} and not _is_branch(node[""])


@given(ATTRIBUTES)
def test_attributes_come_back_from_their_document(attributes: list[Attribute]) -> None:
    assert from_document(to_document(attributes)) == several(attributes)


@given(DOCUMENTS)
def test_documents_come_back_from_their_attributes(document: dict[str, Any]) -> None:
    nodes = [*document.values(), *(n for node in document.values() if isinstance(node, dict) for n in node.values())]
    if any(lone_bare(node) for node in nodes):
        again = from_document(to_document(from_document(document)))
        assert again == from_document(document)
    else:
        assert same(to_document(from_document(document)), document)


@given(ATTRIBUTES)
def test_a_document_is_json(attributes: list[Attribute]) -> None:
    document = to_document(attributes)
    assert same(json.loads(json.dumps(document)), document)


@pytest.mark.parametrize(
    ("document", "attributes"),
    [
        ({}, []),
        ({"k": 1}, [Attribute("k", value=1)]),
        ({"k": None}, [Attribute("k", value=None)]),
        ({"k": {}}, [Attribute("k", value={})]),
        ({"k": []}, [Attribute("k", value=[])]),
        ({"k": [1]}, [Attribute("k", value=[1])]),
        ({"k": [1, 1]}, [Attribute("k", value=1), Attribute("k", value=1)]),
        ({"k": {"s": 1}}, [Attribute("k", "s", None, 1)]),
        ({"k": {"": 1, "s": 2}}, [Attribute("k", None, None, 1), Attribute("k", "s", None, 2)]),
        ({"k": {"": {"x": 1}}}, [Attribute("k", value={"x": 1})]),
        ({"k": {"s": {"x": 1}}}, [Attribute("k", "s", None, {"x": 1})]),
        ({"k": {"1": 5}}, [Attribute("k", None, 1, 5)]),
        ({"k": {"1": {"mac": "m", "": 5}}}, [Attribute("k", None, 1, 5), Attribute("k", "mac", 1, "m")]),
        ({"k": {"1": {"2": 5}}}, [Attribute("k", "2", 1, 5)]),
        ({"k": {"01": 5}}, [Attribute("k", "01", None, 5)]),
        ({"k": {"2": 1, "10": 2}}, [Attribute("k", None, 2, 1), Attribute("k", None, 10, 2)]),
        ({"k": {"_relation": "dcim.device:12"}}, [Attribute("k", value=Relation("dcim.device", 12))]),
        ({"k": {"_relation": "dcim.device:0"}}, [Attribute("k", "_relation", None, "dcim.device:0")]),
        (
            {"k": {"s": [{"_relation": "a.b:1"}, 2]}},
            [Attribute("k", "s", None, Relation("a.b", 1)), Attribute("k", "s", None, 2)],
        ),
    ],
)
def test_mapping(document: dict[str, Any], attributes: list[Attribute]) -> None:
    assert from_document(document) == attributes
    assert same(to_document(attributes), document)


def test_a_list_value_and_several_values_are_the_same() -> None:
    assert to_document([Attribute("k", value=[1, 2])]) == {"k": [1, 2]}
    assert from_document({"k": [1, 2]}) == [Attribute("k", value=1), Attribute("k", value=2)]


def test_a_bare_value_alone_needs_no_empty_subkey() -> None:
    assert to_document(from_document({"k": {"": 1}, "n": {"1": {"": 2}}})) == {"k": 1, "n": {"1": 2}}


@pytest.mark.parametrize(
    ("attribute", "message"),
    [
        (Attribute("k", ""), r"attribute k\.: an empty subkey"),
        (Attribute("k", "7"), r"attribute k\.7: a subkey that reads as a number"),
        (Attribute("k", None, -1), "number -1 of attribute 'k'"),
        (Attribute("k", None, LARGEST + 1), "number 1000000000000000 of attribute 'k'"),
        (Attribute("k", "_relation", None, "dcim.device:1"), r"k\._relation"),
        (Attribute("k", "s", 1, float("nan")), r"k\[1\]\.s=nan: nan is of no type that JSON has"),
        (Attribute("k", value={"x": [{1: 2}]}), "of no type that JSON has"),
        (Attribute("k", value=b"x"), "of no type that JSON has"),
    ],
)
def test_what_no_document_can_hold_is_refused(attribute: Attribute, message: str) -> None:
    with pytest.raises(InvalidError, match=message):
        to_document([attribute])


@pytest.mark.parametrize("name", ["a", "_", "dhcp", "port-nic-eth", "A1_-", "__x9"])
def test_names_that_clusto_has(name: str) -> None:
    check_key(name)
    check_subkey(name)


@pytest.mark.parametrize("name", ["", "1", "-a", "a.b", "a b", "ä", "a\n", None, 1])
def test_names_that_are_none(name: Any) -> None:
    with pytest.raises(InvalidError, match=r"attribute key .*: expected a letter or _"):
        check_key(name)
    with pytest.raises(InvalidError, match="attribute key"):
        set_value({}, name, 1)
    with pytest.raises(InvalidError, match="attribute key"):
        add_value({}, name, 1)


def test_subkeys_are_checked_and_the_mark_of_relations_is_none() -> None:
    check_subkey(None)
    for subkey in ("a.b", "", "7", "_relation"):
        with pytest.raises(InvalidError, match="attribute subkey"):
            set_value({}, "k", 1, subkey=subkey)


DOCUMENT = {
    "dhcp": {"enabled": 1, "name_server": ["10.0.0.1", "10.0.0.2"], "domain": "example.org"},
    "port-nic-eth": {"1": {"mac": "a"}, "2": {"mac": "b", "": "up"}},
    "tier": "gold",
    "_hidden": 1,
}


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"key": "dhcp", "subkey": "enabled"}, ["dhcp.enabled=1"]),
        ({"key": "dhcp", "subkey": "enabled", "value": True}, ["dhcp.enabled=1"]),
        ({"key": "dhcp", "subkey": None}, []),
        ({"key": "tier", "subkey": None, "number": None}, ["tier='gold'"]),
        ({"key": "port-nic-eth", "number": 2}, ["port-nic-eth[2]='up'", "port-nic-eth[2].mac='b'"]),
        ({"key": "port-nic-eth", "number": 2, "subkey": None}, ["port-nic-eth[2]='up'"]),
        ({"number": True, "subkey": "mac"}, ["port-nic-eth[1].mac='a'", "port-nic-eth[2].mac='b'"]),
        ({"number": False, "value": "gold"}, ["tier='gold'"]),
        ({"subkey": "name_server"}, ["dhcp.name_server='10.0.0.1'", "dhcp.name_server='10.0.0.2'"]),
        ({"value": "10.0.0.2"}, ["dhcp.name_server='10.0.0.2'"]),
        ({"value": 1}, ["dhcp.enabled=1"]),
        ({"value": 1, "hidden": True}, ["_hidden=1", "dhcp.enabled=1"]),
        ({"key": "_hidden"}, ["_hidden=1"]),
        ({"key": "none"}, []),
    ],
)
def test_query(asked: dict[str, Any], found: list[str]) -> None:
    assert [str(a) for a in query(DOCUMENT, **asked)] == found


def test_query_for_anything_finds_all_but_hidden_keys() -> None:
    assert len(query(DOCUMENT)) == 8
    assert repr(ANY) == "ANY"


def test_set_replaces_one_value_and_leaves_the_rest() -> None:
    assert set_value({}, "k", 1) == {"k": 1}
    assert set_value({"k": 1}, "k", 2) == {"k": 2}
    assert set_value({"k": 1}, "k", 2, subkey="s") == {"k": {"": 1, "s": 2}}
    assert set_value({"k": {"": 1, "s": 2}}, "k", 3) == {"k": {"": 3, "s": 2}}
    assert set_value({"k": 1}, "k", 2, number=7, subkey="s") == {"k": {"": 1, "7": {"s": 2}}}
    assert set_value({}, "k", Relation("dcim.device", 3)) == {"k": {"_relation": "dcim.device:3"}}


def test_set_refuses_to_replace_several_by_one_but_takes_a_list_for_all() -> None:
    with pytest.raises(ConflictError, match=r"dhcp\.name_server has several values \('10\.0\.0\.1', '10\.0\.0\.2'\)"):
        set_value(DOCUMENT, "dhcp", "10.0.0.9", subkey="name_server")
    changed = set_value(DOCUMENT, "dhcp", ["10.0.0.2", "10.0.0.3", "10.0.0.4"], subkey="name_server")
    assert changed["dhcp"]["name_server"] == ["10.0.0.2", "10.0.0.3", "10.0.0.4"]


def test_set_twice_is_set_once() -> None:
    for value in (1, [], [1], [1, 2], {}, {"x": 1}, None):
        once = set_value({}, "k", value, subkey="s")
        assert set_value(once, "k", value, subkey="s") == once


def test_add() -> None:
    document = add_value({}, "k", "a", subkey="s")
    document = add_value(document, "k", "b", subkey="s")
    assert document == {"k": {"s": ["a", "b"]}}
    assert add_value(document, "k", "b", subkey="s") == {"k": {"s": ["a", "b", "b"]}}


def test_add_takes_the_number_after_the_highest() -> None:
    document = add_value({"k": "bare"}, "k", "a", number=True)
    assert document == {"k": {"": "bare", "0": "a"}}
    document = add_value({"k": {"0": "a", "7": {"s": "b"}}}, "k", "c", number=True)
    assert document == {"k": {"0": "a", "7": {"s": "b"}, "8": "c"}}
    assert add_value({}, "k", "a", number=False) == {"k": "a"}


@pytest.mark.parametrize("number", [-1, "1", 1.0, True])
def test_set_refuses_what_is_no_number(number: Any) -> None:
    with pytest.raises(InvalidError, match="of attribute 'k': expected a whole number"):
        set_value({}, "k", 1, number=number)


def test_delete() -> None:
    assert delete(DOCUMENT, key="dhcp") == {k: v for k, v in DOCUMENT.items() if k != "dhcp"}
    one = delete(DOCUMENT, key="dhcp", subkey="name_server", value="10.0.0.1")
    assert one["dhcp"] == {"enabled": 1, "name_server": "10.0.0.2", "domain": "example.org"}
    assert delete(DOCUMENT, subkey="mac")["port-nic-eth"] == {"2": "up"}
    assert delete(DOCUMENT, key="none") == DOCUMENT
    assert delete(DOCUMENT) == {"_hidden": 1}


@given(DOCUMENTS, DOCUMENTS)
def test_changes_leave_other_keys_and_their_argument_alone(document: dict[str, Any], other: dict[str, Any]) -> None:
    document = {**other, **document, "k": 1}
    before = json.dumps(document)
    for changed in (set_value(document, "k", 2), add_value(document, "k", 2), delete(document, key="k")):
        rest = {key: node for key, node in changed.items() if key != "k"}
        assert same(rest, {key: node for key, node in document.items() if key != "k"})
    assert json.dumps(document) == before


def test_a_number_is_read_only_in_its_canonical_form() -> None:
    assert [bool(NUMBER.fullmatch(text)) for text in ("0", "7", "10", "007", "-1", "1 ", "٣", "1" * 16)] == [
        *(True, True, True),
        *(False, False, False, False, False),
    ]


@pytest.mark.parametrize("value", [1, {"a": 1}, {}, {"": 2}, [], [1, 2], {"0": {"a": 1}}, None])
def test_a_value_alone_under_its_key_is_told_as_it_was_set(value: Any) -> None:
    assert plain(set_value({}, "speed", value)) == {"speed": value}


def test_what_has_subkeys_is_told_as_it_is() -> None:
    document = {"speed": {"": 1, "max": 2}, "disk": {"0": "gold"}, "owner": {"_relation": "dcim.device:1"}}
    assert plain(document) == document
