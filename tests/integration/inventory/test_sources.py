# SPDX-License-Identifier: BSD-2-Clause
"""The inventory plugin among others, without anybody at the terminal, and while NetBox is away."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from clusto.netbox.client import Client

from ..conftest import NetBoxServer
from ..mirror.world import World
from ..proxy import Proxy
from .conftest import Run, listed, safe

WRONG = "wrong-token-7a1c"


def vaulted(token: str, tmp_path: Path) -> str:
    """What `ansible-vault encrypt_string` makes of the token; the password is in tmp_path/password."""
    (tmp_path / "password").write_text("secret")
    program = str(Path(sys.executable).parent / "ansible-vault")
    command = [program, "encrypt_string", "--vault-password-file", str(tmp_path / "password"), "--name", "token", token]
    return subprocess.run(command, capture_output=True, text=True, check=True, cwd=tmp_path).stdout


def test_token_may_be_in_a_vault(run: Run, world: World, netbox_server: NetBoxServer, tmp_path: Path) -> None:
    text = vaulted(netbox_server.token, tmp_path)
    arguments = ("ansible-inventory", "--host", world.name("vm1"), "--vault-password-file", "password")
    inline = run(*arguments, more=text, environ={"NETBOX_TOKEN": WRONG}, api_url=f"{netbox_server.api_url}/")
    assert json.loads(inline.stdout)["clusto_status"] == "active", inline.stderr
    (tmp_path / "secrets.yml").write_text(text.replace("token:", "netbox_secret:"))
    extra = run(*arguments, "-e", "@secrets.yml", token="{{ netbox_secret }}")
    assert json.loads(extra.stdout)["clusto_status"] == "active", extra.stderr
    (tmp_path / "password").write_text("another")
    refused = run(*arguments, more=text)
    assert refused.returncode != 0
    assert netbox_server.token not in refused.stdout + refused.stderr


def test_token_may_be_in_a_file(run: Run, world: World, netbox_server: NetBoxServer, tmp_path: Path) -> None:
    (tmp_path / "token").write_text(f"{netbox_server.token}\n")
    found = run("ansible-inventory", "--host", world.name("vm1"), environ={"NETBOX_TOKEN": WRONG}, token_file="token")
    assert found.returncode == 0, found.stderr


def test_other_forms_of_listing(run: Run, world: World) -> None:
    pool = {"pools": [world.name("pxe")]}
    web1 = f"{world.name('sv3')}/{world.name('web1')}"
    as_yaml = yaml.safe_load(run("ansible-inventory", "--list", "--yaml", **pool).stdout)
    exported = json.loads(run("ansible-inventory", "--list", "--export", **pool).stdout)
    assert exported["_meta"]["hostvars"] == listed(run, **pool)["_meta"]["hostvars"]
    group = safe(f"pool_{world.name('production')}")
    inner = as_yaml["all"]["children"][group]["children"][safe(f"pool_{world.name('pxe')}")]
    everywhere = [inner["hosts"][web1], json.loads(run("ansible-inventory", "--host", web1, **pool).stdout)]
    assert all(found["clusto_attributes"]["level"] == "own" for found in everywhere)


def test_one_of_several_sources(run: Run, world: World, tmp_path: Path) -> None:
    """Hosts of a static file get our variables besides theirs; what is constructed afterwards sees both."""
    vm1, pxe = world.name("vm1"), world.name("pxe")
    static = {"all": {"hosts": {vm1: {"ansible_host": "192.0.2.1", "owner": "ops"}, "elsewhere": {}}}}
    (tmp_path / "static.yml").write_text(yaml.safe_dump(static))
    (tmp_path / "zz.constructed.yml").write_text(
        yaml.safe_dump(
            {
                "plugin": "ansible.builtin.constructed",
                "strict": False,
                "groups": {"ops_in_pool": f"owner == 'ops' and '{pxe}' in clusto_pools"},
            }
        )
    )
    tasks = [{"ansible.builtin.debug": {"msg": "{{ owner }} {{ ansible_host }} {{ clusto_ips }}"}}]
    (tmp_path / "site.yml").write_text(yaml.safe_dump([{"hosts": "all", "gather_facts": False, "tasks": tasks}]))
    own = {"virtual_machines": True, "pools": [pxe], "compose": {"where": "place | default('nowhere') | length"}}
    answer = run("ansible-inventory", "-i", "static.yml", "-i", "zz.constructed.yml", "--list", **own)
    found = json.loads(answer.stdout)
    assert found["ops_in_pool"]["hosts"] == [vm1], answer.stderr
    variables = found["_meta"]["hostvars"][vm1]
    assert (variables["owner"], variables["ansible_host"]) == ("ops", "192.0.2.1")  # of several sources the last one
    assert variables["where"] == len("nowhere")
    answer = run(
        "ansible-playbook", "-i", "static.yml", "-c", "local", "--limit", f"{vm1},elsewhere", "--list-hosts",
        "site.yml", **own,
    )  # fmt: skip
    assert "hosts (2)" in answer.stdout, answer.stderr
    answer = run("ansible-playbook", "-i", "static.yml", "-c", "local", "--limit", vm1, "site.yml", **own)
    assert f"ops 192.0.2.1 ['{world.ip(60)}']" in answer.stdout, answer.stdout + answer.stderr


def test_extra_variables_count_in_compose_where_wanted(run: Run, world: World) -> None:
    options: dict[str, Any] = {
        "pools": [world.name("pxe")],
        "compose": {"where": "place"},
        "keyed_groups": [{"key": "clusto_status", "prefix": ""}, {"key": "clusto_driver", "parent_group": "models"}],
        "leading_separator": False,
    }
    arguments = ("ansible-inventory", "--list", "-e", "place=here")
    found = json.loads(run(*arguments, **options, use_extra_vars=True).stdout)
    assert {host["where"] for host in found["_meta"]["hostvars"].values()} == {"here"}
    assert len(found["active"]["hosts"]) == 3
    assert found["models"]["children"] == [safe(f"model_{world.key}")]
    refused = run("ansible-inventory", "--list", **options, strict=True)
    assert refused.returncode != 0
    assert "Could not set where for host" in refused.stderr


def test_with_nobody_at_the_terminal_and_nowhere_to_write(
    run: Run, world: World, netbox_server: NetBoxServer, tmp_path: Path
) -> None:
    """As AWX runs it: all by the environment, no home directory, nothing to be written where it runs."""
    run("ansible-inventory", "--list", pools=[world.name("pxe")])  # writes the configuration file
    environ = {
        **{name: value for name, value in os.environ.items() if name in {"PATH", "LANG", "PYTHONDONTWRITEBYTECODE"}},
        "HOME": "/dev/null",
        "ANSIBLE_HOME": str(tmp_path / "home"),
        "ANSIBLE_COLLECTIONS_PATH": str(tmp_path / "collections"),
        "ANSIBLE_INVENTORY_UNPARSED_FAILED": "true",
        "NETBOX_API": netbox_server.api_url,
        "NETBOX_TOKEN": netbox_server.token,
    }
    answer = subprocess.run(
        [str(Path(sys.executable).parent / "ansible-inventory"), "-i", str(tmp_path / "dc.clusto.yml"), "--list"],
        cwd="/proc",
        env=environ,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert len(json.loads(answer.stdout)["_meta"]["hostvars"]) == 3, answer.stderr
    # Of what other tests left in NetBox, such as an address on two hosts, it warns with the file's name.
    warnings = [line for line in answer.stderr.splitlines() if "WARNING" in line]
    assert [line for line in warnings if "/dc.clusto.yml: " not in line] == []


def test_cache_is_flushed_on_demand_and_kept_for_each_file(
    run: Run, world: World, client: Client, tmp_path: Path
) -> None:
    cache = {"cache": True, "cache_plugin": "ansible.builtin.jsonfile", "cache_connection": str(tmp_path / "cache")}
    options = {"pools": [world.name("pxe")], "cache_prefix": "dc_", **cache}
    before = listed(run, **options)
    tag = client.list("extras/tags", name=world.name("racked"))[0]["id"]
    client.update("dcim/devices", world.nameless["id"], {"tags": [{"name": world.name("pxe")}, {"id": tag}]})
    assert listed(run, **options) == before
    nameless = f"device-{world.nameless['id']}"
    flushed = json.loads(run("ansible-inventory", "--list", "--flush-cache", **options).stdout)
    assert world.name("racked") in flushed["_meta"]["hostvars"][nameless]["clusto_pools"]
    assert listed(run, **options) == flushed
    client.update("dcim/devices", world.nameless["id"], {"tags": [{"name": world.name("pxe")}]})
    # Filters and other options apply to what is cached; another file has a cache of its own.
    assert set(listed(run, **{**options, "type": [world.name("server")]})["_meta"]["hostvars"]) < set(
        before["_meta"]["hostvars"]
    )
    (tmp_path / "other").mkdir()
    (tmp_path / "other/dc.clusto.yml").write_text((tmp_path / "dc.clusto.yml").read_text())
    run("ansible-inventory", "-i", "other/dc.clusto.yml", "--list", **options)
    assert len([path for path in (tmp_path / "cache").iterdir() if path.name.startswith("dc_")]) == 2


def test_snapshot_follows_netbox_and_stands_in_for_it(run: Run, world: World, client: Client, tmp_path: Path) -> None:
    options: dict[str, Any] = {"pools": [world.name("pxe")], "snapshot_dir": str(tmp_path / "kept"), "timeout": 60}
    nameless = f"device-{world.nameless['id']}"
    with Proxy(client.settings.api_url) as proxy:
        options["api_url"] = proxy.url
        first = listed(run, **options)
        client.update("dcim/devices", world.nameless["id"], {"local_context_data": {"level": "changed"}})
        second = listed(run, **options)
        assert first["_meta"]["hostvars"][nameless]["clusto_attributes"]["level"] == "pxe"
        assert second["_meta"]["hostvars"][nameless]["clusto_attributes"]["level"] == "changed"
        client.update("dcim/devices", world.nameless["id"], {"local_context_data": None})
        back = run("ansible-inventory", "--list", "--flush-cache", **options)
        assert json.loads(back.stdout) == first, back.stderr
    away = run("ansible-inventory", "--list", **options)
    assert json.loads(away.stdout) == first, away.stderr
    shown = " ".join(away.stderr.split())
    assert "dc.clusto.yml: NetBox cannot be asked" in shown
    assert "snapshot of 20" in shown
    strict = run("ansible-inventory", "--list", **options, snapshot_max_age=0)
    assert strict.returncode != 0
    assert "more than snapshot_max_age 0" in " ".join(strict.stderr.split())
    assert run("ansible-inventory", "--list", "--flush-cache", **options).returncode != 0
    assert json.loads(run("ansible-inventory", "--list", **options).stdout) == first
    [kept] = (tmp_path / "kept").iterdir()
    assert (kept.stat().st_mode & 0o777, kept.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert client.settings.token.encode() not in kept.read_bytes()
    refused = run("ansible-inventory", "--list", **{**options, "token": WRONG})  # has a snapshot of its own: none yet
    assert refused.returncode != 0


@pytest.mark.parametrize("where", ["/dev/null/kept"])
def test_directory_that_cannot_be_made_is_named(run: Run, where: str) -> None:
    answer = run("ansible-inventory", "--list", snapshot_dir=where)
    assert f"snapshot_dir '{where}' cannot be made: Not a directory" in " ".join(answer.stderr.split())
