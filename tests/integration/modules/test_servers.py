# SPDX-License-Identifier: BSD-2-Clause
"""Servers, IP managers and bindings: made, changed, deleted; rehearsed, run, repeated; refused."""

from __future__ import annotations

import ipaddress
import random

import pytest


@pytest.fixture
def net():
    """A /24 that no other test has taken, but for one chance in a million."""
    return ipaddress.ip_network((random.randrange(10 << 16, 11 << 16) << 8, 24))


@pytest.fixture
def mac():
    return lambda: ":".join(["02", *(f"{random.randrange(256):02x}" for _ in range(5))])


@pytest.fixture
def manager(modules, unique, net):
    """An IP manager of this test's own, with the first address as its gateway; its name."""
    name = unique("subnet")
    made = modules.run("ip_manager", name=name, prefix=str(net), gateway=str(net[1]))
    assert made["changed"]
    return name


@pytest.fixture
def rack(modules, unique):
    """A rack of 10 units in a datacenter of its own; its name."""
    datacenter, name = unique("dc"), unique("rack")
    modules.run("datacenter", name=datacenter)
    assert modules.run("rack", name=name, datacenter=datacenter, max_u=10)["changed"]
    return name


def test_ip_manager(modules, unique, net):
    name = unique("subnet")
    made = modules.do("ip_manager", name=name, baseip=str(net[0]), netmask=str(net.netmask), attributes={"vlan": 7})
    assert made["diff"]["after"] == {
        "name": name,
        "driver": "ipmanager",
        "prefix": str(net),
        "vrf": None,
        "gateway": None,
        "ranges": [],
        "adopted": False,
        "attributes": {"vlan": 7},
    }
    assert modules.do("ip_manager", name=name, gateway=str(net[1]))["entity"]["gateway"] == str(net[1])
    assert modules.do("ip_manager", name=name, prefix=str(net), gateway="")["entity"]["gateway"] is None
    assert "cannot become" in modules.refuse("ip_manager", name=name, prefix="10.255.255.0/24")
    assert f"is that of IP manager {name!r}" in modules.refuse("ip_manager", name=unique("other"), prefix=str(net))
    modules.do("ip_manager", name=name, state="absent")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "expected either prefix, or baseip and netmask"),
        ({"prefix": "10.1.2.3/24"}, "10.1.2.3 is inside the subnet, expected its first address 10.1.2.0"),
        ({"baseip": "10.1.2.0", "netmask": "255.0.255.0"}, "'255.0.255.0' is no netmask"),
        ({"baseip": "10.1.2.300", "netmask": "255.255.255.0"}, "'10.1.2.300' is no IP address"),
        ({"prefix": "10.254.253.0/24", "gateway": "10.9.9.9"}, "gateway 10.9.9.9 is not in 10.254.253.0/24"),
    ],
)
def test_an_ip_manager_is_refused(modules, unique, options, message):
    assert message in modules.refuse("ip_manager", name=unique("subnet"), **options)


def test_server(modules, unique, net, manager, rack, mac):  # noqa: PLR0913, PLR0917 - fixtures
    name, pool, address = unique("ex"), unique("pool"), mac()
    modules.run("pool", name=pool)
    made = modules.do(
        "server",
        name=name,
        rack=rack,
        ru=3,
        pools=[pool],
        ports=[{"number": 1, "mac": address.replace(":", "-").upper()}],
        ips=[{"ip": str(net[50]), "osport": "eth0"}, {"ip_manager": manager, "osport": "eth0"}],
        attributes={"role": "web"},
    )
    assert made["diff"]["before"] == {}
    assert made["diff"]["after"] == {
        "name": name,
        "driver": "basicserver",
        "datacenter": made["entity"]["datacenter"],
        "locations": [],
        "rack": rack,
        "units": [3],
        "macs": {"eth0": address},
        "ips": [{"ip": str(net[2]), "osport": "eth0"}, {"ip": str(net[50]), "osport": "eth0"}],
        "pools": [pool],
        "attributes": {"role": "web"},
    }
    assert made["entity"]["ports"]["nic-eth"][0]["attributes"] == {"mac": address}
    moved = modules.do("server", name=name, ru=[7])
    assert {k for k in moved["diff"]["before"] if moved["diff"]["before"][k] != moved["diff"]["after"][k]} == {"units"}
    one = [{"ip_manager": manager, "osport": "eth1"}]
    assert modules.do("server", name=name, ips=one, ips_mode="exact")["diff"]["after"]["ips"] == [
        {"ip": str(net[3]), "osport": "eth1"}
    ]
    out = modules.do("server", name=name, rack="", pools=[pool], pools_mode="remove")
    assert (out["entity"]["rack"], out["entity"]["units"], out["entity"]["pools"]) == (None, [], [])
    assert "cannot be deleted" in modules.refuse("ip_manager", name=manager, state="absent")
    modules.do("server", name=name, state="absent")
    modules.do("ip_manager", name=manager, state="absent")


