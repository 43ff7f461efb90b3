# SPDX-License-Identifier: BSD-2-Clause
"""What role netbox permits the program's token: the other tests show that it is enough, these that it is not more."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from clusto.core.errors import AccessError, NotFoundError, RefusedError
from clusto.drivers import Server
from clusto.drivers.ports import Port
from clusto.netbox.client import Client, Settings
from tools.lab.instance import NetBoxServer

from .racked import Plugs, Racked

Try = Callable[[Client, Racked], object]
REFUSED = (AccessError, NotFoundError, RefusedError)
FREE_ADDRESS = "198.51.100.9/32"

FORBIDDEN: dict[str, Try] = {
    "a device that is no server": lambda c, r: c.create("dcim/devices", {**kind(r), "name": "x"}),
    "another role for one": lambda c, r: c.update("dcim/devices", r.switch.id, {"role": {"slug": "server"}}),
    "a change of a switch": lambda c, r: c.update("dcim/devices", r.switch.id, {"status": "offline"}),
    "a change of switches": lambda c, r: c.update_many("dcim/devices", [{"id": r.switch.id, "status": "offline"}]),
    "the end of a switch": lambda c, r: c.delete("dcim/devices", r.switch.id),
    "an interface of a switch": lambda c, r: c.create(
        "dcim/interfaces", {"device": r.switch.id, "name": "x", "type": "virtual"}
    ),
    "the end of one": lambda c, r: c.delete("dcim/interfaces", uplink(r).id),
    "the end of several": lambda c, r: c.delete_many("dcim/interfaces", [uplink(r).id]),
    "an address of a switch": lambda c, r: c.create("ipam/ip-addresses", {"address": FREE_ADDRESS, **on_uplink(r)}),
    "a change of one": lambda c, r: c.update("ipam/ip-addresses", address(r), {"status": "deprecated"}),
    "the end of an address": lambda c, r: c.delete("ipam/ip-addresses", address(r)),
    "an address of nobody": lambda c, r: c.create("ipam/ip-addresses", {"address": FREE_ADDRESS}),
    "a MAC address of a switch": lambda c, r: c.create("dcim/mac-addresses", {"mac_address": r.mac(), **on_uplink(r)}),
    "a cable between others": lambda c, r: c.create("dcim/cables", between(r)),
    "attributes of a pool": lambda c, r: c.update("extras/config-contexts", pool(r), {"data": {"a": 1}}),
    "the end of a name manager": lambda c, r: c.delete("extras/config-contexts", r.world.names.id),
    "a pool": lambda c, _: c.create("extras/config-contexts", {"name": "x", "data": {"a": 1}}),
    "a tag": lambda c, _: c.create("extras/tags", {"name": "x", "slug": "x"}),
    "a rack": lambda c, r: c.create("dcim/racks", {"name": "x", "site": r.world.datacenter.id}),
    "a change of a rack": lambda c, r: c.update("dcim/racks", r.rack.id, {"status": "reserved"}),
    "a subnet": lambda c, _: c.create("ipam/prefixes", {"prefix": "198.51.100.0/24"}),
    "a word about a rack": lambda c, r: c.create("extras/journal-entries", about("dcim.rack", r.rack.id)),
    "users": lambda c, _: c.list("users/users"),
}


def kind(racked: Racked) -> dict[str, Any]:
    record = racked.switch.record
    return {key: record[key]["id"] for key in ("role", "device_type", "site")}


def uplink(racked: Racked) -> Port:
    return racked.switch.port("nic-eth", 48)


def on_uplink(racked: Racked) -> dict[str, Any]:
    return {"assigned_object_type": "dcim.interface", "assigned_object_id": uplink(racked).id}


def address(racked: Racked) -> int:
    return int(racked.client.list("ipam/ip-addresses", device_id=racked.switch.id)[0]["id"])


def between(racked: Racked) -> dict[str, Any]:
    ids = [racked.switch.port("nic-eth", number).id for number in (45, 48)]
    ends = [[{"object_type": "dcim.interface", "object_id": id_}] for id_ in ids]
    return {"a_terminations": ends[0], "b_terminations": ends[1]}


def pool(racked: Racked) -> int:
    return int(racked.client.list("extras/config-contexts", name=racked.world.pool.name)[0]["id"])


def about(object_type: str, id_: int) -> dict[str, Any]:
    return {"assigned_object_type": object_type, "assigned_object_id": id_, "comments": "x"}


def test_what_is_none_of_its_business(racked: Racked, token: str, netbox_server: NetBoxServer) -> None:
    changes = racked.world.changes()
    for what, act in FORBIDDEN.items():
        with Client(Settings(netbox_server.api_url, token)) as limited, pytest.raises(REFUSED):
            raise AssertionError(what, act(limited, racked))
    assert racked.world.changes() == changes


def events(metrics: Mapping[tuple[str, ...], float]) -> Counter[str]:
    """What became of them."""
    return Counter({name[1]: int(n) for name, n in metrics.items() if name[0] == "clusto_snmp_events_total" and n})


def test_a_finding_that_may_not_be_written(plugs: Plugs, racked: Racked) -> None:
    mac = racked.mac()
    server = Server(f"{racked.rack.name}-spare", driver="penguinserver", datacenter=racked.world.datacenter)
    server.set_port_attr("nic-eth", 1, "mac", mac)
    server.connect_ports("nic-eth", 1, racked.switch, 47)
    rule = f"clusto snmptrapd report snmptrapd-{racked.world.run}"
    [permission] = racked.client.list("users/permissions", name=rule)
    moved = ("clusto_snmp_findings_total", "moved")
    before = plugs.daemon.metrics()
    racked.client.update("users/permissions", permission["id"], {"enabled": False})
    for _ in range(2):
        plugs.learnt((mac, 35))
        plugs.settle()
    racked.client.update("users/permissions", permission["id"], {"enabled": True})
    plugs.told(mac, f"it is that of server '{server.name}', interface eth0, connected to {racked.switch.name}")
    told = [line for line in plugs.daemon.lines() if "are only logged, not written" in line["message"]]
    assert len(told) == 1
    after = plugs.daemon.metrics()
    assert after[moved] == before[moved] + 2
    assert events(after) == events(before) + Counter(ignored=4)
    assert racked.entries(server) == []
    plugs.learnt((mac, 35))
    plugs.settle()
    assert [kind for kind, _ in racked.entries(server)] == ["warning"]
