# SPDX-License-Identifier: BSD-2-Clause
from __future__ import annotations

import re

import pytest

from clusto.core.errors import InvalidError, NotFoundError
from clusto.mirror.inventory import Inventory
from clusto.mirror.listing import Connection, Filter, Group, Groups, connected, host_names, variables
from clusto.mirror.model import Address, Host, Location, Pool, Port, Rack, Site

SV3, NY1 = Site(1, "sv3", "sv3"), Site(2, "ny1", "ny1")
CAGE = Location(1, "cage-1", "cage-1", SV3)
ROW = Location(2, "row-1", "row-1", SV3, CAGE)
RACK = Rack(1, "r1", SV3, ROW)
POOLS = (
    Pool(1, "production", "pool", children=("web",)),
    Pool(2, "web", "pool", 1, parents=("production",)),
    Pool(3, "maintenance", "pool"),
)
WEB1 = Host(
    "device", 1, "web1", "server", "basicserver", "active", SV3, (CAGE, ROW), RACK, 7.0, ("web", "production")
)  # fmt: skip
WEB2 = Host("device", 2, "web2", "server", "penguinserver", "staged", SV3, pools=("web", "production", "maintenance"))
SWITCH = Host("device", 3, "sw1", "networkswitch", "cisco4948", "active", NY1)
MACHINE = Host("virtualmachine", 1, "vm1", None, None, "active")
HOSTS = (WEB1, WEB2, SWITCH, MACHINE)


def inventory(*hosts: Host, **more: object) -> Inventory:
    parts = {"pools": POOLS, "sites": (SV3, NY1), "locations": (CAGE, ROW), "racks": (RACK,)}
    return Inventory(api_url="http://netbox", loaded_at=0.0, hosts=hosts, **{**parts, **more})


def safe(name: str) -> str:
    return re.sub(r"\W", "_", name)


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({}, HOSTS),
        ({"pools": ["web"]}, (WEB1, WEB2)),
        ({"pools": ["production", "-maintenance"]}, (WEB1,)),
        ({"pools": ["-production"]}, (SWITCH, MACHINE)),
        ({"pools": ["web", "maintenance"]}, (WEB2,)),
        ({"datacenters": ["sv3"]}, (WEB1, WEB2)),
        ({"datacenters": ["sv3", "ny1"]}, (WEB1, WEB2, SWITCH)),
        ({"types": ["networkswitch"]}, (SWITCH,)),
        ({"statuses": ["staged", "failed"]}, (WEB2,)),
        ({"virtual_machines": False}, (WEB1, WEB2, SWITCH)),
        ({"types": ["server"], "statuses": ["active"], "datacenters": ["sv3"]}, (WEB1,)),
        ({"names": ["sw1", "web*"]}, (WEB1, WEB2, SWITCH)),
        ({"names": ["[sv]??", "!vm1"]}, (SWITCH,)),
        ({"names": ["~.*1$", "!web1"]}, (SWITCH, MACHINE)),
        ({"names": ["!web*", "!nowhere"]}, (SWITCH, MACHINE)),
        ({"names": ["WEB1", "eb1", "web"]}, ()),
        ({"names": ["web?"], "statuses": ["staged"]}, (WEB2,)),
    ],
)
def test_filter(asked: dict[str, object], expected: tuple[Host, ...]) -> None:
    assert tuple(Filter(**asked).hosts(inventory(*HOSTS))) == expected


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"pools": ["-wbe"]}, "no pool 'wbe' in NetBox; expected one of maintenance, production, web"),
        ({"datacenters": ["sv4"]}, "no datacenter 'sv4' in NetBox; expected one of ny1, sv3"),
    ],
)
def test_filter_refuses_names_that_there_are_none_of(asked: dict[str, object], message: str) -> None:
    with pytest.raises(NotFoundError, match=f"^{re.escape(message)}$"):
        Filter(**asked).hosts(inventory(*HOSTS))


