# SPDX-License-Identifier: BSD-2-Clause
"""Pools, attributes, and the modules that only read."""

from __future__ import annotations

import pytest


def test_pool(modules, unique):
    outer, inner, server = unique("outer"), unique("inner"), unique("ex")
    modules.run("server", name=server)
    modules.do("pool", name=outer, attributes={"dhcp": {"enabled": 1}})
    made = modules.do("pool", name=inner, parents=[outer], members=[server])
    assert made["diff"]["after"] == {
        "name": inner,
        "driver": "pool",
        "weight": 5010,
        "parents": [outer],
        "members": [f"server:{server}"],
        "attributes": {},
    }
    assert modules.do("pool", name=inner, weight=7000)["entity"]["weight"] == 7000
    assert modules.do("pool", name=inner, parents=[], parents_mode="exact")["diff"]["after"]["weight"] == 7000
    assert modules.do("pool", name=outer, members=[f"pool:{inner}"])["diff"]["after"]["members"] == [f"pool:{inner}"]
    assert modules.do("pool", name=inner, members=[server], members_mode="remove")["entity"]["members"] == []
    modules.do("pool", name=inner, members=[server])
    assert modules.do("pool", name=inner, members=[], members_mode="exact")["entity"]["members"] == []
    message = modules.refuse("pool", name=inner, members=[f"pool:{outer}"])
    assert "pools cannot contain each other" in message
    assert outer in message
    assert inner in message
    assert "pools cannot contain each other" in modules.refuse("pool", name=inner, parents=[inner])
    modules.do("pool", name=outer, state="absent")
    modules.do("pool", name=inner, state="absent")


def test_rules_of_pools(modules, unique):
    server, unique1, unique2, exclusive, plain = map(unique, ("ex", "unique1", "unique2", "exclusive", "plain"))
    modules.run("pool", name=unique1, driver="unique_pool")
    modules.run("pool", name=plain)
    modules.run("server", name=server, pools=[unique1])
    message = modules.refuse("pool", name=unique2, driver="unique_pool", members=[server])
    assert f"it is in unique_pool {unique1!r}, and an entity is in one unique pool at most" in message
    modules.run("pool", name=unique2, driver="unique_pool")
    assert "one unique pool at most" in modules.refuse("server", name=server, pools=[unique2])
    modules.do("server", name=server, pools=[unique2], pools_mode="exact")
    modules.run("pool", name=exclusive, driver="exclusive_pool")
    assert "takes only what is in no other pool" in modules.refuse("pool", name=exclusive, members=[server])
    modules.do("server", name=server, pools=[exclusive], pools_mode="exact")
    assert "what is in an exclusive pool is in no other pool" in modules.refuse("server", name=server, pools=[plain])
    assert "cannot become" in modules.refuse("pool", name=plain, driver="exclusive_pool")
    assert "there is nothing named" in modules.refuse("pool", name=plain, members=[unique("nobody")])


@pytest.mark.parametrize("kind", ["datacenter", "rack", "pool", "server"])
def test_attribute(modules, unique, kind):
    name = unique(kind)
    modules.run(kind, name=name)
    entity = {"entity": f"{kind}:{name}", "key": "dhcp", "subkey": "name_server"}
    assert modules.do("attribute", **entity, value="10.0.0.1")["diff"] == {
        "before": {},
        "after": {"dhcp": {"name_server": "10.0.0.1"}},
    }
    modules.do("attribute", **entity, value="10.0.0.2")
    added = modules.do("attribute", **entity, value="10.0.0.3", state="added")
    assert added["entity"]["attributes"]["dhcp"]["name_server"] == ["10.0.0.2", "10.0.0.3"]
    assert "has several values" in modules.refuse("attribute", **entity, value="10.0.0.4")
    modules.do("attribute", **entity, value="10.0.0.2", state="absent")
    modules.do("attribute", entity=entity["entity"], key="dhcp", state="absent")


