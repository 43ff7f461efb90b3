# SPDX-License-Identifier: BSD-2-Clause
"""What racks are built with: subnets, a pool, a name manager, layouts; and racks, each in a place of its own."""

from __future__ import annotations

import random
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from ipaddress import IPv4Network
from pathlib import Path
from typing import Any

import yaml

from clusto.core.errors import NotFoundError
from clusto.drivers import (
    APCRack,
    Datacenter,
    Entity,
    IPManager,
    Pool,
    Rack,
    RackLayout,
    Session,
    SimpleEntityNameManager,
)
from clusto.netbox.client import Client
from clusto.racks import RackFactory

LAYOUTS = Path(__file__).parents[3] / "playbooks/layouts"
NAMES = ("servernames", "pxeboot-servers", "subnet-servers", "subnet-mgmt")
SMALL: dict[str, Any] = {
    "devices": [
        {
            "suffix": "sw1",
            "driver": "basicnetworkswitch",
            "ru": 10,
            "ips": [{"osport": "Vlan1", "ip_manager": "subnet-mgmt"}],
        },
        {"suffix": "pwr1", "driver": "basicpowerstrip", "ru": 9},
    ],
    "cables": [
        {
            "a": {"device": "sw1", "type": "pwr-nema-5", "number": 1},
            "b": {"device": "pwr1", "number": 8},
            "cable": {"type": "power", "color": "aa1409", "label": "feed"},
        }
    ],
    "servers": {
        "driver": "basicserver",
        "name_manager": "servernames",
        "pools": ["pxeboot-servers"],
        "ips": [{"osport": "eth0", "ip_manager": "subnet-servers"}],
    },
    "switchports": {
        "1-4": {
            "ru": "1-4",
            "ports": [
                {"number": 1, "connected_to": {"device": "sw1", "number": "1-4"}},
                {"number": 2, "connected_to": {"device": "sw1", "number": "11-14"}},
                {"type": "pwr-nema-5", "number": 1, "connected_to": {"device": "pwr1", "number": "1-4"}},
            ],
        }
    },
}


@dataclass
class World:
    client: Client
    run: str = field(default_factory=lambda: uuid.uuid4().hex[:6])
    net: IPv4Network = field(default_factory=lambda: IPv4Network((random.randrange(10 << 13, 11 << 13) << 11, 21)))
    count: int = 0

    def __post_init__(self) -> None:
        self.session = session = Session(self.client)
        session.use()
        self.datacenter = Datacenter(f"dc-{self.run}", session=session)
        self.servers, self.mgmt = self.net.subnets(1)
        subnets = (("subnet-servers", self.servers), ("subnet-mgmt", self.mgmt))
        managers = [IPManager(self.name(name), prefix=str(net), session=session) for name, net in subnets]
        self.pool = Pool(self.name("pxeboot-servers"), session=session)
        self.names = SimpleEntityNameManager(
            self.name("servernames"), basename=f"s{self.run}x", digits=3, session=session
        )
        self.made: list[Entity] = [*managers, self.pool, self.names, self.datacenter]
        self.small = self.layout("small", SMALL).name

    def name(self, stem: str) -> str:
        return f"{stem}-{self.run}"

    def own(self, document: Mapping[str, Any]) -> dict[str, Any]:
        """A document with the names of this world in it."""
        text = yaml.safe_dump(document)
        for name in NAMES:
            text = text.replace(name, self.name(name))
        return yaml.safe_load(text)

    def example(self, name: str) -> dict[str, Any]:
        document: dict[str, Any] = yaml.safe_load((LAYOUTS / f"{name}.yml").read_text())
        return document

    def layout(self, name: str, document: Mapping[str, Any]) -> RackLayout:
        layout = RackLayout(self.name(name), self.own(document), session=self.session)
        self.made.insert(0, layout)
        return layout

    def rack(self, layout: str | None = None) -> Rack:
        """One more rack, of the small layout unless another is named."""
        self.count += 1
        attributes = {"racklayout": layout or self.small}
        name = f"r{self.run}-{self.count}"
        return APCRack(name, datacenter=self.datacenter, attributes=attributes, session=self.session)

    @cached_property
    def dns(self) -> dict[str, list[str]]:
        return {}

    def resolve(self, name: str) -> list[str]:
        try:
            return self.dns[name]
        except KeyError:
            raise NotFoundError(f"DNS has no address of {name}") from None

    def factory(self, rack: Rack) -> RackFactory:
        return RackFactory(rack, session=self.session, resolve=self.resolve)

    def counted(self, rack: Rack) -> dict[str, int]:
        """How many there are of what stands in a rack and belongs to it."""
        client = self.client
        ids = [record["id"] for record in client.list("dcim/devices", rack_id=rack.id, fields="id")]
        return {
            "devices": len(ids),
            "cables": len(client.list("dcim/cables", device_id=ids, fields="id")),
            "ips": len(client.list("ipam/ip-addresses", device_id=ids, fields="id")),
        }

    def changes(self) -> int:
        return self.client.extent("core/object-changes").newest

    def delete(self) -> None:
        """All of it, for whoever measures on a NetBox that is kept."""
        client = self.client
        devices = [record["id"] for record in client.list("dcim/devices", site_id=self.datacenter.id, fields="id")]
        cables = [record["id"] for record in client.list("dcim/cables", device_id=devices, fields="id")]
        for endpoint, ids in (("dcim/cables", cables), ("dcim/devices", devices)):
            for start in range(0, len(ids), 20):
                client.delete_many(endpoint, ids[start : start + 20])
        addresses = client.list("ipam/ip-addresses", parent=str(self.net), fields="id")
        client.delete_many("ipam/ip-addresses", [record["id"] for record in addresses])
        for rack in self.datacenter.contents(clusto_types=["rack"]):
            rack.delete(cascade=True)
        for entity in self.made:
            entity.delete(cascade=True)
