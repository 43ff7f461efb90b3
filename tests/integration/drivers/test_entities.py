# SPDX-License-Identifier: BSD-2-Clause
"""What holds for every kind of entity: attributes, names."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

import clusto
from clusto.core.attributes import Attribute
from clusto.core.errors import AmbiguousError, ConflictError, InvalidError, NotFoundError
from clusto.drivers import BasicServer, Cage, Datacenter, Entity, IPManager, Pool, Rack, Session, get_entities
from clusto.drivers.queries import Finder

Unique = Callable[[str], str]
MAKERS: dict[str, Callable[[str, str], Entity]] = {
    "pool": lambda name, _: Pool(name),
    "datacenter": lambda name, _: Datacenter(name),
    "location": lambda name, _: Cage(name),
    "rack": lambda name, _: Rack(name),
    "server": lambda name, _: BasicServer(name),
    "ipmanager": lambda name, net: IPManager(name, prefix=f"{net}.0/24"),
}


@pytest.fixture(params=MAKERS)
def entity(request: pytest.FixtureRequest, unique: Unique, net: str) -> Entity:
    return MAKERS[request.param](unique(request.param), net)


def test_attributes(entity: Entity) -> None:
    assert (entity.document, entity.merged(), entity.attrs()) == ({}, {}, [])
    entity.set_attr("a", 1)
    entity.set_attr(key="dhcp", subkey="domain", value="example.org")
    entity.add_attr("port-nic-eth", "00:11:22:33:44:55", number=True, subkey="mac")
    entity.add_attr("list", "x")
    entity.add_attr("list", "y")
    expected = {
        "a": 1,
        "dhcp": {"domain": "example.org"},
        "port-nic-eth": {"0": {"mac": "00:11:22:33:44:55"}},
        "list": ["x", "y"],
    }
    assert entity.document == entity.merged() == entity.describe()["attributes"] == expected
    assert entity.attrs("dhcp") == [Attribute("dhcp", "domain", None, "example.org")]
    assert entity.attr_values("list") == ["x", "y"]
    with pytest.raises(ConflictError, match="expected one attribute"):
        entity.attr_value("list")
    with pytest.raises(ConflictError, match="several values"):
        entity.set_attr("list", "z")
    with pytest.raises(InvalidError, match="1bad"):
        entity.set_attr("1bad", 1)
    entity.del_attrs("list", value="x")
    assert entity.attr_value("list") == "y"
    entity.replace_document({"b": 2})
    entity.del_attrs()
    assert entity.document == {}


def test_two_writers_lose_nothing(entity: Entity) -> None:
    entity.set_attr("first", 0)
    keys = [f"key{n}" for n in range(6)]
    with ThreadPoolExecutor(3) as pool:
        for future in [pool.submit(entity.set_attr, key, 1) for key in keys]:
            future.result()
    assert entity.document == {"first": 0, **dict.fromkeys(keys, 1)}


def test_description_says_where_it_is_found(entity: Entity) -> None:
    described = entity.describe()
    assert (described["name"], described["type"], described["url"]) == (entity.name, entity.type, entity.url)
    assert clusto.get_by_name(entity.reference) == entity
    assert type(entity).get(entity.name) == entity


def test_names_shared_by_several(unique: Unique, datacenter: Datacenter) -> None:
    name, other = unique("same"), Datacenter(unique("other"))
    pool, one, two = Pool(name), Rack(name, datacenter=datacenter), Rack(name, datacenter=other)
    with pytest.raises(AmbiguousError) as caught:
        clusto.get_by_name(name)
    assert sorted(map(clusto.get_by_name, caught.value.candidates), key=repr) == sorted([pool, one, two], key=repr)
    assert clusto.get_by_name(f"pool:{name}") == pool
    assert clusto.get_by_name(f"{other.name}/{name}") == two
    assert clusto.get_by_name(name, types=["pool"]) == pool
    with pytest.raises(NotFoundError, match="nothing named"):
        clusto.get_by_name(unique("nobody"))


def test_entities_by_attributes(unique: Unique, datacenter: Datacenter) -> None:
    key = f"k{datacenter.id}"
    rack, pool = Rack(unique("rack")), Pool(unique("pool"))
    for one in (datacenter, rack, pool):
        one.set_attr(key, "v", subkey="s")
    wanted = [{"key": key, "subkey": "s"}]
    assert set(get_entities(attrs=wanted)) == {datacenter, rack, pool}
    assert get_entities(clusto_types=["rack"], clusto_drivers=["rack"], attrs=wanted) == [rack]
    assert get_entities(attrs=[*wanted, {"key": key, "value": "w"}]) == []


def test_many_names_at_once(
    session: Session, server: BasicServer, manager: IPManager, datacenter: Datacenter, unique: Unique
) -> None:
    """More than a URL holds."""
    there = {server, manager, datacenter, Pool(unique("pool"))}
    names = [*(entity.name for entity in there), *(f"{unique('no')}-{n}" for n in range(60))]
    assert set(get_entities(names=names, session=session)) == there
    assert {Finder(session, names).find(entity.name) for entity in there} == there
