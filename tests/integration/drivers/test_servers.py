# SPDX-License-Identifier: BSD-2-Clause
"""Servers and other devices: their class, their ports, their MAC addresses."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from clusto.core.errors import ConflictError, ExistsError, InvalidError, NotFoundError
from clusto.drivers import (
    BasicServer,
    Datacenter,
    Device,
    PenguinServer2U,
    Server,
    Session,
    VirtualMachine,
    get_by_name,
)

Unique = Callable[[str], str]


def test_ports_by_number_and_name(server: BasicServer, mac: str) -> None:
    server.set_port_attr("nic-eth", 2, "mac", mac.upper().replace(":", "-"))
    server.set_port_attr("nic-eth", "eth1", "note", "uplink")
    server.set_port_attr("pwr-nema-5", 1, "fuse", 16)
    assert server.port_attrs("nic-eth", 2) == {"mac": mac, "note": "uplink"}
    assert server.get_port_attr("nic-eth", "eth1", "mac") == mac
    assert server.get_port_attr("nic-eth", 1, "mac") is None
    server.del_port_attr("nic-eth", 2, "note")
    free = {"connected_to": None, "cabled_to": None}
    assert server.port_info() == {
        "nic-eth": [
            {"name": "eth0", "number": 1, "attributes": {}, **free},
            {"name": "eth1", "number": 2, "attributes": {"mac": mac}, **free},
        ],
        "console-serial": [{"name": "console1", "number": 1, "attributes": {}, **free}],
        "pwr-nema-5": [{"name": "psu1", "number": 1, "attributes": {"fuse": 16}, **free}],
        "front-port": [],
        "rear-port": [],
    }
    for porttype, port, error, message in (
        ("nic-eth", 3, NotFoundError, f"{server.name}.*no port 3; it has eth0, eth1"),
        ("nic-eth", 0, InvalidError, "1 or more"),
        ("nic-eth", "eth9", NotFoundError, "'eth9'"),
        ("nic-fibre", 1, NotFoundError, "'nic-fibre'.*nic-eth"),
    ):
        with pytest.raises(error, match=message):
            server.port(porttype, port)


def test_mac_address_is_the_primary_one_of_one_interface(
    session: Session, unique: Unique, server: BasicServer, mac: str
) -> None:
    other, second = BasicServer(unique("other")), f"{mac[:-2]}{int(mac[-2:], 16) ^ 1:02x}"
    server.set_port_attr("nic-eth", 1, "mac", mac)
    server.set_port_attr("nic-eth", 1, "mac", mac)
    with pytest.raises(ConflictError, match=f"{mac} is borne by {server.name}, interface eth0"):
        other.set_port_attr("nic-eth", 1, "mac", mac)
    with pytest.raises(ConflictError, match="interface eth0"):
        server.set_port_attr("nic-eth", 2, "mac", mac)
    server.set_port_attr("nic-eth", 1, "mac", second)
    assert session.client.list("dcim/mac-addresses", mac_address=mac) == []
    session.client.create("dcim/mac-addresses", {"mac_address": mac})  # known, on no interface
    other.set_port_attr("nic-eth", 1, "mac", mac)
    other.del_port_attr("nic-eth", 1, "mac")
    assert session.client.list("dcim/mac-addresses", mac_address=mac) == []
    with pytest.raises(NotFoundError, match="has no MAC address"):
        other.del_port_attr("nic-eth", 1, "mac")
    for value in ("00:11:22", "zz:11:22:33:44:55", 5):
        with pytest.raises(InvalidError, match="no MAC address"):
            server.set_port_attr("nic-eth", 1, "mac", value)
    with pytest.raises(InvalidError, match="no network interface"):
        server.set_port_attr("pwr-nema-5", 1, "mac", mac)


def test_mac_address_whose_setting_was_interrupted(session: Session, server: BasicServer, mac: str) -> None:
    port = server.port("nic-eth", 1)
    assigned = {"assigned_object_type": "dcim.interface", "assigned_object_id": port.id}
    session.client.create("dcim/mac-addresses", {"mac_address": mac, **assigned})
    server.set_port_attr("nic-eth", 1, "mac", mac)
    assert server.get_port_attr("nic-eth", 1, "mac") == mac


def test_device_that_others_made(session: Session, unique: Unique, datacenter: Datacenter, mac: str) -> None:
    create = session.client.create
    maker = create("dcim/manufacturers", {"name": unique("Maker"), "slug": unique("maker")})
    role = create("dcim/device-roles", {"name": unique("Leaf"), "slug": unique("leaf")})
    model = {"manufacturer": maker["id"], "model": unique("C9300"), "slug": unique("c9300"), "u_height": 1}
    model_id = create("dcim/device-types", model)["id"]
    body = {"name": unique("sw"), "role": role["id"], "device_type": model_id, "site": datacenter.id}
    device = create("dcim/devices", body)
    for name, kind in (("Gi10", "1000base-t"), ("Gi9", "1000base-t"), ("Po1", "lag"), ("Vlan1", "virtual")):
        create("dcim/interfaces", {"device": device["id"], "name": name, "type": kind})
    found = get_by_name(f"{unique('leaf')}:{body['name']}")
    assert type(found) is Device
    assert (found.type, found.driver, found.place) == (unique("leaf"), unique("C9300"), datacenter)
    assert found.port("nic-eth", 2).name == "Gi10"
    found.set_port_attr("nic-eth", 1, "mac", mac)
    found.set_attr("note", "theirs")
    assert found.describe()["attributes"] == {"note": "theirs"}
    made = Server(unique("other-make"), driver=unique("c9300"))
    assert (type(made), made.driver) == (Server, unique("C9300"))


def test_drivers_and_names(unique: Unique, datacenter: Datacenter, server: BasicServer) -> None:
    wide = PenguinServer2U(unique("wide"), datacenter=datacenter, attributes={"a": 1})
    assert (wide.type, wide.driver, wide.height, wide.place) == ("server", "penguinserver2u", 2, datacenter)
    assert type(Server.get(wide.name)) is PenguinServer2U
    assert wide.document == {"a": 1}
    with pytest.raises(NotFoundError):
        BasicServer.get(Datacenter.get(datacenter.name).name)
    with pytest.raises(ExistsError, match=server.url):
        PenguinServer2U(server.name)
    with pytest.raises(InvalidError, match="needs a driver"):
        Server(unique("none"))
    with pytest.raises(NotFoundError, match=r"'nosuchdriver'.*found none"):
        Server(unique("none"), driver="nosuchdriver")
    wide.rename(unique("renamed"))
    assert Server.get(unique("renamed")) == wide
    with pytest.raises(ExistsError):
        wide.rename(server.name)


def test_virtual_machine(session: Session, unique: Unique, datacenter: Datacenter, mac: str) -> None:
    body = {"name": unique("vm"), "site": datacenter.id}
    record = session.client.create("virtualization/virtual-machines", body)
    session.client.create("virtualization/interfaces", {"virtual_machine": record["id"], "name": "ens3"})
    machine = get_by_name(unique("vm"))
    assert isinstance(machine, VirtualMachine)
    machine.set_port_attr("nic-eth", 1, "mac", mac)
    assert machine.port_attrs("nic-eth", "ens3") == {"mac": mac}
    datacenter.set_attr("a", 1)
    machine.set_attr("b", 2)
    assert machine.merged() == {"a": 1, "b": 2}
    assert machine.describe()["datacenter"] == datacenter.name
    with pytest.raises(InvalidError, match="no attributes but mac"):
        machine.set_port_attr("nic-eth", 1, "note", "x")


def test_delete_says_what_goes_with_it(server: BasicServer, manager, net: str) -> None:
    server.bind_ip_to_osport(f"{net}.9", "eth0")
    with pytest.raises(ConflictError, match=rf"cascade.*{net}\.9"):
        server.delete()
    server.delete(cascade=True)
    assert manager.allocate(ip=f"{net}.9") == f"{net}.9"
    with pytest.raises(NotFoundError):
        server.refresh()
