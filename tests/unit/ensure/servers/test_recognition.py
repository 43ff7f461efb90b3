# SPDX-License-Identifier: BSD-2-Clause
"""Items without a name."""

from __future__ import annotations

import pytest

from clusto.core.errors import ConflictError, InvalidError
from clusto.ensure.servers.ground import MARK
from clusto.ensure.servers.plan import Plan

from .grounds import Item, device, ground

MACS = [f"02:00:00:00:00:0{n}" for n in range(4)]


@pytest.mark.parametrize(
    ("item", "found"),
    [
        ({"ports": [{"number": 1, "mac": MACS[1]}], "rack": None}, "s1"),
        ({"ru": [2]}, "s2"),
        ({"ru": [2], "ports": [{"number": 1, "mac": MACS[2]}]}, "s2"),
        ({"ru": [2], "ports": [{"number": 1, "mac": MACS[0]}]}, "s2"),
        ({"ru": [5], "ports": [{"number": 1, "mac": MACS[1]}]}, "s1"),
        ({"ports": [{"number": 1, "mac": MACS[3]}], "rack": None}, "s3"),
        ({"ru": [5], "ports": [{"number": 1, "mac": MACS[0]}]}, None),
    ],
    ids=["MAC", "unit", "both", "unit, new MAC", "MAC, new unit", "marked", "new"],
)
def test_one_without_a_name_is_known_again(item: Item, found: str | None) -> None:
    there = [device(1, 1, MACS[1]), device(2, 2, MACS[2]), device(3, 3, description=MARK + MACS[3])]
    of = ground(there, [item], name_manager="names", rack=item.get("rack", "r1"))
    target = Plan(of, "servers").find(of.wishes[0])
    assert (target.device.name if target.exists else None) == found


def test_one_without_a_name_that_contradicts_itself() -> None:
    there = [device(1, 1, MACS[1]), device(2, 2, MACS[2])]
    of = ground(there, [{"ru": [2], "ports": [{"number": 1, "mac": MACS[1]}]}, {"rack": ""}], name_manager="names")
    plan = Plan(of, "servers")
    with pytest.raises(ConflictError, match=r"borne by server 's1', but in rack r1, unit 2 stands server 's2'"):
        plan.find(of.wishes[0])
    with pytest.raises(InvalidError, match="without a MAC address and without rack and ru"):
        plan.find(of.wishes[1])
