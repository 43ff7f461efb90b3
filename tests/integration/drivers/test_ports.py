# SPDX-License-Identifier: BSD-2-Clause
"""Ports of devices that others made: numbers, names, attributes, and what cables connect them with."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from threading import Barrier
from typing import Any

import pytest

from clusto.core.errors import ConflictError, ExistsError, InvalidError, NotFoundError
from clusto.drivers import BasicServer, Device, Session, VirtualMachine, cables, define_port_type
from clusto.drivers.ports import Port
from clusto.ensure.connection import EnsureConnection
from clusto.netbox.client import Client, Settings
from clusto.netbox.transport import Request, Sent, Transport
from tools.lab.instance import NetBoxServer

from ..cabling import Gear, Workshop

C13 = "pwr-c13"
POWER = ("dcim.powerport", "dcim.poweroutlet")


@pytest.fixture(scope="module")
def workshop(connected: Session) -> Workshop:
    return Workshop(connected.client)


@pytest.fixture(scope="module")
def gear(workshop: Workshop) -> Gear:
    return workshop.gear(servers=4)


@pytest.fixture
def switch(gear: Gear) -> Device:
    return Device.get(gear.switch)


@pytest.fixture
def c13() -> None:
    """A port type of a user's own."""
    define_port_type(C13, POWER, types=("iec-60320-c13", "iec-60320-c14"))


def numbers(device: Device, porttype: str) -> dict[str, int | None]:
    return {port["name"]: port["number"] for port in device.port_info()[porttype]}


# Numbers and names


def test_numbers_of_ports_that_others_named(gear: Gear, switch: Device) -> None:
    told = numbers(switch, "nic-eth")
    assert list(told.items())[:2] == [("GigabitEthernet1/0/1", 1), ("GigabitEthernet1/0/2", 2)]
    assert [told[f"TenGigabitEthernet1/1/{n}"] for n in (1, 2)] == [49, 50]
    assert {name for name, number in told.items() if number is None} == {"Vlan1", "Port-channel1", "mgmt0"}
    assert [switch.port("nic-eth", n).name for n in (1, 10, 50)] == [
        *("GigabitEthernet1/0/1", "GigabitEthernet1/0/10", "TenGigabitEthernet1/1/2")
    ]
    assert switch.port("nic-eth", "mgmt0").mgmt_only
    with pytest.raises(NotFoundError, match=f"networkswitch '{gear.switch}', nic-eth has no port 51; it has Gigabit"):
        switch.port("nic-eth", 51)
    server = Device.get(gear.servers[0])
    assert numbers(server, "nic-eth") == {"bond0": None, "enp3s0f0": 1, "enp3s0f1": 2, "iDRAC": None}


def test_what_a_device_gives_comes_first(gear: Gear) -> None:
    console, power = Device.get(gear.console), Device.get(gear.power)
    assert numbers(console, "console-serial") == {**{f"Port {n}": n for n in range(1, 13)}, "Console": 13}
    assert list(numbers(power, "pwr-nema-5").items())[-2:] == [("C4", 16), ("Input", 17)]
    assert power.port("power-port", 1).name == "Input"
    assert power.port("power-outlet", 13).name == "C1"
    assert console.port("console-port", 1).name == "Console"
    with pytest.raises(NotFoundError, match="no port type 'usb'; expected one of nic-eth, console-serial, pwr-nema-5"):
        power.port("usb", 1)


def test_port_types_of_ones_own_number_each_by_itself(gear: Gear, c13: None) -> None:
    power, server = Device.get(gear.power), Device.get(gear.servers[0])
    assert numbers(power, C13) == {"C1": 1, "C2": 2, "C3": 3, "C4": 4}
    assert list(numbers(power, "pwr-nema-5")) == [*(f"aa{n}" for n in range(1, 13)), "Input"]
    assert numbers(server, C13) == {"PSU.Slot.1": 1, "PSU.Slot.2": 2}
    server.connect_ports(C13, 2, power, 4)
    assert server.get_connection(C13, 2) == (power, C13, "C4")
    assert power.connected_ports()[C13] == [4]
    with pytest.raises(InvalidError, match=f"{C13} 'PSU.Slot.1' does not fit .*pwr-nema-5 'aa1': expected a port of"):
        server.connect_ports(C13, 1, power, 1, "pwr-nema-5")
    server.disconnect_port(C13, 2)
    assert server.port_free(C13, 2)


