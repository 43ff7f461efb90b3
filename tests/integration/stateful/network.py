# SPDX-License-Identifier: BSD-2-Clause
"""Moves: servers and power strips, their ports and what connects them, IP managers and addresses, in a VRF too."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from clusto import drivers
from clusto.drivers import Entity
from clusto.drivers.cables import Connection

from .things import HOSTS
from .walker import Walker

PSU1 = {"power-port": ["psu1"]}
SERVER = {"nic-eth": {"interface": ["eth0", "eth1"]}, "console-serial": {"console-port": ["console1"]}}
OUTLETS = {"power-outlet": [f"outlet{n}" for n in range(1, 9)]}
MODELS: dict[str, tuple[str, Any, int, Any]] = {
    "basicserver": ("server", drivers.BasicServer, 1, {**SERVER, "pwr-nema-5": PSU1}),
    "penguinserver2u": (
        "server",
        drivers.PenguinServer2U,
        2,
        {**SERVER, "pwr-nema-5": {"power-port": ["psu1", "psu2"]}},
    ),
    "basicpowerstrip": ("powerstrip", drivers.BasicPowerStrip, 1, {"pwr-nema-5": {**OUTLETS, **PSU1}}),
}
"""Driver -> kind, class, height, ports."""
PORTS: Sequence[tuple[str, int | str]] = (
    *(("nic-eth", n) for n in (0, 1, 2, 3, "eth0", "eth1", "bond0", "eth9")),
    *(("pwr-nema-5", n) for n in (1, 2, "psu1", "psu2")),
    *(("console-serial", 1), ("usb", 1)),
)
ENDS: Sequence[tuple[str, int | str, int | str]] = (
    *(("nic-eth", one, other) for one in (1, 2, "eth0") for other in (1, "eth1", "bond0")),
    *(("pwr-nema-5", one, other) for one in (1, 2, "outlet3", 9, "psu1") for other in (1, "psu1", "psu2", "outlet2")),
    ("console-serial", 1, 1),
)
"""Port type, one port, the other."""
OSPORTS = (None, None, "eth0", "eth1", "bond0", "vlan7")


class Network(Walker):
    _nets = 0

    def moves(self) -> Iterable[tuple[int, Callable[[], None]]]:
        yield from super().moves()
        yield from ((3, move) for move in (self.make_server, self.bind, self.set_port_attr))
        yield from ((2, move) for move in (self.make_manager, self.make_strip, self.deallocate, self.unbind))
        yield from ((4, move) for move in (self.allocate, self.connect))
        yield from ((1, move) for move in (self.del_port_attr, self.set_gateway, self.disconnect))
        yield from ((1, query) for query in (self.owner, self.get_ips, self.port_attrs, self.port_free))
        yield from ((1, query) for query in (self.connection, self.free_ports))

    def make_server(self) -> None:
        self._make_host(self.dice.choice(("basicserver", "penguinserver2u")))

    def make_strip(self) -> None:
        self._make_host("basicpowerstrip")

    def _make_host(self, driver: str) -> None:
        kind, cls, height, ports = MODELS[driver]
        if self._room(kind):
            place = self.some("datacenter", "location") if self.dice.random() < 0.5 else None
            name = self.name(kind, place)
            self.made(
                f"{driver} {name!r} in {place}",
                lambda: cls(name, **self.place(place)),
                lambda: self.reference.make_host(kind, name, driver=driver, place=place, height=height, ports=ports),
            )

    def make_manager(self) -> None:
        if self._room("ipmanager"):
            name, place = self.name("ipmanager"), self.some("datacenter", "location")
            vrf = self.dice.choice((None, None, self.mark))
            self._nets += self.dice.random() < 0.6  # else one that there is, in the other VRF perhaps
            net = ipaddress.IPv4Network((int(self.net.network_address) + 16 * (self._nets % 256), 28 + self._nets % 2))
            gateway = str(net[self.dice.choice([0, 1, 1, 1, 2])])
            self.made(
                f"manager {name!r} {net} vrf {vrf} gateway {gateway} in {place}",
                lambda: drivers.IPManager(name, prefix=str(net), gateway=gateway, vrf=vrf, **self.place(place)),
                lambda: self.reference.make_manager(name, str(net), gateway, vrf, place),
            )

    # Ports

    def set_port_attr(self) -> None:
        type_, port = self.dice.choice(PORTS)
        key, value = self.dice.choice([("mac", self.mac()), ("mac", "no MAC"), ("vlan", 7), ("speed", {"a": 1})])
        self.on(
            f"port {type_} {port} {key} = {value}",
            [self.some("server")],
            lambda e: e.set_port_attr(type_, port, key, value),
            lambda thing: self.reference.set_port_attr(thing, type_, port, key, value),
        )

    def mac(self) -> str:
        octets = [0x02, *bytes.fromhex(self.mark[:6]), self.dice.randrange(2), self.dice.randrange(6)]
        return ":".join(f"{octet:02x}" for octet in octets)

    def del_port_attr(self) -> None:
        type_, port = self.dice.choice(PORTS)
        key = self.dice.choice(("mac", "vlan"))
        self.on(
            f"port {type_} {port} without {key}",
            [self.some("server")],
            lambda e: e.del_port_attr(type_, port, key),
            lambda thing: self.reference.del_port_attr(thing, type_, port, key),
        )

    def connect(self) -> None:
        type_, one, other = self.dice.choice(ENDS)
        near, far = self.some(*HOSTS), self.some(*HOSTS)
        if type_ == "pwr-nema-5" and self.dice.random() < 0.7:
            near, far = self.some("powerstrip"), self.some("server")
        self.on(
            f"connect {type_} {one} {other}",
            [near, far],
            lambda e, f: e.connect_ports(type_, one, f, other),
            lambda e, f: self.reference.connect(e, type_, one, f, other),
        )

    def disconnect(self) -> None:
        self._on_end("disconnect", lambda e, *at: e.disconnect_port(*at), self.reference.disconnect)

    def port_free(self) -> None:
        self._on_end(
            "port_free", lambda e, *at: e.port_free(*at), lambda e, *at: self.reference.port(e, *at).peer is None
        )

    def connection(self) -> None:
        self._on_end("connection", lambda e, *at: self.ended(e.get_connection(*at)), self.reference.connection)

    @staticmethod
    def ended(found: Connection | None) -> tuple[Entity, str, str] | None:
        return found and (found.entity, found.porttype, found.port)

    def _on_end(self, what: str, ours: Callable[..., Any], theirs: Callable[..., Any]) -> None:
        type_, one, other = self.dice.choice(ENDS)
        port = self.dice.choice((one, other))
        self.on(
            f"{what} {type_} {port}",
            [self.some(*HOSTS)],
            lambda e: ours(e, type_, port),
            lambda thing: theirs(thing, type_, port),
        )

    def free_ports(self) -> None:
        self.on(
            "free_ports",
            [self.some(*HOSTS)],
            lambda e: self.unordered((type_, e.port(type_, port).name) for type_, port in e.free_ports()),
            lambda thing: self.unordered(self.reference.free_ports(thing)),
        )

    def port_attrs(self) -> None:
        type_, port = self.dice.choice(PORTS)
        self.on(
            f"port_attrs {type_} {port}",
            [self.some("server")],
            lambda e: e.port_attrs(type_, port),
            lambda thing: self.reference.port_attrs(thing, type_, port),
        )

    # Addresses

    def ip(self) -> str:
        """An address of one of the subnets, or one beside them."""
        manager = self.some("ipmanager")
        net = manager.net if manager and self.dice.random() < 0.95 else self.net
        return str(net[self.dice.randrange(min(net.num_addresses, 16))])

    def known_ip(self) -> str:
        return self.dice.choice([self.ip(), *(ip for _, ip in self.reference.bound)])

    def allocate(self) -> None:
        manager, server = self.some("ipmanager"), self.dice.choice([self.some("server"), self.some("server"), None])
        ip, osport = self.dice.choice([self.ip(), None]), self.dice.choice(OSPORTS)
        self.on(
            f"allocate {ip} to {server} {osport}",
            [manager],
            lambda e: e.allocate(self.entity(server), ip, osport if server else None),
            lambda thing: self.reference.allocate(thing, server, ip, osport),
        )

    def deallocate(self) -> None:
        ip = self.known_ip()
        self.on(
            f"deallocate {ip}",
            [self.some("ipmanager")],
            lambda e: e.deallocate(ip),
            lambda thing: self.reference.deallocate(thing, ip),
        )

    def bind(self) -> None:
        ip, osport = self.ip(), self.dice.choice(("eth0", "eth1", "bond0"))
        self.on(
            f"bind {ip} {osport}",
            [self.some("server")],
            lambda e: e.bind_ip_to_osport(ip, osport),
            lambda thing: self.reference.bind(thing, ip, osport),
        )

    def unbind(self) -> None:
        server = self.some("server")
        ips = self.reference.get_ips(server) if server else []
        ip, osport = self.dice.choice([self.ip(), *ips]), self.dice.choice((None, "eth0", "eth1", "bond0"))
        manager = self.dice.choice((None, None, self.some("ipmanager")))
        self.on(
            f"unbind {ip} {osport} of {manager}",
            [server],
            lambda e: e.unbind_ip_from_osport(ip, osport, self.entity(manager)),
            lambda thing: self.reference.unbind(thing, ip, osport, manager),
        )

    def set_gateway(self) -> None:
        manager = self.some("ipmanager")
        ip = self.dice.choice([None, self.ip(), str(manager.net[1])]) if manager else None
        self.on(
            f"gateway {ip}",
            [manager],
            lambda e: e.set_gateway(ip),
            lambda thing: self.reference.set_gateway(thing, ip),
        )

    def owner(self) -> None:
        ip = self.known_ip()
        self.on(
            f"owner {ip}",
            [self.some("ipmanager")],
            lambda e: e.owner(ip),
            lambda thing: self.reference.owner(thing, ip),
        )

    def get_ips(self) -> None:
        self.on("get_ips", [self.some("server")], lambda e: e.get_ips(), self.reference.get_ips)
