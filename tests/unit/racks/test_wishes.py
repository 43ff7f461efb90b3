# SPDX-License-Identifier: BSD-2-Clause
"""What a layout comes to in one rack, without a NetBox."""

from __future__ import annotations

from typing import Any

import pytest

from clusto.core.errors import InvalidError, NotFoundError
from clusto.core.layout_reading import parse
from clusto.drivers import Rack, Session
from clusto.netbox.client import Client, Settings
from clusto.racks import Arrival, RackFactory
from clusto.racks.addresses import resolve
from clusto.racks.arrivals import Guest
from clusto.racks.wishes import Wishes

DOCUMENT: dict[str, Any] = {
    "devices": [
        {
            "suffix": "sw1",
            "driver": "cisco4948",
            "ru": 36,
            "ips": [{"osport": "Vlan442", "dns": "{datacenter}.example.com."}],
        },
        {
            "suffix": "pwr1",
            "driver": "powertowerxm",
            "ru": [41],
            "ips": [{"osport": "nic0", "number": 1, "ip_manager": "mgmt-{rack}"}],
            "pools": ["of-{datacenter}"],
            "attributes": {"a": 1},
        },
    ],
    "cables": [
        {"a": {"device": "pwr1", "number": 1}, "b": {"device": "sw1", "number": 44}, "cable": {"label": "x"}},
        {"a": {"entity": "core-{datacenter}", "name": "xe1"}, "b": {"device": "sw1", "number": 48}},
    ],
    "servers": {"driver": "PenguinServer", "ips": [{"osport": "eth0", "ip_manager": "servers"}]},
    "switchports": {
        "1-2": {
            "ru": "1-2",
            "name_manager": "names-{rack}",
            "ports": [
                {"number": 1, "connected_to": {"device": "sw1", "number": "1-2"}},
                {"number": 2, "connected_to": {"device": "sw1", "number": "21-22"}},
                {"type": "pwr-nema-5", "name": "psu1", "connected_to": {"device": "pwr1", "name": "aa1-aa2"}},
            ],
        },
        "3": {"ru": 3, "ports": [{"number": 1, "connected_to": {"device": "sw1", "number": 3}}]},
    },
}
DNS = {"r1-sw1.dc1.example.com": ["192.0.2.1", "2001:db8::1"]}
NAMED = {"id": 1, "name": "r1", "site": {"id": 1, "name": "dc1", "slug": "dc1"}, "location": None, "custom_fields": {}}


@pytest.fixture
def wishes() -> Wishes:
    client = Client(Settings("http://netbox.invalid", "0" * 40))
    return Wishes(Rack.from_record(Session(client), NAMED), parse("test", DOCUMENT), DNS.__getitem__)


def test_devices_and_the_cables_that_begin_at_them(wishes: Wishes) -> None:
    switch, strip = (wishes.device(device) for device in wishes.layout.devices)
    common = {"rack": "r1", "datacenter": "dc1", "stays": True}
    assert switch == common | {
        "name": "r1-sw1",
        "type": "networkswitch",
        "driver": "cisco4948",
        "ru": [36],
        "ips": [{"type": "nic-eth", "osport": "Vlan442", "ip": ip} for ip in ("192.0.2.1", "2001:db8::1")],
        "pools": None,
        "attributes": None,
        "ports": [
            {
                "type": "nic-eth",
                "number": 48,
                "connected_to": {"entity": "core-dc1", "type": "nic-eth", "name": "xe1", "cable": {}},
            }
        ],
    }
    assert strip["ips"] == [{"type": "nic-eth", "osport": "nic0", "number": 1, "ip_manager": "mgmt-r1"}]
    assert (strip["type"], strip["pools"], strip["attributes"]) == ("powerstrip", ["of-dc1"], {"a": 1})
    assert strip["ports"] == [
        {
            "type": "nic-eth",
            "number": 1,
            "connected_to": {"entity": "r1-sw1", "type": "nic-eth", "number": 44, "cable": {"label": "x"}},
        }
    ]