def test_filter_by_names_as_netbox_and_as_the_inventory_has_them() -> None:
    here = Host("device", 1, "web[1]", None, None, "active", SV3)
    there = Host("device", 2, "web[1]", None, None, "active", NY1)
    nameless = Host("device", 3, None, None, None, "active", NY1)
    among = inventory(here, there, nameless)
    for names, expected in (
        (["web[1]"], [here, there]),
        (["sv3/web[1]"], [here]),
        (["ny1/*"], [there]),
        (["device-*"], [nameless]),
    ):
        assert Filter(names=names).hosts(among) == expected
    assert Filter(names=["web*", "db*", "!~x.*"]).unmet(among) == [
        "no host is called 'db*'",
        "no host is called '!~x.*'",
    ]
    with pytest.raises(InvalidError, match=r"^names: '~\(' is no regular expression: missing \), unterminated"):
        Filter(names=["~("]).hosts(among)


def test_hosts_of_one_name_are_told_apart_by_datacenter_then_by_id() -> None:
    here = Host("device", 1, "web1", None, None, "active", SV3)
    there = Host("device", 2, "web1", None, None, "active", NY1)
    machine = Host("virtualmachine", 2, "web1", None, None, "active", NY1)
    nameless = Host("device", 3, None, None, None, "active", NY1)
    alone = Host("device", 4, "db1", None, None, "active", NY1)
    assert host_names(inventory(here, there, machine, nameless, alone)) == {
        here: "sv3/web1",
        there: "web1-device-2",
        machine: "web1-virtualmachine-2",
        nameless: "device-3",
        alone: "db1",
    }


def test_groups_nest_and_a_host_is_put_into_the_innermost() -> None:
    groups = Groups(inventory(*HOSTS), safe)
    assert [groups.name(group) for group in groups.of(WEB1)] == [
        "pool_web",
        "rack_r1",
        "type_server",
        "driver_basicserver",
    ]
    assert groups.above(Group("pool", "web")) == [Group("pool", "production")]
    assert groups.above(Group("rack", 1)) == [Group("location", 2)]
    assert groups.above(Group("location", 2)) == [Group("location", 1)]
    assert groups.above(Group("location", 1)) == [Group("datacenter", 1)]
    assert groups.above(Group("datacenter", 1)) == []
    assert groups.name(Group("location", 1)) == "location_cage_1"


def test_host_without_a_rack_is_in_its_location_or_datacenter() -> None:
    groups = Groups(inventory(*HOSTS), safe)
    standing = Host("device", 5, "cooler", None, None, "active", SV3, (CAGE,))
    assert groups.of(standing) == [Group("location", 1)]
    assert groups.of(SWITCH)[0] == Group("datacenter", 2)
    assert groups.of(MACHINE) == []


def test_host_in_a_location_and_in_a_rack_elsewhere_is_in_both() -> None:
    bare = Rack(2, "r2", SV3)
    groups = Groups(inventory(racks=(RACK, bare)), safe)
    odd = Host("device", 5, "odd", None, None, "active", SV3, (CAGE,), bare)
    assert groups.of(odd) == [Group("rack", 2), Group("location", 1)]
    assert groups.above(Group("rack", 2)) == [Group("datacenter", 1)]


def test_groups_that_would_be_one_get_names_of_their_own() -> None:
    racks = (RACK, Rack(2, "r1", NY1), Rack(3, "r-1", NY1), Rack(4, "r_1", NY1))
    pools = (Pool(1, "web-1", "pool"), Pool(2, "web_1", "pool"))
    groups = Groups(inventory(racks=racks, pools=pools), safe)
    assert [groups.name(Group("rack", n)) for n in (1, 2, 3, 4)] == [
        "rack_sv3_r1",
        "rack_ny1_r1",
        "rack_r_1_3",
        "rack_r_1_4",
    ]
    assert [groups.name(Group("pool", n)) for n in ("web-1", "web_1")] == ["pool_web_1_1", "pool_web_1_2"]


