# SPDX-License-Identifier: BSD-2-Clause
"""Random changes to the real NetBox, of everything that the mirror holds."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from clusto.core.errors import RefusedError
from clusto.netbox.client import Client

Record = dict[str, Any]

DEVICES, MACHINES = "dcim/devices", "virtualization/virtual-machines"
INTERFACES, VM_INTERFACES = "dcim/interfaces", "virtualization/interfaces"
MACS, IPS, PREFIXES = "dcim/mac-addresses", "ipam/ip-addresses", "ipam/prefixes"
SITES, LOCATIONS, RACKS, REGIONS = "dcim/sites", "dcim/locations", "dcim/racks", "dcim/regions"
TAGS, CONTEXTS, PLATFORMS, ROLES = "extras/tags", "extras/config-contexts", "dcim/platforms", "dcim/device-roles"
CLUSTERS = "virtualization/clusters"
DOCUMENTS = ({}, {"x": 1}, {"x": True}, {"y": {"z": 1}}, {"y": {"z": [1, 2]}}, {"y": {}})


class Walk:
    """Makes the ground at once; then each `step` is one change. NetBox refuses some; that is a step, too."""

    def __init__(self, client: Client, key: str, seed: int) -> None:
        self.client, self.key = client, key
        self.random = random.Random(seed)
        self.made: dict[str, list[int]] = {}
        self.count = 0
        self.refused = 0
        self.done: list[str] = []
        self.profile = client.list("extras/config-context-profiles", name="clusto pool")[0]["id"]
        maker = self.add("dcim/manufacturers")
        model = self.name()
        kind = client.create("dcim/device-types", {"manufacturer": maker, "model": model, "slug": model})
        self.device_type = kind["id"]
        self.cluster_type = self.add("virtualization/cluster-types")
        self.vrf = client.create("ipam/vrfs", {"name": self.name()})["id"]
        for endpoint in (REGIONS, SITES, SITES, TAGS, TAGS, PLATFORMS, ROLES):
            self.add(endpoint)
        for act in (self.add_location, self.add_rack, self.add_rack, self.add_cluster, self.add_device, self.add_vm):
            act()
        self.acts: list[Callable[[], object]] = [
            getattr(self, name) for name in dir(type(self)) if name.startswith(("add_", "change_", "move_", "remove_"))
        ]

    def step(self) -> None:
        act = self.random.choice(self.acts)
        self.done.append(act.__name__)
        try:
            act()
        except RefusedError:
            self.refused += 1

    # Choosing

    def name(self) -> str:
        self.count += 1
        return f"walk-{self.key}-{self.count}"

    def one(self, endpoint: str) -> int:
        there = self.made.get(endpoint)
        if not there:
            raise RefusedError(f"there is nothing of {endpoint}", [])
        return self.random.choice(there)

    def maybe(self, endpoint: str) -> int | None:
        return self.one(endpoint) if self.made.get(endpoint) and self.random.random() < 0.7 else None

    def document(self) -> Record:
        return dict(self.random.choice(DOCUMENTS))

    def tags(self) -> list[Record]:
        return [{"id": tag}] if (tag := self.maybe(TAGS)) else []

    def create(self, endpoint: str, body: Record) -> int:
        number = int(self.client.create(endpoint, body)["id"])
        self.made.setdefault(endpoint, []).append(number)
        return number

    def add(self, endpoint: str, **fields: Any) -> int:
        name = self.name()
        return self.create(endpoint, {"name": name, "slug": name, **fields})

    # Hosts

    def add_device(self) -> None:
        kind = {"device_type": self.device_type, "role": self.one(ROLES), "site": self.one(SITES)}
        device = self.create(DEVICES, {**kind, "name": self.name(), "tags": self.tags()})
        self.create(INTERFACES, {"device": device, "name": "eth0", "type": "1000base-t"})

    def add_vm(self) -> None:
        machine = self.create(MACHINES, {"name": self.name(), "cluster": self.one(CLUSTERS), "tags": self.tags()})
        self.create(VM_INTERFACES, {"virtual_machine": machine, "name": "eth0"})

    def change_device(self) -> None:
        change: Record = self.random.choice(
            [
                {"name": self.name()},
                {"tags": self.tags()},
                {"local_context_data": self.document() or None},
                {"platform": self.maybe(PLATFORMS)},
                {"role": self.one(ROLES)},
                {"status": self.random.choice(["active", "planned", "offline"])},
            ]
        )
        self.client.update(DEVICES, self.one(DEVICES), change)

    def change_vm(self) -> None:
        own = {"tags": self.tags(), "local_context_data": self.document() or None}
        self.client.update(MACHINES, self.one(MACHINES), own)

    def move_device(self) -> None:
        rack = self.client.get(RACKS, self.one(RACKS)).record
        there = {"site": rack["site"]["id"], "location": rack["location"] and rack["location"]["id"]}
        self.client.update(DEVICES, self.one(DEVICES), {**there, "rack": rack["id"]})

    def remove_devices(self) -> None:
        """Two at once, with all that they have."""
        chosen = {self.one(DEVICES), self.one(DEVICES)}
        self.client.delete_many(DEVICES, chosen)
        self.made[DEVICES] = [one for one in self.made[DEVICES] if one not in chosen]
        self.forget(INTERFACES, MACS, IPS)

    def forget(self, *endpoints: str) -> None:
        """What was deleted along is there no more."""
        for endpoint in endpoints:
            numbers = self.made.get(endpoint, [])
            self.made[endpoint] = [r["id"] for r in self.client.list(endpoint, id=numbers, fields="id")]

    # Interfaces and what is assigned to them

    def port(self) -> tuple[str, Record]:
        endpoint = self.random.choice([INTERFACES, INTERFACES, VM_INTERFACES])
        kind = "dcim.interface" if endpoint == INTERFACES else "virtualization.vminterface"
        return endpoint, {"assigned_object_type": kind, "assigned_object_id": self.one(endpoint)}

    def address(self) -> str:
        self.count += 1
        return f"10.{int(self.key[:2], 16)}.{self.count // 200}.{self.count % 200 + 1}/24"

    def add_interface(self) -> None:
        interface = {"device": self.one(DEVICES), "type": "1000base-t", "name": f"eth{self.random.randrange(1, 20)}"}
        self.create(INTERFACES, interface)

    def add_mac(self) -> None:
        self.count += 1
        mac = f"02:{self.key[:2]}:{self.key[2:4]}:{self.key[4:]}:00:{self.count % 256:02x}"
        endpoint, assigned = self.port()
        number = self.create(MACS, {"mac_address": mac, **assigned})
        if self.random.random() < 0.5:
            self.client.update(endpoint, assigned["assigned_object_id"], {"primary_mac_address": number})

    def add_ip(self) -> None:
        vrf = self.vrf if self.random.random() < 0.3 else None
        self.create(IPS, {"address": self.address(), "vrf": vrf, **self.port()[1]})

    def change_interface(self) -> None:
        change = self.random.choice([{"label": self.name()}, {"mgmt_only": True}, {"enabled": False}])
        self.client.update(INTERFACES, self.one(INTERFACES), change)

    def change_ip(self) -> None:
        change = self.random.choice([{"address": self.address()}, {"dns_name": "a.example"}, {"role": "vip"}])
        self.client.update(IPS, self.one(IPS), change)

    def change_primary_ip(self) -> None:
        """Also of one outside a NAT."""
        address = self.client.get(IPS, self.one(IPS)).record
        holder = (address["assigned_object"] or {}).get("device")
        if holder is None:
            raise RefusedError("it is on no device", [])
        outside = self.create(IPS, {"address": self.address(), "nat_inside": address["id"]})
        chosen = self.random.choice([address["id"], outside, None])
        self.client.update(DEVICES, holder["id"], {"primary_ip4": chosen})

    def move_mac(self) -> None:
        self.client.update(MACS, self.one(MACS), self.port()[1])

    def move_ip(self) -> None:
        self.client.update(IPS, self.one(IPS), self.port()[1])

    def remove_interface(self) -> None:
        self.remove(INTERFACES)
        self.forget(MACS, IPS)

    def remove_mac(self) -> None:
        self.remove(MACS)

    def remove_ip(self) -> None:
        self.remove(IPS)

    def remove(self, endpoint: str) -> None:
        number = self.one(endpoint)
        self.client.delete(endpoint, number)
        self.made[endpoint].remove(number)

    # Places, pools, subnets

    def add_tag(self) -> None:
        self.add(TAGS)

    def add_location(self) -> None:
        site = self.one(SITES)
        inside = [r["id"] for r in self.client.list(LOCATIONS, site_id=site, fields="id")]
        self.add(LOCATIONS, site=site, parent=self.random.choice([None, *inside]), tags=self.tags())

    def add_rack(self) -> None:
        self.create(RACKS, {"name": self.name(), "site": self.one(SITES), "tags": self.tags()})

    def add_cluster(self) -> None:
        scope = {"scope_type": "dcim.site", "scope_id": self.one(SITES)}
        self.create(CLUSTERS, {"name": self.name(), "type": self.cluster_type, **scope})

    def add_context(self) -> None:
        tag = self.client.get(TAGS, self.one(TAGS)).record["slug"]
        kinds: list[Record] = [{"tags": [tag], "profile": self.profile}, {"tags": [tag]}, {"sites": [self.one(SITES)]}]
        kinds += [{"regions": [self.one(REGIONS)]}, {"platforms": [self.one(PLATFORMS)]}, {"roles": [self.one(ROLES)]}]
        kind = self.random.choice(kinds)
        name = tag if "profile" in kind else self.name()
        data = self.document() or {"x": 2}
        self.create(CONTEXTS, {"name": name, "weight": self.random.randrange(9), "data": data, **kind})

    def add_prefix(self) -> None:
        name = {"custom_fields": {"clusto_name": self.name()}} if self.random.random() < 0.7 else {}
        self.create(PREFIXES, {"prefix": self.address().replace("/24", "/32"), **name})

    def change_place(self) -> None:
        endpoint = self.random.choice([SITES, LOCATIONS, RACKS])
        change = self.random.choice([{"name": self.name()}, {"tags": self.tags()}])
        self.client.update(endpoint, self.one(endpoint), change)

    def change_rack(self) -> None:
        fields = {"clusto_attributes": self.document() or None}
        self.client.update(RACKS, self.one(RACKS), {"custom_fields": fields})

    def change_region(self) -> None:
        change = self.random.choice([{"parent": self.add(REGIONS)}, {"name": self.name()}])
        self.client.update(REGIONS, self.one(REGIONS), change)

    def change_site(self) -> None:
        self.client.update(SITES, self.one(SITES), {"region": self.maybe(REGIONS)})

    def change_tag(self) -> None:
        name = self.name()
        change = self.random.choice([{"slug": name}, {"name": name}, {"color": "ff0000"}])
        self.client.update(TAGS, self.one(TAGS), change)

    def change_role(self) -> None:
        change = self.random.choice([{"parent": self.add(ROLES)}, {"slug": self.name()}, {"color": "ff0000"}])
        self.client.update(ROLES, self.one(ROLES), change)

    def change_context(self) -> None:
        change = self.random.choice([{"data": self.document() or {"x": 3}}, {"weight": 5}, {"is_active": False}])
        self.client.update(CONTEXTS, self.one(CONTEXTS), change)

    def change_prefix(self) -> None:
        fields = {"clusto_name": self.random.choice([None, self.name()]), "clusto_attributes": self.document() or None}
        self.client.update(PREFIXES, self.one(PREFIXES), {"custom_fields": fields})

    def move_rack(self) -> None:
        self.client.update(RACKS, self.one(RACKS), {"site": self.one(SITES), "location": None})

    def move_location(self) -> None:
        self.client.update(LOCATIONS, self.one(LOCATIONS), {"site": self.one(SITES), "parent": None})

    def move_cluster(self) -> None:
        scope = {"scope_type": "dcim.site", "scope_id": self.one(SITES)}
        self.client.update(CLUSTERS, self.one(CLUSTERS), scope)

    def remove_something(self) -> None:
        self.remove(self.random.choice([TAGS, CONTEXTS, PREFIXES, REGIONS, PLATFORMS, LOCATIONS, RACKS, MACHINES]))
        self.forget(REGIONS, LOCATIONS, VM_INTERFACES, MACS, IPS, CONTEXTS)
