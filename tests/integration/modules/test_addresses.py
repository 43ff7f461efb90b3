# SPDX-License-Identifier: BSD-2-Clause
"""IP managers with ranges and in VRFs; bindings one by one and in lists: rehearsed, run, repeated; refused."""

from __future__ import annotations

import ipaddress
import random

import pytest

from clusto.core.errors import UnavailableError
from clusto.drivers import BasicServer, IPManager, Session
from clusto.drivers.lost import TRIES
from clusto.ensure.ip_binding import EnsureIPBinding
from clusto.ensure.task import perform
from clusto.netbox.client import Client, Settings
from tests.integration.proxy import Proxy, cut, lose, refuse


@pytest.fixture
def net():
    """A /24 that no other test has taken, but for one chance in a million."""
    return ipaddress.ip_network((random.randrange(10 << 16, 11 << 16) << 8, 24))


@pytest.fixture
def vrf(client, unique):
    name = unique("vrf")
    client.create("ipam/vrfs", {"name": name, "rd": unique("rd"), "enforce_unique": False})
    return name


def test_ranges_and_vrf_of_an_ip_manager(modules, unique, net, vrf):
    name, ranges = unique("subnet"), [f"{net[50]}-{net[59]}", f"{net[20]}-{net[20]}"]
    made = modules.do("ip_manager", name=name, prefix=str(net), vrf=vrf, gateway=str(net[1]), ranges=ranges)
    assert (made["entity"]["vrf"], made["entity"]["ranges"]) == (vrf, ranges[::-1])
    again = modules.run("ip_manager", name=name, vrf=vrf, ranges=[str(net[20]), ranges[0]])
    assert again["changed"] is False
    server = unique("ex")
    modules.run("server", name=server)
    assert modules.do("ip_binding", entity=server, ip_manager=name, osport="eth0")["ips"] == [str(net[20])]
    assert modules.do("ip_manager", name=name, ranges=[f"{net[7]}-{net[9]}"])["changed"]
    assert modules.do("ip_binding", entity=server, ip_manager=name, osport="eth1")["ips"] == [str(net[7])]
    assert modules.do("ip_manager", name=name, ranges=[])["entity"]["ranges"] == []
    assert modules.do("ip_binding", entity=server, ip_manager=name, osport="bond0")["ips"] == [str(net[2])]
    for options, message in [
        ({"vrf": ""}, f"is in VRF {vrf!r}; it cannot move to the global table, for its addresses would stay behind"),
        ({"vrf": "nosuch"}, "NetBox has no VRF with the name or RD 'nosuch'"),
        ({"ranges": [f"{net[9]}-{net[3]}"]}, f"{net[3]} comes before {net[9]}"),
        ({"ranges": [f"{net[3]}-{net[9]}", f"{net[9]}-{net[12]}"]}, "overlap"),
        ({"ranges": [f"{net[0]}-{net[9]}"]}, f"{net[0]} is not in {net}; expected {net[1]} to {net[254]}"),
        ({"prefix": "10.255.255.0/24"}, "it cannot become 10.255.255.0/24, for its addresses would be in no subnet"),
    ]:
        assert message in modules.refuse("ip_manager", name=name, **options)
    assert "is that of IP manager" in modules.refuse("ip_manager", name=unique("no"), prefix=str(net), vrf=vrf)
    modules.do("ip_manager", name=unique("global"), prefix=str(net))  # is no conflict


