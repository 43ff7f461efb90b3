# SPDX-License-Identifier: BSD-2-Clause
"""Pools: what they hold, what they give, what they refuse."""

from __future__ import annotations

from collections.abc import Callable

import pytest

import clusto
from clusto.core.errors import ConflictError, ExistsError, InvalidError, NotFoundError, RefusedError
from clusto.core.merge import Weight
from clusto.drivers import (
    BasicServer,
    Cage,
    Datacenter,
    ExclusivePool,
    IPManager,
    Pool,
    Rack,
    Session,
    UniquePool,
    VirtualMachine,
)
from clusto.drivers.documents import without_mark

Unique = Callable[[str], str]


def rendered(session: Session, server: BasicServer) -> object:
    """What NetBox itself makes of all contexts for a device."""
    return without_mark(session.client.get("dcim/devices", server.id).record["config_context"])


def test_member_inherits_from_its_pool_and_the_pools_around_it(
    session: Session, unique: Unique, server: BasicServer
) -> None:
    outer, inner = (
        Pool(unique("outer"), attributes={"dhcp": {"enabled": 1, "domain": "out"}}),
        Pool(unique("inner")),
    )
    inner.set_attr(key="dhcp", subkey="domain", value="in")
    inner.insert(server)
    outer.insert(inner)
    server.set_attr("own", 1)
    expected = {"dhcp": {"enabled": 1, "domain": "in"}, "own": 1}
    assert server.merged() == rendered(session, server) == expected
    assert server.attr_value("dhcp", subkey="enabled", merge_container_attrs=True) == 1
    assert server.attr_value("dhcp", subkey="enabled") is None
    assert server.pools() == [inner, outer]
    assert server.parents() == [inner]
    assert server.parents(search_parents=True) == [inner, outer]
    assert outer.contents() == [inner]
    assert outer.contents(search_children=True) == [inner, server]
    assert server in outer
    assert (outer.weight, inner.weight) == (Weight.pool(0), Weight.pool(1))
    [why] = [entry for entry in server.explain() if entry["path"] == ["dhcp", "domain"]]
    assert (why["origin"], why["value"]) == (f"pool:{inner.name}", "in")


def test_taking_an_inner_pool_out_takes_its_inheritance_away(
    session: Session, unique: Unique, server: BasicServer
) -> None:
    outer, inner = Pool(unique("outer"), attributes={"a": 1}), Pool(unique("inner"))
    outer.insert(inner)
    inner.insert(server)
    with pytest.raises(ConflictError, match=rf"it is in {inner.name} inside it; remove it there"):
        outer.remove(server)
    outer.remove(inner)
    assert server.merged() == rendered(session, server) == {}
    assert inner.weight == Weight.pool(0)
    inner.remove(server)
    with pytest.raises(ConflictError, match="is not directly in"):
        inner.remove(server)


def test_any_kind_of_entity_is_a_member(
    session: Session, unique: Unique, datacenter: Datacenter, server: BasicServer, manager: IPManager
) -> None:
    pool = Pool(unique("pool"))
    cage, rack, inner = Cage(unique("cage"), datacenter=datacenter), Rack(unique("rack")), Pool(unique("inner"))
    site = {"site": datacenter.id, "name": unique("vm")}
    machine = VirtualMachine.from_record(session, session.client.create("virtualization/virtual-machines", site))
    members = [inner, datacenter, cage, rack, server, machine, manager]
    for member in members:
        pool.insert(member)
        pool.insert(member)
    assert set(pool.contents()) == set(members)
    assert all(pool in member.pools() for member in members)
    assert pool.describe()["members"] == sorted(member.reference for member in members)
    for member in members:
        pool.remove(member)
    assert pool.contents() == []


def test_cycle_is_refused_naming_the_path(unique: Unique) -> None:
    a, b, c = (Pool(unique(name)) for name in "abc")
    a.insert(b)
    b.insert(c)
    with pytest.raises(ConflictError, match=f"a cycle, {c.name} > {a.name} > {b.name} > {c.name}"):
        c.insert(a)
    assert a.parents() == []


def test_unique_pools_share_no_member(unique: Unique, server: BasicServer) -> None:
    one, other, plain = UniquePool(unique("one")), UniquePool(unique("other")), Pool(unique("plain"))
    plain.insert(server)
    one.insert(server)
    with pytest.raises(ConflictError, match=f"{other.name}.*{one.name}.*one unique pool at most"):
        other.insert(server)
    assert set(server.pools()) == {plain, one}


def test_exclusive_pool_shares_no_member_with_any_pool(unique: Unique, server: BasicServer) -> None:
    alone, plain = ExclusivePool(unique("alone")), Pool(unique("plain"))
    plain.insert(server)
    with pytest.raises(ConflictError, match=f"{alone.name}.*{plain.name}.*in no other pool"):
        alone.insert(server)
    plain.remove(server)
    alone.insert(server)
    with pytest.raises(ConflictError, match=f"{plain.name}.*{alone.name}.*in no other pool"):
        plain.insert(server)
    inner = Pool(unique("inner"))
    alone.insert(inner)
    with pytest.raises(ConflictError, match=f"{plain.name}.*{alone.name}"):
        plain.insert(inner)