def test_interfaces_of_ones_own_type(gear: Gear) -> None:
    """They are interfaces all the same: addresses and MAC addresses find them by any name of theirs."""
    define_port_type("nic-fibre", ["dcim.interface"], types=["25gbase-x-sfp28"])
    server = Device.get(gear.servers[2])
    assert numbers(server, "nic-fibre") == {"enp3s0f0": 1, "enp3s0f1": 2}
    assert numbers(server, "nic-eth") == {"bond0": None, "iDRAC": None}
    assert server.osport("enp3s0f1") == (server.port("nic-fibre", 2), False)
    assert server.port("interface", 2).porttype == "nic-fibre"
    assert server.osport("wan0", "nic-fibre", 1)[0].name == "enp3s0f0"
    assert server.osport("wan0") == (server.port("nic-fibre", 1), False)


def test_ports_of_modules_and_of_a_virtual_chassis(workshop: Workshop, connected: Session) -> None:
    """They are numbered as they are named; each member of a chassis has ports of its own."""
    client = workshop.client
    bays = {"module-bay": [{"name": f"slot{n}", "position": f"{n}"} for n in (1, 2)]}
    model = workshop.type("modular", {**bays, "interface": [{"name": "Eth0/1", "type": "1000base-t"}]})
    card = client.create("dcim/module-types", {"manufacturer": workshop.maker, "model": f"card-{workshop.run}"})["id"]
    template = {"module_type": card, "name": "Eth{module}/1", "type": "10gbase-t"}
    client.create("dcim/interface-templates", [template, {**template, "name": "Eth{module}/2"}])
    members = [workshop.device(f"member{n}", "networkswitch", model) for n in (1, 2)]
    devices = [Device.get(name, session=connected) for name in members]
    bay = client.one("dcim/module-bays", device_id=devices[1].id, name="slot2")
    assert bay is not None
    client.create("dcim/modules", {"device": devices[1].id, "module_bay": bay["id"], "module_type": card})
    chassis = client.create("dcim/virtual-chassis", {"name": f"stack-{workshop.run}"})["id"]
    for position, device in enumerate(devices, 1):
        client.update("dcim/devices", device.id, {"virtual_chassis": chassis, "vc_position": position})
    client.update("dcim/virtual-chassis", chassis, {"master": devices[0].id})
    assert numbers(devices[0], "nic-eth") == {"Eth0/1": 1}
    assert numbers(devices[1], "nic-eth") == {"Eth0/1": 1, "Eth2/1": 2, "Eth2/2": 3}
    devices[0].connect_ports("nic-eth", 1, devices[1], 3)
    assert devices[0].get_connection("nic-eth", 1) == (devices[1], "nic-eth", "Eth2/2")


# Attributes, and ports that are added


@pytest.mark.parametrize(
    ("device", "porttype", "port"),
    [
        *(("switch", "nic-eth", "Vlan1"), ("switch", "console-serial", 1)),
        *(("console", "console-serial", 2), ("switch", "pwr-nema-5", "PS-B"), ("power", "pwr-nema-5", "aa3")),
        *(("panel", "front-port", 2), ("panel", "rear-port", "R2")),
    ],
)
def test_attributes_of_every_kind_of_port(gear: Gear, device: str, porttype: str, port: int | str) -> None:
    entity = Device.get(getattr(gear, device))
    for vlan in (442, 443):
        entity.set_port_attr(porttype, port, "vlan", vlan)
        assert entity.get_port_attr(porttype, port, "vlan") == vlan
    entity.set_port_attr(porttype, port, "osname", "x")
    assert entity.port_attrs(porttype, port) == {"vlan": 443, "osname": "x"}
    entity.set_port_attr(porttype, port, "osname", {"x": 1})
    assert entity.get_port_attr(porttype, port, "osname") == {"x": 1}
    for key in ("vlan", "osname"):
        entity.del_port_attr(porttype, port, key)
    assert entity.port_attrs(porttype, port) == {}


