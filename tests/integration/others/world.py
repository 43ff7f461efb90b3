# SPDX-License-Identifier: BSD-2-Clause
"""A NetBox where clusto comes last: what people, imports and other tools made by the raw API, all of it odd."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from clusto.netbox.client import Client

Record = dict[str, Any]
CONTEXTS = "extras/config-contexts"
LONG = "ein sehr langer Name, mit Umlauten (äöü), Leerzeichen und 漢字 "


class Others:
    """`made`: endpoint -> what was made there, under the names that tests know it by."""

    def __init__(self, client: Client, mark: str) -> None:
        self.client, self.mark = client, mark
        self.made: dict[str, dict[str, Record]] = {}
        self._order: list[tuple[str, list[int]]] = []

    def build(self) -> None:
        self._custom_fields()
        self._organisation()
        self._places()
        self._devices()
        self._components()
        self._machines()
        self._addresses()
        self._macs()
        self._cables()
        self._contexts()

    def remove(self) -> None:
        """Take away all that was made, the last first; what went with something else is gone already."""
        while self._order:
            endpoint, ids = self._order.pop()
            left = {record["id"] for record in self.client.list(endpoint, id=ids, fields="id")}
            self.client.delete_many(endpoint, [id_ for id_ in ids if id_ in left])

    def name(self, stem: str) -> str:
        return f"{stem}-{self.mark}"

    def id(self, endpoint: str, stem: str) -> int:
        return int(self.made[endpoint][stem]["id"])

    def dump(self) -> dict[str, list[Record]]:
        """Everything of it as NetBox has it now, whole."""
        return {
            endpoint: self.client.list(endpoint, id=[record["id"] for record in made.values()])
            for endpoint, made in self.made.items()
        }

    def make(self, endpoint: str, bodies: Mapping[str, Mapping[str, Any]]) -> None:
        records = self.client.create(endpoint, list(bodies.values()))
        self.made.setdefault(endpoint, {}).update(zip(bodies, records, strict=True))
        self._order.append((endpoint, [record["id"] for record in records]))

    def named(self, endpoint: str, bodies: Mapping[str, Mapping[str, Any]]) -> None:
        """The same of what has a name and a slug."""
        self.make(
            endpoint,
            {stem: {"name": self.name(stem), "slug": self.name(stem), **body} for stem, body in bodies.items()},
        )

    def some(self, endpoint: str, *stems: str) -> None:
        self.named(endpoint, {stem: {} for stem in stems})

    def _custom_fields(self) -> None:
        """Of other tools; one of them must be given with every rack reservation."""
        text = {"type": "text", "object_types": ["dcim.device", "dcim.rack", "ipam.prefix"]}
        must = {"type": "integer", "required": True, "object_types": ["dcim.rackreservation"]}
        names = {"vendor": text, "must": must, "notes": {"type": "json", "object_types": ["dcim.interface"]}}
        self.make(
            "extras/custom-fields",
            {stem: {"name": f"{stem}_{self.mark}", **body} for stem, body in names.items()},
        )

    def _organisation(self) -> None:
        self.some("dcim/regions", "emea")
        self.some("dcim/regions", "de")
        region = self.id("dcim/regions", "emea")
        self.client.update("dcim/regions", self.id("dcim/regions", "de"), {"parent": region})
        self.some("dcim/site-groups", "edge")
        self.some("tenancy/tenant-groups", "partners")
        self.named("tenancy/tenants", {"acme": {"group": self.id("tenancy/tenant-groups", "partners")}, "initech": {}})
        self.some("dcim/manufacturers", "vendor")
        self.some("dcim/platforms", "os")
        self.named("dcim/device-roles", {"spine": {"color": "ff0000"}, "leaf": {"vm_role": False}})
        self.named("dcim/device-roles", {"inner": {"parent": self.id("dcim/device-roles", "spine")}})
        self.named("extras/tags", {"monitoring": {}, "equal": {"color": "00ff00"}, "backup": {"weight": 7}})
        self.make(
            "ipam/vrfs", {vrf: {"name": self.name(vrf), "enforce_unique": vrf == "red"} for vrf in ("red", "blue")}
        )

    def _places(self) -> None:
        group = self.id("dcim/site-groups", "edge")
        self.named(
            "dcim/sites",
            {
                "one": {"region": self.id("dcim/regions", "de"), "group": group, "status": "planned"},
                "two": {"name": f"Straße 5, Ω: {self.mark}/äöü", "tenant": self.id("tenancy/tenants", "acme")},
                "bare": {},
            },
        )
        site = self.id("dcim/sites", "one")
        parent = None
        for depth in range(5):
            self.named("dcim/locations", {f"level{depth}": {"site": site, "parent": parent}})
            parent = self.id("dcim/locations", f"level{depth}")
        self.make(
            "dcim/racks",
            {
                "plain": {"name": self.name("plain"), "site": site, "location": parent, "u_height": 48},
                "odd": {
                    "name": self.name("odd"),
                    "site": self.id("dcim/sites", "two"),
                    "desc_units": True,
                    "starting_unit": 5,
                    "u_height": 10,
                    "width": 23,
                    "form_factor": "wall-frame",
                    "status": "deprecated",
                },
                "twin": {"name": self.name("plain"), "site": self.id("dcim/sites", "two")},
            },
        )
        self.make(
            "dcim/rack-reservations",
            {
                "held": {
                    "rack": self.id("dcim/racks", "odd"),
                    "units": [8, 9],
                    "user": self.client.list("users/users")[0]["id"],
                    "description": "for the new firewall",
                    "custom_fields": {f"must_{self.mark}": 1},
                }
            },
        )

    def _devices(self) -> None:
        maker = self.id("dcim/manufacturers", "vendor")
        sizes: dict[str, Record] = {
            "half": {"u_height": 0.5, "is_full_depth": False},
            "flat": {"u_height": 0},
            "tall": {"u_height": 2.5},
            "chassis": {"u_height": 4, "subdevice_role": "parent"},
            "blade": {"u_height": 0, "subdevice_role": "child"},
        }
        self.make(
            "dcim/device-types",
            {
                stem: {"manufacturer": maker, "model": self.name(stem), "slug": self.name(stem), **body}
                for stem, body in sizes.items()
            },
        )
        one, two, bare = (self.id("dcim/sites", stem) for stem in ("one", "two", "bare"))
        plain, odd = self.id("dcim/racks", "plain"), self.id("dcim/racks", "odd")
        deepest = self.id("dcim/locations", "level4")
        acme, initech = (self.id("tenancy/tenants", stem) for stem in ("acme", "initech"))
        tags = [{"slug": self.name("monitoring")}, {"slug": self.name("equal")}]
        self.make("virtualization/cluster-types", {"kvm": {"name": self.name("kvm"), "slug": self.name("kvm")}})
        kvm = self.id("virtualization/cluster-types", "kvm")
        self.make("virtualization/clusters", {stem: {"name": self.name(stem), "type": kvm} for stem in ("c1", "c2")})
        in_rack = {"site": one, "location": deepest, "rack": plain}
        bodies: dict[str, tuple[str, Record]] = {
            "switch": ("half", {**in_rack, "position": 10, "face": "front", "role": "inner", "tags": tags}),
            "behind": ("half", {**in_rack, "position": 10, "face": "rear"}),
            "upper": ("half", {**in_rack, "position": 10.5, "face": "front"}),
            "tall": ("tall", {"site": two, "rack": odd, "position": 5, "face": "front"}),
            "flat": ("flat", {**in_rack}),
            "unracked": ("half", {"site": bare, "status": "offline"}),
            "chassis": ("chassis", {**in_rack, "position": 20, "face": "front"}),
            "blade": ("blade", {"site": one, "location": deepest, "rack": plain}),
            "nameless": ("half", {"name": None, "site": bare}),
            "same": ("half", {"name": self.name("same"), "site": one}),
            "same2": ("half", {"name": self.name("same"), "site": two}),
            "tenant1": ("half", {"name": self.name("tenants"), "site": one, "tenant": acme}),
            "tenant2": ("half", {"name": self.name("tenants"), "site": one, "tenant": initech}),
            "long": ("half", {"name": f"{LONG[:56]}: {self.mark}", "site": two, "comments": "x" * 5000}),
            "slashes": ("half", {"name": f"server:a/b/{self.mark}", "site": two}),
            "local": ("half", {"site": one, "local_context_data": {"1": {"2": [[]]}, "": None, "ключ": {"a b": {}}}}),
            "hosted": ("half", {"site": bare, "cluster": self.id("virtualization/clusters", "c2")}),
        }
        self.make(
            "dcim/devices",
            {
                stem: {
                    "name": self.name(stem),
                    "device_type": self.id("dcim/device-types", model),
                    "custom_fields": {f"vendor_{self.mark}": f"of {stem}"},
                    **body,
                    "role": self.id("dcim/device-roles", body.get("role", "leaf")),
                }
                for stem, (model, body) in bodies.items()
            },
        )
        device = {stem: self.id("dcim/devices", stem) for stem in bodies}
        self.make("dcim/virtual-chassis", {"stack": {"name": self.name("stack")}})
        stack = self.id("dcim/virtual-chassis", "stack")
        for position, stem in enumerate(("same", "tenant1"), 1):
            body = {"virtual_chassis": stack, "vc_position": position}
            self.client.update("dcim/devices", device[stem], body)
        self.make("dcim/device-bays", {"bay": {"device": device["chassis"], "name": "bay 1"}})
        bay = self.id("dcim/device-bays", "bay")
        self.client.update("dcim/device-bays", bay, {"installed_device": device["blade"]})

    def _components(self) -> None:
        maker = self.id("dcim/manufacturers", "vendor")
        switch, chassis = self.id("dcim/devices", "switch"), self.id("dcim/devices", "chassis")
        self.make("dcim/module-types", {"card": {"manufacturer": maker, "model": self.name("card")}})
        self.make("dcim/module-bays", {"slot": {"device": chassis, "name": "slot 1", "position": "1"}})
        self.make(
            "dcim/modules",
            {
                "card": {
                    "device": chassis,
                    "module_bay": self.id("dcim/module-bays", "slot"),
                    "module_type": self.id("dcim/module-types", "card"),
                }
            },
        )
        names = {
            "GigabitEthernet1/0/1": "1000base-t",
            "GigabitEthernet1/0/2": "1000base-t",
            "GigabitEthernet1/0/10": "1000base-t",
            "Ethernet1/1/1": "10gbase-x-sfpp",
            "ens3f0np0": "25gbase-x-sfp28",
            "Po1": "lag",
            "br0": "bridge",
            "Vlan10": "virtual",
            "GigabitEthernet0/0": "1000base-t",
            "wlan0": "ieee802.11ac",
            "Ω/µ 漢": "other",
        }
        self.make(
            "dcim/interfaces",
            {
                name: {"device": switch, "name": name, "type": type_, "mgmt_only": name == "GigabitEthernet0/0"}
                for name, type_ in names.items()
            }
            | {
                "carded": {
                    "device": chassis,
                    "name": "xe-1/0/0",
                    "type": "10gbase-t",
                    "module": self.id("dcim/modules", "card"),
                },
                "far": {"device": self.id("dcim/devices", "tall"), "name": "eth0", "type": "1000base-t"},
                "far2": {"device": self.id("dcim/devices", "tall"), "name": "eth1", "type": "1000base-t"},
                "only management": {
                    "device": self.id("dcim/devices", "flat"),
                    "name": "mgmt",
                    "type": "1000base-t",
                    "mgmt_only": True,
                },
            },
        )
        lag = {"lag": self.id("dcim/interfaces", "Po1")}
        self.client.update("dcim/interfaces", self.id("dcim/interfaces", "Ethernet1/1/1"), lag)
        behind = {"device": switch}
        self.make("dcim/rear-ports", {"rear": {**behind, "name": "rear 1", "type": "8p8c", "positions": 1}})
        self.make("dcim/console-ports", {"con": {**behind, "name": "con 0", "type": "rj-45"}})
        self.make("dcim/console-server-ports", {"aux": {"device": chassis, "name": "tty1"}})
        self.make("dcim/power-ports", {"psu": {**behind, "name": "PSU A", "type": "iec-60320-c14"}})
        power = {"power_port": self.id("dcim/power-ports", "psu")}
        self.make("dcim/power-outlets", {"outlet": {**behind, "name": "outlet 1", **power}})
        self.make("dcim/inventory-items", {"disk": {**behind, "name": "disk 1"}})

    def _machines(self) -> None:
        cluster, cluster2 = (self.id("virtualization/clusters", stem) for stem in ("c1", "c2"))
        tags = [{"slug": self.name("equal")}]
        self.make(
            "virtualization/virtual-machines",
            {
                "vm": {"name": self.name("vm"), "cluster": cluster, "tags": tags},
                "sited": {"name": self.name("sited"), "site": self.id("dcim/sites", "two"), "memory": 4096},
                "roled": {
                    "name": self.name("vm"),
                    "cluster": cluster2,
                    "role": self.id("dcim/device-roles", "inner"),
                    "tenant": self.id("tenancy/tenants", "acme"),
                },
            },
        )
        vm = self.id("virtualization/virtual-machines", "vm")
        self.make("virtualization/interfaces", {"ens18": {"virtual_machine": vm, "name": "ens18"}})

    def _addresses(self) -> None:
        red, site = self.id("ipam/vrfs", "red"), self.id("dcim/sites", "one")
        vm_nic = self.id("virtualization/interfaces", "ens18")
        nic = self.id("dcim/interfaces", "GigabitEthernet1/0/1")
        self.make(
            "ipam/prefixes",
            {
                "container": {"prefix": "198.18.0.0/16", "status": "container"},
                "inside": {"prefix": "198.18.1.0/24", "scope_type": "dcim.site", "scope_id": site},
                "deeper": {"prefix": "198.18.1.128/25", "is_pool": True, "mark_utilized": True},
                "twice1": {"prefix": "198.18.1.0/24", "vrf": self.id("ipam/vrfs", "blue")},
                "twice2": {"prefix": "198.18.1.0/24", "vrf": self.id("ipam/vrfs", "blue")},
                "red": {"prefix": "198.18.1.0/24", "vrf": red},
                "regional": {
                    "prefix": "198.18.2.0/24",
                    "scope_type": "dcim.region",
                    "scope_id": self.id("dcim/regions", "de"),
                },
                "six": {"prefix": "2001:db8:77::/64"},
            },
        )
        self.make("ipam/ip-ranges", {"pool": {"start_address": "198.18.1.10/24", "end_address": "198.18.1.20/24"}})
        self.make("ipam/fhrp-groups", {"vip": {"protocol": "vrrp3", "group_id": 7}})
        interface, vm_interface = "dcim.interface", "virtualization.vminterface"
        self.make(
            "ipam/ip-addresses",
            {
                "free": {"address": "198.18.1.30/24", "dns_name": "free.example.org"},
                "bound": {"address": "198.18.1.31/24", "assigned_object_type": interface, "assigned_object_id": nic},
                "anycast1": {
                    "address": "198.18.1.32/32",
                    "role": "anycast",
                    "assigned_object_type": interface,
                    "assigned_object_id": nic,
                },
                "anycast2": {
                    "address": "198.18.1.32/32",
                    "role": "anycast",
                    "assigned_object_type": vm_interface,
                    "assigned_object_id": vm_nic,
                },
                "fhrp": {
                    "address": "198.18.1.33/24",
                    "role": "vrrp",
                    "assigned_object_type": "ipam.fhrpgroup",
                    "assigned_object_id": self.id("ipam/fhrp-groups", "vip"),
                },
                "vrf": {
                    "address": "198.18.1.31/24",
                    "vrf": red,
                    "assigned_object_type": interface,
                    "assigned_object_id": nic,
                },
                "six": {"address": "2001:db8:77::31/64", "status": "slaac"},
            },
        )
        inside = self.id("ipam/ip-addresses", "bound")
        self.make("ipam/ip-addresses", {"nat": {"address": "198.19.0.1/24", "nat_inside": inside}})
        self.client.update("dcim/devices", self.id("dcim/devices", "switch"), {"primary_ip4": inside})

    def _macs(self) -> None:
        """Nothing hinders one address from being on several interfaces."""
        here = {"assigned_object_type": "dcim.interface"}
        twice = "02:de:ad:" + ":".join(self.mark[i : i + 2] for i in (0, 2, 4))
        first, second = (self.id("dcim/interfaces", name) for name in ("GigabitEthernet1/0/1", "far"))
        self.make(
            "dcim/mac-addresses",
            {
                "nowhere": {"mac_address": "02:de:ad:00:00:01"},
                "twice1": {"mac_address": twice, **here, "assigned_object_id": first},
                "twice2": {"mac_address": twice, **here, "assigned_object_id": second},
            },
        )
        primary = {"primary_mac_address": self.id("dcim/mac-addresses", "twice1")}
        self.client.update("dcim/interfaces", first, primary)

    def _cables(self) -> None:
        def end(endpoint: str, type_: str, *stems: str) -> list[Record]:
            return [{"object_type": type_, "object_id": self.id(endpoint, stem)} for stem in stems]

        def nics(*stems: str) -> list[Record]:
            return end("dcim/interfaces", "dcim.interface", *stems)

        self.some("circuits/providers", "carrier")
        self.some("circuits/circuit-types", "dark")
        self.make(
            "circuits/circuits",
            {
                "wan": {
                    "cid": self.name("wan"),
                    "provider": self.id("circuits/providers", "carrier"),
                    "type": self.id("circuits/circuit-types", "dark"),
                }
            },
        )
        site = self.id("dcim/sites", "one")
        self.make(
            "circuits/circuit-terminations",
            {
                "a": {
                    "circuit": self.id("circuits/circuits", "wan"),
                    "term_side": "A",
                    "termination_type": "dcim.site",
                    "termination_id": site,
                }
            },
        )
        self.make("dcim/power-panels", {"panel": {"name": self.name("panel"), "site": site}})
        self.make(
            "dcim/power-feeds", {"feed": {"name": "feed 1", "power_panel": self.id("dcim/power-panels", "panel")}}
        )
        self.make(
            "dcim/cables",
            {
                "several": {
                    "a_terminations": nics("GigabitEthernet1/0/1", "GigabitEthernet1/0/2"),
                    "b_terminations": nics("far", "far2"),
                    "color": "aa1409",
                    "length": 3.5,
                    "length_unit": "m",
                },
                "circuit": {
                    "a_terminations": nics("GigabitEthernet1/0/10"),
                    "b_terminations": end("circuits/circuit-terminations", "circuits.circuittermination", "a"),
                },
                "feed": {
                    "a_terminations": end("dcim/power-ports", "dcim.powerport", "psu"),
                    "b_terminations": end("dcim/power-feeds", "dcim.powerfeed", "feed"),
                },
            },
        )

    def _contexts(self) -> None:
        """Of every assignment there is, with and without a profile, inactive too, and two that only the name orders."""
        schema = {"type": "object", "properties": {"vlan": {"type": "integer"}}}
        self.make("extras/config-context-profiles", {"own": {"name": self.name("own"), "schema": schema}})
        profile = self.id("extras/config-context-profiles", "own")
        of: list[tuple[str, str, str]] = [
            ("regions", "dcim/regions", "emea"),
            ("site_groups", "dcim/site-groups", "edge"),
            ("sites", "dcim/sites", "two"),
            ("locations", "dcim/locations", "level1"),
            ("device_types", "dcim/device-types", "half"),
            ("roles", "dcim/device-roles", "spine"),
            ("tenant_groups", "tenancy/tenant-groups", "partners"),
            ("tenants", "tenancy/tenants", "initech"),
            ("clusters", "virtualization/clusters", "c1"),
            ("cluster_types", "virtualization/cluster-types", "kvm"),
        ]
        self.make(
            CONTEXTS,
            {
                criterion: self._context(criterion, {criterion: [self.id(endpoint, stem)]}, 1000 + 100 * n)
                for n, (criterion, endpoint, stem) in enumerate(of)
            }
            | {
                "tags": self._context("equal", {"tags": [self.name("equal")]}),  # of its tag's name, as a pool's is
                "equal weight": self._context("EQUAL", {"tags": [self.name("equal")]}),
                "profiled": self._context("profiled", {"tags": [self.name("monitoring")]}, profile=profile),
                "inactive": self._context("inactive", {}, is_active=False),
                "both": self._context(
                    "both",
                    {"tags": [self.name("equal")], "sites": [self.id("dcim/sites", "one")]},
                    description="made by another tool",
                ),
            },
        )

    def _context(self, stem: str, criteria: Mapping[str, Sequence[Any]], weight: int = 5000, **more: Any) -> Record:
        data = {"vlan": weight, self.mark: {stem: {"a b": [1, {}]}}, "by": stem}
        return {"name": self.name(stem), "weight": weight, "data": data, **criteria, **more}
