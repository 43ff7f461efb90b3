# SPDX-License-Identifier: BSD-2-Clause
"""NetBox writes, and the answer is lost: nothing stays taken by nobody, nothing is handed out twice."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from clusto.core.errors import AccessError, ConflictError, UnavailableError
from clusto.drivers import BasicServer, IPManager, Session, SimpleEntityNameManager, SimpleNumManager
from clusto.drivers.lost import TRIES
from clusto.netbox.client import Client, Settings
from tests.integration.proxy import Forward, Proxy, cut, first, late, lose, refuse
from tools.lab.instance import NetBoxServer

Unique = Callable[[str], str]
ADDRESSES = "ipam/ip-addresses"
CONTEXTS = "extras/config-contexts"


@pytest.fixture
def proxy(netbox_server: NetBoxServer) -> Iterator[Proxy]:
    with Proxy(netbox_server.api_url) as proxy:
        yield proxy


@pytest.fixture
def through(proxy: Proxy, netbox_server: NetBoxServer) -> Iterator[Session]:
    with Session(Client(Settings(proxy.url, netbox_server.token))) as session:
        yield session


def taken(session: Session, net: str) -> list[str]:
    return [record["address"].partition("/")[0] for record in session.client.list(ADDRESSES, parent=f"{net}.0/24")]


@pytest.mark.parametrize(("strict", "faults"), [(True, [lose, cut, refuse(502)]), (False, [lose, cut])])
def test_addresses(  # noqa: PLR0913, PLR0917 - fixtures
    session: Session,
    through: Session,
    proxy: Proxy,
    unique: Unique,
    server: BasicServer,
    net: str,
    strict: bool,  # noqa: FBT001 - pytest's
    faults: list[Any],
) -> None:
    """Some given, some chosen, bound and unbound; NetBox refuses duplicates or, in some VRFs, does not."""
    vrf = session.client.create("ipam/vrfs", {"name": unique("vrf"), "enforce_unique": strict})["name"]
    manager = IPManager(unique("subnet"), prefix=f"{net}.0/24", vrf=vrf, session=through)
    port = {"assigned_object_type": "dcim.interface", "assigned_object_id": server.port("nic-eth", 1).id}
    wanted = []
    for n, fault in enumerate(faults):
        proxy.on(fault, "POST", ADDRESSES)
        found = manager.take_many([{}, {"address": f"{net}.{100 + n}"}, port])
        wanted += [f"{net}.{2 * n + 1}", f"{net}.{100 + n}", f"{net}.{2 * n + 2}"]
        assert [record["address"].partition("/")[0] for record in found] == wanted[-3:]
        assert proxy.waiting == 0
    assert sorted(taken(session, net)) == sorted(wanted)
    assert len(server.get_ips()) == len(faults)


@pytest.mark.parametrize("seconds", [0, 0.05, 1.5])
def test_a_request_that_is_still_on_its_way(  # noqa: PLR0913, PLR0917 - fixtures
    session: Session, through: Session, proxy: Proxy, manager: IPManager, net: str, seconds: float
) -> None:
    done = threading.Event()
    proxy.on(late(seconds, done), "POST", ADDRESSES)
    ip = IPManager.get(manager.name, session=through).allocate()
    assert done.wait(30)
    assert taken(session, net) == [f"{net}.1", ip] == [f"{net}.1", f"{net}.2"]


def test_another_who_took_it_meanwhile(
    session: Session, through: Session, proxy: Proxy, manager: IPManager, net: str
) -> None:
    """What others took with the very same request is theirs, bound to nothing as it is."""
    theirs: list[str] = []
    mine = IPManager.get(manager.name, session=through)

    def fault(_: Forward) -> None:
        theirs.append(manager.allocate())

    proxy.on(fault, "POST", ADDRESSES)
    got = mine.allocate()
    [wanted] = manager.forecast(1)
    proxy.on(fault, "POST", ADDRESSES)
    with pytest.raises(ConflictError, match=f"{wanted} is active in NetBox already"):
        mine.allocate(ip=wanted)
    assert theirs == [f"{net}.2", wanted]
    assert sorted(taken(session, net)) == sorted([f"{net}.1", got, *theirs])


def test_one_that_was_there_is_bound_once_or_not_at_all(  # noqa: PLR0913, PLR0917 - fixtures
    session: Session, through: Session, proxy: Proxy, manager: IPManager, server: BasicServer, net: str
) -> None:
    ip = manager.allocate()
    mine = IPManager.get(manager.name, session=through)
    proxy.on(lose, "PATCH", ADDRESSES)
    mine.allocate(BasicServer.get(server.name, session=through), ip=ip)
    assert server.get_ips() == [ip]
    server.unbind_ip_from_osport(ip)
    manager.allocate(ip=ip)
    for _ in range(TRIES):
        proxy.on(cut, "POST", ADDRESSES)
    port = {"assigned_object_type": "dcim.interface", "assigned_object_id": server.port("nic-eth", 1).id}
    with pytest.raises(UnavailableError):
        mine.take_many([{"address": ip, **port}, {}])
    assert server.get_ips() == []
    assert taken(session, net) == [f"{net}.1", ip]


def test_nobody_answers_any_more(
    through: Session, proxy: Proxy, manager: IPManager, session: Session, net: str
) -> None:
    for _ in range(TRIES):
        proxy.on(cut, "POST", ADDRESSES)
    with pytest.raises(UnavailableError, match=rf"if it made {net}\.2 all the same, its change log says 'clusto "):
        IPManager.get(manager.name, session=through).allocate()
    assert proxy.waiting == 0
    assert taken(session, net) == [f"{net}.1"]


def test_a_token_that_may_not_see_what_was_done(through: Session, proxy: Proxy, manager: IPManager) -> None:
    proxy.on(lose, "POST", ADDRESSES)
    proxy.on(refuse(403), "GET", "core/object-changes")
    with pytest.raises(AccessError, match="an answer was lost, and only the change log tells what NetBox did"):
        IPManager.get(manager.name, session=through).allocate()


def test_names_and_numbers(through: Session, proxy: Proxy, unique: Unique, server: BasicServer) -> None:
    names = SimpleEntityNameManager(unique("names"), basename=unique("n"), digits=2, session=through)
    faults: list[Any] = [lose, cut, refuse(502)]
    for n, fault in enumerate(faults):
        proxy.on(fault, "PATCH", CONTEXTS)
        assert names.take() == [f"{names.basename}{n:02}"]
    rival = SimpleEntityNameManager.get(names.name)
    proxy.on(lose, "PATCH", CONTEXTS)
    proxy.on(first(rival.take), "GET", f"{CONTEXTS}/{names.id}/", nth=2)  # somebody goes on before we have looked
    assert names.take(2) == [f"{names.basename}{n:02}" for n in (3, 4)]
    proxy.on(lose, "PATCH", CONTEXTS)
    assert names.give_back(names.take())
    assert names.peek() == [f"{names.basename}06"]
    numbers = SimpleNumManager(unique("numbers"), session=through)
    mine = BasicServer.get(server.name, session=through)
    for n in range(2):
        proxy.on(lose, "PATCH", "dcim/devices")
        proxy.on(lose, "PATCH", CONTEXTS)
        assert numbers.allocate(mine) == n
        assert proxy.waiting == 0
    assert numbers.resources(mine) == [0, 1]
    for _ in range(TRIES):
        proxy.on(cut, "PATCH", "dcim/devices")
    with pytest.raises(UnavailableError):
        numbers.allocate(mine)
    assert numbers.allocate(mine) == 3, "nobody knows whether 2 was written"
