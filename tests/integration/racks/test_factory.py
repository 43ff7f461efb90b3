# SPDX-License-Identifier: BSD-2-Clause
"""Racks built by their layouts: made, completed, refused, rehearsed; by class, module and users' own classes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from clusto.core.errors import BatchError, NotFoundError
from clusto.drivers import (
    APCRack,
    BasicNetworkSwitch,
    BasicServer,
    Device,
    PenguinServer,
    PenguinServer2U,
    Rack,
    Server,
    define_port_type,
    extensions,
)
from clusto.racks import Arrival, get_factory

from .world import SMALL, World


@pytest.fixture
def rack(world: World) -> Rack:
    return world.rack()


@pytest.fixture(scope="module")
def built(world: World) -> Rack:
    """One with its switch and its power strip, in which a test leaves nothing."""
    rack = world.rack()
    get_factory(rack).connect_ports()
    return rack


@pytest.fixture
def emptied(world: World, built: Rack) -> Iterator[Rack]:
    yield built
    there = world.client.list("dcim/devices", name__isw=f"{built.name}-", role="server", fields="id")
    there += world.client.list("dcim/devices", rack_id=built.id, role="server", fields="id")
    ids = sorted({record["id"] for record in there})
    cables = world.client.list("dcim/cables", device_id=ids, fields="id")
    world.client.delete_many("dcim/cables", [record["id"] for record in cables])
    world.client.delete_many("dcim/devices", ids)


def servers(*ports: int, **more: Any) -> list[Arrival]:
    return [Arrival(switchport=port, **more) for port in ports]


def refused(error: BatchError) -> str:
    return "; ".join(f"{name}: {why}" for _, name, why in error.refused)


def test_the_layout_of_thirty_servers_is_built_whole_in_one_step(world: World) -> None:
    rack = world.rack(world.layout("201001", world.example("201001")).name)
    factory = get_factory(rack.name)
    arrivals = servers(*range(1, 31))
    unchanged = world.changes()
    rehearsed = factory.build(arrivals, rehearse=True)
    assert world.changes() == unchanged, "check mode wrote to NetBox"
    made = factory.build(arrivals)
    assert (made.after, made.result["devices"], made.result["cables"]) == (
        rehearsed.after,
        rehearsed.result["devices"],
        rehearsed.result["cables"],
    )
    assert world.counted(rack) == {"devices": 33, "cables": 6 + 3 * 30, "ips": 33}
    assert not factory.build(arrivals).changed
    for number in (1, 24, 30):
        server = Server.get(made.result["servers"][number - 1], session=world.session)
        slot, _ = factory.slot(number)
        assert isinstance(server, PenguinServer)
        assert list(server.units) == list(slot.units)
        assert server.pools() == [world.pool]
        for port in slot.ports:
            there = server.get_connection(port.type, port.port)
            far = Device.get(f"{rack.name}-{port.to.device}", session=world.session)
            assert there == (far, port.type, far.port(port.to.type, port.to.port).name)
    switch = Device.get(f"{rack.name}-sw1", session=world.session)
    assert switch.place == rack
    assert [ip for ip in switch.describe()["ips"] if ip["osport"] == "Vlan442"]
    console = Device.get(f"{rack.name}-ts1", session=world.session)
    assert console.port("nic-eth", 1).record["label"] == "nic0"


@pytest.mark.parametrize(
    ("name", "high", "second"), [("5555", [], 2), ("53532U", [19, 20], 2), ("54542U", [20], 2)], ids=str
)
def test_the_other_examples_are_planned_whole(world: World, name: str, high: list[int], second: int) -> None:
    rack = world.rack(world.layout(name, world.example(name)).name)
    for index, suffix in enumerate(("sw1", "ts1", "pwr1"), world.count * 10):
        world.dns[f"{rack.name}-{suffix}.example.com"] = [str(world.mgmt[index])]
    outcome = world.factory(rack).build(servers(*range(1, 21), *range(21, 41)), rehearse=True)
    assert len(outcome.result["devices"]) == 23
    assert len(outcome.result["cables"]) == 6 + 20 * (2 + second) + len(high)
    drivers = {name: outcome.after[name]["driver"] for name in outcome.result["servers"]}
    assert [n for n, driver in enumerate(drivers.values(), 1) if driver == "penguinserver2u"] == high


def test_what_is_missing_is_completed(world: World, emptied: Rack) -> None:
    built = emptied
    factory = get_factory(built)
    first, second = factory.add_servers(servers(1, 2))
    whole = world.counted(built)
    switch = Device.get(f"{built.name}-sw1")
    switch.disconnect_port("nic-eth", 1)
    built.remove(second)
    second.unbind_ip_from_osport(second.get_ips()[0])
    Device.get(f"{built.name}-pwr1").delete(cascade=True)
    outcome = factory.build(servers(1, 2))
    assert [made["name"] for made in outcome.result["devices"]] == [f"{built.name}-pwr1"]
    ends = {(cable["a"]["entity"], cable["a"]["port"]) for cable in outcome.result["cables"]}
    assert ends == {(switch.name, "psu1"), (first.name, "eth0"), (first.name, "psu1"), (second.name, "psu1")}
    assert world.counted(built) == whole
    [feed] = world.client.list("dcim/cables", device_id=switch.id, label="feed")
    assert (feed["type"], feed["color"]) == ("power", "aa1409")
    assert not factory.build(servers(1, 2)).changed


def test_a_server_is_known_again_by_its_cable_its_units_and_its_mac_address(world: World, emptied: Rack) -> None:
    built = emptied
    factory, switch = get_factory(built), Device.get(f"{built.name}-sw1")
    there = [BasicServer(f"{built.name}-{n}", datacenter=world.datacenter) for n in (1, 2, 3)]
    there[0].connect_ports("nic-eth", 1, switch, 1)
    built.insert(there[1], 2)
    mac = f"02:{bytes.fromhex(world.run).hex(':')}:00:03"
    there[2].set_port_attr("nic-eth", 1, "mac", mac)
    following = world.names.peek()
    assert factory.add_servers([*servers(1, 2), Arrival(switchport=3, mac=mac)]) == there
    assert world.names.peek() == following
    assert [Server.get(one.name).units for one in there] == [(1,), (2,), (3,)]


def test_both_nics_of_a_server_lead_to_it(world: World, emptied: Rack) -> None:
    built = emptied
    factory = get_factory(built)
    macs = [f"02:{bytes.fromhex(world.run).hex(':')}:01:{n:02x}" for n in (1, 2)]
    arrivals = [Arrival(switchport=12, mac=macs[1], vlan=7), Arrival(switchport="port2", mac=macs[0], vlan=6)]
    [server] = factory.add_servers(arrivals)
    assert [port.mac for port in server.ports("nic-eth")] == macs
    assert server.units == (2,)
    switch = Device.get(f"{built.name}-sw1")
    assert [switch.get_port_attr("nic-eth", n, "vlan") for n in (2, 12)] == [6, 7]
    assert not factory.build(arrivals, devices=False).changed
    changed = factory.build([Arrival(switchport=2, vlan=8)])
    assert changed.before["switchports"] == {"sw1 nic-eth 2": {"vlan": 6}}
    assert changed.after["switchports"] == {"sw1 nic-eth 2": {"vlan": 8}}
    assert switch.get_port_attr("nic-eth", 2, "vlan") == 8
    with pytest.raises(BatchError, match="name 'b', and 'a' at another of its ports"):
        factory.build([Arrival(switchport=3, name="a"), Arrival(switchport=13, name="b")])


def test_as_in_the_documents_of_the_original(world: World, emptied: Rack) -> None:
    rack = emptied
    factory = get_factory(rack.name)
    factory.connect_ports()
    server = world.names.allocate(factory.get_driver(4))
    assert type(server) is BasicServer
    assert factory.add_server(server, 4) == server
    server.refresh()
    assert (server.place, server.units) == (rack, (4,))
    assert server.get_connected("nic-eth", 1) == Device.get(f"{rack.name}-sw1")
    with pytest.raises(NotFoundError, match="has no switch port 5 of sw1; expected 1, 11, 2, 12"):
        factory.get_driver(5)


def taken_port(world: World, rack: Rack) -> None:
    other = BasicServer(f"{rack.name}-other")
    other.connect_ports("nic-eth", 1, Device.get(f"{rack.name}-sw1"), 12)


def occupied_unit(world: World, rack: Rack) -> None:
    rack.insert(PenguinServer2U(f"{rack.name}-other", datacenter=world.datacenter), 1)


def elsewhere(world: World, rack: Rack) -> None:
    name = f"{rack.name}-2"
    APCRack(name, datacenter=world.datacenter).insert(BasicServer(f"{rack.name}-new", datacenter=world.datacenter), 3)


def other_unit(world: World, rack: Rack) -> None:
    rack.insert(BasicServer(f"{rack.name}-new", datacenter=world.datacenter), 7)


def other_driver(world: World, rack: Rack) -> None:
    PenguinServer2U(f"{rack.name}-new", datacenter=world.datacenter)


def mac_elsewhere(world: World, rack: Rack) -> None:
    BasicServer(f"{rack.name}-other").set_port_attr("nic-eth", 1, "mac", "02:00:00:aa:bb:cc")


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (taken_port, "'port12' is connected to RACK-other, nic-eth 'eth0'"),
        (occupied_unit, "device RACK-new: unit 2 is occupied by RACK-other"),
        (elsewhere, "server 'RACK-new' is in rack RACK-2, unit 3; expected rack RACK, unit 2"),
        (other_unit, "server 'RACK-new' is in rack RACK, unit 7; expected rack RACK, unit 2"),
        (other_driver, "server 'RACK-new' has the driver 'penguinserver2u'; it cannot become 'basicserver'"),
        (mac_elsewhere, "MAC address 02:00:00:aa:bb:cc is borne by RACK-other"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_what_contradicts_is_refused_with_both_sides_named(world: World, emptied: Rack, fault, expected: str) -> None:
    built = emptied
    fault(world, built)
    unchanged, factory = world.changes(), get_factory(built)
    mac = "02:00:00:aa:bb:cc" if fault is mac_elsewhere else None
    for rehearse in (True, False):
        with pytest.raises(BatchError) as caught:
            factory.build([Arrival(name=f"{built.name}-new", switchport=2, mac=mac)], rehearse=rehearse)
        assert expected.replace("RACK", built.name) in refused(caught.value)
    with pytest.raises(BatchError) as caught:
        factory.add_servers([Arrival(switchport=4), Arrival(name=f"{built.name}-new", switchport=2, mac=mac)])
    assert [(index, name) for index, name, _ in caught.value.refused] == [(1, f"{built.name}-new")]
    assert world.changes() == unchanged


def test_who_has_no_name_yet_is_called_by_switch_port_and_mac_address(world: World, emptied: Rack) -> None:
    occupied_unit(world, emptied)
    mac = "02:00:00:aa:bb:cd"
    called = f"device switch port 2 with MAC address {mac}: unit 2 is occupied by {emptied.name}-other"
    with pytest.raises(BatchError, match=called):
        get_factory(emptied).build([Arrival(switchport=2, mac=mac)], devices=False, rehearse=True)


def test_a_device_that_was_put_elsewhere_is_not_moved(world: World, rack: Rack) -> None:
    rack.insert(BasicNetworkSwitch(f"{rack.name}-sw1", datacenter=world.datacenter), 8)
    with pytest.raises(BatchError) as caught:
        get_factory(rack).connect_ports()
    expected = "RACK-sw1: networkswitch 'RACK-sw1' is in rack RACK, unit 8; expected rack RACK, unit 10"
    assert refused(caught.value) == expected.replace("RACK", rack.name)


def test_two_servers_where_one_belongs_are_named(emptied: Rack) -> None:
    built = emptied
    switch = Device.get(f"{built.name}-sw1")
    for name, port in (("x", 3), ("y", 13)):
        BasicServer(f"{built.name}-{name}").connect_ports("nic-eth", 1, switch, port)
    with pytest.raises(BatchError, match=r"connected to server .*-x' and .*connected to server .*-y'; expected one"):
        get_factory(built).build(servers(3))


def test_addresses_from_dns(world: World) -> None:
    document = {
        **SMALL,
        "devices": [{**SMALL["devices"][0], "ips": [{"osport": "Vlan1", "dns": "{datacenter}.example."}]}],
    }
    document = {key: document[key] for key in ("devices",)}
    rack = world.rack(world.layout("dns", document).name)
    name = f"{rack.name}-sw1.{world.datacenter.name}.example"
    with pytest.raises(NotFoundError, match=f"DNS has no address of {name}"):
        world.factory(rack).connect_ports()
    world.dns[name] = [str(world.mgmt[500]), str(world.servers[500])]
    world.factory(rack).connect_ports()
    assert set(Device.get(f"{rack.name}-sw1").get_ips()) == set(world.dns[name])
    assert not world.factory(rack).build().changed


def test_racks_without_a_layout_or_with_an_unknown_one(world: World) -> None:
    with pytest.raises(NotFoundError, match="is neither document nor class") as caught:
        get_factory(world.rack("nosuchlayout")).connect_ports()
    assert "has the layout 'nosuchlayout'" in str(caught.value)
    rack = APCRack(f"bare-{world.run}")
    with pytest.raises(NotFoundError, match="has no layout; expected the attribute racklayout"):
        get_factory(rack)


def test_ports_of_other_kinds_and_ends_outside_the_rack(world: World) -> None:
    """Fibre, by a port type of our own; a switch of the row, which is no device of the layout."""
    define_port_type("lc", ["dcim.interface"], types=["10gbase-x-sfpp"])
    maker = world.client.list("dcim/manufacturers", slug="clusto")[0]["id"]
    slug = world.name("fibre")
    model = world.client.create(
        "dcim/device-types", {"manufacturer": maker, "model": slug, "slug": slug, "u_height": 1}
    )
    ports = [{"device_type": model["id"], "name": f"xe{n}", "type": "10gbase-x-sfpp"} for n in range(4)]
    world.client.create("dcim/interface-templates", ports)
    body = {
        "name": world.name("row"),
        "role": {"slug": "networkswitch"},
        "device_type": model["id"],
        "site": world.datacenter.id,
    }
    world.client.create("dcim/devices", body)
    document = {
        "devices": [
            {"suffix": "sw1", "driver": slug, "type": "networkswitch", "ru": 10},
            {"suffix": "pdu", "driver": "basicpowerstrip", "ru": 9},
        ],
        "cables": [
            {"a": {"device": "sw1", "type": "lc", "number": 4}, "b": {"entity": world.name("row"), "name": "xe0"}}
        ],
        "switch": "sw1",
        "servers": {"driver": slug},
        "switchports": {
            "1-2": {
                "ru": "1-2",
                "ports": [{"type": "lc", "number": 1, "connected_to": {"device": "sw1", "number": "1-2"}}],
            }
        },
    }
    rack = world.rack(world.layout("fibre", document).name)
    factory = get_factory(rack)
    factory.connect_ports()
    server = factory.add_server(f"{rack.name}-s", 2)
    assert server.get_connection("lc", 1) == (Device.get(f"{rack.name}-sw1"), "lc", "xe1")
    assert factory.get_driver(1).driver_name() == slug
    assert not factory.build([Arrival(name=f"{rack.name}-s", switchport=2)]).changed
    with pytest.raises(BatchError, match=r"switch port 1\): .*expected name or name_manager"):
        factory.build(servers(1))


OURS = """
from clusto.racks import RackFactory


