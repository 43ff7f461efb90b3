# SPDX-License-Identifier: BSD-2-Clause
from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from tools.lab import guard, story

ROOT = Path(__file__).parents[3]


def playbook() -> Any:
    return yaml.safe_load((ROOT / story.PLAYBOOK).read_text())


def test_everything_that_the_playbook_makes_is_looked_for() -> None:
    found = {(wish.what, wish.value) for wish in guard.wishes(playbook())}
    assert found == {
        ("datacenter", "eqix-sv3"),
        ("ip manager", "192.168.1.0/24"),
        ("ip manager", "192.168.2.0/24"),
        ("pool", "pxeboot-servers"),
        ("pool", "web-servers"),
        ("name manager", "servernames"),
        ("rack layout", "201001"),
        ("rack", "sv3-001"),
        ("rack", "sv3-002"),
        ("server", "ex0000"),
        ("server", "ex0001"),
        ("MAC address", "00:11:22:33:44:55"),
        ("MAC address", "00:11:22:33:44:56"),
    }


def test_every_module_of_the_playbook_is_known() -> None:
    used = {name.removeprefix("clusto.datacenter.") for play in playbook() for task in play["tasks"] for name in task}
    assert used - {"name"} - guard.KEPT.keys() == {"bootstrap", "rack_factory"}


def test_the_datacenter_is_marked_as_made_from_here() -> None:
    [made] = [
        task["clusto.datacenter.datacenter"]
        for task in playbook()[0]["tasks"]
        if "clusto.datacenter.datacenter" in task
    ]
    assert made["name"] == guard.DATACENTER
    assert guard.MARK in made["attributes"]
