# SPDX-License-Identifier: BSD-2-Clause
"""Ansible's programs beside a configuration file of the inventory plugin, on the real NetBox."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from clusto.netbox.client import Client, Settings

from ..conftest import NetBoxServer
from ..mirror.world import World, build

ROOT = Path(__file__).parents[3]
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="package")
def world(netbox_server: NetBoxServer) -> World:
    with Client(Settings(netbox_server.api_url, netbox_server.token)) as client:
        return build(client, uuid.uuid4().hex[:6])


@pytest.fixture
def run(netbox_server: NetBoxServer, tmp_path: Path) -> Run:
    """Run a program of Ansible's beside a configuration file `dc.clusto.yml` with these options."""
    collection = tmp_path / "collections/ansible_collections/clusto/datacenter"
    collection.parent.mkdir(parents=True)
    collection.symlink_to(ROOT)

    def run(
        program: str, *arguments: str, environ: dict[str, str] | None = None, more: str = "", **options: Any
    ) -> Any:
        config = yaml.safe_dump({"plugin": "clusto.datacenter.inventory", **options}) + more
        (tmp_path / "dc.clusto.yml").write_text(config)
        own = {
            "ANSIBLE_COLLECTIONS_PATH": str(tmp_path / "collections"),
            "ANSIBLE_LOCAL_TEMP": str(tmp_path / "local"),
            "ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED": "true",
            "NETBOX_API": netbox_server.api_url,
            "NETBOX_TOKEN": netbox_server.token,
        }
        return subprocess.run(
            [str(Path(sys.executable).parent / program), "-i", "dc.clusto.yml", *arguments],
            cwd=tmp_path,
            env={**os.environ, **own, **(environ or {})},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    return run


def listed(run: Run, **options: Any) -> dict[str, Any]:
    answer = run("ansible-inventory", "--list", **options)
    assert answer.returncode == 0, answer.stderr
    found: dict[str, Any] = json.loads(answer.stdout)
    return found


def safe(name: str) -> str:
    return name.replace("-", "_")
