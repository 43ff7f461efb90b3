# SPDX-License-Identifier: BSD-2-Clause
"""Of the reference: the ports of servers and power strips, what connects them, and addresses, also in a VRF."""

from __future__ import annotations

import ipaddress
import re
from typing import Any

from clusto.core.errors import AmbiguousError, ConflictError, ExhaustedError, InvalidError, NotFoundError

from .things import HOSTS, Port, Thing, Things, check_attribute, check_inside

MAC = re.compile(r"[0-9a-f]{2}(:[0-9a-f]{2}){5}")
FITTING = ({"interface"}, {"power-port", "power-outlet"}, {"console-port", "console-server-port"})


class Hosts(Things):
    def port(self, server: Thing, type_: str, wanted: int | str) -> Port:
        if type_ not in server.ports:
            raise NotFoundError(type_)
        there = server.ports[type_]
        if isinstance(wanted, int) and wanted < 1:
            raise InvalidError(f"{wanted}")
        if isinstance(wanted, int):
            counted = [name for name, port in there.items() if port.component == next(iter(there.values())).component]
            wanted = (*counted, *[""] * wanted)[wanted - 1]
        if wanted not in there:
            raise NotFoundError(f"{server} has no {wanted}")
        return there[wanted]

    def set_port_attr(self, server: Thing, type_: str, wanted: int | str, key: str, value: Any) -> None:
        port = self.port(server, type_, wanted)
        if key != "mac":
            check_attribute(key, None, None)
            port.attrs[key] = value
            return
        if not isinstance(value, str) or not MAC.fullmatch(value) or type_ != "nic-eth":
            raise InvalidError(f"{value}")
        for other in self.of("server"):
            if any(nic.mac == value and nic is not port for nic in other.ports["nic-eth"].values()):
                raise ConflictError(f"{other} bears {value}")
        port.mac = value

    def del_port_attr(self, server: Thing, type_: str, wanted: int | str, key: str) -> None:
        port = self.port(server, type_, wanted)
        if key != "mac":
            port.attrs.pop(key, None)
        elif port.mac is None:
            raise NotFoundError(f"{wanted} has no MAC address")
        port.mac = None if key == "mac" else port.mac

    def port_attrs(self, server: Thing, type_: str, wanted: int | str) -> dict[str, Any]:
        port = self.port(server, type_, wanted)
        return {**port.attrs, **({"mac": port.mac} if port.mac else {})}

    def connect(self, near: Thing, type_: str, wanted: int | str, far: Thing, other: int | str) -> None:
        two = self.port(far, type_, other)
        one = self.port(near, type_, wanted)
        if one.peer is two:
            return
        if one is two or {one.component, two.component} not in FITTING:
            raise InvalidError(f"{one.component} and {two.component}")
        if one.peer or two.peer:
            raise ConflictError("taken")
        one.peer, two.peer = two, one

    def disconnect(self, thing: Thing, type_: str, wanted: int | str) -> None:
        self._unplug(self.port(thing, type_, wanted))

    @staticmethod
    def _unplug(port: Port) -> None:
        if port.peer:
            port.peer.peer = None
        port.peer = None

    def unplug_all(self, thing: Thing) -> None:
        for port in self.all_ports(thing):
            self._unplug(port)

    @staticmethod
    def all_ports(thing: Thing) -> list[Port]:
        return [port for there in thing.ports.values() for port in there.values()]

    def connection(self, thing: Thing, type_: str, wanted: int | str) -> tuple[Thing, str, str] | None:
        peer = self.port(thing, type_, wanted).peer
        return self.whereabouts(peer) if peer else None

    def whereabouts(self, port: Port) -> tuple[Thing, str, str]:
        """Whose port it is, its type and its name."""
        return next(
            (thing, type_, name)
            for thing in self.of(*HOSTS)
            for type_, there in thing.ports.items()
            for name, one in there.items()
            if one is port
        )

    def free_ports(self, thing: Thing) -> list[tuple[str, str]]:
        return [
            (type_, name)
            for type_, there in thing.ports.items()
            for name, port in there.items()
            if not port.peer and port.component != "virtual"
        ]

    # Addresses

    def allocate(self, manager: Thing, server: Thing | None, ip: str | None, osport: str | None) -> str:
        if ip is not None:
            check_inside(manager.net, ip)
            if ip == manager.gateway:
                raise ConflictError("the gateway")
            if (manager.vrf, ip) in self.bound:
                where = self.bound[manager.vrf, ip]
                if server is None or (where and where != (server, osport or "eth0")):
                    raise ConflictError(f"{ip} is {where}")
        else:
            free = (str(host) for host in manager.net.hosts())
            ip = next((one for one in free if one != manager.gateway and (manager.vrf, one) not in self.bound), None)
            if ip is None:
                raise ExhaustedError("none is free")
        self.bound[manager.vrf, ip] = None
        if server is not None:
            server.ports["nic-eth"].setdefault(osport or "eth0", Port())
            self.bound[manager.vrf, ip] = (server, osport or "eth0")
        return ip

    def bind(self, server: Thing, ip: str, osport: str) -> None:
        self.allocate(self.get_ip_manager(ip), server, ip, osport)

    def unbind(self, server: Thing, ip: str, osport: str | None, manager: Thing | None) -> None:
        found = [
            place
            for place, at in self.bound.items()
            if place[1] == ip and at and at[0] is server and osport in (None, at[1])
            if manager is None or (manager.vrf == place[0] and ipaddress.IPv4Address(ip) in manager.net)
        ]
        if not found:
            raise NotFoundError(f"{server} does not have {ip}")
        if len(found) > 1:
            raise AmbiguousError(ip, [str(place) for place in found])
        del self.bound[found[0]]

    def deallocate(self, manager: Thing, ip: str) -> None:
        check_inside(manager.net, ip)
        if ip == manager.gateway:
            raise ConflictError("the gateway")
        if (manager.vrf, ip) not in self.bound:
            raise NotFoundError(ip)
        del self.bound[manager.vrf, ip]

    def owner(self, manager: Thing, ip: str) -> Thing | None:
        if ipaddress.IPv4Address(ip) not in manager.net:
            raise InvalidError(ip)
        where = self.bound.get((manager.vrf, ip))
        return where[0] if where else None

    def get_ip_manager(self, ip: str) -> Thing:
        found = [manager for manager in self.of("ipmanager") if ipaddress.IPv4Address(ip) in manager.net]
        if not found:
            raise NotFoundError(ip)
        if len(found) > 1:
            raise AmbiguousError(ip, [repr(manager) for manager in found])
        return found[0]

    def set_gateway(self, manager: Thing, ip: str | None) -> None:
        if ip is not None:
            check_inside(manager.net, ip)
        manager.gateway = ip

    def get_ips(self, server: Thing) -> list[str]:
        ips = [ip for (_, ip), at in self.bound.items() if at and at[0] is server]
        return sorted(ips, key=ipaddress.IPv4Address)

    def allocated(self, manager: Thing) -> list[str]:
        here = [ip for vrf, ip in self.bound if vrf == manager.vrf]
        return [ip for ip in here if ipaddress.IPv4Address(ip) in manager.net and ip != manager.gateway]
