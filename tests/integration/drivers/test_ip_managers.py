# SPDX-License-Identifier: BSD-2-Clause
"""IP managers: allocate, refuse, bind, find the owner, set free."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from clusto.core.errors import ConflictError, ExistsError, InvalidError, NotFoundError
from clusto.drivers import BasicServer, IPManager, Session

Unique = Callable[[str], str]
ADDRESSES = "ipam/ip-addresses"


def test_allocate_and_set_free(manager: IPManager, server: BasicServer, net: str) -> None:
    assert (manager.prefix, manager.baseip, manager.netmask) == (f"{net}.0/24", f"{net}.0", "255.255.255.0")
    assert manager.allocate() == f"{net}.2"  # .1 is the gateway
    assert manager.allocate(ip=f"{net}.3") == f"{net}.3"
    assert manager.allocate(server) == f"{net}.4"
    assert manager.allocate(server, osport="bond0") == f"{net}.5"
    assert server.get_ips() == [f"{net}.4", f"{net}.5"]
    assert [ip["osport"] for ip in server.describe()["ips"]] == ["eth0", "bond0"]
    assert (manager.owner(f"{net}.5"), manager.owner(f"{net}.3"), manager.owner(f"{net}.200")) == (server, None, None)
    assert manager.describe()["addresses"][-1] == {"ip": f"{net}.5", "bound_to": f"{server.name}, interface bond0"}
    manager.deallocate(f"{net}.4")
    assert server.get_ips() == [f"{net}.5"]
    with pytest.raises(NotFoundError, match=rf"{net}\.4 is not allocated"):
        manager.deallocate(f"{net}.4")
    assert manager.allocate() == f"{net}.4"


def test_addresses_that_cannot_be_had(session: Session, manager: IPManager, server: BasicServer, net: str) -> None:
    session.client.create(ADDRESSES, {"address": f"{net}.7/24", "status": "reserved", "description": "printer"})
    server.bind_ip_to_osport(f"{net}.50", "eth0")
    other = "100.128.0.1"
    for ip, error, message in (
        (f"{net}.0", InvalidError, f"expected {net}.1 to {net}.254"),
        (f"{net}.255", InvalidError, f"expected {net}.1 to {net}.254"),
        (other, InvalidError, f"{other} is not in {net}.0/24"),
        (f"{net}.1", ConflictError, "is its gateway"),
        (f"{net}.7", ConflictError, r"is reserved in NetBox already \(printer\)"),
        (f"{net}.50", ConflictError, f"is bound to {server.name}, interface eth0"),
        ("192.0.2", InvalidError, "is no IP address"),
    ):
        with pytest.raises(error, match=message):
            manager.allocate(ip=ip)
    with pytest.raises(ConflictError, match="is its gateway"):
        manager.deallocate(f"{net}.1")
    with pytest.raises(InvalidError, match="is not in"):
        manager.owner(other)


def test_full_subnet(unique: Unique, net: str) -> None:
    manager = IPManager(unique("small"), prefix=f"{net}.8/30", gateway=f"{net}.9")
    assert manager.allocate() == f"{net}.10"
    with pytest.raises(ConflictError, match=rf"no free address in {net}\.8/30"):
        manager.allocate()


def test_bind_is_repeatable_and_refuses_what_contradicts(
    unique: Unique, manager: IPManager, server: BasicServer, net: str
) -> None:
    other, ip = BasicServer(unique("other")), f"{net}.50"
    for _ in range(2):
        server.bind_ip_to_osport(ip, "eth0")
    with pytest.raises(ConflictError, match=f"is bound to {server.name}, interface eth0"):
        server.bind_ip_to_osport(ip, "eth1")
    with pytest.raises(ConflictError, match=f"is bound to {server.name}, interface eth0"):
        other.bind_ip_to_osport(ip, "eth7", ip_manager=manager)
    assert "eth7" not in [port.name for port in other.ports("nic-eth")]
    with pytest.raises(NotFoundError, match="on eth1"):
        server.unbind_ip_from_osport(ip, "eth1")
    server.unbind_ip_from_osport(ip, "eth0")
    allocated = manager.allocate(ip=ip)
    other.bind_ip_to_osport(allocated, "eth0", ip_manager=manager.name)
    assert manager.owner(ip) == other


def test_osports(manager: IPManager, server: BasicServer, net: str) -> None:
    server.bind_ip_to_osport(f"{net}.50", "enp3s0", porttype="nic-eth", portnum=2)
    server.bind_ip_to_osport(f"{net}.51", "enp3s0")  # found by its label
    server.bind_ip_to_osport(f"{net}.52", "bond0")
    server.bind_ip_to_osport(f"{net}.53", "ipmi")
    assert [ip["osport"] for ip in server.describe()["ips"]] == ["eth1", "eth1", "bond0", "ipmi"]
    ports = {port.name: port for port in server.ports("nic-eth")}
    assert (ports["eth1"].record["label"], ports["bond0"].type) == ("enp3s0", "virtual")
    assert (ports["ipmi"].mgmt_only, server.record["oob_ip"]["address"]) == (True, f"{net}.53/24")
    assert [port["number"] for port in server.port_info()["nic-eth"]] == [None, 1, 2, None]
    with pytest.raises(ConflictError, match="osport 'enp3s0' is interface 'eth1', not nic-eth 1"):
        server.bind_ip_to_osport(f"{net}.54", "enp3s0", porttype="nic-eth", portnum=1)
    with pytest.raises(InvalidError, match="bears no addresses"):
        server.bind_ip_to_osport(f"{net}.54", "psu", porttype="pwr-nema-5", portnum=1)
    with pytest.raises(InvalidError, match="both port type and port number"):
        server.bind_ip_to_osport(f"{net}.54", "eth0", porttype="nic-eth")


def test_manager_of_an_address(session: Session, unique: Unique, manager: IPManager, net: str) -> None:
    assert IPManager.get_ip_manager(f"{net}.77") == manager
    with pytest.raises(NotFoundError, match=r"100\.128\.0\.1 is in the subnet of no IP manager"):
        IPManager.get_ip_manager("100.128.0.1")
    session.client.create("ipam/prefixes", {"prefix": f"{net}.64/26"})  # of others
    assert IPManager.get_ip_manager(f"{net}.77") == manager
    inner = IPManager(unique("inner"), prefix=f"{net}.64/27")
    assert IPManager.get_ip_manager(f"{net}.77") == inner
    assert IPManager.get_ip_manager(f"{net}.100") == manager
    with pytest.raises(ConflictError, match=f"belongs to IP manager {inner.name!r}"):
        manager.allocate(ip=f"{net}.77")


def test_subnets_and_names_that_cannot_be(session: Session, unique: Unique, manager: IPManager, net: str) -> None:
    with pytest.raises(ExistsError, match=manager.url):
        IPManager(manager.name, prefix="100.127.255.0/24")
    with pytest.raises(ConflictError, match=f"is that of IP manager {manager.name!r}"):
        IPManager(unique("again"), prefix=f"{net}.0/24")
    session.client.create("ipam/prefixes", {"prefix": f"{net}.64/26"})
    with pytest.raises(ConflictError, match="exists in NetBox"):
        IPManager(unique("theirs"), prefix=f"{net}.64/26")
    for subnet in (
        {"baseip": f"{net}.0", "netmask": "255.0.255.0"},
        {"baseip": f"{net}.3", "netmask": "255.255.255.0"},
        {"baseip": f"{net}.0"},
        {"prefix": f"{net}.0/24", "netmask": "255.255.255.0"},
        {"prefix": f"{net}.0/33"},
        {"prefix": f"{net}.128/26", "gateway": f"{net}.1"},
    ):
        with pytest.raises(InvalidError):
            IPManager(unique("no"), **subnet)
    assert session.client.list(ADDRESSES, parent=f"{net}.128/26") == []


def test_gateway_moves(manager: IPManager, net: str) -> None:
    manager.set_gateway(f"{net}.254")
    assert (manager.gateway, manager.allocate()) == (f"{net}.254", f"{net}.1")
    with pytest.raises(ConflictError, match="gateway"):
        manager.allocate(ip=f"{net}.254")


def test_delete(session: Session, manager: IPManager, net: str) -> None:
    manager.allocate(ip=f"{net}.9")
    with pytest.raises(ConflictError, match=rf"allocated of it are {net}\.9"):
        manager.delete(cascade=True)
    manager.deallocate(f"{net}.9")
    manager.rename(f"{manager.name}-renamed")
    manager.delete()
    assert session.client.list(ADDRESSES, parent=f"{net}.0/24") == []


def test_two_who_allocate_at_once_get_different_addresses(manager: IPManager) -> None:
    with ThreadPoolExecutor(4) as pool:
        assert len({future.result() for future in [pool.submit(manager.allocate) for _ in range(8)]}) == 8
