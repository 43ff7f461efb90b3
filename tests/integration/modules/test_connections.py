# SPDX-License-Identifier: GPL-3.0-or-later
"""Module connection against every kind of port: made, repeated, the other way round, replaced, taken away; refused."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from ansible_collections.clusto.datacenter.plugins.modules.connection import EXAMPLES

from clusto.drivers import BasicServer, Cisco4948, Datacenter, OpenGearCM4148, PowerTowerXM, Session
from clusto.netbox.client import Client, Settings
from tools.lab.instance import NetBoxServer

from ..cabling import Gear, Workshop

NO_DETAILS = {"type": "", "status": "connected", "label": "", "color": "", "length": None, "length_unit": ""}


@pytest.fixture(scope="module")
def workshop(netbox_server: NetBoxServer):
    with Client(Settings(netbox_server.api_url, netbox_server.token)) as client:
        yield Workshop(client)


@pytest.fixture(scope="module")
def gear(workshop: Workshop) -> Gear:
    return workshop.gear(servers=2)


def end(entity: str, port: int | str, porttype: str | None = None) -> dict[str, Any]:
    key = "name" if isinstance(port, str) else "number"
    return {"entity": entity, key: port, **({"type": porttype} if porttype else {})}


KINDS = {
    "interfaces": (("server", 1, "nic-eth"), ("switch", 1, "nic-eth")),
    "consoles": (("server", 1, "console-serial"), ("console", "Port 1", "console-serial")),
    "power": (("console", 1, "pwr-nema-5"), ("power", "aa1", "pwr-nema-5")),
    "network to a panel": (("server", 2, "nic-eth"), ("panel", 1, "front-port")),
    "rear to network": (("panel", 2, "rear-port"), ("switch", 2, "nic-eth")),
    "console to a panel": (("switch", 1, "console-serial"), ("panel", 3, "front-port")),
    "panel to console": (("panel", 3, "rear-port"), ("console", 5, "console-serial")),
    "trunk": (("panel", 4, "rear-port"), ("far_panel", 4, "rear-port")),
    "fronts": (("panel", 5, "front-port"), ("far_panel", 5, "front-port")),
}


def test_every_kind_of_port(modules, gear: Gear):
    """Made once, whichever end is named first; taken away once."""
    names = {**vars(gear), "server": gear.servers[0]}
    pairs = [[end(names[who], port, porttype) for who, port, porttype in ends] for ends in KINDS.values()]
    made = modules.do("connection", connections=[{"a": a, "b": b} for a, b in pairs])
    assert made["changed"]
    for connection in made["connections"]:
        for here, there in (("a", "b"), ("b", "a")):
            told = {key: connection[there][key] for key in ("entity", "type", "port")}
            assert connection[here]["connected_to"] == told
    turned = modules.run("connection", connections=[{"a": b, "b": a} for a, b in pairs])
    assert turned["changed"] is False
    assert turned["connections"] == [{**one, "a": one["b"], "b": one["a"]} for one in made["connections"]]
    gone = modules.do("connection", connections=[{"a": b, "b": a} for a, b in pairs], state="absent")
    assert gone["changed"]
    assert [one["cable"] for one in gone["connections"]] == [None] * len(pairs)


def test_details_of_the_cable(modules, gear: Gear):
    ends = {"a": end(gear.servers[0], 1), "b": end(gear.switch, 10)}
    details = {"type": "cat6", "color": "#F44336", "length": 1.5, "label": "A-17", "description": "along the left"}
    told = {**NO_DETAILS, **details, "color": "f44336", "length_unit": "m"}
    assert modules.do("connection", **ends, cable=details)["connection"]["cable"] == told
    changed = modules.do("connection", **ends, cable={"status": "planned", "length": 150, "length_unit": "cm"})
    assert changed["changed"]
    assert changed["connection"]["cable"] == {**told, "status": "planned", "length": 150, "length_unit": "cm"}
    assert modules.run("connection", **ends)["changed"] is False
    assert "color 'red' of a cable: expected six hexadecimal digits" in modules.refuse(
        "connection", **ends, cable={"color": "red"}
    )
    assert modules.run("connection", **ends, state="absent")["changed"]


def test_another_connection_is_in_the_way(modules, gear: Gear, client: Client):
    first, second = gear.servers
    assert modules.run("connection", a=end(first, 1), b=end(gear.switch, 11), cable={"label": "old"})["changed"]
    refusal = modules.refuse("connection", a=end(gear.switch, 11), b=end(second, 1))
    assert refusal == (
        f"{gear.switch}, nic-eth 'GigabitEthernet1/0/11' cannot be connected to {second}, nic-eth 'enp3s0f0':"
        f" {gear.switch}, nic-eth 'GigabitEthernet1/0/11' is connected to {first}, nic-eth 'enp3s0f0'"
    )
    unplugged = modules.run("connection", a=end(second, 1), b=end(gear.switch, 11), state="absent")
    assert unplugged["changed"] is False
    moved = modules.do("connection", a=end(second, 1), b=end(gear.switch, 11), replace=True)
    assert moved["diff"]["before"]["b"]["connected_to"]["entity"] == first
    assert modules.run("connection", a=end(first, 1), b=end(gear.switch, 12))["changed"]
    failed = modules.run("connection", a=end(first, 1), b=end(gear.switch, 13), replace=True, cable={"type": "hemp"})
    assert '"hemp" is not a valid choice' in failed["msg"]
    assert modules.run("connection", a=end(first, 1), b=end(gear.switch, 12))["changed"] is False, "it was put back"
    for port in (11, 12):
        gone = modules.do("connection", a=end(gear.switch, port), state="absent")
        assert gone["changed"]
        assert gone["connection"]["a"]["connected_to"] is None
    assert client.list("dcim/cables", device=gear.servers) == []


def test_what_is_not_there_needs_no_disconnecting(modules, gear: Gear):
    server = gear.servers[0]
    gone = [{"a": end("no-such", 1), "b": end(gear.switch, 1)}, {"a": end(server, 99)}, {"a": end(server, 1)}]
    answer = modules.do("connection", connections=gone, state="absent")
    assert answer["changed"] is False
    assert answer["connections"][0]["a"] == {"entity": "no-such", "type": "nic-eth", "port": "1", "connected_to": None}
    assert "no port type 'usb'" in modules.refuse("connection", a=end(server, 1, "usb"), state="absent")


def test_power_feeds_and_circuits(modules, workshop: Workshop, gear: Gear, client: Client):
    """Connected, shown and refused as taken under names that people know them by."""
    panel = client.create("dcim/power-panels", {"name": f"panel-{workshop.run}x", "site": workshop.site})
    client.create("dcim/power-feeds", {"name": "feed-3", "power_panel": panel["id"]})
    provider = client.create("circuits/providers", {"name": f"p-{workshop.run}x", "slug": f"p-{workshop.run}x"})
    kind = client.create("circuits/circuit-types", {"name": f"t-{workshop.run}x", "slug": f"t-{workshop.run}x"})
    cid = f"cid-{workshop.run}x"
    circuit = client.create("circuits/circuits", {"cid": cid, "provider": provider["id"], "type": kind["id"]})
    site = {"termination_type": "dcim.site", "termination_id": workshop.site}
    client.create("circuits/circuit-terminations", {"circuit": circuit["id"], "term_side": "A", **site})
    feed = {"entity": panel["name"], "type": "power-feed", "name": "feed-3"}
    line = {"entity": cid, "type": "circuit", "name": "A"}
    first, inlet = {"a": end(gear.switch, 30), "b": line}, end(gear.power, "Input", "power-port")
    made = modules.do("connection", connections=[first, {"a": feed, "b": inlet}])["connections"]
    assert made[0]["a"]["connected_to"] == {"entity": cid, "type": "circuit", "port": "A"}
    assert made[1]["b"]["connected_to"] == {"entity": panel["name"], "type": "power-feed", "port": "feed-3"}
    [told] = modules.run("entity_info", entity=gear.power)["entities"]
    input_ = next(port for port in told["ports"]["pwr-nema-5"] if port["name"] == "Input")
    assert input_["cabled_to"] == {"entity": panel["name"], "type": "power-feed", "port": "feed-3"}
    taken = modules.refuse("connection", a=end(gear.servers[0], 1), b=end(gear.switch, 30))
    assert f"'GigabitEthernet1/0/30' is connected to circuit '{cid}' side A" in taken
    taken = modules.refuse("connection", a=inlet, b=end(gear.power, "aa1", "power-outlet"))
    assert f"is connected to power feed '{panel['name']}/feed-3'" in taken
    wrong = modules.refuse("connection", a=end(gear.switch, 31), b=feed)
    assert "expected power port at its other end" in wrong
    assert "there is no circuit 'Z' of" in modules.refuse("connection", a=end(gear.switch, 31), b={**line, "name": "Z"})
    modules.do("connection", connections=[first, {"a": feed}], state="absent")


def test_what_is_no_connection(modules, gear: Gear):
    server = gear.servers[0]
    datacenter = modules.run("datacenter", name=f"dc-of-{server}")["entity"]["name"]
    unchanged = modules.changes()
    for a, b, message in (
        (end(server, 3), end(gear.switch, 1), f"server '{server}', nic-eth has no port 3; it has bond0, enp3s0f0"),
        (end(server, 1), end(gear.switch, "Gi1"), f"networkswitch '{gear.switch}', nic-eth has no port 'Gi1'; it has "),
        (end("no-such", 1), end(gear.switch, 1), "there is nothing named 'no-such'"),
        (end(datacenter, 1), end(gear.switch, 1), f"datacenter '{datacenter}' has no ports that cables connect"),
        (end(server, 1, "usb"), end(gear.switch, 1), "no port type 'usb'; expected one of nic-eth, console-serial"),
        (end(server, 1), end(gear.power, 1, "pwr-nema-5"), "expected interface or front port or rear port at its othe"),
        (end(server, "bond0"), end(gear.switch, 1), "'bond0' is of NetBox's type 'lag', at which no cable ends"),
        (end(server, 1), None, f"{server} nic-eth 1: expected b too, the port that it is to be connected to"),
    ):
        answer = modules.run("connection", a=a, **({"b": b} if b else {}))
        assert message in answer["msg"]
    assert modules.changes() == unchanged


def test_a_list(modules, workshop: Workshop, gear: Gear):
    """All or none, every refusal told with its index; a repeat makes what is missing and nothing twice."""
    wanted = [
        *(
            {"a": end(name, n), "b": end(gear.switch, 20 + 2 * s + n)}
            for s, name in enumerate(gear.servers)
            for n in (1, 2)
        ),
        *(
            {"a": end(name, 1, "console-serial"), "b": end(gear.console, 7 + s, "console-serial")}
            for s, name in enumerate(gear.servers)
        ),
    ]
    wrong = [
        {"a": end(gear.servers[0], 9), "b": end(gear.switch, 40)},
        {"a": end("no-such", 1), "b": end(gear.switch, 40)},
    ]
    answer = modules.run("connection", connections=[wanted[0], wrong[0], wanted[1], wrong[1]])
    assert [error["index"] for error in answer["errors"]] == [1, 3]
    assert "2 of 4 connections refused, nothing was changed: connections[1]" in answer["msg"]
    twice = [wanted[0], {"a": end(gear.servers[1], 1), "b": wanted[0]["b"]}]
    assert "is to be connected by " in modules.refuse("connection", connections=twice)
    assert workshop.client.list("dcim/cables", device=gear.servers) == []

    modules.run("connection", **wanted[3])
    made = modules.do("connection", connections=[*wanted, {"a": wanted[0]["b"], "b": wanted[0]["a"]}])
    assert made["changed"]
    assert [one["a"]["entity"] for one in made["connections"][:4]] == [s for s in gear.servers for _ in (1, 2)]
    assert len(workshop.client.list("dcim/cables", device=gear.servers)) == len(wanted)

    crossed = [
        {"a": end(gear.servers[0], 1), "b": end(gear.switch, 22)},
        {"a": end(gear.servers[0], 2), "b": end(gear.switch, 21)},
    ]
    assert len(modules.run("connection", connections=crossed)["errors"]) == 2
    assert modules.run("connection", connections=crossed, replace=True)["changed"]
    assert len(workshop.client.list("dcim/cables", device=gear.servers)) == len(wanted)
    bad = [*wanted[:2], {**wanted[2], "cable": {"type": "hemp"}}]
    refused = modules.run("connection", connections=bad, replace=True)
    assert [error["index"] for error in refused["errors"]] == [2]
    mixed = modules.run("connection", connections=[crossed[0], wrong[1], wanted[1]])
    assert [error["index"] for error in mixed["errors"]] == [1, 2], "what is not there, and what is connected elsewhere"
    assert modules.run("connection", connections=crossed)["changed"] is False, "what was in the way was put back"

    everything = [*crossed, *wanted[2:]]
    assert modules.run("connection", connections=everything, state="absent")["changed"]
    assert workshop.client.list("dcim/cables", device=gear.servers) == []


def test_every_example_runs(modules, client: Client, unique):
    """The examples are one story, told of a rack with clusto's own drivers."""
    devices = ("ex0000", "ex0001", "sv3-001-sw1", "sv3-001-ts1", "sv3-001-pwr1")
    names = {name: unique(name) for name in (*devices, "panel-12")}
    session = Session(client)
    drivers = (BasicServer, BasicServer, Cisco4948, OpenGearCM4148, PowerTowerXM)
    for name, driver in zip(devices, drivers, strict=True):
        driver(names[name], session=session)
    site = Datacenter(unique("dc"), session=session)
    panel = client.create("dcim/power-panels", {"name": names["panel-12"], "site": site.id})
    client.create("dcim/power-feeds", {"name": "feed-3", "power_panel": panel["id"]})
    text = EXAMPLES
    for name, own in names.items():
        text = text.replace(name, own)
    for task in yaml.safe_load(text):
        assert modules.run("connection", **task["clusto.datacenter.connection"])["changed"], task["name"]
    switch = Cisco4948.get(names["sv3-001-sw1"], session=session)
    assert switch.connected_ports()["nic-eth"] == [15]


def test_a_port_type_of_ones_own(ansible_playbook, workshop, gear: Gear, tmp_path):
    """Declared in a driver file, it numbers the outlets of its kind by themselves."""
    ours = tmp_path / "ours.py"
    ours.write_text(
        "from clusto.drivers import define_port_type\n\n"
        "POWER = ('dcim.powerport', 'dcim.poweroutlet')\n"
        "define_port_type('pwr-c13', POWER, types=['iec-60320-c13', 'iec-60320-c14'])\n"
    )
    ends = {"a": end(gear.servers[0], 1, "pwr-c13"), "b": end(gear.power, 2)}
    task = {"name": "Power", "clusto.datacenter.connection": {"drivers_path": [str(ours)], **ends}}
    assert "changed=1 " in ansible_playbook([task])
    assert "changed=0 " in ansible_playbook([task])
    outlets = workshop.client.list("dcim/power-outlets", device=gear.power, cabled=True)
    assert [outlet["name"] for outlet in outlets] == ["C2"]