class Ours(RackFactory):
    layout = "LAYOUT"

    def document(self):
        wanted = self.rack.attr_value("switches") or 1
        devices = [{"suffix": f"sw{n}", "driver": "basicnetworkswitch", "ru": 10 + n} for n in range(wanted)]
        return {"devices": devices}

    def device(self, device):
        return {**super().device(device), "attributes": {"unit": device.units[0]}}
"""


def test_a_class_of_the_users_own(world: World, ansible_playbook, tmp_path: Path) -> None:
    path = tmp_path / "ours.py"
    path.write_text(OURS.replace("LAYOUT", world.name("ours")))
    rack = world.rack(world.name("ours"))
    rack.set_attr("switches", 2)
    extensions.load([path])
    made = get_factory(rack).build()
    units = [(one["name"], one["units"]) for one in made.result["devices"]]
    assert units == [(f"{rack.name}-sw0", [10]), (f"{rack.name}-sw1", [11])]
    assert made.result["entities"][1]["attributes"] == {"unit": 11}
    ours = {"drivers_path": [str(path)]}
    tasks = [
        {"clusto.datacenter.rack_factory": {"rack": rack.name, **ours}},
        {"clusto.datacenter.rack": {"name": rack.name, **ours}},
    ]
    assert "ok=2 changed=0 " in " ".join(ansible_playbook(tasks).split()).replace(" : ", " ")


def test_the_module(world: World, modules, built: Rack, rack: Rack) -> None:
    made = modules.do(
        "rack_factory", rack=rack.name, servers=[{"switchport": "3"}, {"switchport": "4", "name": f"{rack.name}-db"}]
    )
    assert [one["name"] for one in made["entities"][:2]] == [f"{rack.name}-sw1", f"{rack.name}-pwr1"]
    assert made["servers"][1] == f"{rack.name}-db"
    assert len(made["cables"]) == 1 + 2 * 3
    told = modules.refuse("rack_factory", rack=rack.name, servers=[{"switchport": "9"}])
    assert "has no switch port 9 of sw1" in told
    told = modules.refuse("rack_factory", rack=built.name, servers=[{"switchport": "1", "name": f"{rack.name}-db"}])
    assert f"is in rack {rack.name}, unit 4; expected rack {built.name}, unit 1" in told