def test_a_list_of_bindings(modules, client, unique, net, vrf):
    names = [unique(f"ex{n}") for n in range(3)]
    for name in names:
        modules.run("server", name=name)
    one, other = unique("subnet"), unique("lab")
    modules.run("ip_manager", name=one, prefix=str(net), gateway=str(net[1]))
    modules.run("ip_manager", name=other, prefix=str(net), vrf=vrf)
    free = client.create("ipam/ip-addresses", {"address": f"{net[30]}/24"})
    items = [
        {"entity": names[0], "ip_manager": one, "osport": "eth0"},
        {"entity": names[0], "ip_manager": one, "osport": "eth0"},
        {"entity": names[1], "ip": str(net[2]), "vrf": "", "osport": "bond0"},
        {"entity": names[1], "ip": str(net[2]), "ip_manager": other, "osport": "bond0"},
        {"entity": names[2], "ip": str(net[30]), "ip_manager": one, "osport": "ipmi"},
        {"entity": names[2], "ip_manager": other, "osport": "eth1"},
    ]
    made = modules.do("ip_binding", bindings=items)
    assert made["ips"] == [str(net[n]) for n in (3, 4, 2, 2, 30, 1)]
    assert [entity["name"] for entity in made["entities"]] == names
    assert made["diff"]["after"][names[1]] == {
        "ips": [{"ip": str(net[2]), "osport": "bond0"}, {"ip": str(net[2]), "osport": "bond0", "vrf": vrf}]
    }
    [device] = client.list("dcim/devices", name=names[2])
    assert (device["oob_ip"]["id"], device["primary_ip4"]) == (free["id"], None)
    message = modules.refuse("ip_binding", entity=names[0], ip=str(net[9]), osport="eth0")
    assert f"is in the subnets of several IP managers: {one} ({net}), {other} ({net} in VRF '{vrf} " in message
    assert modules.do("ip_binding", entity=names[1], ip=str(net[2]), vrf=vrf, state="absent")["entity"]["ips"] == [
        {"ip": str(net[2]), "osport": "bond0"}
    ]
    gone = modules.do("ip_binding", bindings=[{"entity": name, "ip_manager": one} for name in names], state="absent")
    assert [entity["ips"] for entity in gone["entities"]] == [
        [],
        [],
        [{"ip": str(net[1]), "osport": "eth1", "vrf": vrf}],
    ]


def test_what_is_not_there_is_free(modules, unique, net):
    """Neither the address, the server, the IP manager nor the VRF need be there: that is no error."""
    server, manager, nothing = unique("ex"), unique("subnet"), unique("nothing")
    modules.run("server", name=server)
    modules.run("ip_manager", name=manager, prefix=str(net))
    for options in (
        {"entity": nothing, "ip": str(net[9])},
        {"entity": server, "ip": str(net[9])},
        {"entity": server, "ip_manager": nothing},
        {"entity": server, "ip_manager": manager, "osport": "nosuch0"},
        {"entity": server, "ip": str(net[9]), "vrf": nothing},
    ):
        gone = modules.do("ip_binding", state="absent", **options)
        assert (gone["changed"], gone["ips"], gone["diff"]["after"]) == (False, [], {"ips": []})
        assert (gone["entity"] is None) == (options["entity"] == nothing)
    items = [{"entity": name, "ip_manager": one} for name in (server, nothing) for one in (manager, nothing)]
    gone = modules.do("ip_binding", bindings=items, state="absent")
    assert (gone["changed"], [entity["name"] for entity in gone["entities"]]) == (False, [server])
    assert modules.do("ip_manager", name=nothing, state="absent")["changed"] is False
    modules.refuse("ip_binding", entity=nothing, ip=str(net[9]), osport="eth0")


