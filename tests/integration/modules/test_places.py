# SPDX-License-Identifier: BSD-2-Clause
"""Datacenters, locations and racks: made, changed, deleted; rehearsed, run, repeated."""

from __future__ import annotations

import pytest

from clusto.drivers import BasicServer, Datacenter, Session


@pytest.fixture
def datacenter(modules, unique):
    """A datacenter of this test's own; its name."""
    name = unique("dc")
    modules.do("datacenter", name=name)
    return name


def test_datacenter(modules, unique):
    name = unique("eqix")
    made = modules.do("datacenter", name=name, attributes={"dhcp": {"domain": "example.org"}, "tier": 3})
    assert made["diff"]["before"] == {}
    assert made["diff"]["after"] == {
        "name": name,
        "driver": "basicdatacenter",
        "attributes": {"dhcp": {"domain": "example.org"}, "tier": 3},
    }
    merged = modules.do("datacenter", name=name, attributes={"dhcp": {"enabled": 1}})
    assert merged["entity"]["attributes"] == {"dhcp": {"domain": "example.org", "enabled": 1}, "tier": 3}
    exact = modules.do("datacenter", name=name, attributes={"tier": 4}, attributes_mode="exact")
    assert exact["diff"]["after"]["attributes"] == {"tier": 4}
    emptied = modules.do("datacenter", name=name, attributes={}, attributes_mode="exact")
    assert emptied["entity"]["attributes"] == {}
    gone = modules.do("datacenter", name=name, state="absent")
    assert (gone["diff"]["after"], gone["entity"]) == ({}, None)
    assert modules.run("datacenter", name=name, state="absent")["changed"] is False


def test_location(modules, unique, datacenter):
    cage, row = unique("cage"), unique("row")
    modules.do("location", name=cage, driver="Cage", parent=datacenter)
    made = modules.do("location", name=row, driver="row", parent=cage, attributes={"console": {"speed": 9600}})
    assert made["diff"]["after"] == {
        "name": row,
        "driver": "row",
        "datacenter": datacenter,
        "locations": [cage],
        "attributes": {"console": {"speed": 9600}},
    }
    moved = modules.do("location", name=row, parent=f"datacenter:{datacenter}")
    assert moved["entity"]["locations"] == []
    assert modules.do("location", name=row, driver="zone")["entity"]["driver"] == "zone"
    assert "cannot be deleted" in modules.refuse("datacenter", name=datacenter, state="absent")
    modules.do("location", name=row, parent=datacenter, state="absent")
    modules.do("location", name=f"{datacenter}/{cage}", state="absent")
    modules.do("datacenter", name=datacenter, state="absent")


def test_locations_of_one_name_in_two_datacenters(modules, unique, datacenter):
    other, row = unique("other"), unique("row")
    modules.do("datacenter", name=other)
    for parent in (datacenter, other):
        assert modules.do("location", name=row, parent=parent)["entity"]["datacenter"] == parent
    answer = modules.run("location", name=row, attributes={"a": 1})
    assert answer["candidates"] == sorted([f"location:{datacenter}/{row}", f"location:{other}/{row}"])
    assert modules.do("location", name=f"{other}/{row}", attributes={"a": 1})["changed"]
    message = modules.refuse("location", name=f"{other}/{row}", parent=datacenter)
    assert f"location:{other}/{row} has a namesake there, location:{datacenter}/{row}, http" in message


def test_rack(modules, unique, datacenter):
    name, cage, pool = unique("rack"), unique("cage"), unique("pool")
    modules.do("pool", name=pool)
    modules.do("location", name=cage, parent=datacenter)
    made = modules.do("rack", name=name, attributes={"racklayout": "201001"}, driver="APCRack")
    assert made["diff"]["after"] == {
        "name": name,
        "driver": "apcrack",
        "datacenter": None,
        "locations": [],
        "min_u": 1,
        "max_u": 45,
        "attributes": {"racklayout": "201001"},
    }
    assert modules.do("rack", name=name, datacenter=datacenter)["entity"]["datacenter"] == datacenter
    assert modules.do("rack", name=name, datacenter=datacenter, location=cage)["entity"]["locations"] == [cage]
    assert modules.do("rack", name=name, datacenter=datacenter)["changed"] is False
    changed = modules.do("rack", name=name, min_u=3, max_u=42, pools=[pool], attributes={"tier": 1})
    assert {k: v for k, v in changed["diff"]["after"].items() if changed["diff"]["before"][k] != v} == {
        "min_u": 3,
        "max_u": 42,
        "pools": [pool],
        "attributes": {"racklayout": "201001", "tier": 1},
    }
    assert modules.do("rack", name=name, pools=[], pools_mode="exact")["entity"]["pools"] == []
    modules.do("rack", name=name, state="absent")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"driver": "norack"}, "there is no driver 'norack'; expected one of apcrack, basicrack"),
        ({"datacenter": "nowhere-at-all"}, "there is nothing named 'nowhere-at-all'"),
        ({"location": "nowhere-at-all"}, "there is no location 'nowhere-at-all'"),
        ({"min_u": 0}, "units 0 to 45; expected a lowest unit of 1 or more"),
        ({"min_u": 9, "max_u": 8}, "units 9 to 8; expected"),
        ({"max_u": 300}, "300 units, NetBox knows 100 at most"),
        ({"pools": ["no-such-pool"]}, "there is no pool 'no-such-pool'"),
        ({"attributes": {"9lives": 1}}, "attribute key '9lives': expected a letter or _"),
        ({"attributes": {"dhcp": {"a b": 1}}}, "attribute subkey 'a b': expected a letter or _"),
        ({"name": "x" * 101}, "has 101 characters, expected 100 at most"),
        ({"name": " blank"}, "expected printable text without blanks around it"),
        ({"name": "rack:other"}, "to make one, give its name 'other' alone"),
    ],
)
def test_a_rack_is_refused(modules, unique, options, message):
    assert message in modules.refuse("rack", **{"name": unique("rack")} | options)


def test_a_location_is_refused(modules, unique, datacenter):
    row, inner = unique("row"), unique("inner")
    assert "a new one needs parent" in modules.refuse("location", name=row)
    modules.do("location", name=row, parent=datacenter)
    modules.do("location", name=inner, parent=row)
    assert "cannot go into location" in modules.refuse("location", name=row, parent=inner)


def test_where_a_namesake_is(modules, unique, datacenter, client):
    """What moves, and what goes along, is refused where one of its name is; nothing has moved then."""
    there, rack, cage, server = unique("there"), unique("rack"), unique("cage"), unique("ex")
    modules.run("datacenter", name=there)
    for where in (datacenter, there):
        modules.run("rack", name=rack, datacenter=where)
    assert f"rack '{rack}' cannot go from {datacenter} into datacenter '{there}': rack:{datacenter}/{rack} has a" in (
        modules.refuse("rack", name=f"{datacenter}/{rack}", datacenter=there)
    )
    modules.run("location", name=cage, parent=datacenter)
    modules.run("rack", name=unique("inner"), datacenter=datacenter, location=cage)
    modules.run("server", name=server, rack=unique("inner"), ru=[1])
    session = Session(client)
    BasicServer(server.upper(), datacenter=Datacenter.get(there, session=session), session=session)
    refusal = modules.refuse("location", name=f"{datacenter}/{cage}", parent=there)
    assert f"server:{datacenter}/{server} has a namesake there, server:{there}/{server.upper()}" in refusal
