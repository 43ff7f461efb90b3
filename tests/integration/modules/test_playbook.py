# SPDX-License-Identifier: BSD-2-Clause
"""Real runs of ansible-playbook: the connection given once for all modules, and every example of the documentation."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[3]
STORY = (
    "bootstrap",
    "datacenter",
    "location",
    "rack",
    "pool",
    "attribute",
    "ip_manager",
    "server",
    "ip_binding",
    "entity_info",
    "attribute_info",
)
"""The order in which the modules' examples tell one story."""
NAMES = ("eqix-sv3", "eqix-sv4", "cage-12", "row-a", "sv3-001", "sv3-002", "pxeboot-servers", "webservers")
NAMES += ("subnet-servers", "subnet-dmz", "ex0000", "ex0001")


@pytest.fixture
def ansible_playbook(tmp_path, netbox_server):
    collection = tmp_path / "collections/ansible_collections/clusto/datacenter"
    collection.parent.mkdir(parents=True)
    collection.symlink_to(ROOT)
    environment = {
        **os.environ,
        "ANSIBLE_COLLECTIONS_PATH": str(tmp_path / "collections"),
        "ANSIBLE_HOME": str(tmp_path / "home"),
        "ANSIBLE_NOCOLOR": "1",
        "ANSIBLE_PYTHON_INTERPRETER": sys.executable,
    }
    connection = {"api_url": netbox_server.api_url, "token": netbox_server.token}

    def run(tasks, *arguments):
        play = {
            "hosts": "localhost",
            "connection": "local",
            "gather_facts": False,
            "module_defaults": {"group/clusto.datacenter.all": connection},
            "tasks": tasks,
        }
        (tmp_path / "play.yml").write_text(yaml.safe_dump([play], sort_keys=False))
        program = shutil.which("ansible-playbook", path=str(Path(sys.executable).parent))
        done = subprocess.run(
            [program, "-i", "localhost,", str(tmp_path / "play.yml"), *arguments],
            env={k: v for k, v in environment.items() if not k.startswith("NETBOX_")},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        assert netbox_server.token not in done.stdout
        return done.stdout

    return run


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
        ("00:11:22:33:44:55", ":".join(["02", *(f"{random.randrange(256):02x}" for _ in range(5))])),
    ):
        text = text.replace(old, new)
    return text


def test_every_example_runs(ansible_playbook, unique):
    output = ansible_playbook(yaml.safe_load(examples(unique)), "--diff")
    assert "failed=0" in output
    assert "+++ after" in output


def test_the_connection_is_given_once_and_a_rehearsal_changes_nothing(ansible_playbook, unique):
    tasks = [{"name": "A pool", "clusto.datacenter.pool": {"name": unique("pool")}}]
    for arguments, changed in ((["--check"], 1), ([], 1), (["--check"], 0), ([], 0)):
        assert f"changed={changed} " in ansible_playbook(tasks, *arguments)
