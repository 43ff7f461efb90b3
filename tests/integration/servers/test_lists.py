# SPDX-License-Identifier: BSD-2-Clause
"""Many servers in one task: made, unchanged, changed, refused, deleted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from clusto.core.errors import BatchError, ConflictError, InvalidError
from clusto.drivers import IPManager, Session
from clusto.ensure.task import Outcome

from .running import run
from .world import World

COUNT = 20
ALL = {"devices": COUNT, "macs": COUNT, "ips": COUNT, "cables": 3 * COUNT}
Run = Callable[..., Outcome]


@pytest.fixture
def do(world: World) -> Run:
    settings = world.client.settings
    return lambda task="server", **options: run(settings.api_url, settings.token, task, **options)


@pytest.fixture(scope="module")
def many(world: World) -> dict[str, Any]:
    """Options of the task that has made them. (The benchmark makes 40 and more.)"""
    settings, options = world.client.settings, {**world.common, "servers": world.items(COUNT)}
    before = changes(world)
    rehearsed = run(settings.api_url, settings.token, "server", rehearse=True, **options)
    assert changes(world) == before, "check mode wrote to NetBox"
    made = run(settings.api_url, settings.token, "server", **options)
    assert (made.before, made.after) == (rehearsed.before, rehearsed.after)
    assert world.count() == ALL
    return options


def changes(world: World) -> int:
    return world.client.extent("core/object-changes").newest


def refused(error: BatchError) -> dict[int, str]:
    return {index: str(reason) for index, _, reason in error.refused}


def test_made_and_unchanged(world: World, many: dict[str, Any], do: Run) -> None:
    written = changes(world)
    again = do(**many)
    assert not again.changed
    assert changes(world) == written
    entities = again.result["entities"]
    assert [entity["name"] for entity in entities] == [item["name"] for item in many["servers"]]
    session = Session(world.client)
    assert entities[7] == session.get_by_name(f"server:{world.name(8)}").describe()
    assert entities[7]["units"] == [8]
    assert entities[7]["pools"] == [world.pool]
    assert entities[7]["ports"]["nic-eth"][0]["connected_to"]["port"] == "Gi1/0/8"


def test_changed_all_at_once(world: World, many: dict[str, Any], do: Run) -> None:
    """Rack units and MAC addresses go round among them; one by one each would be in another's way."""
    turned = [
        {"name": world.name(n), "ru": [n % 10 + 1], "ports": [{"number": 1, "mac": world.mac(n % 10 + 1)}]}
        for n in range(1, 11)
    ]
    changed = do(servers=turned, attributes={"role": "db"})
    assert [entity["units"] for entity in changed.result["entities"]] == [[n % 10 + 1] for n in range(1, 11)]
    macs = [e["ports"]["nic-eth"][0]["attributes"]["mac"] for e in changed.result["entities"]]
    assert macs == [world.mac(n % 10 + 1) for n in range(1, 11)]
    assert changed.result["entities"][0]["attributes"] == {"role": "db"}
    assert not do(servers=turned).changed
    assert world.count() == ALL
    assert do(**many).changed
    assert not do(**many).changed