def test_numbers_types_and_relations(modules, unique):
    name, other = unique("pool"), unique("other")
    modules.run("pool", name=name)
    modules.run("pool", name=other)
    one = {"entity": name, "key": "disk", "subkey": "size"}
    assert modules.do("attribute", **one, value=100, number="next", state="added")["diff"]["after"] == {
        "disk": {"0": {"size": 100}}
    }
    modules.do("attribute", **one, value=200, number="next", state="added")
    modules.do("attribute", **one, value=300, number="1")
    assert modules.do("attribute", entity=name, key="live", value=1)["changed"]
    # NetBox stores that but records no change of its own: to Python, True is 1.
    assert modules.run("attribute", entity=name, key="live", value=True)["changed"]
    assert not modules.do("attribute", entity=name, key="live", value=True)["changed"]
    modules.do("attribute", entity=name, key="peer", relation=other)
    info = modules.run("attribute_info", entity=name)
    assert [(a["key"], a["number"], a["subkey"]) for a in info["attributes"]] == [
        ("disk", 0, "size"),
        ("disk", 1, "size"),
        ("live", None, None),
        ("peer", None, None),
    ]
    assert info["document"]["live"] is True
    assert info["attributes"][-1]["value"]["_relation"].startswith("extras.configcontext:")
    assert modules.run("attribute_info", entity=name, key="disk", number=1)["document"] == {
        "disk": {"1": {"size": 300}}
    }


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"key": "9lives"}, "attribute key '9lives': expected a letter or _"),
        ({"key": "a", "subkey": "b c"}, "attribute subkey 'b c': expected a letter or _"),
        ({"key": "a", "number": "one"}, "number 'one' of attribute 'a': expected a whole number"),
        ({"key": "a", "number": "next"}, "number 'next' of attribute 'a': expected a whole number"),
        ({"entity": "nothing-of-that-name", "key": "a"}, "there is nothing named 'nothing-of-that-name'"),
        ({"key": "dhcp", "subkey": "domian"}, "domian"),
    ],
)
def test_an_attribute_is_refused(modules, unique, options, message):
    name = unique("pool")
    modules.run("pool", name=name)
    assert message in modules.run("attribute", **{"entity": name, "value": 1} | options)["msg"]


def test_merged_and_explained(modules, unique):
    outer, inner, server = unique("outer"), unique("inner"), unique("ex")
    modules.run("pool", name=outer, attributes={"dhcp": {"enabled": 1, "domain": "outer.org"}})
    modules.run("pool", name=inner, parents=[outer], attributes={"dhcp": {"domain": "inner.org"}})
    modules.run("server", name=server, pools=[inner], attributes={"tier": 1})
    own = modules.run("attribute_info", entity=server)
    assert own["document"] == {"tier": 1}
    merged = modules.run("attribute_info", entity=server, key="dhcp", explain=True)
    assert merged["document"] == {"dhcp": {"domain": "inner.org", "enabled": 1}}
    origins = {tuple(e["path"]): e["origin"] for e in merged["explanation"]}
    assert origins == {("dhcp", "domain"): f"pool:{inner}", ("dhcp", "enabled"): f"pool:{outer}"}


def test_entity_info(modules, unique):
    pool, other, name, rack = unique("pool"), unique("other"), unique("web"), unique("rack")
    modules.run("pool", name=pool)
    modules.run("pool", name=other)
    modules.run("server", name=name, pools=[pool, other], attributes={"tier": 1})
    modules.run("server", name=f"{name}-b", pools=[pool])
    modules.run("rack", name=rack, pools=[pool], attributes={"racklayout": rack})

    def names(**options):
        answer = modules.run("entity_info", **options)
        assert "msg" not in answer, answer["msg"]
        return [entity["name"] for entity in answer["entities"]]

    assert names(pools=[pool]) == [rack, name, f"{name}-b"]
    assert names(pools=[pool, f"-{other}"], types=["server"]) == [f"{name}-b"]
    assert names(pools=[pool], attrs=[{"key": "tier", "value": 1}]) == [name]
    assert names(types=["rack"], attrs=[{"key": "racklayout", "value": rack}]) == [rack]
    assert names(entity=name) == names(entity=f"server:{name}") == [name]
    assert names(entity=name, pools=[pool]) == [name]
    assert names(entity=unique("nobody")) == []
