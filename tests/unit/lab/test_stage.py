# SPDX-License-Identifier: BSD-2-Clause
from __future__ import annotations

import json
from pathlib import Path

import pytest

from clusto.dhcpd import config as dhcpd
from clusto.snmptrapd import config as snmptrapd
from tools.lab import stage
from tools.lab.errors import LabError

GONE = {
    "server": "server-000000-3",
    "client": "client-000000-4",
    "switch": "switch-000000-5",
    "segment": "segment-000000-1",
    "management": "segment-000000-2",
}


def test_where_nothing_runs_there_is_no_network(tmp_path: Path) -> None:
    with pytest.raises(LabError, match="no DHCP server and trap listener run here"):
        stage.current(tmp_path)
    assert stage.stop(tmp_path) == []


def test_what_a_killed_one_left_is_no_network_and_goes(tmp_path: Path) -> None:
    (tmp_path / "stage.json").write_text(json.dumps(GONE))
    for name in ("stage", "dhcpd", "snmptrapd"):
        (tmp_path / f"{name}.pid").write_text("1 0 another-boot\n")
    with pytest.raises(LabError, match="no DHCP server and trap listener run here"):
        stage.current(tmp_path)
    assert stage.stop(tmp_path) == []
    assert not (tmp_path / "stage.json").exists()


def test_the_programs_accept_what_they_are_configured_with(tmp_path: Path) -> None:
    environ = {"NETBOX_API": "http://127.0.0.1:8000", "NETBOX_TOKEN": "t" * 40}
    for module, document in zip((dhcpd, snmptrapd), stage.configurations(tmp_path), strict=True):
        module.validate(document, environ, "configuration")