def test_ports_are_added(gear: Gear, c13: None) -> None:
    server, panel = Device.get(gear.servers[3]), Device.get(gear.panel)
    assert server.add_port("nic-eth", "enp4s0").type == "1000base-t"
    assert server.port("nic-eth", 3).name == "enp4s0"
    assert server.add_port(C13, "PSU.Slot.3", type_="iec-60320-c14").object_type == "dcim.powerport"
    rear = panel.add_port("rear-port", "R99")
    through = [{"position": 1, "rear_port": rear.id, "rear_port_position": 1}]
    assert panel.add_port("front-port", "F99", rear_ports=through).name == "F99"
    with pytest.raises(ExistsError, match=f"server '{server.name}' has a nic-eth 'enp4s0' already"):
        server.add_port("nic-eth", "enp4s0")
    with pytest.raises(InvalidError, match=f"{C13} 'x': expected type_, one of iec-60320-c13, iec-60320-c14"):
        server.add_port(C13, "x")
    with pytest.raises(InvalidError, match=r"may be one of dcim.consoleport, dcim.consoleserverport; expected compon"):
        panel.add_port("console-serial", "x")
    with pytest.raises(InvalidError, match=r"'dcim.interface' is no component of it, but dcim.consoleserverport, dcim"):
        panel.add_port("console-serial", "x", component="dcim.interface")


# Connections


def test_connect_and_disconnect(gear: Gear, switch: Device) -> None:
    one, other = (Device.get(name) for name in gear.servers[:2])
    free = switch.free_ports("nic-eth")
    assert ("nic-eth", 5) in free
    assert ("nic-eth", "mgmt0") in free
    assert ("nic-eth", "Vlan1") not in free
    for _ in range(2):
        one.connect_ports("nic-eth", 1, switch, 5, label="blue one")
        switch.connect_ports("nic-eth", "GigabitEthernet1/0/5", one, "enp3s0f0")
    assert switch.get_connected("nic-eth", 5) == one
    assert one.get_connection("nic-eth", 1) == (switch, "nic-eth", "GigabitEthernet1/0/5")
    assert not switch.port_free("nic-eth", 5)
    assert ("nic-eth", 5) not in switch.free_ports()
    assert switch.connected_ports()["nic-eth"] == [5]
    told = switch.port_info()["nic-eth"][4]
    assert told["connected_to"] == told["cabled_to"] == {"entity": one.name, "type": "nic-eth", "port": "enp3s0f0"}
    with pytest.raises(ConflictError) as refused:
        other.connect_ports("nic-eth", 1, switch, 5)
    assert str(refused.value) == (
        f"{other.name}, nic-eth 'enp3s0f0' cannot be connected to {switch.name}, nic-eth 'GigabitEthernet1/0/5':"
        f" {switch.name}, nic-eth 'GigabitEthernet1/0/5' is connected to {one.name}, nic-eth 'enp3s0f0'"
    )
    for _ in range(2):
        switch.disconnect_port("nic-eth", 5)
    assert switch.get_connected("nic-eth", 5) is None
    assert switch.free_ports("nic-eth") == free
    other.connect_ports("nic-eth", 1, switch, 5)
    other.disconnect_port("nic-eth", 1)


def test_what_does_not_fit(gear: Gear, switch: Device) -> None:
    server, power = Device.get(gear.servers[0]), Device.get(gear.power)
    for (porttype, port, other, other_port, other_type), message in {
        ("nic-eth", 1, switch, "Vlan1", None): "nic-eth 'Vlan1' is of NetBox's type 'virtual', at which no cable ends",
        ("nic-eth", 1, server, 1, None): "nic-eth 'enp3s0f0' cannot be connected to itself",
        ("pwr-nema-5", 1, switch, 1, None): r"\(power port\) does not fit .*: expected power outlet at its other end",
        ("nic-eth", 1, power, 1, "pwr-nema-5"): "expected interface or front port or rear port at its other end",
    }.items():
        with pytest.raises(InvalidError, match=message):
            server.connect_ports(porttype, port, other, other_port, other_type)