def test_name_is_taken_once(unique: Unique) -> None:
    name = unique("pool")
    pool = Pool(name)
    with pytest.raises(ExistsError, match=f"{name}.*taken.*{pool.url}"):
        UniquePool(name)
    with pytest.raises(NameError):  # what clusto raised
        Pool(name)


def test_tag_and_context_of_others_are_not_touched(session: Session, unique: Unique) -> None:
    tag, context = unique("tag"), unique("context")
    session.client.create("extras/tags", {"name": tag, "slug": tag})
    session.client.create("extras/config-contexts", {"name": context, "data": {"a": 1}, "is_active": False})
    with pytest.raises(ConflictError, match=r"a tag of that name that is no pool's, .*/extras/tags/"):
        Pool(tag)
    with pytest.raises(ConflictError, match="a config context of that name that is no pool's"):
        Pool(context)


def test_creation_that_was_interrupted_is_completed(session: Session, unique: Unique) -> None:
    name = unique("half")
    session.client.create("extras/tags", {"name": name, "slug": name, "description": "clusto pool"})
    assert Pool(name).describe()["members"] == []


def test_refused_attributes_leave_nothing_behind(session: Session, unique: Unique) -> None:
    name = unique("pool")
    with pytest.raises(RefusedError, match="tftp_servre"):
        Pool(name, attributes={"dhcp": {"tftp_servre": "192.0.2.1"}})
    assert session.client.list("extras/tags", name=name) == []


def test_names_of_any_script_and_with_clashing_slugs(unique: Unique) -> None:
    names = [unique("Web 1"), unique("web-1"), unique("東京"), unique("!!")]
    pools = [Pool(name) for name in names]
    assert [clusto.get_by_name(f"pool:{name}") for name in names] == pools
    outer, inner = pools[:2]
    outer.insert(inner)
    assert (inner.parents(), outer.parents()) == ([outer], [])


def test_rename_keeps_members_and_nesting(unique: Unique, server: BasicServer) -> None:
    outer, pool = Pool(unique("outer")), Pool(unique("pool"))
    outer.insert(pool)
    pool.insert(server)
    with pytest.raises(ExistsError, match=outer.name):
        pool.rename(outer.name)
    pool.rename(unique("renamed"))
    found = Pool.get(unique("renamed"))
    assert (found, found.contents(), found.parents()) == (pool, [server], [outer])


def test_weight_of_a_user_stands(unique: Unique) -> None:
    outer, pool = Pool(unique("outer")), Pool(unique("pool"), weight=6000)
    outer.insert(pool)
    assert pool.weight == 6000
    pool.weight = 6001
    assert Pool.get(pool.name).weight == 6001


def test_delete_says_what_it_would_take_away(session: Session, unique: Unique, server: BasicServer) -> None:
    outer, pool, inner = (Pool(unique(name), attributes={name: 1}) for name in ("outer", "pool", "inner"))
    outer.insert(pool)
    pool.insert(inner)
    inner.insert(server)
    with pytest.raises(ConflictError, match=f"cascade.*{inner.name}"):
        pool.delete()
    pool.delete(cascade=True)
    assert server.merged() == rendered(session, server) == {"inner": 1}
    assert session.client.list("extras/tags", name=pool.name) == []
    with pytest.raises(NotFoundError):
        Pool.get(pool.name)


def test_delete_that_was_interrupted_is_completed(session: Session, unique: Unique) -> None:
    pool = Pool(unique("pool"))
    session.client.update("extras/config-contexts", pool.id, {"is_active": False})
    [tag] = session.client.list("extras/tags", name=pool.name)
    session.client.delete("extras/tags", tag["id"])
    Pool.get(pool.name).delete()
    assert session.client.list("extras/config-contexts", name=pool.name) == []


def test_queries_through_pools(unique: Unique) -> None:
    a, b, inner = (Pool(unique(name)) for name in ("a", "b", "inner"))
    one, two = BasicServer(unique("one")), BasicServer(unique("two"))
    a.insert(inner)
    inner.insert(one)
    a.insert(two)
    b.insert(two)
    assert set(clusto.get_from_pools([a.name])) == {one, two}
    assert clusto.get_from_pools([a, b.name]) == [two]
    assert clusto.get_from_pools([a.name, f"-{b.name}"], clusto_types=["server"]) == [one]
    assert two.siblings() == []
    b.remove(two)
    inner.insert(two)
    a.remove(two)
    assert two.siblings() == [one]
    with pytest.raises(InvalidError, match="expected one at least"):
        clusto.get_from_pools([f"-{a.name}"])
