# SPDX-License-Identifier: BSD-2-Clause
from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clusto.core.errors import InvalidError
from clusto.mirror.inventory import Inventory
from clusto.mirror.model import Address, Host, Manager, Port, Site

SV3, NY1 = Site(1, "sv3", "sv3"), Site(2, "ny1", "ny1")


def port(port_id: int = 1, *addresses: Address, macs: tuple[str, ...] = (), **more: object) -> Port:
    return Port(port_id, f"eth{port_id}", "1000base-t", macs=macs, addresses=addresses, **more)


def host(host_id: int, *ports: Port, name: str | None = "web1", kind: str = "device", site: Site | None = SV3) -> Host:
    return Host(kind, host_id, name, "server", "basicserver", "active", site=site, ports=ports)


def address(ip: str, vrf: str | None = None, role: str | None = None) -> Address:
    return Address(1, ip, 24, "active", role, vrf)


def inventory(*hosts: Host, managers: tuple[Manager, ...] = ()) -> Inventory:
    return Inventory(api_url="http://netbox", loaded_at=0.0, hosts=hosts, managers=managers)


@pytest.mark.parametrize("text", ["00:11:22:33:44:aa", "00:11:22:33:44:AA", "00-11-22-33-44-aa", "0011.2233.44AA"])
def test_mac_is_found_in_any_notation(text: str) -> None:
    eth1 = port(1, macs=("00:11:22:33:44:99", "00:11:22:33:44:aa"))
    web1 = host(1, eth1)
    assert inventory(web1).by_mac(text) == (web1, eth1)


def test_unknown_is_none_and_malformed_is_refused() -> None:
    empty = inventory()
    assert empty.by_mac("00:11:22:33:44:55") is None
    assert empty.by_ip("192.168.1.1") is None
    assert empty.by_name("web1") == ()
    assert empty.host("device", 1) is None
    assert empty.manager_of("192.168.1.1") is None
    with pytest.raises(InvalidError, match="'nonsense'"):
        empty.by_mac("nonsense")
    with pytest.raises(InvalidError, match=r"'192\.168\.1'"):
        empty.by_ip("192.168.1")


@pytest.mark.parametrize("asked", ["2001:db8::1", "2001:DB8:0:0::1"])
def test_ip_is_found_in_any_notation(asked: str) -> None:
    eth1 = port(1, address("2001:db8::1"))
    web1 = host(1, eth1)
    assert inventory(web1).by_ip(asked) == (web1, eth1, None)


def test_ip_comes_with_the_smallest_network_around_it() -> None:
    web1 = host(1, port(1, address("192.168.1.50")))
    wide, narrow = Manager(1, "wide", "192.168.0.0/16"), Manager(2, "narrow", "192.168.1.0/24", "192.168.1.1")
    elsewhere, in_vrf = Manager(3, "elsewhere", "10.0.0.0/8"), Manager(4, "blue", "192.168.1.0/25", vrf="blue")
    found = inventory(web1, managers=(wide, narrow, elsewhere, in_vrf)).by_ip("192.168.1.50")
    assert found is not None
    assert found.manager == narrow


def test_name_finds_all_of_that_name_also_across_kinds() -> None:
    here, there, machine = host(1), host(2, site=NY1), host(1, kind="virtualmachine")
    found = inventory(here, there, machine, host(3, name=None), host(4, name="db1"))
    assert found.by_name("web1") == (here, there, machine)
    assert found.host("virtualmachine", 1) == machine


def test_first_of_two_has_a_mac_and_both_are_named() -> None:
    first, second = (
        host(1, port(1, macs=("00:11:22:33:44:55",))),
        host(2, port(2, macs=("00:11:22:33:44:55",)), site=NY1),
    )
    found = inventory(first, second)
    assert found.by_mac("00:11:22:33:44:55") == (first, first.ports[0])
    assert found.warnings == ("MAC 00:11:22:33:44:55 is on sv3/web1 (eth1) and on ny1/web1 (eth2)",)


def test_one_mac_on_two_ports_of_one_host_is_usual() -> None:
    bond = host(1, port(1, macs=("00:11:22:33:44:55",)), port(2, macs=("00:11:22:33:44:55",)))
    assert inventory(bond).warnings == ()


def test_first_of_two_has_an_address_and_both_are_named() -> None:
    first, second = host(1, port(1, address("10.0.0.1"))), host(2, port(2, address("10.0.0.1")), name=None, site=None)
    found = inventory(first, second)
    assert found.by_ip("10.0.0.1") == (first, first.ports[0], None)
    assert found.warnings == ("IP 10.0.0.1 is on sv3/web1 (eth1) and on device 2 (eth2)",)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (address("10.0.0.1", role="anycast"), address("10.0.0.1", role="anycast")),
        (address("10.0.0.1"), address("10.0.0.1", vrf="blue")),
        (address("10.0.0.1", vrf="blue"), address("10.0.0.1", vrf="red")),
    ],
)
def test_addresses_that_may_be_shared_give_no_warning(one: Address, other: Address) -> None:
    assert inventory(host(1, port(1, one)), host(2, port(2, other))).warnings == ()


def test_address_outside_any_vrf_goes_before_one_inside() -> None:
    inside, outside = host(1, port(1, address("10.0.0.1", vrf="blue"))), host(2, port(2, address("10.0.0.1")))
    found = inventory(inside, outside).by_ip("10.0.0.1")
    assert found is not None
    assert found.host == outside


def test_member_of_a_lag_in_a_bridge_answers_with_their_addresses() -> None:
    own, lag_address, bridge_address = address("10.0.0.1"), address("10.0.1.1"), address("10.0.2.1")
    eth = port(1, own, lag=2)
    lag, bridge = port(2, lag_address, bridge=3), port(3, bridge_address)
    web1 = host(1, eth, lag, bridge)
    assert web1.addresses_of(eth) == (own, lag_address, bridge_address)
    assert web1.addresses_of(bridge) == (bridge_address,)


def test_bridges_in_a_circle_and_ports_that_are_gone_end_the_search() -> None:
    one, other = port(1, address("10.0.0.1"), bridge=2), port(2, address("10.0.0.2"), bridge=1, lag=99)
    assert [a.ip for a in host(1, one, other).addresses_of(one)] == ["10.0.0.1", "10.0.0.2"]


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 255), st.integers(0, 32)), unique=True), st.integers(0, 2**32 - 1))
def test_manager_is_the_one_that_a_search_of_all_finds(drawn: list[tuple[int, int]], number: int) -> None:
    from ipaddress import ip_address, ip_network

    networks = {ip_network((octet << 24, length), strict=False) for octet, length in drawn}
    managers = tuple(Manager(i, str(n), str(n)) for i, n in enumerate(sorted(networks)))
    covering = [m for m in managers if ip_address(number) in ip_network(m.network)]
    expected = max(covering, key=lambda m: ip_network(m.network).prefixlen, default=None)
    assert inventory(managers=managers).manager_of(str(ip_address(number))) == expected