def test_a_list_is_refused_as_a_whole(modules, unique, net):
    names = [unique(f"ex{n}") for n in range(2)]
    for name in names:
        modules.run("server", name=name)
    manager, small = unique("subnet"), unique("small")
    modules.run("ip_manager", name=manager, prefix=str(net), gateway=str(net[1]))
    modules.run("ip_manager", name=small, prefix=f"{net[64]}/31")
    items = [
        {"entity": names[0], "ip": str(net[9]), "osport": "eth0"},
        {"entity": names[1], "ip": str(net[9]), "osport": "eth0"},
        {"entity": names[0], "ip": str(net[1]), "osport": "eth0"},
        {"entity": names[0], "ip": "10.1.2.300", "osport": "eth0"},
        {"entity": unique("nobody"), "ip": str(net[10]), "osport": "eth0"},
        {"entity": names[0], "ip": str(net[64]), "ip_manager": manager, "osport": "eth0"},
        {"entity": names[0], "ip_manager": manager, "osport": "bond0"},
    ]
    assert "bindings[3] " in modules.refuse("ip_binding", bindings=items)
    items[3]["ip"] = str(net[255])
    assert "bindings[4] " in modules.refuse("ip_binding", bindings=items)
    items[4]["entity"] = manager
    assert "bears no addresses" in modules.refuse("ip_binding", bindings=items)
    items[4]["entity"] = names[1]
    answer = modules.run("ip_binding", bindings=items)
    assert [error["index"] for error in answer["errors"]] == [1, 2, 3, 5]
    for error, message in zip(
        answer["errors"],
        [
            f"IP address {net[9]} is asked for by bindings[0] ({names[0]} eth0 {net[9]}) too",
            f"{net[1]} is its gateway",
            f"{net[255]} is not in {net}; expected {net[1]} to {net[254]}",
            f"{net[64]} belongs to IP manager {small!r}",
        ],
        strict=True,
    ):
        assert message in error["msg"]
    short = [{"entity": name, "ip_manager": small, "osport": "eth0"} for name in (*names, names[0])]
    answer = modules.run("ip_binding", bindings=short)
    assert [error["index"] for error in answer["errors"]] == [2]
    assert f"3 addresses wanted, 2 free in {net[64]}/31" in answer["msg"]
    for name in names:
        [entity] = modules.run("entity_info", entity=name)["entities"]
        assert (entity["ips"], [port["name"] for port in entity["ports"]["nic-eth"]]) == ([], ["eth0", "eth1"])


@pytest.mark.parametrize(
    "options",
    [
        {"bindings": [{"entity": "a", "ip": "10.0.0.1", "osport": "eth0"}], "entity": "a"},
        {"bindings": [{"entity": "a", "osport": "eth0"}]},
        {"bindings": [{"entity": "a", "ip": "10.0.0.1"}]},
        {"entity": "a", "ip": "10.0.0.1"},
        {"ip": "10.0.0.1", "osport": "eth0"},
    ],
)
def test_options_that_say_too_little_or_too_much(modules, options):
    assert modules.refuse("ip_binding", **options)


def test_a_list_that_was_broken_off_is_completed_by_its_repeat(netbox_server, client, unique, net):
    """And nothing is bound twice, nor does a longer list need more requests."""
    servers = [BasicServer(unique(f"ex{n}"), session=Session(client)).name for n in range(4)]
    manager = IPManager(unique("subnet"), prefix=str(net), session=Session(client)).name
    items = [
        {"entity": name, "ip": ip, "ip_manager": manager, "osport": osport, "vrf": None}
        for name in servers
        for ip, osport in ((None, "eth0"), (None, "bond0"), (str(net[100 + int(name[2])]), "eth1"))
    ]

    def bind(count=None):
        before = len(proxy.seen)
        changed = perform(EnsureIPBinding(session=through, bindings=items[:count])).changed
        return changed, len(proxy.seen) - before

    with (
        Proxy(netbox_server.api_url) as proxy,
        Session(Client(Settings(proxy.url, netbox_server.token))) as through,
    ):
        for fault, path, times in (
            (cut, "dcim/interfaces", 1),
            (refuse(500), "ipam/ip-addresses", TRIES),
            (lose, "dcim/interfaces", 1),
        ):
            for _ in range(times):
                proxy.on(fault, "POST", path)
            with pytest.raises(UnavailableError):
                bind()
            assert proxy.waiting == 0
        proxy.on(lose, "POST", "ipam/ip-addresses")  # NetBox did all of it, and that is found
        assert bind()[0] is True
        requests = {bind(count) for count in (3, 6, None)}
    assert len(requests) == 1
    assert requests.pop()[0] is False
    found = client.list("ipam/ip-addresses", parent=str(net))
    assert len(found) == len({record["address"] for record in found}) == len(items)
    assert len({(r["assigned_object_id"], r["address"]) for r in found}) == len(items)
