# SPDX-License-Identifier: BSD-2-Clause
from __future__ import annotations

import json
from pathlib import Path

import pytest

from tools.lab import stage
from tools.lab.errors import LabError

GONE = {"server": "server-000000-2", "client": "client-000000-3", "segment": "segment-000000-1"}


def test_where_nothing_runs_there_is_no_network(tmp_path: Path) -> None:
    with pytest.raises(LabError, match="no DHCP server runs here"):
        stage.current(tmp_path)
    assert not stage.stop(tmp_path)


def test_what_a_killed_one_left_is_no_network_and_goes(tmp_path: Path) -> None:
    (tmp_path / "stage.json").write_text(json.dumps(GONE))
    (tmp_path / "dhcpd.pid").write_text("1 0 another-boot\n")
    with pytest.raises(LabError, match="no DHCP server runs here"):
        stage.current(tmp_path)
    assert not stage.stop(tmp_path)
    assert not (tmp_path / "stage.json").exists()
