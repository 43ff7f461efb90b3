# SPDX-License-Identifier: BSD-2-Clause
"""What IP managers choose from, and whose an address is: around what others made, in VRFs, where others are faster."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest

from clusto.core.errors import AmbiguousError, ConflictError, InvalidError, NotFoundError, RefusedError
from clusto.drivers import BasicServer, IPManager, Session
from clusto.netbox.client import Client, Settings
from tools.lab.instance import NetBoxServer

Unique = Callable[[str], str]
ADDRESSES = "ipam/ip-addresses"
PREFIXES = "ipam/prefixes"
RANGES = "ipam/ip-ranges"


@pytest.fixture
def lax(session: Session, unique: Unique) -> dict[str, Any]:
    """A VRF in which NetBox allows duplicates."""
    return session.client.create("ipam/vrfs", {"name": unique("lax"), "rd": unique("rd"), "enforce_unique": False})


def test_what_others_made_is_left_alone(session: Session, unique: Unique, net: str) -> None:
    manager = IPManager(unique("outer"), prefix=f"{net}.0/26", gateway=f"{net}.1")
    inner = IPManager(unique("inner"), prefix=f"{net}.8/29")
    create = session.client.create
    create(PREFIXES, [{"prefix": f"{net}.16/29"}, {"prefix": f"{net}.24/29", "status": "reserved"}])
    create(PREFIXES, [{"prefix": f"{net}.32/29", "mark_utilized": True}, {"prefix": f"{net}.48/30", "is_pool": True}])
    create(RANGES, {"start_address": f"{net}.2/26", "end_address": f"{net}.3/26"})
    dynamic = {"start_address": f"{net}.40/26", "end_address": f"{net}.47/26", "mark_populated": True}
    create(RANGES, dynamic)
    create(ADDRESSES, [{"address": f"{net}.4/26", "status": "deprecated"}, {"address": f"{net}.5/26"}])
    free = [f"{net}.{n}" for n in (6, 7, *range(17, 23), *range(48, 52), *range(52, 63))]
    assert manager.forecast(len(free)) == free
    assert manager.forecast(2, [f"{net}.6", f"{net}.17"]) == [f"{net}.7", f"{net}.18"]
    with pytest.raises(ConflictError, match=rf"24 addresses wanted, 23 free in {net}\.0/26; IP ranges .*{net}\.2-3/26"):
        manager.forecast(24)
    for ip, error, message in (
        (f"{net}.16", InvalidError, rf"{net}\.16 is not in {net}\.16/29; expected {net}\.17 to {net}\.22"),
        (f"{net}.9", ConflictError, f"belongs to IP manager {inner.name!r}"),
        (f"{net}.44", ConflictError, r"is in the IP range .*, which NetBox keeps for others"),
        (f"{net}.4", ConflictError, "is deprecated in NetBox already"),
    ):
        with pytest.raises(error, match=message):
            manager.allocate(ip=ip)
    assert manager.allocate(ip=f"{net}.2") == f"{net}.2"  # in a range, but asked for by name
    taken = manager.take_many([{}, {}, {}, {"address": f"{net}.48"}, {"address": f"{net}.25"}])
    lengths = [f"{net}.6/26", f"{net}.7/26", f"{net}.17/29", f"{net}.48/32", f"{net}.25/29"]
    assert [record["address"] for record in taken] == lengths
    assert (manager.has(taken[0]), inner.has(taken[0])) == (True, False)
    inner.allocate()
    assert f"{net}.9" not in [entry["ip"] for entry in manager.describe()["addresses"]]
    session.client.update(PREFIXES, manager.id, {"mark_utilized": True})
    with pytest.raises(ConflictError, match="the prefix is marked as utilized"):
        manager.forecast(20)


def test_a_container_gives_from_the_prefixes_inside_it(session: Session, unique: Unique, net: str) -> None:
    manager = IPManager(unique("all"), prefix=f"{net}.0/24")
    session.client.update(PREFIXES, manager.id, {"status": "container"})
    with pytest.raises(ConflictError, match="the prefix is container"):
        manager.allocate()
    session.client.create(PREFIXES, [{"prefix": f"{net}.{n}/30"} for n in (64, 128)])
    IPManager(unique("other"), prefix=f"{net}.32/30")
    assert [record["address"] for record in manager.take_many([{}] * 3)] == [
        f"{net}.65/30",
        f"{net}.66/30",
        f"{net}.129/30",
    ]
    manager.set_ranges([f"{net}.130-{net}.200"])
    assert manager.forecast(1) == [f"{net}.130"]


def test_small_and_huge_subnets(unique: Unique, net: str) -> None:
    six = ":".join(["fd00", *(f"{random.randrange(4096, 65536):x}" for _ in range(3))])  # RFC 4193
    for prefix, options, expected in (
        (f"{net}.0/31", {}, [f"{net}.0", f"{net}.1"]),
        (f"{net}.7/32", {}, [f"{net}.7"]),
        (f"{six}::/64", {"gateway": f"{six}::1"}, [f"{six}::2", f"{six}::3"]),
        (f"{six}:1:2:3:0/127", {}, [f"{six}:1:2:3:0", f"{six}:1:2:3:1"]),
        (f"{six}:1:2:3:7/128", {}, [f"{six}:1:2:3:7"]),
        (f"{six}:8000::/65", {"ranges": [f"{six}:8000:0:ff:1-{six}:8000:7fff::"]}, [f"{six}:8000:0:ff:1"]),
    ):
        manager = IPManager(unique(prefix.replace("/", "-")), prefix=prefix, **options)
        assert manager.forecast(len(expected)) == expected
        assert manager.allocate() == expected[0]
        assert IPManager.get_ip_manager(expected[0]) == manager
        assert manager.deallocate(expected[0]) is None


def test_one_subnet_in_several_vrfs(  # noqa: PLR0913, PLR0917 - fixtures
    session: Session, unique: Unique, manager: IPManager, server: BasicServer, net: str, lax: dict[str, Any]
) -> None:
    inside = IPManager(unique("inside"), prefix=manager.prefix, gateway=f"{net}.1", vrf=lax["rd"])
    ip = f"{net}.50"
    with pytest.raises(
        AmbiguousError, match=rf"{manager.name} \({net}.0/24\), {inside.name} \({net}.0/24 in VRF "
    ) as caught:
        IPManager.get_ip_manager(ip)
    assert set(caught.value.candidates) == {f"ipmanager:{manager.name}", f"ipmanager:{inside.name}"}
    assert IPManager.get_ip_manager(ip, vrf=lax["name"]) == inside
    assert IPManager.get_ip_manager(ip, vrf="") == manager
    other = BasicServer(unique("other"))
    server.bind_ip_to_osport(ip, "eth0", ip_manager=manager)
    server.bind_ip_to_osport(ip, "eth1", ip_manager=inside.name)
    assert inside.allocate(other) == manager.allocate(other) == f"{net}.2"
    assert (manager.owner(ip), inside.owner(f"{net}.2")) == (server, other)
    assert server.describe()["ips"] == [
        {"ip": ip, "osport": "eth0"},
        {"ip": ip, "osport": "eth1", "vrf": lax["name"]},
    ]
    with pytest.raises(AmbiguousError, match="on eth0 in the global table and eth1 in VRF"):
        server.unbind_ip_from_osport(ip)
    server.unbind_ip_from_osport(ip, ip_manager=inside)
    assert server.describe()["ips"] == [{"ip": ip, "osport": "eth0"}]
    with pytest.raises(ConflictError, match=f"prefix {net}.0/24 in VRF .* is that of IP manager {inside.name!r}"):
        IPManager(unique("again"), prefix=manager.prefix, vrf=lax["name"])
    session.client.create("ipam/vrfs", {"name": lax["name"]})
    with pytest.raises(AmbiguousError, match="NetBox has 2 VRFs of the name"):
        IPManager.get_ip_manager(ip, vrf=lax["name"])
    with pytest.raises(NotFoundError, match="no VRF with the name or RD 'nosuch'"):
        IPManager.get_ip_manager(ip, vrf="nosuch")


def test_duplicates_and_shared_addresses_are_named(
    session: Session, unique: Unique, server: BasicServer, net: str, lax: dict[str, Any]
) -> None:
    manager, other = IPManager(unique("lax"), prefix=f"{net}.0/24", vrf=lax["name"]), BasicServer(unique("other"))
    mine, theirs = server.port("nic-eth", 1), other.port("nic-eth", 1)
    for ip, role in ((f"{net}.9", ""), (f"{net}.10", "vrrp")):
        body = {"address": f"{ip}/24", "vrf": lax["id"], "role": role, "assigned_object_type": "dcim.interface"}
        session.client.create(ADDRESSES, [{**body, "assigned_object_id": port.id} for port in (mine, theirs)])
    third = BasicServer(unique("third"))
    both = rf"{server.name}, interface eth0{{0}} and {other.name}, interface eth0{{0}}"
    for ip, how, note in ((f"{net}.9", "bound to several:", ""), (f"{net}.10", "shared by", r" \(as VRRP\)")):
        with pytest.raises(AmbiguousError, match=f"{ip} is {how} {both.format(note)}") as caught:
            manager.owner(ip)
        assert caught.value.candidates == (server.reference, other.reference)
        with pytest.raises(ConflictError, match=f"is bound to {both.format(note)}"):
            third.bind_ip_to_osport(ip, "eth0", ip_manager=manager)
        with pytest.raises(ConflictError, match=f"NetBox has IP address {ip} 2 times: {both.format(note)}"):
            manager.deallocate(ip)
    with pytest.raises(ConflictError, match="is bound to"):
        server.bind_ip_to_osport(f"{net}.9", "eth0", ip_manager=manager)
    server.bind_ip_to_osport(f"{net}.10", "eth0", ip_manager=manager)  # it has its share already
    assert manager.forecast(10)[-2:] == [f"{net}.11", f"{net}.12"]


def test_all_or_none(session: Session, manager: IPManager, server: BasicServer, net: str) -> None:
    to = {"assigned_object_type": "dcim.interface", "assigned_object_id": server.port("nic-eth", 1).id}
    there = session.client.create(ADDRESSES, {"address": f"{net}.30/24"})
    for bodies, message in (
        ([to, {**to, "address": f"{net}.8"}, {**to, "address": f"{net}.8"}], "is asked for twice"),
        ([{**to, "address": f"{net}.30"}, {**to, "role": "nosuch"}], "nosuch is not a valid choice"),
        ([{**to, "address": f"{net}.30"}, *[to] * 254], "254 addresses wanted, 252 free"),
    ):
        with pytest.raises((ConflictError, RefusedError), match=message):
            manager.take_many(bodies)
        assert server.get_ips() == []
        assert session.client.get(ADDRESSES, there["id"]).record["assigned_object_id"] is None
    taken = manager.take_many([{**to, "address": f"{net}.30"}, to, {**to, "address": f"{net}.2"}])
    assert [record["address"] for record in taken] == [f"{net}.30/24", f"{net}.3/24", f"{net}.2/24"]
    assert taken[0]["id"] == there["id"]
    assert manager.take_many([]) == []


class Overtaken(Client):
    """Somebody else takes the very addresses that are about to be made, some times."""

    times = 1

    def create(self, endpoint: str, body: Any) -> Any:  # type: ignore[override]  # the overloads say no more here
        if endpoint == ADDRESSES and not isinstance(body, Mapping) and self.times:
            self.times -= 1
            super().create(endpoint, [{"address": one["address"], "vrf": one["vrf"]} for one in first_of(body)])
        return super().create(endpoint, body)


def first_of(bodies: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
    return bodies[:1]


@pytest.mark.parametrize("enforced", [True, False])
def test_somebody_else_is_faster(
    netbox_server: NetBoxServer, session: Session, unique: Unique, net: str, *, enforced: bool
) -> None:
    vrf = session.client.create("ipam/vrfs", {"name": unique("vrf"), "enforce_unique": enforced})
    name = IPManager(unique("slow"), prefix=f"{net}.0/24", ranges=[f"{net}.5-{net}.7"], vrf=vrf["name"]).name
    with Session(Overtaken(Settings(netbox_server.api_url, netbox_server.token))) as slow:
        manager = IPManager.get(name, session=slow)
        taken = manager.take_many([{}, {}])
        assert {record["address"] for record in taken} == {f"{net}.6/24", f"{net}.7/24"}
        slow.client.times = 1  # type: ignore[attr-defined]  # it is an Overtaken
        with pytest.raises(ConflictError, match=rf"IP address {net}\.9 is active in NetBox already"):
            manager.take_many([{"address": f"{net}.9"}, {"address": f"{net}.10"}])
    found = session.client.list(ADDRESSES, vrf_id=vrf["id"], fields="address")
    assert sorted(record["address"] for record in found) == [f"{net}.{n}/24" for n in (5, 6, 7, 9)]
