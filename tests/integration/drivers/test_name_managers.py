# SPDX-License-Identifier: BSD-2-Clause
"""Name managers: names and numbers come once, to however many ask."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from contextlib import ExitStack
from subprocess import PIPE

import pytest

import clusto
from clusto.core.errors import ConflictError, ExistsError, InvalidError, NotFoundError, RefusedError
from clusto.drivers import (
    BasicServer,
    Datacenter,
    NameManager,
    PenguinServer,
    Pool,
    Rack,
    Server,
    Session,
    SimpleEntityNameManager,
    SimpleNameManager,
    SimpleNumManager,
)
from tools.lab.instance import NetBoxServer

Unique = Callable[[str], str]
PROCESSES, THREADS = 10, 5
TAKER = """
import json, sys
from concurrent.futures import ThreadPoolExecutor
from clusto.core.errors import ConflictError
from clusto.drivers import NameManager, connect

api_url, token, threads, *names = sys.argv[1:]

def take(manager):
    try:
        return manager.take()
    except ConflictError:
        return []

with connect(api_url, token, timeout=300) as session, ThreadPoolExecutor(int(threads)) as pool:
    for name in names:
        record = NameManager.get(name, session=session).record
        managers = [NameManager.from_record(session, record) for _ in range(int(threads))]
        print("ready", flush=True)
        sys.stdin.readline()
        print(json.dumps(sum(pool.map(take, managers), [])), flush=True)