def test_variables() -> None:
    eth0 = Port(
        1,
        "eth0",
        "1000base-t",
        label="left",
        macs=("00:11:22:33:44:55",),
        lag=2,
        addresses=(Address(1, "10.0.0.5", 24, "active"),),
    )
    bond0 = Port(2, "bond0", "lag", addresses=(Address(2, "2001:db8::5", 64, "active"),))
    attributes = {"dhcp": {"enabled": 1}}
    host = Host(
        "device", 1, "web1", "server", "basicserver", "active", SV3, (CAGE, ROW), RACK, 7.0, ("web",), attributes,
        ports=(eth0, bond0),
    )  # fmt: skip
    assert variables(host) == {
        "ansible_host": "10.0.0.5",
        "clusto_attributes": {"dhcp": {"enabled": 1}},
        "clusto_type": "server",
        "clusto_driver": "basicserver",
        "clusto_status": "active",
        "clusto_pools": ["web"],
        "clusto_datacenter": "sv3",
        "clusto_locations": ["cage-1", "row-1"],
        "clusto_rack": "r1",
        "clusto_ru": 7,
        "clusto_ips": ["10.0.0.5", "2001:db8::5"],
        "clusto_ports": {
            "eth0": {
                "type": "1000base-t",
                "label": "left",
                "enabled": True,
                "mgmt_only": False,
                "macs": ["00:11:22:33:44:55"],
                "ips": ["10.0.0.5/24"],
                "lag": "bond0",
                "bridge": None,
                "parent": None,
            },
            "bond0": {
                "type": "lag",
                "label": "",
                "enabled": True,
                "mgmt_only": False,
                "macs": [],
                "ips": ["2001:db8::5/64"],
                "lag": None,
                "bridge": None,
                "parent": None,
            },
        },
    }


def test_connections_name_hosts_as_the_inventory_does() -> None:
    here = Host(
        "device", 1, "web1", None, None, "active", SV3, ports=(Port(1, "eth0", "1000base-t"), Port(2, "a", "x"))
    )
    there = Host("device", 2, "web1", None, None, "active", NY1)
    machine = Host("virtualmachine", 1, "vm1", None, None, "active", ports=(Port(1, "eth0", "virtual"),))
    ends = {1: Connection(2, "web1", "nic-eth", "eth7"), 2: Connection(None, None, "dcim.powerfeed", "feed")}
    found = connected(inventory(here, there, machine), ends)
    assert {name: port["connected_to"] for name, port in variables(here, found)["clusto_ports"].items()} == {
        "eth0": {"entity": "ny1/web1", "type": "nic-eth", "port": "eth7"},
        "a": {"entity": None, "type": "dcim.powerfeed", "port": "feed"},
    }
    # Interfaces of virtual machines number apart from those of devices.
    assert variables(machine, found)["clusto_ports"]["eth0"]["connected_to"] is None
    assert "connected_to" not in variables(here)["clusto_ports"]["eth0"]


def test_variables_of_a_host_that_has_nothing() -> None:
    assert {name for name, value in variables(MACHINE).items() if value} == {"clusto_status"}
    assert variables(Host("device", 1, "a", None, None, "active", unit=1.5))["clusto_ru"] == 1.5


V4, V6 = Address(1, "10.0.0.5", 24, "active"), Address(2, "2001:db8::5", 64, "active")
OTHER, OOB = Address(3, "10.0.0.6", 24, "active"), Address(4, "10.9.0.5", 24, "active")


@pytest.mark.parametrize(
    ("bound", "primaries", "expected"),
    [
        ((OTHER, V4), {"primary_ip4": V4, "primary_ip6": V6}, "10.0.0.5"),
        ((OTHER, V6), {"primary_ip6": V6}, "2001:db8::5"),
        ((OTHER, V4), {}, "10.0.0.6"),
        ((V6, V4), {}, "10.0.0.5"),
        ((V6,), {}, "2001:db8::5"),
        ((OOB, V4), {"oob_ip": OOB}, "10.0.0.5"),
        ((OOB,), {"oob_ip": OOB}, None),
        ((), {"primary_ip4": V4}, "10.0.0.5"),
        ((), {}, None),
    ],
)
def test_ansible_host(bound: tuple[Address, ...], primaries: dict[str, Address], expected: str | None) -> None:
    ipmi = Port(2, "ipmi", "1000base-t", mgmt_only=True, addresses=(Address(9, "10.9.0.9", 24, "active"),))
    host = Host(
        "device",
        1,
        "a",
        None,
        None,
        "active",
        ports=(ipmi, Port(1, "eth0", "1000base-t", addresses=bound)),
        **primaries,
    )
    assert variables(host).get("ansible_host") == expected
