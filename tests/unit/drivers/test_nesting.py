# SPDX-License-Identifier: BSD-2-Clause
"""What nesting writes leaves NetBox's assignments closed, whatever the pools, and wherever it is interrupted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clusto.core.errors import ConflictError
from clusto.core.merge import Weight
from clusto.drivers.nesting import Change, Nesting
from clusto.netbox.records import Pools

Contexts = dict[str, dict[str, Any]]


def contexts(assigned: Mapping[str, set[str]], weights: Mapping[str, int] | None = None) -> Contexts:
    """Config contexts of pools, each with its own tag of the same name."""
    return {
        name: {
            "id": number,
            "name": name,
            "profile": {"name": "clusto pool"},
            "weight": (weights or {}).get(name, Weight.pool(0)),
            "tags": sorted({name} | tags),
        }
        for number, (name, tags) in enumerate(sorted(assigned.items()), 1)
    }


def pools(found: Contexts) -> Pools:
    return Pools(found.values(), [{"name": name, "slug": name} for name in found])


def nesting(found: Contexts) -> Nesting:
    return Nesting(pools(found).by_slug, {name: frozenset(context["tags"]) for name, context in found.items()})


def written(found: Contexts, changes: list[Change]) -> Contexts:
    by_id = {context["id"]: name for name, context in found.items()}
    after = {name: dict(context) for name, context in found.items()}
    for change in changes:
        context = after[by_id[change.context]]
        context["tags"] = sorted(set(context["tags"]) - change.remove | change.add)
        context["weight"] = change.weight[1]
    return after


def test_outer_context_is_assigned_to_all_tags_inside() -> None:
    found = contexts({"a": set(), "b": {"c"}, "c": set()}, {"c": Weight.pool(1)})
    after = written(found, nesting(found).joined("a", "b"))
    assert {name: context["tags"] for name, context in after.items()} == {
        "a": ["a", "b", "c"],
        "b": ["b", "c"],
        "c": ["c"],
    }
    assert [after[name]["weight"] for name in "abc"] == [Weight.pool(0), Weight.pool(1), Weight.pool(2)]


def test_weight_of_a_user_stands() -> None:
    found = contexts({"a": set(), "b": set()}, {"b": 5555})
    assert written(found, nesting(found).joined("a", "b"))["b"]["weight"] == 5555


def test_tag_that_is_no_pools_stays() -> None:
    found = contexts({"a": {"foreign"}, "b": set()})
    joined = written(found, nesting(found).joined("a", "b"))
    parted = written(joined, nesting(joined).parted("a", "b"))
    assert joined["a"]["tags"] == ["a", "b", "foreign"]
    assert parted["a"]["tags"] == ["a", "foreign"]


def test_pool_that_is_inside_on_another_way_stays_inside() -> None:
    #  a > b > d and a > c > d
    found = contexts({"a": {"b", "c", "d"}, "b": {"d"}, "c": {"d"}, "d": set()})
    after = written(found, nesting(found).parted("b", "d"))
    assert {name: context["tags"] for name, context in after.items()} == {
        "a": ["a", "b", "c", "d"],
        "b": ["b"],
        "c": ["c", "d"],
        "d": ["d"],
    }


def test_cycle_is_refused_with_its_path() -> None:
    found = contexts({"a": {"b", "c"}, "b": {"c"}, "c": set()})
    with pytest.raises(ConflictError, match="a cycle, c > a > b > c"):
        nesting(found).joined("c", "a")
    with pytest.raises(ConflictError, match="a cycle, a > a"):
        nesting(found).joined("a", "a")


@st.composite
def edits(draw: st.DrawFn) -> tuple[int, list[tuple[int, int, bool]]]:
    size = draw(st.integers(2, 6))
    pool = st.integers(0, size - 1)
    return size, draw(st.lists(st.tuples(pool, pool, st.booleans()), max_size=12))


@given(edits())
def test_edits_make_what_a_graph_of_direct_edges_says(case: tuple[int, list[tuple[int, int, bool]]]) -> None:
    size, wanted = case
    names = "abcdef"[:size]
    found = contexts({name: set() for name in names})
    for one, other, join in wanted:
        outer, inner = names[one], names[other]
        before = pools(found).by_slug
        if join and (outer == inner or inner in before[outer].outer):
            continue
        direct = {name: set(pool.parents) for name, pool in before.items()}
        (direct[inner].add if join else direct[inner].discard)(outer)
        changes = nesting(found).joined(outer, inner) if join else nesting(found).parted(outer, inner)
        found = written(found, changes)
        after = pools(found).by_slug
        assert {name: set(pool.outer) for name, pool in after.items()} == {name: around(name, direct) for name in names}
        assert all(context["weight"] == Weight.pool(after[name].depth) for name, context in found.items())


def around(name: str, direct: Mapping[str, set[str]]) -> set[str]:
    return direct[name].union(*(around(outer, direct) for outer in direct[name]))


@pytest.mark.parametrize("done", range(4))
@pytest.mark.parametrize("join", [True, False])
def test_interrupted_anywhere_the_same_call_completes_it(join: bool, done: int) -> None:  # noqa: FBT001 - a case
    apart = contexts({"o": {"a"}, "a": set(), "b": {"c"}, "c": set()})
    apart["a"]["weight"] = apart["c"]["weight"] = Weight.pool(1)
    together = written(apart, nesting(apart).joined("a", "b"))
    start, end = (apart, together) if join else (together, apart)

    def changes(found: Contexts) -> list[Change]:
        return nesting(found).joined("a", "b") if join else nesting(found).parted("a", "b")

    half = written(start, changes(start)[:done])
    again = written(half, changes(half))
    assert {name: context["tags"] for name, context in again.items()} == {n: c["tags"] for n, c in end.items()}


@given(
    st.dictionaries(st.sampled_from("abcd"), st.sets(st.sampled_from("abcd")), max_size=4),
)
def test_pools_are_arranged_in_any_order_at_once(wanted: dict[str, set[str]]) -> None:
    """Only what makes no circle: pools lie in those that come before them in the alphabet."""
    parents = {name: frozenset(outer for outer in wanted.get(name, ()) if outer < name) for name in "abcd"}
    found = contexts({name: set() for name in "abcd"})
    after = written(found, nesting(found).arranged(parents))
    then = pools(after).by_slug
    for name, around in parents.items():
        closure = around.union(*(then[outer].outer for outer in around))
        assert then[name].outer == closure
        assert after[name]["weight"] == Weight.pool(then[name].depth)
    assert not any(nesting(after).circular(outer, inner) for inner, around in parents.items() for outer in around)


def test_a_circle_that_two_writers_made_is_seen_and_taken_back() -> None:
    found = contexts({"a": set(), "b": set()})
    one, other = nesting(found).joined("a", "b"), nesting(found).joined("b", "a")
    both = written(written(found, one), other)
    assert nesting(both).circular("a", "b")
    assert nesting(both).circular("b", "a")
    back = written(both, [change.undone() for change in reversed(other)])
    assert not nesting(back).circular("a", "b")
    assert back["a"]["tags"] == ["a", "b"]
