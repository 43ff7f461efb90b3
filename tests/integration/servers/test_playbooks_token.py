# SPDX-License-Identifier: BSD-2-Clause
"""What role netbox permits the playbooks' token is enough for every module, also where an answer is lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from clusto.drivers import Device, EquinixDatacenter, Session
from clusto.netbox.client import Client
from tests.smtp import mail_server

from ..accounts import account
from ..modules.conftest import Modules, modules
from ..proxy import Proxy, lose
from .world import World

__all__ = ["modules"]

Run = Callable[..., dict[str, Any]]


@pytest.fixture
def limited(client: Client, modules: Modules, unique: Callable[[str], str]) -> Iterator[Modules]:
    """Modules with such a token."""
    with account(client, "playbooks", unique("playbooks")) as token:
        yield replace(modules, connection={**modules.connection, "token": token})


@pytest.fixture
def run(limited: Modules) -> Run:
    """A module with that token, which does what is asked."""
    return running(limited)


def running(given: Modules) -> Run:
    def run(module: str, **options: Any) -> dict[str, Any]:
        answer = given.run(module, **options)
        assert "msg" not in answer, answer["msg"]
        return answer

    return run


@pytest.fixture
def machine(client: Client, unique: Callable[[str], str]) -> Iterator[str]:
    """A virtual machine without interfaces, which others made."""
    name = unique("vm")
    type_ = client.create("virtualization/cluster-types", {"name": name, "slug": name})
    cluster = client.create("virtualization/clusters", {"name": name, "type": type_["id"]})
    made = client.create("virtualization/virtual-machines", {"name": name, "cluster": cluster["id"]})
    yield name
    client.delete("virtualization/virtual-machines", made["id"])
    client.delete("virtualization/clusters", cluster["id"])
    client.delete("virtualization/cluster-types", type_["id"])


def test_all_modules_may_do_their_work(world: World, run: Run, machine: str, unique: Any) -> None:
    names = {kind: unique(kind) for kind in ("dc", "row", "rack", "pool", "net", "names", "switch", "server")}
    net = f"198.18.{int(world.run[:2], 16)}.0/24"
    gateway, given = net.replace(".0/24", ".1"), net.replace(".0/24", ".9")
    run("bootstrap")
    run("datacenter", name=names["dc"], attributes={"a": 1})
    run("location", name=names["row"], parent=names["dc"], driver="row", attributes={"a": 2})
    run("rack", name=names["rack"], datacenter=names["dc"], location=names["row"], attributes={"a": 3})
    run("pool", name=names["pool"], attributes={"a": 4})
    run("ip_manager", name=names["net"], prefix=net, gateway=gateway)
    run("name_manager", name=names["names"], driver="simpleentitynamemanager", basename=names["server"], digits=2)
    run("device", name=names["switch"], type="networkswitch", driver="basicserver", rack=names["rack"], ru=[1])
    server: dict[str, Any] = {
        "rack": names["rack"],
        "pools": [names["pool"]],
        "attributes": {"a": 5},
        "ips": [{"ip": given, "osport": "ipmi"}, {"ip_manager": names["net"], "osport": "bond0"}],
        "ports": [
            {"number": 1, "mac": world.mac(950), "connected_to": {"entity": names["switch"], "number": 1}},
        ],
    }
    items = [{**server, "name_manager": names["names"], "ru": [2]}]
    made = run("server", servers=items)["entities"][0]
    [eth0] = [port for port in made["ports"]["nic-eth"] if port["name"] == "eth0"]
    assert eth0["connected_to"]["entity"] == names["switch"]
    assert not run("server", servers=items)["changed"]
    bound = run("ip_binding", entity=machine, ip_manager=names["net"], osport="ens3")
    assert bound["ips"]
    run("attribute", entity=machine, key="tier", value="db")
    run("pool", name=names["pool"], members=[machine, made["name"]])
    run("attribute_info", entity=machine, merged=True)
    known = run("entity_info", names=[machine, made["name"]], merged=True, parents=True, contents=True)
    assert {entity["name"] for entity in known["entities"]} == {machine, made["name"]}
    run("ip_binding", entity=machine, ip_manager=names["net"], state="absent")
    gone = {"server": [made["name"]], "device": [names["switch"]]}
    for module, kind in [("rack", "rack"), ("location", "row"), ("pool", "pool"), ("datacenter", "dc")]:
        gone[module] = [names[kind]]
    gone |= {"ip_manager": [names["net"]], "name_manager": [names["names"]]}
    for module, [name] in gone.items():
        more = {"type": "networkswitch"} if module == "device" else {}
        run(module, name=name, state="absent", **more)


LAYOUT: dict[str, Any] = {
    "devices": [
        {"suffix": "sw1", "driver": "basicnetworkswitch", "ru": 10},
        {"suffix": "pwr1", "driver": "basicpowerstrip", "ru": 9},
    ],
    "cables": [
        {"a": {"device": "sw1", "type": "pwr-nema-5", "number": 1}, "b": {"device": "pwr1", "number": 8}},
    ],
    "switchports": {
        "1-4": {"ru": "1-4", "ports": [{"number": 1, "connected_to": {"device": "sw1", "number": "1-4"}}]},
    },
}


def test_racks_are_built_and_taken_down(world: World, run: Run, client: Client, unique: Any) -> None:
    layout, rack, server = unique("layout"), unique("built"), unique("new")
    net = world.manager
    servers = {"driver": "basicserver", "pools": [world.pool], "ips": [{"osport": "eth0", "ip_manager": net}]}
    run("rack_layout", name=layout, layout={**LAYOUT, "servers": servers})
    run("rack", name=rack, datacenter=world.datacenter.name, attributes={"racklayout": layout})
    there = [{"switchport": "2", "name": server, "mac": world.mac(951)}]
    built = run("rack_factory", rack=rack, servers=there)
    assert (len(built["devices"]), len(built["cables"])) == (3, 2)
    assert not run("rack_factory", rack=rack, servers=there)["changed"]
    ends = {"a": {"entity": server, "number": 2}, "b": {"entity": f"{rack}-sw1", "number": 12}}
    run("connection", connections=[{**ends, "cable": {"label": "A-1"}}])
    run("connection", **ends, cable={"label": "A-2"})
    run("connection", **{**ends, "b": {"entity": f"{rack}-sw1", "number": 13}}, replace=True)
    run("connection", a=ends["a"], state="absent")
    gone = run("server", name=server, state="absent")
    assert any("cables would be taken away" in text for text in gone["consequences"]["losses"])
    run("device", name=f"{rack}-pwr1", type="powerstrip", state="absent")
    switch = Device.get(f"{rack}-sw1", session=Session(client))
    assert all(switch.port_free(*port) for port in (("nic-eth", 2), ("pwr-nema-5", 1)))
    run("device", name=switch.name, type="networkswitch", state="absent")
    run("rack", name=rack, state="absent")
    run("rack_layout", name=layout, state="absent")


def test_people_are_asked(run: Run, client: Client, unique: Any) -> None:
    with mail_server() as mailbox:
        told = {"mail_to": "hands@colo.example", "mail_from": "us@example.com", "mail_server": "127.0.0.1"}
        attributes = {"remote_hands": {**told, "mail_port": mailbox.port}}
        colo = EquinixDatacenter(unique("eqix"), attributes=attributes, session=Session(client))
        run("remote_hands", datacenter=colo.name, message="Power, please")
        assert len(mailbox.received) == 1


def test_what_others_made_is_adopted(world: World, run: Run, client: Client, unique: Any) -> None:
    tag, bare, context = unique("rack-mates"), unique("bare"), unique("mates")
    client.create("extras/tags", [{"name": name, "slug": name} for name in (tag, bare)])
    client.create("extras/config-contexts", {"name": context, "tags": [tag], "data": {"ntp": "a"}})
    pools = [{"tag": tag, "context": context}, {"tag": bare, "driver": "unique_pool"}]
    run("bootstrap", adopt={"pools": pools})
    assert run("entity_info", entity=f"pool:{context}")["entities"][0]["attributes"] == {"ntp": "a"}
    net = f"198.19.{int(world.run[:2], 16)}.0/24"
    prefix, gateway = client.create("ipam/prefixes", {"prefix": net}), net.replace(".0/24", ".1")
    adopted = run("ip_manager", name=unique("theirs"), prefix=net, gateway=gateway, adopt=True)["entity"]
    assert adopted["adopted"]
    run("ip_manager", name=adopted["name"], state="absent")
    client.delete("ipam/prefixes", prefix["id"])


TYPE: dict[str, Any] = {
    "u_height": 2,
    "subdevice_role": "parent",
    "interfaces": [{"name": "eth0", "type": "1000base-t"}],
    "console-ports": [{"name": "con", "type": "de-9"}],
    "console-server-ports": [{"name": "tty1", "type": "rj-45"}],
    "power-ports": [{"name": "in", "type": "iec-60320-c14"}],
    "power-outlets": [{"name": "out", "type": "iec-60320-c13", "power_port": "in"}],
    "rear-ports": [{"name": "R1", "type": "mpo", "positions": 4}],
    "front-ports": [{"name": "F1", "type": "lc", "rear_port": "R1", "rear_port_position": 1}],
    "cooling-intakes": [{"name": "in", "type": "uqd"}],
    "cooling-outflows": [{"name": "out", "type": "uqd", "cooling_intake": "in"}],
    "device-bays": [{"name": "Bay 1"}],
}
"""In the format of the devicetype-library, with a component of each kind; what names others is added by the test."""


def test_device_types_are_made_and_completed(run: Run, client: Client, unique: Any, tmp_path: Path) -> None:
    names = {key: unique(key) for key in ("maker", "chips", "os", "role", "bay")}
    slug = unique("maker-type")
    document = {
        **TYPE,
        "manufacturer": names["maker"],
        "model": slug,
        "slug": slug,
        "default_platform": names["os"],
        "module-bays": [{"name": "Slot", "position": "1", "module_bay_types": [names["bay"]]}],
        "inventory-items": [{"name": "TPM", "manufacturer": names["chips"], "role": names["role"]}],
    }
    file = tmp_path / "type.yaml"
    file.write_text(yaml.safe_dump(document))
    assert run("bootstrap", device_types=[str(file)])["changed"]
    [ours] = client.list("dcim/device-types", slug=slug)
    [bay] = client.list("dcim/module-bay-templates", device_type_id=ours["id"])
    client.delete("dcim/module-bay-templates", bay["id"])
    assert run("bootstrap", device_types=[str(file)])["changed"]
    assert not run("bootstrap", device_types=[str(file)])["changed"]


def test_answers_are_lost(world: World, limited: Modules, proxy: Proxy, unique: Any) -> None:
    """What NetBox did all the same is found again with that token."""
    run = running(replace(limited, connection={**limited.connection, "api_url": proxy.url}))
    names, server, net = unique("names"), unique("s"), unique("net")
    run("ip_manager", name=net, prefix=f"198.18.{int(world.run[:2], 16)}.0/28", gateway=None)
    run("name_manager", name=names, driver="simpleentitynamemanager", basename=server, digits=2)
    steps = [("PATCH", "extras/config-contexts"), ("POST", "dcim/devices"), ("POST", "ipam/ip-addresses")]
    for step in [*steps, ("POST", "dcim/cables")]:
        proxy.on(lose, *step)
    ip = {"ip_manager": net, "osport": "eth0"}
    port = {"number": 1, "connected_to": {"entity": world.equipment["networkswitch"], "number": 40}}
    made = run("server", name_manager=names, rack=world.rack, ru=[40], ips=[ip], ports=[port])
    assert proxy.waiting == 0
    assert made["entity"]["name"] == f"{server}00"
    assert len(made["entity"]["ips"]) == 1
    proxy.on(lose, "POST", "ipam/ip-addresses")
    bound = run("ip_binding", entity=f"{server}00", ip_manager=net, osport="bond0")
    assert len(bound["ips"]) == 1
    for module, name in {"server": f"{server}00", "ip_manager": net, "name_manager": names}.items():
        proxy.on(lose, "DELETE")
        run(module, name=name, state="absent")
    assert proxy.waiting == 0
