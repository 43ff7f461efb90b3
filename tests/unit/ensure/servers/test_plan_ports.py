# SPDX-License-Identifier: BSD-2-Clause
"""MAC addresses and cables, within one list."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clusto.core.errors import BatchError
from clusto.ensure.servers.ground import Ground

from .grounds import device, ground, planned


@given(st.permutations(range(1, 5)))
def test_mac_addresses_go_round(turned: list[int]) -> None:
    macs = {n: f"02:00:00:00:00:0{n}" for n in range(1, 5)}
    there = [device(n, n, macs[n]) for n in macs]
    items = [{"name": f"s{n}", "ports": [{"number": 1, "mac": macs[to]}]} for n, to in zip(macs, turned, strict=True)]
    targets = planned(ground(there, items, rack=None))
    assert [bool(target.macs) for target in targets] == [n != to for n, to in zip(macs, turned, strict=True)]


def cabled(**ports: str | None) -> Ground:
    """Servers s1 and s2 whose only ports are to be connected; each port has no cable, a loose one, or leads to `x`."""
    items = [
        {"name": "s1", "ports": [{"number": 1, "connected_to": {"entity": "s2", "number": 1, "cable": {"label": "a"}}}]}
    ]
    of = ground([device(1, 1), device(2, 2)], items, rack=None)
    for id_, end in enumerate(ports.values(), 1):
        port: dict[str, Any] = (of.devices[id_].known_ports or {})["dcim.interface"][0]
        peers = [{"id": 9, "name": "eth0", "device": device(9, 9)}] if end == "x" else []
        if end:
            port |= {"_occupied": True, "cable": {"id": id_}, "link_peers": peers, "link_peers_type": "dcim.interface"}
    return of


@pytest.mark.parametrize(
    ("one", "other", "loose"), [(None, None, None), ("loose", None, 1), (None, "loose", 2)], ids=["free", "near", "far"]
)
def test_a_cable_that_ends_nowhere_is_used(one: str | None, other: str | None, loose: int | None) -> None:
    [target] = planned(cabled(one=one, other=other))
    [link] = target.links
    assert (link.loose, link.details) == (loose, {"label": "a"})


@pytest.mark.parametrize(("one", "other"), [("loose", "loose"), ("x", None), ("x", "loose")])
def test_ports_that_are_taken(one: str | None, other: str | None) -> None:
    with pytest.raises(BatchError, match="cannot be connected to"):
        planned(cabled(one=one, other=other))