def guest(wishes: Wishes, *arrivals: Arrival) -> Guest:
    slot, _ = wishes.layout.at(arrivals[0].switchport)
    found = Guest(slot)
    for arrival in arrivals:
        found.add(arrival, wishes.layout.at(arrival.switchport)[1])
    return found


def test_a_server_with_the_mac_addresses_of_both_its_nics(wishes: Wishes) -> None:
    told = guest(
        wishes, Arrival(switchport=22, mac="02:00:00:00:00:22"), Arrival(switchport=2, mac="02:00:00:00:00:02")
    )
    server = wishes.server(told)
    assert (server["type"], server["driver"], server["ru"]) == ("server", "penguinserver", [2])
    assert (server["name_manager"], server.get("name")) == ("names-r1", None)
    assert server["called"] == "switch port 2 with MAC address 02:00:00:00:00:22 and 02:00:00:00:00:02"
    assert [(port.get("number"), port.get("name"), port["mac"]) for port in server["ports"]] == [
        (1, None, "02:00:00:00:00:02"),
        (2, None, "02:00:00:00:00:22"),
        (None, "psu1", None),
    ]
    assert [port["connected_to"]["entity"] for port in server["ports"]] == ["r1-sw1", "r1-sw1", "r1-pwr1"]
    named = wishes.server(guest(wishes, Arrival(switchport=1, name="db1"), Arrival(switchport=21, name="db1")))
    assert (named["name"], {"name_manager", "called"} & named.keys()) == ("db1", set())
    other = wishes.server(guest(wishes, Arrival(switchport=3, name_manager="others")))
    assert other["name_manager"] == "others"


def test_what_a_server_lacks(wishes: Wishes) -> None:
    with pytest.raises(
        InvalidError, match="switch port 3 has no name: expected name or name_manager, for layout 'test'"
    ):
        wishes.server(guest(wishes, Arrival(switchport=3)))
    with pytest.raises(InvalidError, match="switch port 1: name 'b', and 'a' at another of its ports"):
        guest(wishes, Arrival(switchport=1, name="a"), Arrival(switchport=21, name="b"))
    by_dns = {**DOCUMENT, "servers": {"driver": "s", "ips": [{"osport": "eth0", "dns": "example.com"}]}}
    unnamed = Wishes(wishes.rack, parse("test", by_dns), DNS.__getitem__)
    with pytest.raises(InvalidError, match="switch port 1: its address comes from DNS, for its name; expected name"):
        unnamed.server(guest(unnamed, Arrival(switchport=1)))


def test_a_device_of_a_driver_without_a_class_needs_a_type(wishes: Wishes) -> None:
    document = {
        "devices": [
            {"suffix": "fw1", "driver": "acme-wall"},
            {"suffix": "fw2", "driver": "acme-wall", "type": "firewall"},
        ]
    }
    walls = Wishes(wishes.rack, parse("walls", document), DNS.__getitem__)
    with pytest.raises(InvalidError, match="'walls', device fw1: driver 'acme-wall' has no class; expected type too"):
        walls.device(walls.layout.devices[0])
    assert walls.device(walls.layout.devices[1])["type"] == "firewall"


def test_what_a_module_is_given() -> None:
    assert Arrival.of({"switchport": "7", "mac": "x"}) == Arrival(switchport=7, mac="x")
    assert Arrival.of({"switchport": "Gi1/0/7", "name": "a"}).switchport == "Gi1/0/7"
    with pytest.raises(InvalidError, match="switchport '1-2': expected one port"):
        Arrival.of({"switchport": "1-2"})


def test_names_are_resolved_by_this_machine() -> None:
    assert resolve("127.0.0.1") == ["127.0.0.1"]
    assert "127.0.0.1" in resolve("localhost")
    with pytest.raises(NotFoundError, match=r"DNS has no address of nosuch\.invalid: "):
        resolve("nosuch.invalid")


def test_a_layout_has_one_class() -> None:
    class Mine(RackFactory):
        layout = "test-of-mine"

    assert Mine.layout == "test-of-mine"
    with pytest.raises(
        InvalidError, match=r"layout 'test-of-mine' is that of two factories, .*Mine and .*Other; expected"
    ):
        type("Other", (RackFactory,), {"layout": "test-of-mine"})
