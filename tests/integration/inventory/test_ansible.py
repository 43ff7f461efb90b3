# SPDX-License-Identifier: BSD-2-Clause
"""The inventory plugin as users meet it: ansible-inventory and ansible-playbook on the real NetBox."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from clusto.netbox.client import Client

from ..conftest import NetBoxServer
from ..mirror.world import World
from .conftest import Run, listed, safe


def test_list_of_a_nested_pool(run: Run, world: World) -> None:
    found = listed(run, pools=[world.name("production")])
    web1, nameless = f"{world.name('sv3')}/{world.name('web1')}", f"device-{world.nameless['id']}"
    assert set(found["_meta"]["hostvars"]) == {web1, nameless, world.name("vm1")}
    outer, inner = safe(f"pool_{world.name('production')}"), safe(f"pool_{world.name('pxe')}")
    assert found[outer]["children"] == [inner]
    assert set(found[inner]["hosts"]) == {web1, nameless, world.name("vm1")}
    rack = safe(f"rack_{world.name('sv3')}_{world.name('r1')}")
    assert found[safe(f"location_{world.name('row')}")]["children"] == [rack]
    assert found[rack]["hosts"] == [web1]
    variables = found["_meta"]["hostvars"][web1]
    assert variables["ansible_host"] == world.ip(50)
    assert variables["clusto_ips"][-1] == world.ip(200)
    assert variables["clusto_pools"] == [world.name("pxe"), world.name("production"), world.name("racked")]
    assert (variables["clusto_ru"], variables["clusto_datacenter"]) == (7, world.name("sv3"))
    assert variables["clusto_ports"]["eth2"]["lag"] == "bond0"


def test_attributes_are_what_netbox_renders_where_it_can_express_them(run: Run, world: World, client: Client) -> None:
    hosts = listed(run, datacenter=[world.name("ny1")])["_meta"]["hostvars"]
    rendered = client.list("dcim/devices", site_id=world.ny1["id"], fields="name,config_context")
    names = {
        record["id"]: f"{world.name('ny1')}/{record['name']}" if record["name"] else f"device-{record['id']}"
        for record in rendered
    }
    assert len(rendered) == 2
    assert {name: variables["clusto_attributes"] for name, variables in hosts.items()} == {
        names[record["id"]]: record["config_context"] for record in rendered
    }


def test_graph(run: Run, world: World) -> None:
    answer = run("ansible-inventory", "--graph", pools=[world.name("pxe"), f"-{world.name('racked')}"])
    assert answer.returncode == 0, answer.stderr
    outer, inner = safe(f"pool_{world.name('production')}"), safe(f"pool_{world.name('pxe')}")
    assert f"  |--@{outer}:\n  |  |--@{inner}:\n  |  |  |--device-{world.nameless['id']}\n" in answer.stdout
    assert world.name("web1") not in answer.stdout


def test_playbook_sees_groups_and_variables(run: Run, world: World, tmp_path: Path) -> None:
    group = safe(f"pool_{world.name('production')}")
    play = {
        "hosts": group,
        "gather_facts": False,
        "tasks": [
            {"ansible.builtin.assert": {"that": ["dhcp.domain == 'inner.example'", "clusto_type == role"]}},
        ],
        "vars": {"role": world.name("server")},
    }
    (tmp_path / "site.yml").write_text(yaml.safe_dump([play]))
    answer = run(
        "ansible-playbook", "-c", "local", "site.yml",
        flatten=True, virtual_machines=False, compose={"ansible_python_interpreter": f"'{sys.executable}'"},
    )  # fmt: skip
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert f"{world.name('sv3')}/{world.name('web1')}" in answer.stdout


def test_cache_serves_while_netbox_is_away_and_never_holds_the_token(
    run: Run, world: World, tmp_path: Path, netbox_server: NetBoxServer
) -> None:
    cache = {"cache": True, "cache_plugin": "ansible.builtin.jsonfile", "cache_connection": str(tmp_path / "cache")}
    first = listed(run, pools=[world.name("pxe")], **cache)
    again = listed(run, pools=[world.name("pxe")], token="wrong", **cache)
    assert again == first
    contents = [path.read_text() for path in (tmp_path / "cache").iterdir()]
    assert contents
    assert not [text for text in contents if netbox_server.token in text]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"token": "wrong-token-7a1c"}, "Invalid"),
        ({"api_url": "http://127.0.0.1:1"}, "http://127.0.0.1:1"),
        ({"token_file": "/nowhere/token"}, "token file '/nowhere/token': No such file or directory"),
        ({"pools": ["no-such-pool"]}, "no pool 'no-such-pool' in NetBox"),
    ],
)
def test_errors_say_what_is_wrong_and_no_token(
    run: Run, netbox_server: NetBoxServer, options: dict[str, Any], message: str
) -> None:
    answer = run("ansible-inventory", "--list", "-vvv", **options)
    assert answer.returncode != 0
    assert message in answer.stderr
    assert not [token for token in (netbox_server.token, "wrong-token-7a1c") if token in answer.stdout + answer.stderr]


def test_missing_address_and_token_are_asked_for(run: Run) -> None:
    answer = run("ansible-inventory", "--list", environ={"NETBOX_API": "", "NETBOX_TOKEN": ""})
    assert "no address of NetBox: give api_url or set NETBOX_API" in answer.stderr
    answer = run("ansible-inventory", "--list", environ={"NETBOX_TOKEN": ""})
    assert "no token for NetBox: give token or token_file" in answer.stderr
