# SPDX-License-Identifier: BSD-2-Clause
"""Lists of attributes and pools: written in bulk, all or none, each refused item named."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from clusto.drivers import BasicServer, Datacenter, Pool, Session
from clusto.drivers.bulk_documents import change_documents
from clusto.netbox.client import Client


def test_attributes(modules, unique, client):
    pool, servers, datacenter = unique("pool"), [unique("one"), unique("two")], unique("dc")
    session = Session(client)
    Pool(pool, session=session)
    Datacenter(datacenter, session=session)
    for name in servers:
        BasicServer(name, session=session)
    items = [
        {"entity": f"pool:{pool}", "key": "dhcp", "subkey": "enabled", "value": 1},
        {"entity": servers[0], "key": "disk", "subkey": "size", "number": "next", "value": 100, "state": "added"},
        {"entity": servers[0], "key": "disk", "subkey": "size", "number": "next", "value": 200, "state": "added"},
        {"entity": servers[1], "key": "mate", "relation": servers[0]},
        {"entity": datacenter, "key": "tier", "value": 3},
        {"entity": servers[1], "key": "gone", "state": "absent"},
    ]
    answer = modules.do("attribute", attributes=items)
    assert answer["diff"]["after"][f"server:{servers[0]}"] == {"disk": {"0": {"size": 100}, "1": {"size": 200}}}
    assert [e["name"] for e in answer["entities"]] == [pool, servers[0], servers[1], datacenter]
    [mate] = modules.run("attribute_info", entity=servers[0], references=True)["references"]
    assert (mate["entity"], mate["key"]) == (f"server:{servers[1]}", "mate")

    wrong = [
        items[0],
        {"entity": servers[0], "key": "9lives", "value": 1},
        {"entity": "nobody", "key": "a", "value": 1},
    ]
    message = modules.refuse("attribute", attributes=wrong)
    assert (
        message
        == "1 of 3 attributes refused, nothing was changed: attributes[2] (nobody a): there is nothing named 'nobody'"
    )
    message = modules.refuse("attribute", attributes=wrong[:2])
    assert "attributes[1]" in message
    assert "expected a letter or _" in message

    # What NetBox alone can refuse, after other entities were written: all is as it was
    late = [
        {"entity": servers[0], "key": "new", "value": 1},
        {"entity": pool, "key": "dhcp", "subkey": "domian", "value": 1},
    ]
    failed = modules.run("attribute", attributes=late)
    assert [(e["index"], "domian" in e["msg"]) for e in failed["errors"]] == [(1, True)]
    assert "new" not in modules.run("attribute_info", entity=servers[0])["document"]


def test_nothing_is_lost_when_several_write_to_the_same_entities(client, unique):
    session = Session(client)
    servers = [BasicServer(unique(f"s{number}"), session=session) for number in range(3)]

    def write(key):
        mine = [BasicServer.get(server.name, session=session) for server in servers]
        changes = dict.fromkeys(mine, lambda old: {**old, key: 1})
        change_documents(session, changes, lambda _: None)

    keys = [f"key{number}" for number in range(5)]
    with ThreadPoolExecutor(len(keys)) as pool:
        list(pool.map(write, keys))
    assert all(server.document == dict.fromkeys(keys, 1) for server in servers)


def test_what_is_taken_back_leaves_what_others_wrote_since(client: Client, unique):
    session = Session(client)
    servers = [BasicServer(unique(name), attributes={"a": 1}, session=session) for name in ("one", "two")]
    steps = []
    change_documents(session, dict.fromkeys(servers, lambda old: {**old, "a": 2, "b": 1}), steps.append)
    servers[0].set_attr("others", 1)
    for step in steps:
        step()
    assert [server.document for server in servers] == [{"a": 1, "others": 1}, {"a": 1}]


def test_pools(modules, unique, client):
    session = Session(client)
    server, other, datacenter = unique("one"), unique("two"), unique("dc")
    outer, middle, inner, there = map(unique, ("outer", "middle", "inner", "there"))
    for name in (server, other):
        BasicServer(name, session=session)
    Datacenter(datacenter, session=session)
    Pool(there, attributes={"kept": 1}, session=session)
    items = [
        {"name": inner, "parents": [middle], "members": [server, other]},
        {"name": outer, "attributes": {"dhcp": {"enabled": 1}}, "members": [f"pool:{there}"]},
        {"name": middle, "parents": [outer], "members": [datacenter, server]},
        {"name": there, "attributes": {"tier": 2}, "members": [other]},
    ]
    answer = modules.do("pool", pools=items)
    assert answer["diff"]["after"][inner] == {
        "name": inner,
        "driver": "pool",
        "weight": 5020,
        "parents": [middle],
        "members": sorted([f"server:{server}", f"server:{other}"]),
        "attributes": {},
    }
    after = {entity["name"]: entity for entity in answer["entities"]}
    assert [*after] == [inner, outer, middle, there]
    assert after[outer]["members"] == sorted([f"pool:{middle}", f"pool:{there}"])
    assert (after[there]["attributes"], after[there]["weight"]) == ({"kept": 1, "tier": 2}, 5010)
    assert after[inner]["pools"] == [middle, outer]
    assert BasicServer.get(server, session=session).merged() == {"dhcp": {"enabled": 1}}

    changed = modules.do(
        "pool",
        pools=[
            {"name": middle, "parents": [], "parents_mode": "exact", "members": [datacenter], "members_mode": "remove"},
            {"name": inner, "members": [other], "members_mode": "exact", "weight": 7000},
        ],
    )["diff"]["after"]
    assert (changed[middle]["weight"], changed[middle]["parents"]) == (5000, [])
    assert (changed[middle]["members"], changed[inner]["members"]) == (
        sorted([f"pool:{inner}", f"server:{server}"]),
        [f"server:{other}"],
    )
    modules.do("pool", pools=[{"name": name} for name in (inner, outer, middle)], state="absent")


def test_refused_pools_are_all_named_and_none_is_made(modules, unique, client):
    session = Session(client)
    server, alone, one, two, foreign = map(unique, ("ex", "alone", "one", "two", "foreign"))
    BasicServer(server, session=session)
    client.create("extras/tags", {"name": foreign, "slug": foreign})
    message = modules.refuse("pool", pools=[{"name": one}, {"name": foreign}, {"name": two, "parents": ["nowhere"]}])
    assert f"pools[1] ({foreign}): pool {foreign!r}: NetBox has a tag of that name that is no pool's" in message
    message = modules.refuse("pool", pools=[{"name": one, "parents": [two]}, {"name": two, "parents": [one]}])
    assert "pools[1]" in message
    assert "pools cannot contain each other" in message
    rules = [{"name": alone, "driver": "exclusive_pool", "members": [server]}, {"name": one, "members": [server]}]
    assert "pools[0]" in (message := modules.refuse("pool", pools=rules))
    assert "takes only what is in no other pool" in message
    assert "more than once" in modules.refuse("pool", pools=[{"name": one}, {"name": one}])
    # What NetBox alone can refuse, after the tags were made
    failed = modules.run("pool", pools=[{"name": one}, {"name": two, "attributes": {"dhcp": {"domian": 1}}}])
    assert [(error["index"], "domian" in error["msg"]) for error in failed["errors"]] == [(1, True)]
    assert client.list("extras/tags", name=[one, two]) == []