def test_behind_patch_panels(gear: Gear, switch: Device) -> None:
    """Server - panel = far panel - switch: one sees the other only when all of it is connected."""
    server, panel, far = (Device.get(name) for name in (gear.servers[1], gear.panel, gear.far_panel))
    server.connect_ports("nic-eth", 2, panel, 3, "front-port")
    assert server.get_connected("nic-eth", 2) is None
    assert server.get_connection("nic-eth", 2, near=True) == (panel, "front-port", "F3")
    assert not server.port_free("nic-eth", 2)
    panel.connect_ports("rear-port", 3, far, "R3")
    switch.connect_ports("nic-eth", 7, far, "F3", "front-port")
    assert server.get_connection("nic-eth", 2) == (switch, "nic-eth", "GigabitEthernet1/0/7")
    assert switch.get_connected("nic-eth", 7) == server
    assert switch.get_connected("nic-eth", 7, near=True) == far
    assert panel.get_connected("front-port", 3) == server
    assert panel.get_connected("rear-port", 3) == far
    told = next(port for port in server.port_info()["nic-eth"] if port["name"] == "enp3s0f1")
    assert told["connected_to"] == {"entity": switch.name, "type": "nic-eth", "port": "GigabitEthernet1/0/7"}
    assert told["cabled_to"] == {"entity": panel.name, "type": "front-port", "port": "F3"}
    far.disconnect_port("rear-port", 3)
    assert server.get_connected("nic-eth", 2) is None


def test_cables_that_others_made(workshop: Workshop, gear: Gear, switch: Device) -> None:
    """A planned one counts; one to a power feed takes the port; one that is split is not taken away."""
    server = Device.get(gear.servers[2])
    ports = [workshop.component("interface", gear.switch, f"GigabitEthernet1/0/{n}") for n in (20, 21, 22)]
    nics = [workshop.component("interface", server.name, f"enp3s0f{n}") for n in (0, 1)]
    workshop.cable([("interface", nics[0])], [("interface", ports[0])], status="planned")
    assert server.get_connected("nic-eth", 1) == switch
    server.connect_ports("nic-eth", 1, switch, 20)
    workshop.cable([("interface", nics[1])], [("interface", id_) for id_ in ports[1:]])
    assert [peer.name for peer in server.port("nic-eth", 2).peers()] == [f"GigabitEthernet1/0/{n}" for n in (21, 22)]
    assert switch.get_connected("nic-eth", 22) == server
    with pytest.raises(ConflictError, match=r"cable #\d+ connects 3 ports .*; take it away in NetBox"):
        switch.disconnect_port("nic-eth", 22)
    panel = workshop.client.create("dcim/power-panels", {"site": workshop.site, "name": f"pp-{workshop.run}"})["id"]
    feed = workshop.client.create("dcim/power-feeds", {"power_panel": panel, "name": f"feed-{workshop.run}"})
    workshop.cable([("powerfeed", feed["id"])], [("powerport", workshop.component("power-port", gear.power, "Input"))])
    power = Device.get(gear.power)
    assert power.get_connected("pwr-nema-5", "Input") is None
    assert not power.port_free("pwr-nema-5", "Input")
    assert power.port_info()["pwr-nema-5"][-1]["cabled_to"] == {
        "entity": f"pp-{workshop.run}",
        "type": "power-feed",
        "port": f"feed-{workshop.run}",
    }
    marked = workshop.component("interface", gear.switch, "GigabitEthernet1/0/23")
    workshop.client.update("dcim/interfaces", marked, {"mark_connected": True})
    with pytest.raises(ConflictError, match="'GigabitEthernet1/0/23' is marked as connected in NetBox"):
        BasicServer(f"plain-{workshop.run}").connect_ports("nic-eth", 1, switch, 23)


def test_virtual_machines_have_no_cables(workshop: Workshop, switch: Device) -> None:
    client = workshop.client
    kind = client.create("virtualization/cluster-types", {"name": f"k-{workshop.run}", "slug": f"k-{workshop.run}"})
    cluster = client.create("virtualization/clusters", {"name": f"c-{workshop.run}", "type": kind["id"]})
    body = {"name": f"vm-{workshop.run}", "cluster": cluster["id"]}
    client.create("virtualization/virtual-machines", body)
    machine = VirtualMachine.get(body["name"])
    machine.add_port("nic-eth", "ens3")
    assert machine.port_info()["nic-eth"][0]["connected_to"] is None
    assert machine.free_ports() == []
    with pytest.raises(InvalidError, match="'ens3': no cable ends at ports of virtual machines"):
        machine.connect_ports("nic-eth", 1, switch, 30)


# Cost


LINKS = 12


class Counting(Transport):
    sent = 0

    def send(self, request: Request) -> Sent:
        self.sent += 1
        return super().send(request)


