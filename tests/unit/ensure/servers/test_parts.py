# SPDX-License-Identifier: BSD-2-Clause
"""What ports are connected to, joined from the ends of cables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from clusto.core.errors import AccessError
from clusto.core.ports import Component
from clusto.drivers.ports import ENDPOINTS, Port
from clusto.ensure.servers import parts
from clusto.netbox.bulk import Filter, Query
from clusto.netbox.client import Client, Settings

NIC, FRONT, REAR = Component.INTERFACE, Component.FRONT_PORT, Component.REAR_PORT
Key = tuple[str, int]


def port(component: str, id_: int, cable: int | None = None) -> dict[str, Any]:
    device = {"id": id_, "name": f"d{id_}", "display": f"d{id_}"}
    kind = {"value": "1000base-t" if component == NIC else "8p8c"}
    nested = {"id": cable} if cable else None
    return {"id": id_, "name": f"p{id_}", "device": device, "type": kind, "cable": nested, "_occupied": bool(cable)}


class Cabled(Client):
    """A NetBox that has these ports; `ends` are those of its cables; it tells `joined` when asked for a port's."""

    def __init__(
        self, ports: Mapping[Key, dict[str, Any]], ends: Mapping[int, tuple[Key, ...]], joined: Mapping[Key, Any]
    ) -> None:
        super().__init__(Settings("http://netbox.invalid", "0" * 40))
        self._ports, self._ends, self._joined = ports, ends, joined
        self.blind = False
        self.asked: list[str] = []

    def list(self, endpoint: str, **filters: Filter) -> list[dict[str, Any]]:
        if self.blind:
            raise AccessError("dcim/cable-terminations: no permission")
        assert endpoint == parts.ENDS
        return [
            {"cable": cable, "cable_end": side, "termination_type": type_, "termination_id": id_}
            for cable, ends in self._ends.items()
            for side, (type_, id_) in zip("ABB", ends, strict=False)
        ]

    def fetch(self, queries: Mapping[Any, Query]) -> dict[Any, list[dict[str, Any]]]:
        component = {endpoint: of for of, endpoint in ENDPOINTS.items()}
        found: dict[Any, list[dict[str, Any]]] = {}
        for key, query in queries.items():
            self.asked.append(f"{key[0]} {query.endpoint}")
            source = self._joined if key[0] == "odd" else self._ports
            found[key] = [source[component[query.endpoint], id_] for id_ in query.filters["id"]]  # type: ignore[union-attr]
        return found


def test_two_ports_on_one_cable() -> None:
    a, b, far = port(NIC, 1, 10), port(NIC, 2, 10), port(NIC, 3, 11)
    here = port(NIC, 4, 11)
    netbox = Cabled({(NIC, 3): far}, {10: ((NIC, 1), (NIC, 2)), 11: ((NIC, 3), (NIC, 4))}, {})
    parts.join(netbox, [Port(NIC, a), Port(NIC, here)], [Port(NIC, one) for one in (a, b, here)])
    assert [p.name for p in Port(NIC, a).peers()] == [p.name for p in Port(NIC, a).ends()] == ["p2"]
    assert [p.device for p in Port(NIC, here).ends()] == ["d3"]
    assert netbox.asked == ["far dcim/interfaces"]


@pytest.mark.parametrize("blind", [False, True])
def test_what_is_more_than_a_cable_is_asked_for(blind: bool) -> None:  # noqa: FBT001 - a parameter of the test
    """Behind a patch panel, on a cable that is split, or where the token may not see the ends of cables."""
    a = port(NIC, 1, 10)
    told = {"id": 1, "link_peers": [port(FRONT, 2)], "link_peers_type": FRONT}
    joined = {**told, "connected_endpoints": [port(NIC, 9)], "connected_endpoints_type": NIC}
    netbox = Cabled({}, {10: ((NIC, 1), (FRONT, 2))}, {(NIC, 1): joined})
    netbox.blind = blind
    parts.join(netbox, [Port(NIC, a)], [Port(NIC, a)])
    assert ([p.name for p in Port(NIC, a).peers()], [p.name for p in Port(NIC, a).ends()]) == (["p2"], ["p9"])
    assert netbox.asked == ["odd dcim/interfaces"]
    split = {10: ((NIC, 1), (NIC, 2), (NIC, 3))}
    assert parts.pairs([[parts.End(key, side) for key, side in zip(split[10], "ABB", strict=True)]]) == {}


def test_a_patch_panels_own_ports_are_told_their_cable_only() -> None:
    front, rear = port(FRONT, 1, 10), port(REAR, 2, 10)
    netbox = Cabled({}, {10: ((FRONT, 1), (REAR, 2))}, {})
    ports = [Port(FRONT, front), Port(REAR, rear)]
    parts.join(netbox, ports, ports)
    assert [p.name for p in ports[0].ends()] == ["p2"]
    assert netbox.asked == []
