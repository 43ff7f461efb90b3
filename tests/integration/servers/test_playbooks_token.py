# SPDX-License-Identifier: BSD-2-Clause
"""What role netbox permits the playbooks' token is enough for every module that describes things."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from jinja2.nativetypes import NativeEnvironment

from clusto.netbox.client import Client

from ..modules.conftest import Modules, modules
from .world import World

__all__ = ["modules"]

VARIABLES = Path(__file__).parents[3] / "roles/netbox/vars/main.yml"


def permissions(service: str) -> list[dict[str, Any]]:
    """The permissions that the role gives to the user of a service."""
    variables = yaml.safe_load(VARIABLES.read_text(encoding="utf-8"))
    [found] = [one for one in variables["netbox_access"]["services"] if one["name"] == service]
    environment = NativeEnvironment(autoescape=False)
    return [
        {**one, "object_types": list(environment.from_string(text).render(variables) if "{{" in text else types)}
        for one in found["permissions"]
        for types in [one["object_types"]]
        for text in [str(types)]
    ]


@pytest.fixture
def limited(client: Client, modules: Modules, unique: Callable[[str], str]) -> Iterator[Modules]:
    """Modules with such a token."""
    name = unique("playbooks")
    user = client.create("users/users", {"username": name, "password": f"Long-{name}-1"})
    token = client.create("users/tokens", {"user": user["id"], "version": 1})
    rules = [{**rule, "name": f"{rule['name']} {name}", "users": [user["id"]]} for rule in permissions("playbooks")]
    made = client.create("users/permissions", rules)
    yield replace(modules, connection={**modules.connection, "token": token["token"]})
    client.delete_many("users/permissions", [permission["id"] for permission in made])
    client.delete("users/users", user["id"])


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


def test_all_modules_may_do_their_work(world: World, limited: Modules, machine: str, unique: Any) -> None:
    def run(module: str, **options: Any) -> dict[str, Any]:
        answer = limited.run(module, **options)
        assert "msg" not in answer, answer["msg"]
        return answer

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
