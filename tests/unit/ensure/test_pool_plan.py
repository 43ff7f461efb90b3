# SPDX-License-Identifier: BSD-2-Clause
"""Pools that are planned together: nesting without circles, default weights, the rules of unique and exclusive ones."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clusto.core.errors import ConflictError, NotFoundError
from clusto.core.merge import Weight
from clusto.drivers import ExclusivePool, Pool, UniquePool
from clusto.ensure.pool_plan import Nest

NAMES = "abcde"


def nest(**parents: str) -> Nest:
    return Nest(dict.fromkeys(parents, Pool), {name: set(around) for name, around in parents.items()})


@given(st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES)), max_size=15))
def test_pools_never_contain_each_other(pairs: list[tuple[str, str]]) -> None:
    plan = nest(**dict.fromkeys(NAMES, ""))
    for outer, inner in pairs:
        try:
            plan.put(outer, inner)
        except ConflictError:
            assert outer == inner or inner in plan.around(outer)
        else:
            assert outer in plan.around(inner)
    for name in NAMES:
        assert name not in plan.around(name)
        assert {inner for inner in NAMES if name in plan.around(inner)} == plan.all_inside(name)
        reached = plan.direct(name).union(*(plan.around(outer) for outer in plan.direct(name)))
        assert reached == plan.around(name), "what is left out of the direct ones follows from the others"


def test_a_circle_is_named() -> None:
    plan = nest(a="", b="a", c="b")
    with pytest.raises(ConflictError, match="pool 'a' cannot go into pool 'c': pools cannot contain each other, a > "):
        plan.put("c", "a")
    assert plan.parents["a"] == set()
    with pytest.raises(NotFoundError, match="there is no pool 'z'"):
        plan.put("z", "a")


def test_what_is_around_a_parent_is_no_parent() -> None:
    plan = nest(a="", b="a", c="")
    plan.put("a", "c")
    plan.put("b", "c")
    assert (plan.direct("c"), plan.inside("a"), plan.all_inside("a")) == ({"b"}, {"b"}, {"b", "c"})
    plan.take_out("b", "c")
    assert plan.direct("c") == {"a"}


@pytest.mark.parametrize(
    ("now", "depth_now", "wanted", "weight"),
    [
        (Weight.pool(0), 0, None, Weight.pool(1)),
        (7000, 0, None, 7000),
        (Weight.pool(0), 0, 6000, 6000),
        (Weight.pool(1), 1, None, Weight.pool(1)),
    ],
)
def test_a_weight_that_somebody_gave_stands(now: int, depth_now: int, wanted: int | None, weight: int) -> None:
    assert nest(a="", b="a").weight("b", now, depth_now, wanted) == weight


def test_rules_of_pools_hold_for_those_that_are_made_together() -> None:
    plan = Nest({"u": UniquePool, "v": UniquePool, "x": ExclusivePool, "p": Pool}, {name: set() for name in "uvxp"})
    plan.check_admission("u", "server 's'", {"u", "p"})
    with pytest.raises(ConflictError, match=r"server 's' cannot go into unique_pool 'u': it is in unique_pool 'v'"):
        plan.check_admission("u", "server 's'", {"u", "v"})
    with pytest.raises(ConflictError, match="exclusive"):
        plan.check_admission("p", "server 's'", {"p", "x"})