def test_describing_a_switch_costs_the_same_however_many_ports_are_connected(
    netbox_server: NetBoxServer, workshop: Workshop
) -> None:
    client = workshop.client
    model = workshop.type("large", {"interface": [{"name": f"{n}", "type": "1000base-t"} for n in range(1, 49)]})
    names = [workshop.device(stem, "networkswitch", model) for stem in ("unconnected", "one-side", "other-side")]
    one, other = ([port["id"] for port in client.list("dcim/interfaces", device=name)] for name in names[1:])
    for pair in list(zip(one, other, strict=True))[:LINKS]:
        workshop.cable(*([("interface", id_)] for id_ in pair))
    settings = Settings(netbox_server.api_url, netbox_server.token)
    costs, connected = [], []
    for name in names[:2]:
        transport = Counting(settings)
        with Session(Client(settings, transport=transport)) as session:
            switch = Device.get(name, session=session)
            before = transport.sent
            described = switch.describe()["ports"]["nic-eth"]
            costs.append(transport.sent - before)
            connected.append([port["connected_to"] for port in described])
    assert connected == [
        [None] * 48,
        [
            *({"entity": names[2], "type": "nic-eth", "port": f"{n}"} for n in range(1, LINKS + 1)),
            *[None] * (48 - LINKS),
        ],
    ]
    assert costs[0] == costs[1] <= 10


# Two at once


@pytest.fixture
def sessions(netbox_server: NetBoxServer) -> Iterator[list[Session]]:
    settings = Settings(netbox_server.api_url, netbox_server.token)
    with ExitStack() as stack:
        yield [stack.enter_context(Session(Client(settings))) for _ in range(2)]


def test_two_programs_at_one_port(sessions: list[Session], workshop: Workshop, gear: Gear, switch: Device) -> None:
    """Twenty times both see it free: one wins, the other is told by whom it is taken."""
    pair = gear.servers[:2]
    wanted = switch.port("nic-eth", 41)
    nics = [Device.get(name).port("nic-eth", 1) for name in pair]
    assert not any(port.occupied for port in (wanted, *nics))
    together = Barrier(2)

    def attempt(session: Session, nic: Port) -> str | None:
        together.wait(60)
        try:
            assert cables.connect(session, nic, wanted)
        except ConflictError as refused:
            return str(refused)
        return None

    with ThreadPoolExecutor(2) as pool:
        for _ in range(20):
            refusals = list(pool.map(attempt, sessions, nics))
            [winner] = [name for name, refusal in zip(pair, refusals, strict=True) if refusal is None]
            [refusal] = [text for text in refusals if text]
            assert f"'GigabitEthernet1/0/41' is connected to {winner}, nic-eth 'enp3s0f0'" in refusal
            [cable] = workshop.client.list("dcim/cables", interface_id=wanted.id)
            workshop.client.delete("dcim/cables", cable["id"])


def test_two_playbooks(sessions: list[Session], gear: Gear, switch: Device) -> None:
    """At one port, one wins; of one connection, named from either end, both are told that it is there."""
    ends = [
        {"entity": name, "type": "nic-eth", "number": number, "name": None}
        for name, number in ((gear.servers[0], 1), (gear.servers[1], 1), (gear.servers[0], 2))
    ]
    ports = [{"entity": gear.switch, "type": "nic-eth", "number": number, "name": None} for number in (43, 44)]
    rivals = [EnsureConnection(session=s, a=end, b=ports[0]) for s, end in zip(sessions, ends[:2], strict=True)]
    friends = [
        EnsureConnection(session=sessions[0], a=ends[2], b=ports[1]),
        EnsureConnection(session=sessions[1], connections=[{"a": ports[1], "b": ends[2], "cable": None}]),
    ]
    together = Barrier(2)

    def attempt(task: Any) -> str | None:
        before = task.before()
        after = task.after(before)
        together.wait(60)
        try:
            task.apply(before, after)
        except ConflictError as refused:
            return str(refused)
        return None

    with ThreadPoolExecutor(2) as pool:
        refusals = list(pool.map(attempt, rivals))
        assert list(pool.map(attempt, friends)) == [None, None]
    [winner] = [name for name, refusal in zip(gear.servers[:2], refusals, strict=True) if refusal is None]
    assert f"'GigabitEthernet1/0/43' is connected to {winner}, nic-eth 'enp3s0f0'" in str(refusals)
    assert switch.get_connected("nic-eth", 43) == Device.get(winner)
    assert switch.get_connected("nic-eth", 44) == Device.get(gear.servers[0])
