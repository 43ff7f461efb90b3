# SPDX-License-Identifier: BSD-2-Clause
"""Addresses, also the same one in two VRFs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from clusto.core.errors import BatchError, ConflictError
from clusto.drivers import IPManager
from clusto.drivers.subnet import Subnet
from clusto.ensure.servers.ground import Ground

from .grounds import Item, device, ground, planned

RED = {"id": 7, "name": "red", "display": "red"}
GLOBAL_NET, RED_NET = 1, 2


def manager(of: Ground, id_: int, name: str, vrf: Mapping[str, Any] | None) -> IPManager:
    fields = {"clusto_name": name, "clusto_gateway": None, "clusto_ranges": None}
    state = {"status": {"value": "active"}, "is_pool": False, "mark_utilized": False, "display_url": ""}
    record = {"id": id_, "prefix": "10.0.0.0/24", "vrf": vrf, "custom_fields": fields, **state}
    made = IPManager.from_record(of.session, record)
    made.seen = Subnet(of.session.client, made, [record], [])
    return made


def bound(id_: int, ip: str, osport: str, vrf: Mapping[str, Any] | None) -> dict[str, Any]:
    interface = {"name": osport, "device": {"id": 1, "display": "s1"}}
    assigned = {"assigned_object_type": "dcim.interface", "assigned_object_id": id_, "assigned_object": interface}
    kind = {"status": {"value": "active"}, "role": None, "description": ""}
    return {"id": id_, "address": f"{ip}/24", "vrf": vrf, **kind, **assigned}


def planned_ips(wishes: Sequence[Item], **options: Any) -> tuple[Any, Any, Any]:
    """What the one server has before and after, and the ids of the addresses that are freed."""
    of = ground([device(1, 1)], [{"name": "s1", "ips": wishes, **options}])
    of.managers = [manager(of, GLOBAL_NET, "net", None), manager(of, RED_NET, "red-net", RED)]
    of.bound[1] = [bound(1, "10.0.0.5", "eth0", None), bound(2, "10.0.0.5", "eth0", RED)]
    of.taken["10.0.0.5"] = list(of.bound[1])
    [target] = planned(of)
    before, after = target.before or {}, target.after or {}
    return before["ips"], after["ips"], [record["id"] for record in target.freed]


BOTH = [{"ip": "10.0.0.5", "osport": "eth0"}, {"ip": "10.0.0.5", "osport": "eth0", "vrf": "red"}]


def test_the_vrf_is_told_and_kept() -> None:
    wishes = [{"ip": "10.0.0.5", "ip_manager": name, "osport": "eth0"} for name in ("net", "red-net")]
    assert planned_ips(wishes, ips_mode="exact") == (BOTH, BOTH, [])
    assert planned_ips(wishes[1:], ips_mode="exact") == (BOTH, BOTH[1:], [1])
    new = [{"ip": "10.0.0.6", "ip_manager": "red-net", "osport": "eth1"}]
    assert planned_ips(new) == (BOTH, [*BOTH, {"ip": "10.0.0.6", "osport": "eth1", "vrf": "red"}], [])


def test_the_next_free_one_is_the_one_of_its_vrf() -> None:
    assert planned_ips([{"ip_manager": "red-net", "osport": "eth0"}], ips_mode="exact") == (BOTH, BOTH[1:], [1])


def test_another_interface_only_when_addresses_may_move() -> None:
    wish = [{"ip": "10.0.0.5", "ip_manager": "red-net", "osport": "eth1"}]
    with pytest.raises((BatchError, ConflictError), match=r"10\.0\.0\.5 is on eth0 of this server, not on eth1"):
        planned_ips(wish)
    moved = {"ip": "10.0.0.5", "osport": "eth1", "vrf": "red"}
    assert planned_ips(wish, ips_mode="exact") == (BOTH, [moved], [1])


def labelled(label: str, osport: str = "nic0", name: str = "eth0") -> Any:
    """The one server, whose port of that name is nic-eth 1, after an address was wished for there."""
    of = ground([device(1, 1)], [{"name": "s1", "ips": [{"ip_manager": "net", "osport": osport, "number": 1}]}])
    of.managers = [manager(of, GLOBAL_NET, "net", None)]
    of.bound[1] = [bound(1, "10.0.0.5", "eth0", None)]
    ports = (of.devices[1].known_ports or {})["dcim.interface"]
    ports[0] |= {"label": label}
    ports.append({**ports[0], "id": 2, "name": name, "label": "", "type": {"value": "virtual"}})
    [target] = planned(of)
    return target


@pytest.mark.parametrize("label", ["", "nic0"])
def test_a_port_that_is_given_by_its_number_gets_a_label(label: str) -> None:
    target = labelled(label, name="other")
    assert target.before["labels"] == {"eth0": label or None}
    assert target.after["labels"] == {"eth0": "nic0"}
    assert not target.binds, "its address is the one that the port has already"


def test_another_port_may_have_that_name() -> None:
    with pytest.raises(BatchError, match="osport 'nic0' is interface 'nic0', not 'eth0'"):
        labelled("", name="nic0")