"""


@pytest.fixture
def names(unique: Unique) -> SimpleEntityNameManager:
    return SimpleEntityNameManager(unique("names"), basename=unique("s").replace("-", ""), digits=4)


def test_entities_are_made_with_the_next_names(names: SimpleEntityNameManager) -> None:
    base = names.basename
    first = names.allocate(PenguinServer, attributes={"tier": 1})
    assert (first.name, type(first), first.document) == (f"{base}0000", PenguinServer, {"tier": 1})
    Rack(f"{base}0001")
    BasicServer(f"{base.upper()}0002")  # to NetBox these two are one name
    assert names.peek(2) == [f"{base}0003", f"{base}0004"]
    assert names.allocate(Pool).name == f"{base}0003"
    first.delete()
    assert names.allocate(BasicServer).name == f"{base}0004", "a name is never reused"
    with pytest.raises(InvalidError, match="delete it instead"):
        names.deallocate(first)
    with pytest.raises(InvalidError, match="expected a class such as BasicServer"):
        names.allocate("basicserver")  # type: ignore[type-var]  # that is refused


def test_name_of_what_could_not_be_made_is_given_back(names: SimpleEntityNameManager) -> None:
    with pytest.raises(NotFoundError, match="no such model"):
        names.allocate(Server, driver="no such model")
    with pytest.raises(RefusedError, match="tftp_servre"):
        names.allocate(Pool, attributes={"dhcp": {"tftp_servre": "192.0.2.1"}})
    zero, one, two = (f"{names.basename}{number:04}" for number in range(3))
    assert names.take(3) == [zero, one, two]
    assert not names.give_back([zero, one]), "somebody has a later one"
    assert names.give_back([one, two])
    assert names.give_back([]) is False
    assert names.peek() == [one]
    with pytest.raises(InvalidError, match="is none of its names"):
        names.give_back(["another"])


def test_out_of_digits_is_an_error(unique: Unique) -> None:
    name, base = unique("names"), unique("t")
    names = SimpleEntityNameManager(name, basename=base, digits=1, startingnum=8, leadingZeros=False)
    with pytest.raises(ConflictError, match=f"{name}.*basename '{base}', 1 digits: 2 left, the next would be 10"):
        names.take(3)
    assert names.take(2) == [f"{base}8", f"{base}9"]
    with pytest.raises(ConflictError, match=f"{name}.*out of names.*the next would be 10, expected 9 at most"):
        names.allocate(BasicServer)
    names.set_up(digits=2)
    assert names.take() == [f"{base}10"]
    with pytest.raises(ConflictError, match="number 10 is handed out or passed by already, expected 9 at most"):
        names.set_up(digits=1)
    names.set_up(next=5)
    assert names.next == 11, "it is only ever raised"


def test_a_name_manager_is_an_entity(session: Session, names: SimpleEntityNameManager, unique: Unique) -> None:
    name = names.name
    assert clusto.get_by_name(f"resourcemanager:{name}") == clusto.get_by_name(name) == NameManager.get(name) == names
    assert (names.type, names.driver) == ("resourcemanager", "simpleentitynamemanager")
    names.set_attr("owner", "me")
    names.take()
    assert names.attrs() == names.attrs(merge_container_attrs=True)
    assert (names.document, names.describe()["next"]) == ({"owner": "me"}, 1)
    assert names.record["is_active"] is False
    with pytest.raises(ExistsError):
        SimpleNumManager(name)
    with pytest.raises(ExistsError, match="taken by resourcemanager"):
        Pool(name)
    with pytest.raises(InvalidError, match="cannot be in a pool"):
        Pool(unique("pool")).insert(names)
    names.rename(unique("renamed"))
    found = NameManager.get(unique("renamed"))
    assert (found, found.peek(), found.document) == (names, names.peek(), {"owner": "me"})
    names.delete()
    with pytest.raises(NotFoundError):
        clusto.get_by_name(unique("renamed"))


def test_names_and_numbers_are_attributes_of_what_has_them(unique: Unique, server: BasicServer) -> None:
    names = SimpleNameManager(unique("names"), basename="n", digits=1)
    numbers = SimpleNumManager(unique("numbers"), next=7, maxnum=9)
    datacenter = Datacenter(unique("dc"))
    assert [names.allocate(server), names.allocate(datacenter), names.allocate(server)] == ["n0", "n1", "n2"]
    assert [numbers.allocate(server), numbers.allocate(datacenter)] == [7, 8]
    assert server.attr_values("simplename", subkey=None) == ["n0", "n2"]
    assert names.resources(server) == ["n0", "n2"]
    assert (names.owner("n1"), numbers.owner(8), numbers.owner(9)) == (datacenter, datacenter, None)
    with pytest.raises(ConflictError, match=f"'n1' is that of datacenter '{datacenter.name}' already"):
        names.allocate(server, "n1")
    assert names.allocate(server, "n5") == "n5"
    names.deallocate(server, "n0")
    assert names.resources(server) == ["n2", "n5"]
    assert names.allocate(datacenter) == "n6", "a name is never reused by itself"
    assert names.allocate(datacenter, "n0") == "n0", "but may be given on purpose"
    names.deallocate(server)
    with pytest.raises(NotFoundError, match="has nothing of"):
        names.deallocate(server)
    assert [a.key for a in server.attrs()] == ["simplenum", "simplenum"], "what other managers gave stays"
    numbers.allocate(server)
    with pytest.raises(ConflictError, match="out of numbers: the next would be 10, expected 9 at most"):
        numbers.allocate(server)


def test_fifty_takers_in_ten_processes_get_different_names(
    netbox_server: NetBoxServer, names: SimpleEntityNameManager, unique: Unique
) -> None:
    """Six names are left for the last fifty: then the others are told so, and no name is lost."""
    few = SimpleNameManager(unique("few"), basename=unique("few"), digits=2, next=94)
    command = [sys.executable, "-c", TAKER, netbox_server.api_url, netbox_server.token, str(THREADS)]
    with ExitStack() as stack:
        takers = [
            stack.enter_context(
                subprocess.Popen([*command, names.name, few.name], stdin=PIPE, stdout=PIPE, text=True, bufsize=1)
            )
            for _ in range(PROCESSES)
        ]
        for manager, expected in ((names, range(50)), (few, range(94, 100))):
            assert [heard(taker) for taker in takers] == ["ready\n"] * PROCESSES
            for taker in takers:
                print("go", file=taker.stdin)
            taken = [name for taker in takers for name in json.loads(heard(taker))]
            assert sorted(taken) == [manager.numbering.name(number) for number in expected]


def heard(taker: subprocess.Popen[str]) -> str:
    assert taker.stdout
    return taker.stdout.readline()
