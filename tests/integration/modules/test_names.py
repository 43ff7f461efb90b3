# SPDX-License-Identifier: BSD-2-Clause
"""Name managers as tasks, and what entity_info tells of many entities."""

from __future__ import annotations

from clusto.drivers import BasicServer, Datacenter, Pool, Rack, Session, SimpleEntityNameManager
from clusto.ensure.queries import EntityInfo


def test_name_manager(modules, unique, client):
    name, base = unique("names"), unique("s")
    made = modules.do("name_manager", name=name, basename=base, digits=2, attributes={"owner": "me"})
    assert made["entity"]["type"] == "resourcemanager"
    assert made["diff"]["after"] == {
        "name": name,
        "driver": "simpleentitynamemanager",
        "basename": base,
        "digits": 2,
        "leading_zeros": True,
        "next": 0,
        "maxnum": None,
        "attributes": {"owner": "me"},
    }
    SimpleEntityNameManager.get(name, session=Session(client)).take(12)
    again = modules.run("name_manager", name=name, basename=base, digits=2, next=0)
    assert (again["changed"], again["entity"]["next"]) == (False, 12), "next is only ever raised"
    assert "expected 9 at most" in modules.refuse("name_manager", name=name, digits=1)
    assert "it cannot become 'simplenummanager'" in modules.refuse("name_manager", name=name, driver="simplenummanager")
    assert "has no maxnum" in modules.refuse("name_manager", name=name, maxnum=3)
    assert "from 1 to 15" in modules.refuse("name_manager", name=name, digits=16)
    assert modules.do("name_manager", name=name, next=20, digits=3, leading_zeros=False)["entity"]["next"] == 20
    modules.do("name_manager", name=name, state="absent")


def test_number_manager(modules, unique):
    name = unique("numbers")
    modules.do("name_manager", name=name, driver="SimpleNumManager", next=5, maxnum=9)
    assert "has no basename" in modules.refuse("name_manager", name=name, basename="s")
    assert "expected one of simpleentitynamemanager, simplenamemanager" in modules.refuse(
        "name_manager", name=unique("other"), driver="pool"
    )


def test_entity_info_tells_what_surrounds_many_entities(modules, unique, client):
    session = Session(client)
    datacenter = Datacenter(unique("dc"), attributes={"domain": "x"}, session=session)
    rack = Rack(unique("rack"), datacenter=datacenter, session=session)
    outer, inner = (Pool(unique(name), session=session) for name in ("outer", "inner"))
    outer.insert(inner)
    servers = [BasicServer(unique(name), datacenter=datacenter, session=session) for name in ("one", "two")]
    rack.insert(servers[0], 1)
    for server in servers:
        inner.insert(server)
    servers[1].set_attr("owner", servers[0])

    def ask(**options):
        unchanged = modules.changes()
        answer = modules.run("entity_info", **options)
        assert modules.changes() == unchanged
        assert "msg" not in answer, answer["msg"]
        return answer["entities"]

    everything = dict.fromkeys(
        ("contents", "parents", "siblings", "recursive", "references", "consequences", "merged", "explain"), True
    )
    one, two = ask(names=[server.name for server in servers], **everything)
    assert one["parents"] == [inner.reference, rack.reference, outer.reference, datacenter.reference]
    assert (one["siblings"], two["siblings"]) == ([servers[1].reference], [servers[0].reference])
    assert one["merged"] == {"domain": "x"}
    assert [entry["origin"] for entry in one["explanation"]] == [f"datacenter:{datacenter.name}"]
    assert [(mention["entity"], mention["key"]) for mention in one["references"]] == [(servers[1].reference, "owner")]
    assert one["consequences"]["losses"] == [f"these attributes would point at nothing: owner of {servers[1].label}"]
    assert one["ports"] == servers[0].describe()["ports"]
    [pool] = ask(entity=f"pool:{outer.name}", contents=True, recursive=True, consequences=True)
    assert pool["contents"] == sorted([inner.reference, *(server.reference for server in servers)])
    assert pool["consequences"] == {"obstacles": [], "losses": [f"it would no longer hold {inner.label}"]}

    def names(**options):
        return [entity["name"] for entity in ask(**options)]

    mine = {"names": [e.name for e in (*servers, rack, datacenter)]}
    assert names(**mine, attrs=[{"key": "domain", "value": "x"}]) == [datacenter.name]
    both = sorted(server.name for server in servers)
    assert names(**mine, attrs=[{"key": "domain"}], attrs_merged=True, types=["server"]) == both
    assert names(attrs=[{"key": "owner", "relation": servers[0].name}]) == [servers[1].name]
    assert names(**mine, drivers=["BasicServer"], datacenter=datacenter.name) == both
    assert "there is nothing named" in modules.run("entity_info", datacenter=unique("nowhere"))["msg"]


def test_a_pool_whose_tag_was_deleted_in_netbox_is_a_warning(modules, unique, client):
    session = Session(client)
    pool = Pool(unique("pool"), session=session)
    [tag] = client.list("extras/tags", name=pool.name)
    client.delete("extras/tags", tag["id"])
    try:
        answer = EntityInfo(session=session, entity=f"pool:{pool.name}").answer()
        [entity] = answer["entities"]
        assert "its config context holds for every device" in entity["problems"][0]
        assert answer["warnings"] == entity["problems"]
        assert "holds for every device" in modules.refuse("pool", name=pool.name, weight=7000)
    finally:
        modules.run("pool", name=pool.name, state="absent")
    assert client.list("extras/config-contexts", name=pool.name) == []
