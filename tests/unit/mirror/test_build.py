# SPDX-License-Identifier: BSD-2-Clause
"""Records as NetBox 4.7 gives them, the odd ones too."""

from __future__ import annotations

from typing import Any

import pytest

from clusto.core.merge import CRITERIA
from clusto.mirror.build import build
from clusto.mirror.inventory import Inventory
from clusto.mirror.load import HOSTS, QUERIES
from clusto.mirror.model import Address, Host, Manager
from clusto.netbox.records import Surroundings

Record = dict[str, Any]


def device(device_id: int, **fields: Any) -> Record:
    bare = {
        "id": device_id,
        "name": f"web{device_id}",
        "device_type": {"id": 1, "model": "basicserver"},
        "role": {"id": 1, "slug": "server"},
        "status": {"value": "active", "label": "Active"},
        "tags": [],
    }
    missing = ("tenant", "platform", "site", "location", "rack", "position", "cluster", "local_context_data")
    return {**dict.fromkeys((*missing, "primary_ip4", "primary_ip6", "oob_ip")), **bare, **fields}


def machine(machine_id: int, **fields: Any) -> Record:
    bare = {"id": machine_id, "name": f"vm{machine_id}", "status": {"value": "staged", "label": "Staged"}, "tags": []}
    missing = ("role", "tenant", "platform", "site", "cluster", "local_context_data", "primary_ip4", "primary_ip6")
    return {**dict.fromkeys(missing), **bare, **fields}


def interface(interface_id: int, device_id: int, name: str, **fields: Any) -> Record:
    bare = {"id": interface_id, "device": {"id": device_id}, "name": name, "label": "", "enabled": True}
    bare |= {"type": {"value": "1000base-t", "label": "1000BASE-T"}, "mgmt_only": False}
    return {**dict.fromkeys(("primary_mac_address", "lag", "bridge", "parent")), **bare, **fields}


def mac(mac_id: int, address: str, interface_id: int | None, kind: str | None = "dcim.interface") -> Record:
    return {"id": mac_id, "mac_address": address, "assigned_object_type": kind, "assigned_object_id": interface_id}


def ip(ip_id: int, address: str, interface_id: int, kind: str = "dcim.interface", **fields: Any) -> Record:
    bare = {"id": ip_id, "address": address, "status": {"value": "active", "label": "Active"}, "dns_name": ""}
    bare |= {"assigned_object_type": kind, "assigned_object_id": interface_id}
    return {"role": None, "vrf": None, **bare, **fields}


def place(place_id: int, name: str, **fields: Any) -> Record:
    bare = {"id": place_id, "name": name, "slug": name, "tenant": None, "tags": [], "custom_fields": {}}
    return {**dict.fromkeys(("region", "group", "parent", "site", "location")), **bare, **fields}


def prefix(prefix_id: int, network: str, **custom_fields: Any) -> Record:
    bare = {"id": prefix_id, "prefix": network, "vrf": None, "tenant": None, "scope_type": None, "scope_id": None}
    return {**bare, "tags": [], "custom_fields": custom_fields}


def built(**records: list[Record]) -> Inventory:
    return build({**{name: [] for name in {**QUERIES, **HOSTS}}, **records}, api_url="http://netbox", loaded_at=1.0)


def only_host(**records: list[Record]) -> Host:
    [host] = built(**records).hosts
    return host


def test_device_of_which_nothing_is_known_but_that_it_is_there() -> None:
    host = only_host(devices=[device(1, name=None)])
    around = Surroundings(device_type=1, role=1)
    assert host == Host("device", 1, None, "server", "basicserver", "active", around=around)


def test_virtual_machine_without_role_and_site() -> None:
    assert only_host(virtual_machines=[machine(1)]) == Host("virtualmachine", 1, "vm1", None, None, "staged")


def test_devices_come_before_virtual_machines() -> None:
    hosts = built(devices=[device(1), device(2)], virtual_machines=[machine(1)]).hosts
    assert [(host.kind, host.id) for host in hosts] == [("device", 1), ("device", 2), ("virtualmachine", 1)]


def test_location_is_the_racks_where_the_device_has_none_and_outer_ones_come_first() -> None:
    inner, outer = {"id": 1}, {"id": 2}
    found = built(
        sites=[place(1, "sv3")],
        locations=[place(1, "row", parent=outer, site={"id": 1}), place(2, "cage", site={"id": 1})],
        racks=[place(1, "r1", site={"id": 1}, location=inner)],
        devices=[device(1, site={"id": 1}, rack={"id": 1}, position=7.0)],
    )
    assert [location.name for location in found.hosts[0].locations] == ["cage", "row"]
    assert [location.name for location in found.locations.values()] == ["cage", "row"]
    assert found.hosts[0].unit == 7.0


def test_what_was_made_or_deleted_while_reading_is_left_out() -> None:
    gone = {"id": 99, "slug": "gone", "model": "gone"}
    host = only_host(
        devices=[device(1, site=gone, location=gone, rack=gone, platform=gone, tenant=gone, cluster=gone)],
        interfaces=[interface(1, 1, "eth0", lag=gone), interface(2, 98, "eth0")],
        mac_addresses=[mac(1, "00:11:22:33:44:55", 97)],
        ip_addresses=[ip(1, "10.0.0.1/24", 96)],
    )
    assert (host.site, host.rack, host.locations) == (None, None, ())
    assert (host.ports[0].lag, host.port(99)) == (99, None)


