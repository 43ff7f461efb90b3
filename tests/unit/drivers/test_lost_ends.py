# SPDX-License-Identifier: BSD-2-Clause
"""Which cables lead nowhere without some devices, and what is said of them before these go."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import pytest

from clusto.drivers.lost_ends import is_lost, losses


def cable(a: Collection[int], b: Collection[int]) -> dict[str, Any]:
    """One between the first ports of devices, given by their ids; 0 is a power feed."""
    sides = {"a_terminations": a, "b_terminations": b}
    return {"id": 1, "display": "#1", **{side: [end(device) for device in of] for side, of in sides.items()}}


def end(device: int) -> dict[str, Any]:
    if not device:
        return {"object_type": "dcim.powerfeed", "object": {"id": 9, "name": "A", "display": "A"}}
    of = {"id": device, "name": f"s{device}"}
    return {"object_type": "dcim.interface", "object": {"id": device, "name": "eth0", "device": of, "type": None}}


@pytest.mark.parametrize(
    ("a", "b", "gone", "lost"),
    [
        ([1], [2], {1}, True),
        ([1], [2], {2}, True),
        ([1], [2], {3}, False),
        ([1], [1], {1}, True),
        ([1, 2], [3], {1}, False),
        ([1, 2], [3], {1, 2}, True),
        ([1, 2], [1, 3], {1}, False),
        ([1, 2], [3], {3}, True),
        ([0], [1], {1}, True),
        ([], [1], {2}, True),
    ],
)
def test_a_cable_needs_an_end_at_each_side(
    a: list[int],
    b: list[int],
    gone: set[int],
    lost: bool,  # noqa: FBT001 - pytest's
) -> None:
    assert is_lost(cable(a, b), gone) is lost


def test_what_goes_and_what_stays_is_told_apart() -> None:
    assert [*losses([], 1)] == []
    assert [*losses([cable([1], [2]), cable([1], []), cable([1, 3], [4])], 1)] == [
        "its cables would be taken away: to s2, nic-eth 'eth0', cable #1",
        "its ends of cables would go, which stay for others: to s3, nic-eth 'eth0' and s4, nic-eth 'eth0'",
    ]
