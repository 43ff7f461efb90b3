# SPDX-License-Identifier: BSD-2-Clause
"""The inventory plugin among what others made: complaints about what two hosts claim alone, and what NetBox renders."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from clusto.drivers import Device, Session
from clusto.mirror.listing import host_names
from clusto.mirror.load import load

from ..inventory.conftest import Run
from ..modules.conftest import Modules
from .world import Others

Listed = dict[str, Any]
KINDS = {"dcim/devices": "device", "virtualization/virtual-machines": "virtualmachine"}
DOCUMENTED = re.compile(r"\S*/dc\.clusto\.yml: ((MAC|IP) \S+ is on .+ and on .+|and \d+ more of this kind)")


@pytest.fixture(scope="module")
def names(session: Session, others: Others) -> dict[tuple[str, str], str]:
    """Endpoint and stem of each host of theirs -> what the inventory calls it."""
    called = {(host.kind, host.id): name for host, name in host_names(load(session.client, 0)).items()}
    return {
        (endpoint, stem): called[kind, record["id"]]
        for endpoint, kind in KINDS.items()
        for stem, record in others.made[endpoint].items()
    }


def test_they_are_listed(
    run: Run, modules: Modules, session: Session, others: Others, names: dict[tuple[str, str], str]
) -> None:
    answer = run("ansible-inventory", "--list", connections=True)
    assert answer.returncode == 0, answer.stderr
    hosts: dict[str, Listed] = json.loads(answer.stdout)["_meta"]["hostvars"]
    complaints = [" ".join(text.split()) for text in answer.stderr.split("[WARNING]: ")[1:]]
    assert complaints
    assert [text for text in complaints if not DOCUMENTED.fullmatch(text)] == []
    for endpoint in KINDS:
        ids = {stem: record["id"] for stem, record in others.made[endpoint].items()}
        fields = ["config_context"]
        rendered = {record["id"]: record for record in session.client.list(endpoint, id=[*ids.values()], fields=fields)}
        for stem, number in ids.items():
            told = hosts[names[endpoint, stem]]
            assert told["clusto_attributes"] == rendered[number]["config_context"], stem
            assert told["clusto_pools"] == [], stem
    switch = hosts[names["dcim/devices", "switch"]]
    info = modules.run("entity_info", entity=others.name("switch"), merged=True)["entities"][0]
    assert switch["clusto_attributes"] == info["merged"]
    ends = {port["name"]: port["connected_to"] for port in Device.get(others.name("switch")).port_info()["nic-eth"]}
    assert {name: port["connected_to"] for name, port in switch["clusto_ports"].items()} == ends
    assert ends["GigabitEthernet1/0/1"] is not None


@pytest.mark.parametrize("stem", ["nameless", "local"])
def test_one_is_told(run: Run, others: Others, names: dict[tuple[str, str], str], stem: str) -> None:
    name = names["dcim/devices", stem]
    answer = run("ansible-inventory", "--host", name, names=[name])
    told = json.loads(answer.stdout)
    assert told["clusto_status"] == "active", answer.stderr
    assert others.mark in told["clusto_driver"]
