# SPDX-License-Identifier: BSD-2-Clause
"""What others made is read without complaint, by every way there is to read it."""

from __future__ import annotations

import json

import pytest

from clusto.core.errors import AmbiguousError
from clusto.core.merge import merged, rendered
from clusto.drivers import Device, Entity, Location, Rack, Session, VirtualMachine, get_by_name, get_entities
from clusto.mirror.load import load
from clusto.netbox.records import FIELDS, attributes

from ..modules.conftest import Modules
from .world import Others

KINDS = {
    "dcim.device": "dcim/devices",
    "virtualization.virtualmachine": "virtualization/virtual-machines",
    "dcim.site": "dcim/sites",
    "dcim.location": "dcim/locations",
    "dcim.rack": "dcim/racks",
}


@pytest.fixture(scope="module")
def entities(session: Session, others: Others) -> dict[tuple[str, int], Entity]:
    ids = {(type_, record["id"]) for type_, endpoint in KINDS.items() for record in others.made[endpoint].values()}
    found = {(e.object_type, e.id): e for e in get_entities(session=session)}
    assert ids <= found.keys()
    return {key: found[key] for key in ids}


def test_they_are_described(others: Others, entities: dict[tuple[str, int], Entity]) -> None:
    """The oddest of each kind: what is said of them is plain JSON."""
    odd = {
        "dcim.device": ("switch", "tall", "flat", "chassis", "blade", "nameless", "tenant1", "long", "local", "hosted"),
        "virtualization.virtualmachine": ("vm", "sited", "roled"),
        "dcim.site": ("two", "bare"),
        "dcim.location": ("level4",),
        "dcim.rack": ("plain", "odd"),
    }
    for type_, stems in odd.items():
        for stem in stems:
            entity = entities[type_, others.id(KINDS[type_], stem)]
            described = entity.describe()
            assert json.loads(json.dumps(described)) == described
            assert (described["name"], described["pools"]) == (entity.name, [])


def test_they_are_in_no_pool_and_stand_where_they_stand(others: Others) -> None:
    """A tag is no pool, though a context has its name."""
    switch = Device.get(others.name("switch"))
    assert switch.parents() == [switch.place]
    assert switch.siblings() == switch.contents() == []
    assert switch in Rack.get(f"{others.name('one')}/{others.name('plain')}").contents()


def test_each_has_the_attributes_that_netbox_renders(session: Session, others: Others) -> None:
    world = session.world()
    for endpoint, kind, scope in (
        ("dcim/devices", "devices", world.device),
        ("virtualization/virtual-machines", "virtual_machines", world.virtual_machine),
    ):
        ids = [record["id"] for record in others.made[endpoint].values()]
        for record in session.client.list(endpoint, id=ids, fields=[*FIELDS[kind], "config_context"]):
            given = scope(record), world.contexts, attributes(record)
            assert rendered(*given) == merged(*given) == record["config_context"], record["id"]


def test_modules_tell_all_about_them(modules: Modules, others: Others) -> None:
    answer = modules.run("entity_info", types=[others.name("inner")])
    assert [one["name"] for one in answer["entities"]] == [others.name("switch"), others.name("vm")]
    for stem in ("local", "blade"):
        name = others.name(stem)
        explained = modules.run("attribute_info", entity=name, explain=True)
        values = modules.run("attribute_info", entity=name, merged=True)
        assert "msg" not in explained
        assert "msg" not in values


@pytest.mark.parametrize("stem", ["same", "tenants"])
def test_one_name_of_several_devices(others: Others, stem: str) -> None:
    name = others.name(stem)
    with pytest.raises(AmbiguousError) as told:
        get_by_name(name)
    assert len(told.value.candidates) == 2
    assert told.value.candidates[0] in str(told.value)


def test_odd_names_are_found(others: Others) -> None:
    for stem in ("long", "slashes"):
        device = others.made["dcim/devices"][stem]
        found = get_by_name(device["name"])
        assert found.id == device["id"]
        assert get_by_name(found.reference) == found
    site = others.made["dcim/sites"]["two"]
    assert get_by_name(site["name"]).id == site["id"]
    assert get_by_name(f"{site['name']}/{others.name('tall')}").id == others.id("dcim/devices", "tall")


def test_ports_of_other_makers(others: Others) -> None:
    switch = Device.get(others.name("switch"))
    info = {port["name"]: port["number"] for port in switch.port_info()["nic-eth"]}
    gigabit = [info[f"GigabitEthernet1/0/{n}"] for n in (1, 2, 10)]
    assert gigabit == list(range(gigabit[0], gigabit[0] + 3))
    assert info["GigabitEthernet0/0"] is info["Po1"] is info["Vlan10"] is info["br0"] is None
    numbered = [name for name, number in info.items() if number is not None]
    assert len(numbered) == 7
    assert all(switch.port("nic-eth", info[name]).name == name for name in numbered[:2])
    assert not switch.port_free("nic-eth", "GigabitEthernet1/0/10"), "it is connected to a circuit"
    assert not switch.port_free("nic-eth", "GigabitEthernet1/0/2"), "one of several ends of a cable"
    assert not switch.port_free("pwr-nema-5", "PSU A"), "it is connected to a power feed"
    assert switch.port_free("nic-eth", "ens3f0np0")
    assert Device.get(others.name("flat")).port_info()["nic-eth"][0]["number"] is None


def test_racks_with_halves_and_rears(others: Others) -> None:
    rack = Rack.get(f"{others.name('one')}/{others.name('plain')}")
    units = {device["name"]: device["units"] for device in rack.describe()["devices"]}
    assert units[others.name("switch")] == units[others.name("upper")] == units[others.name("behind")] == [10]
    assert units[others.name("flat")] == units[others.name("blade")] == []
    assert units[others.name("chassis")] == [20, 21, 22, 23]
    assert Rack.get(others.name("odd")).describe()["devices"][0]["units"] == [5, 6, 7]


def test_places(others: Others) -> None:
    locations = Device.get(others.name("switch")).describe()["locations"]
    assert locations == [others.name(f"level{depth}") for depth in range(5)]
    assert Location.get(others.name("level4")).merged()[others.mark].keys() == {"regions", "site_groups", "locations"}
    assert VirtualMachine.get(others.name("sited")).datacenter_name == others.made["dcim/sites"]["two"]["name"]


def test_the_mirror(session: Session, others: Others) -> None:
    inventory = load(session.client, 0)
    world = {(host.kind, host.id): host for host in inventory.hosts}
    for stem, record in others.made["dcim/devices"].items():
        assert world["device", record["id"]].name == record["name"], stem
    for record in others.made["virtualization/virtual-machines"].values():
        assert world["virtualmachine", record["id"]].name == record["name"]
    assert inventory.by_ip("198.18.1.31").host.name == others.name("switch")
    twice = others.made["dcim/mac-addresses"]["twice1"]["mac_address"].lower()
    assert any(twice in warning for warning in inventory.warnings)
    assert not any("198.18.1.32" in warning for warning in inventory.warnings), "anycast is no conflict"
    assert inventory.manager_of("198.18.1.31") is None


def test_world_is_read_whole(session: Session, others: Others) -> None:
    """Contexts of others are no pools, whatever tags they have, and no attributes of places."""
    world = session.world()
    names = {record["name"] for record in others.made["extras/config-contexts"].values()}
    assert not names & {pool.name for pool in world.pools}
    assert names <= {context.name for context in world.contexts if context.origin == f"context:{context.name}"}
