# SPDX-License-Identifier: BSD-2-Clause
"""Real runs of ansible-playbook: the connection given once for all modules, and every example of the documentation."""

from __future__ import annotations

import random
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.smtp import mail_server

ROOT = Path(__file__).parents[3]
STORY = (
    "bootstrap",
    "datacenter",
    "remote_hands",
    "location",
    "rack",
    "pool",
    "attribute",
    "ip_manager",
    "name_manager",
    "server",
    "device",
    "ip_binding",
    "rack_layout",
    "rack_factory",
    "entity_info",
    "attribute_info",
)
"""The order in which the modules' examples tell one story."""
NAMES = ("eqix-sv3", "eqix-sv4", "cage-12", "row-a", "sv3-001", "sv3-002", "pxeboot-servers", "webservers")
NAMES += ("frontends", "servernames", "asnumbers")
NAMES += ("subnet-servers", "subnet-dmz", "ex0000", "ex0001")
NAMES += ("ex0010", "ex0011", "sv3-lb1", "sv3-app1", "sv3-app2")
NAMES += ("hypervisors", "hypervisor settings", "small-rack", "sv3-db1")


def examples(unique) -> str:
    """All examples in one text, their names and subnets made unique."""
    octet = random.randrange(256)
    text = ""
    for module in STORY:
        text += (
            (ROOT / f"plugins/modules/{module}.py").read_text().partition('EXAMPLES = r"""\n')[2].partition('"""')[0]
        )
    for name in NAMES:
        text = text.replace(name, unique(name))
    for old, new in (
        ("192.168.1.", f"172.{16 + octet % 16}.{octet}."),
        ("192.168.20.", f"10.{octet}.{octet // 4 * 4}."),
        ("00:11:22:33:44:", ":".join(["02", *(f"{random.randrange(256):02x}" for _ in range(4))]) + ":"),
    ):
        text = text.replace(old, new)
    return text


@pytest.fixture
def theirs(client, unique, tmp_path):
    """What the examples take from others: a tag, a config context, a VRF, files."""
    if not client.one("ipam/vrfs", name="lab"):
        client.create("ipam/vrfs", {"name": "lab"})
    tag = client.create("extras/tags", {"name": unique("hypervisors"), "slug": unique("hypervisors")})
    context = {"name": unique("hypervisor settings"), "tags": [tag["slug"]], "data": {"role": "kvm"}}
    client.create("extras/config-contexts", context)
    (tmp_path / "layouts").symlink_to(ROOT / "playbooks/layouts")
    library = tmp_path / "device-types/Supermicro"
    library.mkdir(parents=True)
    document = {"manufacturer": "Example Systems", "model": unique("ES"), "slug": unique("example-systems-es")}
    (library / "es.yaml").write_text(yaml.safe_dump(document))


def test_every_example_runs(ansible_playbook, unique, theirs):
    with mail_server() as mailbox:
        text = examples(unique).replace("mail.example.com", f"127.0.0.1\n        mail_port: {mailbox.port}")
        output = ansible_playbook(yaml.safe_load(text), "--diff")
    assert "failed=0" in output
    assert "+++ after" in output
    assert len(mailbox.received) == 1


def test_every_snippet_about_drivers_runs(ansible_playbook, netbox_server, unique, theirs, tmp_path):
    text = (ROOT / "docs/drivers.md").read_text()
    for name in ("eqix-sv3", "acme-1", "name: rocket", "hypervisors", "hypervisor settings"):
        text = text.replace(name, unique(name))
    tasks, programs = [], []
    for kind, block in re.findall(r"^```(yaml|python)\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
        if file := re.match(r"# (\S+/\S+)\n", block):
            (tmp_path / file[1]).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / file[1]).write_text(block)
        elif kind == "yaml":
            tasks += yaml.safe_load(block)
        else:
            programs.append(block)
    with mail_server() as mailbox:
        written = yaml.safe_dump(tasks, sort_keys=False)
        local = written.replace("mail.example.com", f"127.0.0.1\n        mail_port: {mailbox.port}")
        assert "failed=0" in ansible_playbook(yaml.safe_load(local))
    assert len(mailbox.received) == 1
    environ = {"NETBOX_API": netbox_server.api_url, "NETBOX_TOKEN": netbox_server.token}
    run = [sys.executable, "-W", "error", "-c", *programs]
    done = subprocess.run(run, cwd=tmp_path, env=environ, capture_output=True, text=True, check=False)
    assert done.stdout == "{'ticket': 2}\n", done.stderr


def test_the_connection_is_given_once_and_a_rehearsal_changes_nothing(ansible_playbook, unique):
    tasks = [{"name": "A pool", "clusto.datacenter.pool": {"name": unique("pool")}}]
    for arguments, changed in ((["--check"], 1), ([], 1), (["--check"], 0), ([], 0)):
        assert f"changed={changed} " in ansible_playbook(tasks, *arguments)
