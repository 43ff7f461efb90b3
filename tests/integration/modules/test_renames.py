# SPDX-License-Identifier: BSD-2-Clause
"""`renamed_from`: what bears its former name is renamed, what bears the new one is left alone; all stays connected."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from clusto.netbox.client import Client

from .conftest import Answer, Modules

Unique = Callable[[str], str]


@pytest.fixture
def datacenter(modules: Modules, unique: Unique) -> str:
    return str(modules.run("datacenter", name=unique("dc"), attributes={"tier": 1})["entity"]["name"])


def contexts(client: Client, text: str) -> list[str]:
    return sorted(record["name"] for record in client.list("extras/config-contexts", name__ic=text))


def renamed(modules: Modules, module: str, old: str, new: str, **options: object) -> Answer:
    """Rehearse, rename, repeat; then make the one anew that is gone, and be refused."""
    before = modules.run("entity_info", entity=old, types=[modules_type(module)])["entities"][0]["url"]
    answer = modules.do(module, name=new, renamed_from=old, **options)
    assert (answer["diff"]["before"]["name"], answer["diff"]["after"]["name"]) == (old, new)
    assert answer["entity"]["url"] == before
    return answer


def modules_type(module: str) -> str:
    return {"ip_manager": "ipmanager", "name_manager": "resourcemanager", "device": "networkswitch"}.get(module, module)


def test_places(modules: Modules, client: Client, unique: Unique, datacenter: str) -> None:
    """Contexts are called by where their places are now, so that another may be made in the former place."""
    cage, row, rack = unique("cage"), unique("row"), unique("rack")
    modules.run("location", name=cage, parent=datacenter, attributes={"a": 1})
    modules.run("location", name=row, parent=cage, attributes={"b": 2})
    modules.run("rack", name=rack, datacenter=datacenter, location=row)
    new_dc, new_cage, new_rack = unique("new-dc"), unique("new-cage"), unique("new-rack")
    assert renamed(modules, "datacenter", datacenter, new_dc, attributes={"c": 3})["entity"]["attributes"]["c"] == 3
    assert contexts(client, row) == [f"location:{new_dc}/{cage}/{row}"]
    assert renamed(modules, "location", cage, new_cage, parent=new_dc)["entity"]["contents"] == [
        f"location:{new_dc}/{row}"
    ]
    assert contexts(client, new_dc) == [
        f"datacenter:{new_dc}", f"location:{new_dc}/{new_cage}", f"location:{new_dc}/{new_cage}/{row}"
    ]  # fmt: skip
    assert renamed(modules, "rack", rack, new_rack, datacenter=new_dc)["entity"]["locations"] == [new_cage, row]
    modules.run("location", name=row, parent=new_dc)
    assert contexts(client, row) == [f"location:{new_dc}/{row}"]
    modules.run("datacenter", name=datacenter, attributes={"tier": 2})


def test_managers(modules: Modules, unique: Unique) -> None:
    subnet, server = unique("subnet"), unique("ex")
    net = f"100.{random.randrange(64, 128)}.{random.randrange(256)}"
    modules.run("ip_manager", name=subnet, prefix=f"{net}.0/24", vrf=None, gateway=f"{net}.1")
    modules.run("server", name=server, ips=[{"ip_manager": subnet, "osport": "eth0"}])
    kept = renamed(modules, "ip_manager", subnet, unique("new-subnet"))["entity"]
    assert [one["bound_to"] for one in kept["addresses"]] == [f"{server}, interface eth0"]
    assert kept["gateway"] == f"{net}.1"
    names = unique("names")
    modules.run("name_manager", name=names, basename="s", next=5)
    assert renamed(modules, "name_manager", names, unique("new-names"), digits=4)["entity"]["next"] == 5
    for module, name in (("server", server), ("ip_manager", kept["name"])):
        modules.run(module, name=name, state="absent")


def test_pools(modules: Modules, client: Client, unique: Unique) -> None:
    """Members, attributes and the tag stay; a list may name it by its new name."""
    old, new, around, inside, server = map(unique, ("pool", "new-pool", "around", "inside", "ex"))
    modules.run("server", name=server)
    modules.run("pool", pools=[{"name": old, "attributes": {"a": 1}, "members": [server]}, {"name": inside}])
    before = [client.one("extras/tags", name=old), client.one("extras/config-contexts", name=old)]
    items = [
        {"name": new, "renamed_from": old, "parents": [around]},
        {"name": around},
        {"name": inside, "parents": [new]},
    ]
    made = modules.do("pool", pools=items)
    assert made["diff"]["before"][new]["name"] == old
    assert [one["name"] for one in made["entities"]] == [new, around, inside]
    assert made["entities"][2]["pools"] == [new, around]
    assert sorted(made["entities"][0]["members"]) == [f"pool:{inside}", f"server:{server}"]
    after = [client.one("extras/tags", name=new), client.one("extras/config-contexts", name=new)]
    assert [(one["id"], one.get("slug")) for one in after if one] == [(b["id"], b.get("slug")) for b in before if b]
    foreign = unique("theirs")
    client.create("extras/tags", {"name": foreign, "slug": foreign})
    assert "a tag of that name that is no pool's" in modules.refuse("pool", name=foreign, renamed_from=new)
    assert "is there too" in modules.refuse("pool", name=around, renamed_from=new)
    client.delete("extras/tags", client.one("extras/tags", name=foreign)["id"])  # type: ignore[index]  # made above
    gone = modules.run("pool", pools=[{"name": name} for name in (new, around, inside)], state="absent")
    assert gone["consequences"][around]["losses"] == [f"it would no longer hold pool '{new}'"]
    assert gone["consequences"][new] == {
        "obstacles": [],
        "losses": [
            f"it would no longer hold pool '{inside}', server '{server}'",
            f"these would lose its a: server '{server}'",
        ],
    }
    assert gone["diff"]["before"][new]["consequences"] == gone["consequences"][new]


def test_devices(modules: Modules, unique: Unique, datacenter: str) -> None:
    """One and a list; what hangs on them stays, and a repeat knows them by their new names."""
    one, two, three, new, rack = map(unique, ("one", "two", "three", "new", "rack"))
    modules.run("rack", name=rack, datacenter=datacenter)
    modules.run(
        "server", rack=rack, servers=[{"name": one, "ru": [1]}, {"name": two, "ru": [2]}, {"name": three, "ru": [3]}]
    )
    first = renamed(modules, "server", one, f"{new}-1", pools=[])["entity"]
    assert (first["rack"], first["units"]) == (rack, [1])
    items = [
        {"name": f"{new}-2", "renamed_from": two, "attributes": {"a": 1}},
        {"name": f"{new}-4", "renamed_from": two},
    ]
    assert "is given twice" in modules.refuse("server", servers=items)
    items = [items[0], {"name": f"{new}-3", "renamed_from": f"{datacenter}/{three}"}, {"name": f"{new}-1"}]
    made = modules.do("server", servers=items)
    assert [(e["name"], e["units"]) for e in made["entities"]] == [(f"{new}-{n}", [n]) for n in (2, 3, 1)]
    both = modules.refuse("server", name=f"{new}-1", renamed_from=f"{new}-2")
    assert f"server:{datacenter}/{new}-2 cannot be renamed to '{new}-1'" in both
    switch = modules.run("device", type="networkswitch", driver="basicnetworkswitch", name=unique("sw"))["entity"][
        "name"
    ]
    assert (
        renamed(modules, "device", switch, unique("new-sw"), type="networkswitch")["entity"]["type"] == "networkswitch"
    )
    gone = [{"name": f"{new}-{n}", "state": "absent"} for n in (1, 2, 3)]
    told = modules.run("server", servers=gone)["consequences"]
    assert told == {f"{new}-{n}": {"obstacles": [], "losses": []} for n in (1, 2, 3)}


def test_what_is_refused(modules: Modules, unique: Unique, datacenter: str) -> None:
    one, other = unique("one"), unique("other")
    for name in (one, other):
        modules.run("rack", name=name, datacenter=datacenter)
    refusal = modules.refuse("rack", name=other, renamed_from=one, datacenter=datacenter)
    assert f"rack:{datacenter}/{one} cannot be renamed to '{other}': rack:{datacenter}/{other} is there too" in refusal
    assert "renamed_from with state absent" in modules.refuse("rack", name=other, renamed_from=one, state="absent")
    assert "give its name" in modules.refuse("rack", name=f"{datacenter}/{unique('x')}", renamed_from=one)
    made = modules.do("rack", name=unique("new"), renamed_from=unique("never"), datacenter=datacenter)
    assert made["diff"]["before"] == {}


def test_moved_at_once(modules: Modules, unique: Unique, datacenter: str) -> None:
    """Into another datacenter, where one has the old name."""
    there, name, new = unique("there"), unique("rack"), unique("rack-new")
    modules.run("datacenter", name=there)
    for where in (datacenter, there):
        modules.run("rack", name=name, datacenter=where)
    moved = modules.run("rack", name=new, renamed_from=f"{datacenter}/{name}", datacenter=there)
    assert (moved["entity"]["datacenter"], moved["entity"]["name"]) == (there, new)
    assert modules.run("rack", name=new, renamed_from=f"{datacenter}/{name}", datacenter=there)["changed"] is False