def test_a_server_of_two_units(modules, unique, rack):
    name = unique("big")
    made = modules.do("server", name=name, driver="PenguinServer2U", rack=rack, ru=[4, 5])
    assert made["entity"]["units"] == [4, 5]
    for ru, message in [
        ([4, 6], "units 4, 6 are not adjacent"),
        ([10], "unit 11 is outside the rack; expected 1 to 10"),
        ([1, 2, 3], "3 units given (1, 2, 3); it is 2 units high"),
    ]:
        assert message in modules.refuse("server", name=name, ru=ru)
    assert "unit 5 is occupied by" in modules.refuse("server", name=unique("other"), rack=rack, ru=5)
    assert "unit 5 is occupied by" in modules.refuse("rack", name=rack, max_u=4)
    assert f"rack {rack!r} cannot be deleted" in modules.refuse("rack", name=rack, state="absent")
    assert "cannot become" in modules.refuse("server", name=name, driver="basicserver")


def test_a_server_is_refused_and_not_made(modules, unique, net, manager, rack, mac):  # noqa: PLR0913, PLR0917 - fixtures
    name, other, address = unique("ex"), unique("other"), mac()
    assert modules.run(
        "server", name=other, ports=[{"number": 1, "mac": address}], ips=[{"ip": str(net[9]), "osport": "eth0"}]
    )["changed"]
    for options, message in [
        ({"ports": [{"number": 1, "mac": "00:11:22"}]}, "'00:11:22' is no MAC address"),
        ({"ports": [{"number": 1, "mac": address}]}, f"MAC address {address} is borne by {other}, interface eth0"),
        ({"ports": [{"number": 3, "mac": mac()}]}, "has no port 3; it has eth0, eth1"),
        ({"ports": [{"type": "usb", "number": 1, "mac": mac()}]}, "no port type 'usb'"),
        ({"ips": [{"ip": str(net[9]), "osport": "eth0"}]}, f"IP address {net[9]} is bound to {other}, interface eth0"),
        ({"ips": [{"ip": "10.1.2", "osport": "eth0"}]}, "'10.1.2' is no IP address"),
        ({"ips": [{"ip": str(net[1]), "osport": "eth0"}]}, f"{net[1]} is its gateway"),
        ({"ips": [{"ip": "198.51.100.7", "osport": "eth0"}]}, "198.51.100.7 is in the subnet of no IP manager"),
        (
            {"ips": [{"ip": "198.51.100.7", "ip_manager": manager, "osport": "eth0"}]},
            f"IP address 198.51.100.7 is not in {net}",
        ),
        ({"driver": "nosuchdriver"}, "driver 'nosuchdriver': expected one device type with that slug"),
        ({"ru": 3}, "ru 3 without a rack"),
        ({"rack": rack}, "without a unit; expected ru too"),
        ({"rack": unique("norack"), "ru": 1}, "there is no rack"),
    ]:
        assert message in modules.refuse("server", name=name, **options)
    assert modules.run("entity_info", entity=name)["entities"] == []


def test_ip_binding(modules, unique, net, manager):
    name = unique("ex")
    modules.run("server", name=name)
    bound = modules.do("ip_binding", entity=name, ip=str(net[50]), osport="eth0")
    assert bound["ips"] == [str(net[50])]
    assert bound["diff"] == {"before": {"ips": []}, "after": {"ips": [{"ip": str(net[50]), "osport": "eth0"}]}}
    counted = modules.run("ip_binding", entity=name, ip_manager=manager, osport="eth0")
    assert (counted["changed"], counted["ips"]) == (False, [str(net[50])])
    assert modules.do("ip_binding", entity=name, ip_manager=manager, osport="bond0")["ips"] == [str(net[2])]
    message = modules.refuse("ip_binding", entity=name, ip=str(net[50]), osport="eth1")
    assert f"IP address {net[50]} is on eth0 of this server, not on eth1" in message
    modules.do("ip_binding", entity=name, ip_manager=manager, osport="bond0", state="absent")
    gone = modules.do("ip_binding", entity=name, ip=str(net[50]), state="absent")
    assert (gone["ips"], gone["entity"]["ips"]) == ([], [])
    assert "bears no addresses" in modules.refuse("ip_binding", entity=manager, ip=str(net[50]), osport="eth0")
