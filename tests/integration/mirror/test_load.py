# SPDX-License-Identifier: BSD-2-Clause
from __future__ import annotations

import ipaddress
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest

from clusto.mirror.feed import Position
from clusto.mirror.inventory import Inventory
from clusto.mirror.load import load
from clusto.mirror.mirror import Mirror
from clusto.mirror.model import Host
from clusto.mirror.snapshot import Saved, restore, save
from clusto.netbox.client import Client, Settings

from ..conftest import NetBoxServer
from .world import World, build, mac_address


@pytest.fixture(scope="module")
def world(netbox_server: NetBoxServer) -> World:
    with Client(Settings(netbox_server.api_url, netbox_server.token)) as client:
        return build(client, uuid.uuid4().hex[:6])


@pytest.fixture(scope="module")
def inventory(netbox_server: NetBoxServer, world: World) -> Inventory:
    with Client(Settings(netbox_server.api_url, netbox_server.token)) as client:
        return load(client, 1.5)


@pytest.fixture(scope="module")
def web1(inventory: Inventory, world: World) -> Host:
    host = inventory.host("device", world.web1["id"])
    assert host is not None
    return host


def test_where_and_what_a_host_is(web1: Host, world: World) -> None:
    assert (web1.name, web1.type, web1.driver, web1.status) == (
        world.name("web1"), world.name("server"), f"model-{world.key}", "active",
    )  # fmt: skip
    assert web1.site is not None
    assert web1.site.name == world.name("sv3")
    assert [place.name for place in web1.locations] == [world.name("cage"), world.name("row")]
    assert web1.rack is not None
    assert web1.rack.name == world.name("r1")
    assert web1.rack.attributes == {"switch": "sw1", "level": "rack"}
    assert web1.unit == 7


def test_attributes_are_merged_from_all_around_and_pools_listed_innermost_first(web1: Host, world: World) -> None:
    assert web1.own == {"level": "own"}
    assert web1.attributes == {
        "ntp": "10.0.0.1",
        "from_role": True,
        "power": "B",
        "switch": "sw1",
        "dhcp": {"enabled": 1, "domain": "inner.example", "lease_time": 60},
        "level": "own",
    }
    assert web1.pools == (world.name("pxe"), world.name("production"), world.name("racked"))


def test_pools_nest(inventory: Inventory, world: World) -> None:
    inner, outer = inventory.pools[world.name("pxe")], inventory.pools[world.name("production")]
    assert (inner.depth, inner.parents, inner.driver) == (1, (outer.name,), "pool")
    assert (outer.depth, outer.children) == (0, (inner.name,))


def test_ports_are_in_natural_order_with_their_relations(web1: Host, world: World) -> None:
    bond0, br0, eth2, eth10, ipmi = web1.ports
    assert [port.name for port in web1.ports] == ["bond0", "br0", "eth2", "eth10", "ipmi"]
    assert (eth2.lag, eth10.lag, bond0.bridge) == (bond0.id, bond0.id, br0.id)
    assert eth2.macs == (mac_address(world.key, 2), mac_address(world.key, 1))
    assert (eth2.label, ipmi.mgmt_only, bond0.type) == ("second", True, "lag")
    six = ipaddress.ip_interface(f"2001:db8:{world.key[:4]}::50/64")
    assert [str(address) for address in web1.addresses_of(eth2)] == [f"{world.ip(50)}/24", str(six)]
    assert web1.oob_ip is ipmi.addresses[0]
    assert br0.addresses[0].dns_name == f"web1-{world.key}.example.org"


def test_look_ups(inventory: Inventory, web1: Host, world: World) -> None:
    assert inventory.by_mac(mac_address(world.key, 4).upper()) == (web1, web1.ports[-1])
    found = inventory.by_ip(world.ip(50))
    assert found is not None
    assert (found.host, found.port.name) == (web1, "br0")
    assert found.manager is not None
    assert (found.manager.name, found.manager.gateway) == (f"subnet-{world.key}", world.ip(1))
    assert {host.id for host in inventory.by_name(world.name("web1"))} == {world.web1["id"], world.web1_ny1["id"]}
    assert inventory.by_ip(world.ip(99)) is None


def test_virtual_machine(inventory: Inventory, world: World) -> None:
    machine = inventory.host("virtualmachine", world.machine["id"])
    assert machine is not None
    assert (machine.name, machine.type, machine.driver, machine.rack) == (world.name("vm1"), None, None, None)
    assert machine.primary_ip4 is machine.ports[0].addresses[0]
    assert machine.ports[0].type == "virtual"
    assert inventory.by_mac(mac_address(world.key, 5)) == (machine, machine.ports[0])
    assert machine.pools == (world.name("pxe"), world.name("production"))


def test_device_without_a_name_and_half_units(inventory: Inventory, world: World) -> None:
    nameless = inventory.host("device", world.nameless["id"])
    assert nameless is not None
    assert nameless.name is None
    assert nameless.pools == (world.name("pxe"), world.name("production"))
    half = inventory.host("device", world.web1_ny1["id"])
    assert half is not None
    assert half.unit == 1.5


def test_without_rack_level_the_merge_is_what_netbox_renders(
    client: Client, inventory: Inventory, world: World
) -> None:
    devices = [world.web1_ny1["id"], world.switch["id"], world.nameless["id"]]
    for record in client.list("dcim/devices", id=devices, fields="config_context"):
        host = inventory.host("device", record["id"])
        assert host is not None
        assert host.attributes == record["config_context"] != {}
    for record in client.list("virtualization/virtual-machines", id=[world.machine["id"]], fields="config_context"):
        host = inventory.host("virtualmachine", record["id"])
        assert host is not None
        assert host.attributes == record["config_context"] != {}


def test_snapshot_holds_all_of_it(inventory: Inventory, tmp_path: Path) -> None:
    saved = Saved(inventory, Position())
    save(saved, tmp_path / "mirror")
    assert restore(tmp_path / "mirror", inventory.api_url) == saved


READER = (
    *("extras.configcontext", "extras.tag", "tenancy.tenant", "virtualization.cluster", "core.objectchange"),
    *("dcim.region", "dcim.sitegroup", "dcim.site", "dcim.location", "dcim.rack", "dcim.devicerole", "dcim.platform"),
    *(
        "dcim.device",
        "dcim.interface",
        "dcim.macaddress",
        "virtualization.virtualmachine",
        "virtualization.vminterface",
    ),
    *("ipam.ipaddress", "ipam.prefix"),
)
"""What docs/inventory.md says that a token must be allowed to view."""


def test_token_that_may_only_view_what_the_documentation_says_is_enough(
    client: Client, world: World, unique: Callable[[str], str]
) -> None:
    name = unique("reader")
    user = client.create("users/users", {"username": name, "password": "Correct-Horse-7-Battery"})
    client.create(
        "users/permissions", {"name": name, "users": [user["id"]], "object_types": READER, "actions": ["view"]}
    )
    made = client.create("users/tokens", {"user": user["id"], "version": 1, "write_enabled": False})
    with Client(Settings(client.settings.api_url, made["token"])) as reader:
        mirror = Mirror(reader)
        found = mirror.start().host("device", world.web1["id"])
        assert found == load(client, 0.0).host("device", world.web1["id"])
        mirror.refresh()
        assert mirror.freshness.error is None
