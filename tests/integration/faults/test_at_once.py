# SPDX-License-Identifier: BSD-2-Clause
"""Two programs at once, at the very moments where that could go wrong: the second acts before a certain request of the
first's, again and again."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest

from clusto.core.errors import ClustoError, ConflictError, NotFoundError, RefusedError
from clusto.core.merge import CRITERIA
from clusto.drivers import Datacenter, ExclusivePool, Pool, Session, UniquePool, connect, get_by_name
from clusto.netbox.client import Client
from tools.lab.instance import NetBoxServer

from ..proxy import Proxy, first

Unique = Callable[[str], str]
CONTEXTS = "extras/config-contexts"


@pytest.fixture
def direct(netbox_server: NetBoxServer) -> Iterator[Session]:
    """The other program."""
    with connect(netbox_server.api_url, netbox_server.token) as session:
        yield session


@pytest.fixture
def delayed(proxy: Proxy, netbox_server: NetBoxServer, direct: Session) -> Iterator[Session]:
    """The one that is overtaken."""
    with connect(proxy.url, netbox_server.token) as session:
        yield session


def loose(client: Client) -> list[str]:
    """Names of active contexts with one of our profiles that are assigned to nothing: they hold for every device."""
    return [
        context["name"]
        for context in client.list(CONTEXTS, is_active=True)
        if (context["profile"] or {}).get("name", "").startswith("clusto")
        and not any(context[criterion] for criterion in CRITERIA)
    ]


@pytest.mark.parametrize("kinds", [(UniquePool, UniquePool), (ExclusivePool, Pool), (Pool, ExclusivePool)])
@pytest.mark.parametrize("what", ["datacenter", "pool"])
def test_what_goes_into_one_pool_only(  # noqa: PLR0913, PLR0917 - fixtures
    kinds: tuple[type[Pool], type[Pool]], what: str, proxy: Proxy, direct: Session, delayed: Session, unique: Unique
) -> None:
    names = unique("one"), unique("other")
    pools = [kind(name, session=direct) for kind, name in zip(kinds, names, strict=True)]
    member = (Datacenter if what == "datacenter" else Pool)(unique("member"), session=direct)
    pool, same = (get_by_name(entity.reference, session=delayed) for entity in (pools[0], member))
    endpoint = "dcim/sites" if what == "datacenter" else CONTEXTS
    proxy.on(first(lambda: pools[1].insert(member)), "PATCH", endpoint)
    with pytest.raises(ConflictError, match=rf"cannot go into \w+ '{names[0]}': it is in \w+ '{names[1]}'"):
        pool.insert(same)
    assert proxy.waiting == 0
    assert member.parents() == [pools[1]]
    assert pools[0].contents() == []


def test_two_pools_of_one_name_at_once(proxy: Proxy, direct: Session, delayed: Session, unique: Unique) -> None:
    """The slower had made the tag already; it leaves it to the faster, whose context is assigned to it."""
    name = unique("pool")
    proxy.on(first(lambda: Pool(name, attributes={"tier": 1}, session=direct)), "POST", CONTEXTS)
    with pytest.raises(RefusedError, match="already exists"):
        Pool(name, session=delayed)
    assert name not in loose(direct.client)
    server = Datacenter(unique("dc"), session=direct)
    Pool.get(name, session=direct).insert(server)
    assert Pool.get(name, session=direct).contents() == [server]


@pytest.mark.parametrize("nth", [1, 2, 3])
def test_a_pool_that_is_deleted_while_something_goes_in(nth, proxy, direct, delayed, unique: Unique) -> None:
    """Before every request that the insertion makes. The pool is gone then; what should go in is as it was."""
    pool, inner = (Pool(unique(stem), session=direct) for stem in ("pool", "inner"))
    member = Datacenter(unique("dc"), session=direct)
    overtaken = Pool.get(pool.name, session=delayed)
    entities = [get_by_name(entity.reference, session=delayed) for entity in (member, inner)]
    proxy.on(first(lambda: pool.delete(cascade=True)), nth=nth)
    with pytest.raises(ClustoError) as told:
        overtaken.insert(entities[nth % 2])
    assert isinstance(told.value, ConflictError | NotFoundError | RefusedError)
    assert proxy.waiting == 0
    assert pool.name not in loose(direct.client)
    assert member.parents() == inner.parents() == []
    with pytest.raises(NotFoundError):
        get_by_name(pool.name, session=direct)


def test_readers_while_a_pool_is_renamed(direct: Session, netbox_server: NetBoxServer, unique: Unique) -> None:
    """They may find it under either name; what it holds and gives stays the same all the time."""
    outer, pool, member = (
        kind(unique(stem), session=direct) for kind, stem in ((Pool, "a"), (Pool, "b"), (Datacenter, "dc"))
    )
    outer.set_attr("tier", "gold")
    outer.insert(pool)
    pool.insert(member)
    names = [pool.name, unique("renamed")]
    over = threading.Event()

    def rename() -> None:
        with connect(netbox_server.api_url, netbox_server.token) as session:
            own = Pool.get(names[0], session=session)
            for n in range(1, 7):
                own.rename(names[n % 2])
        over.set()

    thread = threading.Thread(target=rename)
    thread.start()
    try:
        while not over.is_set() and thread.is_alive():
            assert pool.contents() == [member]
            assert member.pools() == [pool, outer]
            assert member.merged() == {"tier": "gold"}
    finally:
        thread.join()
    assert over.is_set()
    assert pool.parents() == [outer]
