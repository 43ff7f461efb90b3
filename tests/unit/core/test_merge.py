# SPDX-License-Identifier: BSD-2-Clause
"""The order of the merge, case by case. That it is NetBox's is shown in tests/integration/test_merge_oracle.py."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clusto.core.merge import Context, Contexts, Place, Scope, Weight, deepmerge, explain, merge_all, merged, rendered

SCALARS = st.none() | st.booleans() | st.integers(-2, 2) | st.sampled_from(["", "x", 1.5])
VALUES = st.recursive(
    SCALARS, lambda v: st.lists(v, max_size=2) | st.dictionaries(st.sampled_from("abc"), v, max_size=3), max_leaves=8
)
DOCUMENTS = st.dictionaries(st.sampled_from("abc"), VALUES, max_size=3)


def pool(name: str, rank: int, depth: int = 0, weight: int | None = None, **more: Any) -> Context:
    """A pool with its own tag, and those of the pools inside it in `inner`; every pool says what `v` is."""
    inner = more.pop("inner", ())
    return Context(
        id=rank,
        name=name,
        weight=Weight.pool(depth) if weight is None else weight,
        rank=rank,
        data=more.pop("data", {"v": name}),
        criteria={"tags": frozenset({name, *inner}), **more.pop("criteria", {})},
        origin=f"pool:{name}",
        depth=depth,
        **more,
    )


def context(name: str, rank: int, weight: int, data: dict[str, Any] | None = None, **criteria: set[int]) -> Context:
    return Context(
        id=rank,
        name=name,
        weight=weight,
        rank=rank,
        data={"v": name} if data is None else data,
        criteria={criterion: frozenset(ids) for criterion, ids in criteria.items()},
        origin=f"context:{name}",
    )


def tagged(*tags: str, **more: Any) -> Scope:
    return Scope(tags=frozenset(tags), **more)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ({}, {"a": 1}, {"a": 1}),
        ({"a": 1}, {}, {"a": 1}),
        ({"a": {"b": 1}}, {"a": {"c": 2}}, {"a": {"b": 1, "c": 2}}),
        ({"a": {"b": 1}}, {"a": {}}, {"a": {}}),
        ({"a": {"b": 1}}, {"a": None}, {"a": None}),
        ({"a": {}}, {"a": {"b": 1}}, {"a": {"b": 1}}),
        ({"a": 1}, {"a": {"b": {}}}, {"a": {"b": {}}}),
        ({"a": [1, 2]}, {"a": [3]}, {"a": [3]}),
        ({"a": {"b": {"c": 1}}}, {"a": {"b": {"d": 2}}}, {"a": {"b": {"c": 1, "d": 2}}}),
    ],
)
def test_deepmerge(old: dict[str, Any], new: dict[str, Any], expected: dict[str, Any]) -> None:
    assert deepmerge(old, new) == expected


@given(DOCUMENTS, DOCUMENTS)
def test_deepmerge_changes_neither_and_is_idempotent(old: dict[str, Any], new: dict[str, Any]) -> None:
    before = copy.deepcopy((old, new))
    once = deepmerge(old, new)
    assert (old, new) == before
    assert deepmerge(once, new) == once
    assert deepmerge({}, new) == new


def test_a_context_applies_when_all_its_assignments_are_met() -> None:
    both = context("both", 1, 1000, sites={1, 2}, roles={7})
    contexts = Contexts([both, context("all", 0, 0)])

    def applied(**scope: frozenset[int]) -> list[str]:
        return [c.name for c in contexts.applying(Scope(**scope))]  # type: ignore[arg-type] # only ids are given

    assert applied(sites=frozenset({2}), roles=frozenset({7, 8})) == ["all", "both"]
    assert applied(sites=frozenset({2})) == ["all"]
    assert applied(sites=frozenset({3}), roles=frozenset({7})) == ["all"]
    assert not both.applies(Scope())


def test_an_inactive_context_applies_to_nothing() -> None:
    contexts = Contexts([pool("web", 0, active=False)])
    assert merged(tagged("web"), contexts, {"own": 1}) == {"own": 1}


def test_equal_weights_are_settled_by_rank_as_netbox_gave_it() -> None:
    contexts = Contexts([context("a", 1, 1000), context("B", 0, 1000)])
    assert rendered(Scope(), contexts) == {"v": "a"}
    assert [c.name for c in contexts] == ["B", "a"]


# Who wins: the datacenter (site 1), a location (1), the rack level, the device's pools, the device.

CONTEXTS = Contexts(
    [
        Context(1, "datacenter:dc", 2000, 0, {"v": "datacenter"}, {"sites": frozenset({1})}, origin="datacenter:dc"),
        Context(2, "location:cage", 3000, 1, {"v": "location"}, {"locations": frozenset({1})}, origin="location:cage"),
        context("region", 2, 3999, regions={1}),
        context("late", 3, 4000, regions={2}),
        pool("a", 4),
        pool("b", 5),
        pool("outer", 6, inner=("inner",)),
        pool("inner", 7, depth=1),
        pool("light", 8, weight=10),
        pool("heavy", 9, weight=20000),
        pool("servers", 10, criteria={"roles": frozenset({1})}),
    ]
)
SITE, CAGE = frozenset({1}), frozenset({1})


def place(name: str, *tags: str, **attributes: Any) -> Place:
    return Place(name, frozenset(tags), attributes)


@pytest.mark.parametrize(
    ("winner", "scope", "local"),
    [
        ("datacenter", tagged(sites=SITE), {}),
        ("location", tagged(sites=SITE, locations=CAGE), {}),
        ("region", tagged(sites=SITE, locations=CAGE, regions=frozenset({1})), {}),
        ("a", tagged(sites=SITE, locations=CAGE, places=(place("site", "a"),)), {}),
        ("b", tagged(sites=SITE, places=(place("site", "a"), place("cage", "b"))), {}),
        ("a", tagged(sites=SITE, places=(place("site", "b"), place("cage", "a"))), {}),
        ("inner", tagged(places=(place("site", "a"), place("cage", "inner"), place("rack"))), {}),
        ("rack", tagged(places=(place("cage", "a"), place("rack", "inner", v="rack"))), {}),
        ("rack", tagged(regions=frozenset({1}), places=(place("rack", v="rack"),)), {}),
        ("late", tagged(regions=frozenset({2}), places=(place("rack", v="rack"),)), {}),
        ("a", tagged("a", places=(place("rack", "b", v="rack"),)), {}),
        ("inner", tagged("outer", "inner", "b", places=(place("rack", v="rack"),)), {}),
        ("own", tagged("heavy", places=(place("rack", v="rack"),)), {"v": "own"}),
        # A weight that a user gave stands, of a place's pools too.
        ("heavy", tagged("inner", "heavy"), {}),
        ("heavy", tagged("inner", places=(place("rack", "heavy", v="rack"),)), {}),
        ("datacenter", tagged(sites=SITE, places=(place("rack", "light"),)), {}),
        # A pool's other assignments must be met by the entity itself.
        ("servers", tagged(roles=frozenset({1}), places=(place("rack", "servers"),)), {}),
        ("datacenter", tagged(sites=SITE, places=(place("rack", "servers"),)), {}),
    ],
)
def test_the_more_specific_wins(winner: str, scope: Scope, local: dict[str, Any]) -> None:
    assert merged(scope, CONTEXTS, local) == {"v": winner}


def test_a_pool_counts_once_where_it_is_most_specific() -> None:
    everywhere = (place("site", "a"), place("cage", "a"), place("rack", "a"))
    for scope, through in ((tagged("a", places=everywhere), None), (tagged(places=everywhere), "rack")):
        [entry] = explain(scope, CONTEXTS)
        assert [(c["origin"], c["through"]) for c in entry["candidates"]] == [("pool:a", through)]


def test_without_a_rack_level_merged_is_rendered() -> None:
    scope = tagged("a", "heavy", sites=SITE, regions=frozenset({1}), places=(place("site"), place("rack")))
    assert merged(scope, CONTEXTS, {"x": 1}) == rendered(scope, CONTEXTS, {"x": 1})


def test_the_mark_of_an_empty_document_is_no_attribute() -> None:
    contexts = Contexts([pool("a", 0, data={"_empty": True}), pool("b", 1, data={"_empty": True, "x": 1})])
    assert rendered(tagged("a"), contexts) == {"_empty": True}
    assert merged(tagged("a", "b"), contexts) == {"x": 1}
    assert merged(tagged("b", own=1, pools_only=True), contexts) == {"x": 1}
    assert [entry["path"] for entry in explain(tagged("a", "b"), contexts)] == [["x"]]


def test_others_tagged_contexts_apply_to_members_only() -> None:
    contexts = Contexts([context("theirs", 0, 1000, tags={"t"})])  # type: ignore[arg-type] # tags are slugs
    assert merged(tagged("t"), contexts) == {"v": "theirs"}
    assert merged(tagged(places=(place("rack", "t"),)), contexts) == {}


def test_own_contexts_come_last_whatever_their_weight() -> None:
    site = tagged(sites=SITE, places=(place("site", "a"),), own=1)
    assert merged(site, CONTEXTS) == {"v": "datacenter"}
    assert explain(site, CONTEXTS)[0]["origin"] == "own"


def test_a_pool_has_what_the_pools_around_it_give_and_nothing_else() -> None:
    contexts = Contexts(
        [
            context("everywhere", 0, 1, {"g": 1}),
            pool("outer", 1, data={"v": "outer", "o": 1}, inner=("inner",)),
            pool("inner", 2, depth=1, weight=5, data={"v": "inner"}),
        ]
    )
    assert merged(tagged("inner", own=2, pools_only=True), contexts) == {"v": "inner", "o": 1}


def test_equal_scopes_share_what_nobody_changes() -> None:
    places = (place("rack", "a", r={"x": 1}),)
    one, other = (merged(tagged("b", places=places), CONTEXTS, {"r": {"y": n}}) for n in (1, 2))
    assert one == {"v": "b", "r": {"x": 1, "y": 1}}
    assert other == {"v": "b", "r": {"x": 1, "y": 2}}
    assert merged(tagged("b", places=places), CONTEXTS) is merged(tagged("b", places=places), CONTEXTS)
    assert places[0].attributes == {"r": {"x": 1}}


# explain


def test_explain_tells_every_candidate_the_winner_first() -> None:
    contexts = Contexts(
        [
            context("theirs", 0, 1000, {"dhcp": 5, "x": {}}),
            pool("a", 1, data={"dhcp": {"enabled": 0, "domain": "a"}}),
            pool("b", 2, data={"dhcp": {"enabled": 1}}),
        ]
    )
    entries = explain(tagged("a", "b", places=(place("rack:r1", dhcp={"router": "r"}),)), contexts, {"z": [1]})
    assert json.loads(json.dumps(entries)) == entries
    enabled = next(entry for entry in entries if entry["path"] == ["dhcp", "enabled"])
    assert enabled == {
        "path": ["dhcp", "enabled"],
        "value": 1,
        "origin": "pool:b",
        "tie": True,
        "candidates": [
            candidate("pool:b", 5000, ["dhcp", "enabled"], 1, wins=True),
            candidate("pool:a", 5000, ["dhcp", "enabled"], 0),
            candidate("context:theirs", 1000, ["dhcp"], 5),
        ],
    }
    assert [(e["path"], e["origin"], e["tie"]) for e in entries] == [
        (["dhcp", "domain"], "pool:a", False),
        (["dhcp", "enabled"], "pool:b", True),
        (["dhcp", "router"], "rack:r1", False),
        (["x"], "context:theirs", False),
        (["z"], "own", False),
    ]


def candidate(origin: str, weight: int | None, path: list[str], value: Any, *, wins: bool = False) -> dict[str, Any]:
    return {"origin": origin, "weight": weight, "through": None, "path": path, "value": value, "wins": wins}


@pytest.mark.parametrize(
    ("tie", "scope", "local"),
    [
        (True, tagged("a", "b"), {}),
        (True, tagged(places=(place("rack", "a", "b"),)), {}),
        (False, tagged("a", "inner"), {}),
        (False, tagged("a", places=(place("rack", "b"),)), {}),
        (False, tagged(places=(place("site", "a"), place("rack", "b"))), {}),
        (False, tagged("a", "b"), {"v": "own"}),
        (False, tagged("a"), {}),
    ],
)
def test_a_tie_is_where_pools_of_one_depth_disagree(tie: bool, scope: Scope, local: dict[str, Any]) -> None:  # noqa: FBT001 - a column of the table
    assert explain(scope, CONTEXTS, local)[0]["tie"] is tie


def test_pools_that_agree_are_no_tie() -> None:
    contexts = Contexts([pool("a", 0, data={"v": 1}), pool("b", 1, data={"v": 1})])
    assert explain(tagged("a", "b"), contexts)[0]["tie"] is False


@given(st.lists(DOCUMENTS, max_size=5), DOCUMENTS)
def test_what_is_explained_is_what_is_merged(documents: list[dict[str, Any]], local: dict[str, Any]) -> None:
    contexts = Contexts(context(f"c{n}", n, n, data) for n, data in enumerate(documents))
    whole: dict[str, Any] = {}
    for entry in explain(Scope(), contexts, local):
        winner = entry["candidates"][0]
        assert all(candidate["path"] for candidate in entry["candidates"])
        assert (winner["wins"], winner["path"], winner["value"]) == (True, entry["path"], entry["value"])
        node = whole
        for key in entry["path"][:-1]:
            node = node.setdefault(key, {})
        node[entry["path"][-1]] = entry["value"]
    assert whole == merged(Scope(), contexts, local) == merge_all([*(c.data for c in contexts), local])
