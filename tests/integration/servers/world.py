# SPDX-License-Identifier: BSD-2-Clause
"""A rack with a switch, a console server and a power strip, a subnet and a pool: what a list of servers needs."""

from __future__ import annotations

import random
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Network
from typing import Any

from clusto.drivers import Datacenter, IPManager, Pool, Rack, Session
from clusto.netbox.client import Client

PORTS = 48
KINDS = {
    "networkswitch": ("interface", "Gi1/0/{}", "1000base-t"),
    "consoleserver": ("console-server-port", "con{}", "rj-45"),
    "powerstrip": ("power-outlet", "out{}", "nema-5-15r"),
}


@dataclass
class World:
    client: Client
    run: str = field(default_factory=lambda: uuid.uuid4().hex[:6])
    net: IPv4Network = field(default_factory=lambda: IPv4Network((random.randrange(10 << 14, 11 << 14) << 10, 22)))

    def __post_init__(self) -> None:
        session = Session(self.client)
        self.datacenter = Datacenter(f"dc-{self.run}", session=session)
        self.rack = Rack(f"rack-{self.run}", datacenter=self.datacenter, max_u=60, session=session).name
        self.manager = IPManager(f"net-{self.run}", prefix=str(self.net), session=session).name
        self.pool = Pool(f"pool-{self.run}", session=session).name
        self.equipment = {type_: self._equipment(type_) for type_ in KINDS}

    def _equipment(self, type_: str) -> str:
        endpoint, name, kind = KINDS[type_]
        [maker] = self.client.list("dcim/manufacturers", slug="clusto")
        slug = f"{type_}-{self.run}"
        model = {"manufacturer": maker["id"], "model": slug, "slug": slug, "u_height": 0}
        model_id = self.client.create("dcim/device-types", model)["id"]
        templates = [{"device_type": model_id, "name": name.format(n), "type": kind} for n in range(1, PORTS + 1)]
        self.client.create(f"dcim/{endpoint}-templates", templates)
        body = {"name": slug, "role": {"slug": type_}, "device_type": model_id, "site": self.datacenter.id}
        self.client.create("dcim/devices", body)
        return slug

    def mac(self, number: int) -> str:
        octets = bytes.fromhex(self.run)
        return f"02:{octets.hex(':')}:{number // 256:02x}:{number % 256:02x}"

    def name(self, number: int) -> str:
        return f"s{self.run}-{number:03}"

    def item(self, number: int) -> dict[str, Any]:
        """Server `number` (from 1) with all that an item can have."""
        far = {type_: {"entity": name, "number": number} for type_, name in self.equipment.items()}
        return {
            "name": self.name(number),
            "ru": [number],
            "ports": [
                {"number": 1, "mac": self.mac(number), "connected_to": far["networkswitch"]},
                {"type": "pwr-nema-5", "number": 1, "connected_to": far["powerstrip"]},
                {"type": "console-serial", "number": 1, "connected_to": far["consoleserver"]},
            ],
        }

    @property
    def common(self) -> Mapping[str, Any]:
        """What all of them have in common, to stand beside the list."""
        ips = [{"ip_manager": self.manager, "osport": "eth0"}]
        return {"rack": self.rack, "pools": [self.pool], "ips": ips, "attributes": {"role": "web"}}

    def items(self, count: int) -> list[dict[str, Any]]:
        return [self.item(number) for number in range(1, count + 1)]

    def count(self) -> dict[str, int]:
        """How many there are of what a list makes."""
        devices = self.client.list("dcim/devices", name__isw=f"s{self.run}-", fields=("id",))
        ids = [device["id"] for device in devices]
        return {
            "devices": len(ids),
            "macs": len(self.client.list("dcim/mac-addresses", device_id=ids, fields=("id",))),
            "ips": len(self.client.list("ipam/ip-addresses", parent=str(self.net), fields=("id",))),
            "cables": len(self.client.list("dcim/cables", device_id=ids, fields=("id",))),
        }