def test_macs_are_canonical_and_the_primary_one_first() -> None:
    host = only_host(
        devices=[device(1)],
        interfaces=[interface(1, 1, "eth0", primary_mac_address={"id": 2, "mac_address": "00:11:22:33:44:BB"})],
        mac_addresses=[
            mac(1, "00:11:22:33:44:AA", 1),
            mac(2, "00:11:22:33:44:BB", 1),
            mac(3, "00:11:22:33:44:CC", 1, "virtualization.vminterface"),
            mac(4, "00:11:22:33:44:DD", None, None),
        ],
    )
    assert host.ports[0].macs == ("00:11:22:33:44:bb", "00:11:22:33:44:aa")


def test_interfaces_of_both_kinds_with_one_id_are_kept_apart() -> None:
    nic = {"id": 1, "virtual_machine": {"id": 1}, "name": "eth0", "enabled": False}
    nic |= dict.fromkeys(("primary_mac_address", "bridge", "parent"))
    found = built(
        devices=[device(1)],
        virtual_machines=[machine(1)],
        interfaces=[interface(1, 1, "eth0")],
        vm_interfaces=[nic],
        mac_addresses=[mac(1, "00:11:22:33:44:55", 1, "virtualization.vminterface")],
        ip_addresses=[ip(1, "10.0.0.1/24", 1), ip(2, "10.0.0.2/24", 1, "virtualization.vminterface")],
    )
    real, virtual = found.hosts
    assert (real.ports[0].macs, [a.ip for a in real.ports[0].addresses]) == ((), ["10.0.0.1"])
    assert (virtual.ports[0].macs, [a.ip for a in virtual.ports[0].addresses]) == (("00:11:22:33:44:55",), ["10.0.0.2"])
    assert (virtual.ports[0].type, virtual.ports[0].enabled) == ("virtual", False)


def test_addresses_keep_role_vrf_and_name() -> None:
    role, vrf = {"value": "vip", "label": "VIP"}, {"id": 3, "name": "blue"}
    host = only_host(
        devices=[device(1)],
        interfaces=[interface(1, 1, "eth0")],
        ip_addresses=[
            ip(1, "10.0.0.1/24", 1, role=role, vrf=vrf, dns_name="a.example.org"),
            ip(2, "2001:db8:0:0::1/64", 1),
        ],
    )
    assert host.ports[0].addresses == (
        Address(1, "10.0.0.1", 24, "active", "vip", "blue", "a.example.org"),
        Address(2, "2001:db8::1", 64, "active"),
    )


def test_primary_address_is_the_bound_one_and_outside_a_nat_stands_alone() -> None:
    outside = {"id": 9, "address": "203.0.113.5/32", "dns_name": "a.example.org"}
    host = only_host(
        devices=[device(1, primary_ip4=outside, oob_ip={"id": 1, "address": "10.0.0.1/24", "dns_name": ""})],
        interfaces=[interface(1, 1, "eth0")],
        ip_addresses=[ip(1, "10.0.0.1/24", 1)],
    )
    assert host.oob_ip is host.ports[0].addresses[0]
    assert host.primary_ip4 == Address(9, "203.0.113.5", 32, "", dns_name="a.example.org")


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (prefix(1, "10.0.0.0/24"), []),
        (prefix(1, "10.0.0.0/24", clusto_name=None, clusto_gateway=None), []),
        (prefix(1, "10.0.0.0/24", clusto_name="dmz"), [Manager(1, "dmz", "10.0.0.0/24")]),
        (
            prefix(1, "10.0.0.0/24", clusto_name="dmz", clusto_gateway="10.0.0.1", clusto_attributes={"a": 1}),
            [Manager(1, "dmz", "10.0.0.0/24", "10.0.0.1", None, {"a": 1})],
        ),
        (
            {**prefix(1, "10.0.0.0/24", clusto_name="dmz"), "vrf": {"id": 3, "name": "blue"}},
            [Manager(1, "dmz", "10.0.0.0/24", vrf="blue")],
        ),
    ],
)
def test_prefix_is_an_ip_manager_if_it_bears_a_clusto_name(record: Record, expected: list[Manager]) -> None:
    assert list(built(prefixes=[record]).managers) == expected


def context(context_id: int, name: str, data: Record, tags: list[str], weight: int = 5000) -> Record:
    profile = {"id": 1, "name": "clusto pool"}
    own = {"id": context_id, "name": name, "weight": weight, "data": data, "tags": tags, "is_active": True}
    return {**{criterion: [] for criterion in CRITERIA}, **own, "profile": profile}


def test_pools_of_host_rack_and_site_give_attributes_and_hosts_share_equal_documents() -> None:
    tags = [{"id": n, "name": name, "slug": name} for n, name in enumerate(("web", "production", "power-b", "west"))]
    found = built(
        tags=tags,
        contexts=[
            context(1, "power-b", {"power": "B"}, ["power-b"]),
            context(2, "production", {"level": "outer", "dns": "10.0.0.1"}, ["production", "web"]),
            context(3, "west", {"zone": "west"}, ["west"]),
            context(4, "web", {"level": "inner"}, ["web"], 5010),
        ],
        sites=[place(1, "sv3", tags=[{"slug": "west"}])],
        racks=[
            place(1, "r1", site={"id": 1}, tags=[{"slug": "power-b"}], custom_fields={"clusto_attributes": {"u": 1}})
        ],
        devices=[device(n, site={"id": 1}, rack={"id": 1}, tags=[{"slug": "web"}, {"slug": "other"}]) for n in (1, 2)],
    )
    one, other = found.hosts
    assert one.pools == ("web", "production", "power-b", "west")
    assert one.attributes == {"level": "inner", "dns": "10.0.0.1", "power": "B", "zone": "west", "u": 1}
    assert one.attributes is other.attributes
    assert one.pools is other.pools
    assert (found.pools["web"].parents, found.pools["production"].children) == (("production",), ("web",))
