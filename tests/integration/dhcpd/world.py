# SPDX-License-Identifier: BSD-2-Clause
"""Servers in the real NetBox, written with its plain API: what dhcpd reads is not what our own modules believe."""

from __future__ import annotations

import ipaddress
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from clusto.netbox.client import Client


@dataclass(frozen=True)
class Server:
    """One that only one test uses."""

    id: int
    name: str
    number: int
    mac: str
    address: str


class World:
    """One subnet 10.x.y.0/24 of its own, a site, pools, and servers. `close` removes them."""

    def __init__(self, client: Client, unique: Callable[[str], str]) -> None:
        self.client = client
        self.unique = unique
        self._undo: list[tuple[str, int]] = []
        self._numbers = iter(range(10, 250))
        octets = uuid.uuid4().bytes
        self.network = ipaddress.IPv4Network((bytes((10, octets[0], octets[1], 0)), 24))
        self.mac_stem = octets[2:6]
        self.site = self.make("dcim/sites", name=unique("dc"), slug=unique("dc"))["id"]
        self.prefix = self.manager(str(self.network), gateway=self.address(254))

    def close(self) -> None:
        for endpoint in dict.fromkeys(endpoint for endpoint, _ in reversed(self._undo)):
            self.client.delete_many(endpoint, [number for one, number in self._undo if one == endpoint])

    def make(self, endpoint: str, **body: Any) -> dict[str, Any]:
        made = self.client.create(endpoint, body)
        self._undo.append((endpoint, made["id"]))
        return made

    def address(self, number: int) -> str:
        return str(self.network[number])

    def cidr(self, number: int) -> str:
        return f"{self.address(number)}/{self.network.prefixlen}"

    def mac(self, number: int) -> str:
        return (b"\x02" + self.mac_stem + bytes((number,))).hex(":")

    def manager(self, prefix: str, gateway: str | None = None) -> dict[str, Any]:
        fields = {"clusto_name": self.unique(f"net-{prefix.replace('/', '-')}"), "clusto_gateway": gateway}
        return self.make("ipam/prefixes", prefix=prefix, custom_fields=fields)

    def pool(self, stem: str, dhcp: dict[str, Any]) -> int:
        """Make a pool that gives its members these `dhcp` attributes; returns the tag's id."""
        name = f"{self.unique(stem)}-{next(self._numbers)}"
        tag = self.make("extras/tags", name=name, slug=name)
        self.make(
            "extras/config-contexts", name=name, tags=[name], profile={"name": "clusto pool"}, data={"dhcp": dhcp}
        )
        return int(tag["id"])

    def server(
        self,
        stem: str = "srv",
        *,
        dhcp: dict[str, Any] | None = None,
        pools: tuple[int, ...] = (),
        address: str | None = "",
        mac: bool = True,
    ) -> Server:
        """Make a server with the next MAC and IP address on eth0; `address` None leaves it unbound."""
        number = next(self._numbers)
        device = self.make(
            "dcim/devices",
            name=f"{self.unique(stem)}-{number}",
            site=self.site,
            role={"slug": "server"},
            device_type={"slug": "basicserver"},
            tags=[{"id": pool} for pool in pools],
            local_context_data={"dhcp": dhcp} if dhcp is not None else None,
        )
        server = Server(device["id"], device["name"], number, self.mac(number), self.address(number))
        if mac:
            self.add_mac(server, server.mac)
        if address is not None:
            self.bind(server, address or self.cidr(number))
        return server

    def unknown(self) -> str:
        """Give a MAC address that nobody has."""
        return self.mac(next(self._numbers))

    def interface(self, server: Server, name: str = "eth0") -> dict[str, Any]:
        found = self.client.one("dcim/interfaces", device_id=server.id, name=name)
        assert found is not None
        return found

    def add_mac(self, server: Server, mac: str) -> None:
        port = self.interface(server)
        place = {"assigned_object_type": "dcim.interface", "assigned_object_id": port["id"]}
        made = self.client.create("dcim/mac-addresses", {"mac_address": mac, **place})
        self.client.update("dcim/interfaces", port["id"], {"primary_mac_address": made["id"]})

    def bind(self, server: Server, cidr: str, port: str = "eth0") -> dict[str, Any]:
        interface = self.interface(server, port)
        place = {"assigned_object_type": "dcim.interface", "assigned_object_id": interface["id"]}
        return self.make("ipam/ip-addresses", address=cidr, **place)
