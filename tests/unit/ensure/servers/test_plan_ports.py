# SPDX-License-Identifier: BSD-2-Clause
"""MAC addresses, within one list."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from .grounds import device, ground, planned


@given(st.permutations(range(1, 5)))
def test_mac_addresses_go_round(turned: list[int]) -> None:
    macs = {n: f"02:00:00:00:00:0{n}" for n in range(1, 5)}
    there = [device(n, n, macs[n]) for n in macs]
    items = [{"name": f"s{n}", "ports": [{"number": 1, "mac": macs[to]}]} for n, to in zip(macs, turned, strict=True)]
    targets = planned(ground(there, items, rack=None))
    assert [bool(target.macs) for target in targets] == [n != to for n, to in zip(macs, turned, strict=True)]
