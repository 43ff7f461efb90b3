# SPDX-License-Identifier: BSD-2-Clause
"""Inventories as the mirror gives them, small enough to read."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from clusto.mirror.inventory import Inventory
from clusto.mirror.model import DEVICE, Address, Host, Manager, Port

MAC = "00:11:22:33:44:55"
MANAGER = Manager(1, "net", "192.168.1.0/24", gateway="192.168.1.254")


def address(ip: str, number: int = 1, length: int = 24, **more: Any) -> Address:
    return Address(number, ip, length, "active", **more)


def port(number: int, name: str, *addresses: Address, macs: tuple[str, ...] = (), **more: Any) -> Port:
    return Port(number, name, more.pop("type", "1000base-t"), macs=macs, addresses=addresses, **more)


def host(*ports: Port, name: str = "ex0000", number: int = 1, **attributes: Any) -> Host:
    """Make a server with these `dhcp` attributes."""
    return Host(
        DEVICE, number, name, "server", "basicserver", "active", attributes={"dhcp": attributes}, own={}, ports=ports
    )


EX0000 = host(port(1, "eth0", address("192.168.1.50"), macs=(MAC,)), enabled=1, domain="example.org")


def inventory(*hosts: Host, managers: tuple[Manager, ...] = (MANAGER,)) -> Inventory:
    return Inventory(api_url="http://netbox", loaded_at=0, hosts=hosts, managers=managers)


def with_bootstrap(one: Host, mac: Any) -> Host:
    return replace(one, own={"bootstrap": {"mac": mac}})
