# SPDX-License-Identifier: BSD-2-Clause
"""What others have is not taken: the refusal names the thing and whose it is, and nothing changes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from clusto.core.errors import AmbiguousError, NotFoundError
from clusto.drivers import Device, IPManager, Session, VirtualMachine, get_by_name

from ..modules.conftest import Modules
from .world import Others

Unique = Callable[[str], str]


@pytest.fixture(scope="module")
def ours(session: Session, others: Others) -> Iterator[dict[str, str]]:
    """A server of ours in their site, and an IP manager among their addresses."""
    server = Device.from_record(
        session,
        session.client.create(
            "dcim/devices",
            {
                "name": others.name("ours"),
                "site": others.id("dcim/sites", "one"),
                "role": {"slug": "server"},
                "device_type": {"slug": "basicserver"},
            },
        ),
    )
    manager = IPManager(others.name("ours-net"), prefix="198.18.1.0/26", session=session)
    yield {"server": server.name, "manager": manager.name}
    server.delete(cascade=True)
    session.client.delete("ipam/prefixes", manager.id)


@pytest.mark.parametrize("stem", ["monitoring", "equal", "both", "profiled"])
def test_names_of_tags_and_contexts(modules: Modules, others: Others, stem: str) -> None:
    refusal = modules.refuse("pool", name=others.name(stem))
    assert others.name(stem) in refusal
    made = [*others.made["extras/tags"].values(), *others.made["extras/config-contexts"].values()]
    assert any(one["display_url"] in refusal for one in made if one["name"] == others.name(stem))


def test_names_of_devices(modules: Modules, others: Others) -> None:
    """A device of theirs is no server; another of its name in its site would not be either."""
    refusal = modules.refuse("server", name=others.name("switch"), driver="basicserver")
    assert others.name("switch") in refusal
    assert others.name("inner") in refusal
    refusal = modules.refuse("server", name=others.name("same"), driver="basicserver")
    assert f"{others.name('leaf')} {others.name('same')!r} is in" in refusal


@pytest.mark.parametrize(
    ("where", "ru", "stem"), [("one/plain", 10, "upper"), ("one/plain", 22, "chassis"), ("two/odd", 7, "tall")]
)
def test_units(modules: Modules, others: Others, where: str, ru: int, stem: str) -> None:
    site, rack = where.split("/")
    place = f"{others.made['dcim/sites'][site]['name']}/{others.name(rack)}"
    refusal = modules.refuse("server", name=others.name("new"), driver="basicserver", rack=place, ru=ru)
    assert others.name(stem) in refusal
    assert str(ru) in refusal


@pytest.mark.parametrize(
    ("vrf", "stem"), [(None, "inside"), ("red", "red"), (None, "container"), (None, "six"), (None, "regional")]
)
def test_subnets(modules: Modules, others: Others, unique: Unique, vrf: str | None, stem: str) -> None:
    there = others.made["ipam/prefixes"][stem]
    options = {"prefix": there["prefix"], "vrf": vrf and others.name(vrf)}
    refusal = modules.refuse("ip_manager", name=unique("net"), **options)
    assert f"prefix {there['prefix']}" in refusal
    assert f"without owner, tenant or description, {there['display_url']}; to make it" in refusal


@pytest.mark.parametrize(
    ("ip", "owners"),
    [
        ("198.18.1.31", ["switch-{}, interface GigabitEthernet1/0/1"]),
        ("198.18.1.32", ["switch-{}, interface GigabitEthernet1/0/1", "vm-{}, interface ens18", "Anycast"]),
        ("198.18.1.33", ["VRRP"]),
    ],
)
def test_addresses(modules: Modules, others: Others, ours: dict[str, str], ip: str, owners: list[str]) -> None:
    options: dict[str, Any] = {"entity": ours["server"], "osport": "eth0", "ip": ip, "ip_manager": ours["manager"]}
    refusal = modules.refuse("ip_binding", **options)
    assert ip in refusal
    assert all(owner.format(others.mark) in refusal for owner in owners), refusal
    assert ip in modules.refuse(
        "server", name=ours["server"], ips=[{k: options[k] for k in ("ip", "osport", "ip_manager")}]
    )
    manager = IPManager.get(ours["manager"])
    assert ip not in manager.forecast(40)
    assert not {f"198.18.1.{n}" for n in (*range(10, 21), 30)} & {*manager.forecast(40)}


def test_mac_addresses(modules: Modules, others: Others, ours: dict[str, str]) -> None:
    mac = others.made["dcim/mac-addresses"]["twice1"]["mac_address"]
    refusal = modules.refuse("server", name=ours["server"], ports=[{"type": "nic-eth", "number": 1, "mac": mac}])
    assert mac.lower() in refusal.lower()
    assert others.name("switch") in refusal


@pytest.mark.parametrize("port", ["GigabitEthernet1/0/10", "GigabitEthernet1/0/2"])
def test_ports(modules: Modules, others: Others, ours: dict[str, str], port: str) -> None:
    ends = {"a": {"entity": ours["server"], "number": 1}, "b": {"entity": others.name("switch"), "name": port}}
    refusal = modules.refuse("connection", **ends)
    assert others.name("switch") in refusal
    assert port in refusal


def test_what_they_are_called(session: Session, others: Others) -> None:
    switch = Device.get(others.name("switch"))
    assert (type(switch), switch.type, switch.driver) == (Device, others.name("inner"), others.name("half"))
    nameless = session.entity_by_id("dcim.device", others.id("dcim/devices", "nameless"))
    assert nameless.name == nameless.record["display"]
    with pytest.raises(NotFoundError):
        get_by_name(nameless.name)
    sites = others.made["dcim/sites"]
    for stem, site in (("same", "one"), ("same2", "two")):
        assert get_by_name(f"{sites[site]['name']}/{others.name('same')}").id == others.id("dcim/devices", stem)
    with pytest.raises(AmbiguousError):
        get_by_name(f"{sites['one']['name']}/{others.name('tenants')}")
    machine = session.entity_by_id("virtualization.virtualmachine", others.id("virtualization/virtual-machines", "vm"))
    assert (type(machine), machine.type, machine.datacenter_name) == (VirtualMachine, "virtualmachine", None)
    with pytest.raises(NotFoundError, match="in the subnet of no IP manager"):
        IPManager.get_ip_manager("198.18.2.31")
    origins = {value["origin"] for value in switch.explain()}
    assert f"context:{others.name('equal')}" in origins
