# SPDX-License-Identifier: BSD-2-Clause
"""Two small datacenters in the real NetBox with what others keep in theirs: nested pools, LAGs, odd devices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from clusto.netbox.client import Client

Record = dict[str, Any]


@dataclass(frozen=True)
class World:
    """What was made; `key` makes every name unique to this run."""

    key: str
    sv3: Record
    ny1: Record
    web1: Record
    web1_ny1: Record
    switch: Record
    nameless: Record
    machine: Record
    subnet: str

    def name(self, stem: str) -> str:
        return f"{stem}-{self.key}"

    def ip(self, last: int) -> str:
        """An address in the subnet of this run."""
        return self.subnet.replace("0/24", str(last))


def mac_address(key: str, last: int) -> str:
    return ":".join(["02", key[:2], key[2:4], key[4:], "00", f"{last:02x}"])


class Maker:
    """Writes to NetBox; names and slugs carry the key of this run."""

    def __init__(self, client: Client, key: str) -> None:
        self.client, self.key = client, key
        self.profiles = {p["name"]: p["id"] for p in client.list("extras/config-context-profiles", fields="id,name")}

    def make(self, endpoint: str, stem: str, **fields: Any) -> Record:
        name = f"{stem}-{self.key}"
        return self.client.create(endpoint, {"name": name, "slug": name, **fields})

    def named(self, endpoint: str, stem: str, **fields: Any) -> Record:
        """An object that has no slug."""
        return self.client.create(endpoint, {"name": f"{stem}-{self.key}", **fields})

    def pool(self, stem: str, data: Mapping[str, Any], weight: int = 5000, inner: Sequence[Record] = ()) -> Record:
        """The tag of a new pool; `inner` are the tags of the pools inside it."""
        tag = self.make("extras/tags", stem)
        slugs = [tag["slug"], *(one["slug"] for one in inner)]
        self.context(stem, "clusto pool", weight, data, tags=slugs)
        return tag

    def context(self, stem: str, profile: str, weight: int, data: Mapping[str, Any], **assigned: Any) -> None:
        self.named("extras/config-contexts", stem, profile=self.profiles[profile], weight=weight, data=data, **assigned)

    def interface(self, device: Record, name: str, **fields: Any) -> Record:
        fields = {"type": "1000base-t", **fields}
        return self.client.create("dcim/interfaces", {"device": device["id"], "name": name, **fields})

    def mac(self, last: int, interface: Record | None, kind: str = "dcim.interface") -> Record:
        mac = mac_address(self.key, last)
        assigned = {"assigned_object_type": kind, "assigned_object_id": interface["id"]} if interface else {}
        return self.client.create("dcim/mac-addresses", {"mac_address": mac, **assigned})

    def ip(self, address: str, interface: Record | None, kind: str = "dcim.interface", **fields: Any) -> Record:
        assigned = {"assigned_object_type": kind, "assigned_object_id": interface["id"]} if interface else {}
        return self.client.create("ipam/ip-addresses", {"address": address, **assigned, **fields})


def build(client: Client, key: str) -> World:
    """key: six hexadecimal digits."""
    maker = Maker(client, key)
    subnet = f"10.{int(key[:2], 16)}.{int(key[2:4], 16)}.0/24"
    sv3, ny1 = maker.make("dcim/sites", "sv3"), maker.make("dcim/sites", "ny1")
    cage = maker.make("dcim/locations", "cage", site=sv3["id"])
    row = maker.make("dcim/locations", "row", site=sv3["id"], parent=cage["id"])
    maker.context("datacenter:sv3", "clusto attributes", 2000, {"ntp": "10.0.0.1", "level": "site"}, sites=[sv3["id"]])
    maker.context("location:row", "clusto attributes", 3010, {"level": "row"}, locations=[row["id"]])
    pxe = maker.pool("pxe", {"dhcp": {"enabled": 1, "domain": "inner.example"}, "level": "pxe"}, 5010)
    maker.pool("production", {"dhcp": {"domain": "outer.example", "lease_time": 60}}, inner=[pxe])
    rack, rack_ny1 = racks(maker, row, ny1)
    kind = device_kind(maker)

    web1 = maker.named(
        "dcim/devices", "web1", **kind, site=sv3["id"], rack=rack["id"], position=7, face="front",
        tags=[{"id": pxe["id"]}], local_context_data={"level": "own"},
    )  # fmt: skip
    connect(maker, web1, subnet)
    web1_ny1 = maker.named(
        "dcim/devices", "web1", **kind, site=ny1["id"], rack=rack_ny1["id"], position=1.5, face="front", status="staged"
    )
    switch = maker.named("dcim/devices", "switch", **kind, site=sv3["id"], location=cage["id"])
    nameless = client.create("dcim/devices", {**kind, "site": ny1["id"], "tags": [{"id": pxe["id"]}]})
    machine = virtual_machine(maker, sv3, pxe, subnet)

    maker.mac(6, None)
    maker.ip(subnet.replace("0/24", "99/24"), None)
    fields = {"clusto_name": f"subnet-{key}", "clusto_gateway": subnet.replace("0/24", "1")}
    client.create("ipam/prefixes", {"prefix": subnet, "custom_fields": fields})
    client.create("ipam/prefixes", {"prefix": subnet.replace("0/24", "48/28")})
    return World(key, sv3, ny1, web1, web1_ny1, switch, nameless, machine, subnet)


def racks(maker: Maker, row: Record, ny1: Record) -> tuple[Record, Record]:
    """Two of one name; the first is in a pool and has attributes."""
    racked = maker.pool("racked", {"power": "B", "level": "racked"})
    own = {"clusto_attributes": {"switch": "sw1", "level": "rack"}}
    there = {"site": row["site"]["id"], "location": row["id"]}
    rack = maker.named("dcim/racks", "r1", **there, tags=[{"id": racked["id"]}], custom_fields=own)
    return rack, maker.named("dcim/racks", "r1", site=ny1["id"])


def device_kind(maker: Maker) -> Record:
    """Device type and role, below a role that has a context."""
    parent = maker.make("dcim/device-roles", "hardware")
    role = maker.make("dcim/device-roles", "server", parent=parent["id"], vm_role=True)
    maker.context("context:hardware", "clusto attributes", 900, {"from_role": True}, roles=[parent["id"]])
    manufacturer = maker.make("dcim/manufacturers", "maker")
    model = f"model-{maker.key}"
    body = {"manufacturer": manufacturer["id"], "model": model, "slug": model}
    return {"device_type": maker.client.create("dcim/device-types", body)["id"], "role": role["id"]}


def connect(maker: Maker, device: Record, subnet: str) -> None:
    """Two NICs, one with two MACs, in a LAG in a bridge that bears the addresses; and an IPMI card."""
    bond0, br0 = maker.interface(device, "bond0", type="lag"), maker.interface(device, "br0", type="bridge")
    eth10 = maker.interface(device, "eth10", lag=bond0["id"])
    eth2 = maker.interface(device, "eth2", lag=bond0["id"], label="second")
    ipmi = maker.interface(device, "ipmi", mgmt_only=True)
    maker.client.update("dcim/interfaces", bond0["id"], {"bridge": br0["id"]})
    maker.mac(1, eth2)
    maker.client.update("dcim/interfaces", eth2["id"], {"primary_mac_address": maker.mac(2, eth2)["id"]})
    maker.mac(3, eth10)
    maker.mac(4, ipmi)
    maker.ip(subnet.replace("0/24", "50/24"), br0, dns_name=f"web1-{maker.key}.example.org")
    maker.ip(f"2001:db8:{maker.key[:4]}::50/64", br0)
    oob = maker.ip(subnet.replace("0/24", "200/24"), ipmi)
    maker.client.update("dcim/devices", device["id"], {"oob_ip": oob["id"]})


def virtual_machine(maker: Maker, site: Record, tag: Record, subnet: str) -> Record:
    kind = maker.make("virtualization/cluster-types", "kvm")
    cluster = maker.named("virtualization/clusters", "c1", type=kind["id"])
    there = {"cluster": cluster["id"], "site": site["id"]}
    machine = maker.named("virtualization/virtual-machines", "vm1", **there, tags=[{"id": tag["id"]}])
    nic = maker.client.create("virtualization/interfaces", {"virtual_machine": machine["id"], "name": "eth0"})
    maker.mac(5, nic, "virtualization.vminterface")
    address = maker.ip(subnet.replace("0/24", "60/24"), nic, "virtualization.vminterface")
    maker.client.update("virtualization/virtual-machines", machine["id"], {"primary_ip4": address["id"]})
    return machine