def test_every_item_that_is_refused_is_named(world: World, many: dict[str, Any], do: Run) -> None:
    mac, other = world.mac(3), world.name(3)
    switch = world.equipment["networkswitch"]
    items: list[dict[str, Any]] = [
        {"name": f"{world.name(1)}-good", "ru": [50]},
        {"name": "new1", "ru": [3]},
        {"name": "new2", "ru": [51]},
        {"name": "new3", "ru": [51]},
        {"name": "new4", "ru": [52], "ports": [{"number": 1, "mac": mac}]},
        {"name": "new5", "ru": [53], "ports": [{"number": 1, "connected_to": {"entity": switch, "number": 3}}]},
        {"name": "new6", "ru": [54], "driver": "nosuchdriver"},
        {"name": "new7", "ru": [55], "pools": ["nosuchpool"]},
        {"name": "new8", "rack": "nosuchrack", "ru": [1]},
        {"name": "new9", "ru": [56], "ips": [{"ip": str(world.net[1]), "osport": "eth0"}]},
        {"name": "new10", "ru": [57], "ips": [{"ip_manager": "nosuchnet", "osport": "eth0"}]},
        {"name": "new2", "ru": [58]},
    ]
    before = changes(world)
    expected = {
        1: f"unit 3 is occupied by {other}",
        3: "unit 51 is occupied by new2",
        4: f"MAC address {mac} is borne by {other}, interface eth0 already",
        5: f"connected to {other}, nic-eth 'eth0'",
        6: "driver 'nosuchdriver': expected one device type",
        7: "there is no pool 'nosuchpool'",
        8: "there is no rack 'nosuchrack'",
        9: f"IP address {world.net[1]} is bound to {world.name(1)}",
        10: "'nosuchnet'",
        11: "is given twice",
    }
    for rehearse in (True, False):
        with pytest.raises(BatchError) as caught:
            do(rehearse=rehearse, rack=world.rack, servers=items)
        found = refused(caught.value)
        # what is not found at all is told first, for nothing else can be judged without it
        assert found.keys() <= expected.keys()
        assert all(expected[index] in found[index] for index in found), found
    judged = [item for index, item in enumerate(items) if index not in found]
    with pytest.raises(BatchError) as caught:
        do(rack=world.rack, servers=judged)
    later = {items.index(judged[index]): text for index, text in refused(caught.value).items()}
    assert found.keys() | later.keys() == expected.keys()
    assert all(expected[index] in later[index] for index in later), later
    assert changes(world) == before


def test_one_alone_is_refused_for_its_own_reason(world: World, many: dict[str, Any], do: Run) -> None:
    with pytest.raises(ConflictError, match=r"unit 3 is occupied by"):
        do(name="new", rack=world.rack, ru=[3])


def test_what_netbox_refuses_is_mapped_to_the_item(world: World, many: dict[str, Any], do: Run) -> None:
    """Only NetBox knows its schema of attributes; nothing of what was written by then stays."""
    before = world.count()
    bad = [{"name": f"{world.name(1)}-{n}", "attributes": {"a": n}} for n in range(3)]
    bad[1]["name"] = world.name(1) + "x" * 65
    with pytest.raises(BatchError) as caught:
        do(servers=bad)
    assert list(refused(caught.value)) == [1]
    assert world.count() == before


def test_deleted(world: World, many: dict[str, Any], do: Run) -> None:
    items = [{"name": item["name"]} for item in many["servers"]]
    rehearsed = do(rehearse=True, state="absent", servers=items)
    assert rehearsed.after == {}
    assert world.count() == ALL
    gone = do(state="absent", servers=items)
    assert gone.result["entities"] == [None] * COUNT
    assert world.count() == dict.fromkeys(ALL, 0)
    assert not do(state="absent", servers=items).changed


def test_devices_of_any_type_that_are_connected_with_each_other(world: World, do: Run) -> None:
    items = [
        {"name": f"app1-{world.run}"},
        {
            "name": f"app2-{world.run}",
            "ports": [{"number": 2, "connected_to": {"entity": f"app1-{world.run}", "number": 2}}],
        },
    ]
    options = {"type": "appliance", "driver": "penguinserver", "datacenter": world.datacenter.name, "devices": items}
    made = do("device", **options)
    assert [entity["type"] for entity in made.result["entities"]] == ["appliance"] * 2
    assert made.result["entities"][0]["ports"]["nic-eth"][1]["connected_to"]["entity"] == f"app2-{world.run}"
    assert not do("device", **options).changed
    with pytest.raises(InvalidError, match="needs driver"):
        do("device", type="appliance", name=f"app3-{world.run}")
    assert do("device", **{**options, "state": "absent"}).changed


def test_the_vrf_of_an_address_is_told(world: World, do: Run) -> None:
    vrf, manager = f"vrf-{world.run}", f"red-{world.run}"
    world.client.create("ipam/vrfs", {"name": vrf})
    IPManager(manager, prefix="198.19.0.0/24", vrf=vrf, session=Session(world.client))
    options = {"name": f"red1-{world.run}", "ips": [{"ip_manager": manager, "osport": "eth0"}]}
    expected = [{"ip": "198.19.0.1", "osport": "eth0", "vrf": vrf}]
    rehearsed, made = do(rehearse=True, **options), do(**options)
    for outcome in (rehearsed, made):
        assert (outcome.after or {})["ips"] == outcome.result["entity"]["ips"] == expected
    again = do(**options)
    assert not again.changed
    assert (again.before or {})["ips"] == again.result["entity"]["ips"] == expected
