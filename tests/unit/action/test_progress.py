# SPDX-License-Identifier: GPL-3.0-or-later
"""What a module tells of a long list is shown while it runs."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml
from ansible_collections.clusto.datacenter.plugins.action.progress import ActionModule, Watch
from ansible_collections.clusto.datacenter.plugins.module_utils.core.progress import LONG, VARIABLE
from ansible_collections.clusto.datacenter.plugins.module_utils.ensure.batch import progress

ROOT = Path(__file__).parents[3]


def test_lines_are_shown_and_nothing_is_left(monkeypatch, capsys):
    with Watch() as watch:
        monkeypatch.setenv(VARIABLE, str(watch.path))
        progress("servers: 100 of 200 devices made", 200)
        progress("servers: 1 of 1 devices made", 1)
    assert capsys.readouterr().out == "servers: 100 of 200 devices made\n"
    assert not watch.path.parent.exists()


def test_nobody_waits_for_it(monkeypatch):
    monkeypatch.delenv(VARIABLE, raising=False)
    progress("servers: 100 of 200 devices made", 200)
    monkeypatch.setenv(VARIABLE, "/nonexistent/progress")
    progress("servers: 100 of 200 devices made", 200)


def action(items, *, transport="local", become=False, async_val=0):
    made = object.__new__(ActionModule)
    made._task = SimpleNamespace(args={"servers": items}, async_val=async_val)
    made._connection = SimpleNamespace(transport=transport)
    made._play_context = SimpleNamespace(become=become)
    return made


@pytest.mark.parametrize(
    ("given", "watched"),
    [
        ({}, True),
        ({"items": [{}] * (LONG - 1)}, False),
        ({"items": None}, False),
        ({"transport": "ssh"}, False),
        ({"become": True}, False),
        ({"async_val": 60}, False),
    ],
)
def test_only_what_runs_here_and_is_long_is_watched(given, watched):
    made = action(**{"items": [{}] * LONG, **given})
    assert (made._is_long() and made._is_here()) is watched


def test_every_module_with_a_list_goes_through_it():
    routed = yaml.safe_load((ROOT / "meta/runtime.yml").read_text())["plugin_routing"]["modules"]
    assert set(routed) == {"attribute", "connection", "device", "ip_binding", "pool", "rack_factory", "server"}
    assert {one["action_plugin"] for one in routed.values()} == {"clusto.datacenter.progress"}
