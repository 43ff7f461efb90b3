# SPDX-License-Identifier: BSD-2-Clause
from __future__ import annotations

from dataclasses import replace

import pytest

from clusto.dhcp.options import OptionTable
from clusto.dhcp.packet import dotted
from clusto.dhcpd.directory import UNBOUND, Directory, Known
from clusto.mirror.inventory import Inventory
from clusto.mirror.model import Host, Manager

from .hosts import EX0000, MAC, MANAGER, address, host, inventory, port, with_bootstrap


def directory(*hosts: Host, bootstrap: bool = False) -> Directory:
    return Directory(OptionTable(), bootstrap=bootstrap).update(inventory(*hosts))[0]


def octets(mac: str) -> bytes:
    return bytes.fromhex(mac.replace(":", ""))


def addresses(known: Known) -> list[str]:
    return [dotted(template.address) for template in known.templates]


def test_a_host_is_found_by_its_mac() -> None:
    known = directory(EX0000).by_mac[octets(MAC)]
    assert (known.host, known.port, known.lack) == (EX0000, EX0000.ports[0], None)
    assert addresses(known) == ["192.168.1.50"]


@pytest.mark.parametrize(
    ("label", "one", "lack"),
    [
        ("not enabled", host(port(1, "eth0", address("192.168.1.50"), macs=(MAC,))), "dhcp.enabled"),
        ("disabled", host(port(1, "eth0", address("192.168.1.50"), macs=(MAC,)), enabled="0"), "dhcp.enabled"),
        ("no attributes at all", replace(EX0000, attributes=None), "dhcp.enabled"),
        ("unbound", host(port(1, "eth0", macs=(MAC,)), enabled=1), "no IPv4 address"),
        ("IPv6 only", host(port(1, "eth0", address("2001:db8::1"), macs=(MAC,)), enabled=1), "no IPv4 address"),
        ("a VIP only", host(port(1, "eth0", address("10.0.0.1", role="vip"), macs=(MAC,)), enabled=1), "no IPv4"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_a_host_lacks(label: str, one: Host, lack: str) -> None:
    known = directory(one).by_mac[octets(MAC)]
    assert lack in str(known.lack)
    assert known.templates == ()


OTHER, CARD = "00:11:22:33:44:66", "00:11:22:33:44:77"


def test_a_macs_own_port_comes_first_and_management_is_apart() -> None:
    many = host(
        port(1, "eth0", address("192.168.1.50", 1), macs=(MAC,)),
        port(2, "eth1", address("192.168.1.51", 2), macs=(OTHER,)),
        port(3, "ipmi", address("192.168.1.52", 3), macs=(CARD,), mgmt_only=True),
        enabled=1,
    )
    found = directory(many).by_mac
    assert addresses(found[octets(MAC)]) == ["192.168.1.50", "192.168.1.51"]
    assert addresses(found[octets(OTHER)]) == ["192.168.1.51", "192.168.1.50"]
    assert addresses(found[octets(CARD)]) == ["192.168.1.52"]


def test_an_ipmi_card_without_address_never_gets_the_servers() -> None:
    one = host(
        port(1, "eth0", address("192.168.1.50"), macs=(MAC,)),
        port(2, "ipmi", macs=(CARD,), mgmt_only=True),
        enabled=1,
    )
    assert directory(one).by_mac[octets(CARD)].lack == UNBOUND


def test_a_member_of_a_lag_leads_to_its_address() -> None:
    bonded = host(
        port(1, "eth0", macs=(MAC,), lag=3),
        port(2, "eth9", address("192.168.1.9", 9)),
        port(3, "bond0", address("192.168.1.50"), type="lag"),
        enabled=1,
    )
    assert addresses(directory(bonded).by_mac[octets(MAC)])[0] == "192.168.1.50"


def test_of_two_hosts_with_one_mac_the_first_has_it() -> None:
    second = host(port(9, "eth0", address("192.168.1.99", 9), macs=(MAC,)), name="second", number=2, enabled=1)
    assert directory(EX0000, second).by_mac[octets(MAC)].host is EX0000


def test_bootstrap_macs_only_where_asked_for() -> None:
    found = with_bootstrap(host(port(1, "eth0", address("192.168.1.50")), enabled=1), [OTHER, "001122334477"])
    assert directory(found).by_mac == {}
    known = directory(found, bootstrap=True).by_mac
    assert set(known) == {octets(OTHER), octets(CARD)}
    assert known[octets(OTHER)].port is None
    assert addresses(known[octets(OTHER)]) == ["192.168.1.50"]


def test_a_bad_bootstrap_mac_is_told() -> None:
    _, (bad,) = Directory(OptionTable(), bootstrap=True).update(inventory(with_bootstrap(EX0000, "nonsense")))
    assert bad.key == "bootstrap.mac"
    assert "nonsense" in bad.reason


def misspelt(number: int, *, enabled: int = 1) -> Host:
    return host(name=f"s{number}", number=number, enabled=enabled, router="10.0.0.999")


def update(before: Directory, *hosts: Host) -> tuple[Directory, list[str]]:
    after, bad = before.update(inventory(*hosts))
    return after, [str(attribute) for attribute in bad]


def test_bad_attributes_are_told_once_for_all_hosts_that_have_them() -> None:
    known, told = update(Directory(OptionTable()), *map(misspelt, range(1, 6)))
    assert told == [
        (
            "dhcp.router of s1, s2, s3 and 2 more: '10.0.0.999' is not usable; expected one or more IPv4 addresses; "
            "this option is left out"
        )
    ]
    known, told = update(known, *map(misspelt, range(1, 6)))
    assert told == []
    known, told = update(known, *map(misspelt, range(1, 7)))
    assert [line[: line.index(":")] for line in told] == ["dhcp.router of s6"]
    known, told = update(known)
    assert told == []
    assert len(update(known, misspelt(1))[1]) == 1


def test_bad_attributes_of_hosts_without_dhcp_are_nobodys_business() -> None:
    assert update(Directory(OptionTable()), misspelt(1, enabled=0))[1] == []


def test_unchanged_hosts_are_taken_over_and_changed_ones_made_anew() -> None:
    other = host(port(2, "eth0", address("192.168.1.51", 2), macs=(OTHER,)), name="other", number=2, enabled=1)
    first = directory(EX0000, other)
    second, _ = first.update(inventory(EX0000, replace(other, name="renamed")))
    assert second.by_mac[octets(MAC)] is first.by_mac[octets(MAC)]
    assert second.by_mac[octets(OTHER)].host.name == "renamed"


def test_a_changed_ip_manager_changes_all() -> None:
    first = directory(EX0000)
    moved = inventory(EX0000, managers=(replace(MANAGER, gateway="192.168.1.1"),))
    assert first.update(moved)[0].by_mac[octets(MAC)] is not first.by_mac[octets(MAC)]


@pytest.mark.parametrize(
    ("managers", "first", "last"),
    [
        ((MANAGER,), "192.168.1.0", "192.168.1.255"),
        ((replace(MANAGER, network="192.168.0.0/22", gateway=None),), "192.168.0.0", "192.168.3.255"),
        ((), "192.168.1.48", "192.168.1.63"),
    ],
    ids=["manager", "wider manager", "the address's own prefix"],
)
def test_the_subnet_is_the_managers_else_the_addresss_own(managers: tuple[Manager, ...], first: str, last: str) -> None:
    one = host(port(1, "eth0", address("192.168.1.50", length=28), macs=(MAC,)), enabled=1)
    loaded: Inventory = inventory(one, managers=managers)
    (template,) = Directory(OptionTable()).update(loaded)[0].by_mac[octets(MAC)].templates
    assert (dotted(template.first), dotted(template.last)) == (first, last)
