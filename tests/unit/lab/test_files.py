# SPDX-License-Identifier: BSD-2-Clause
from __future__ import annotations

import os
import subprocess
from pathlib import Path

from tools.lab import quickstart
from tools.lab.files import write_private
from tools.lab.instance import NetBoxServer


def test_only_the_owner_reads_it_also_when_it_replaces_an_open_one(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_text("old")
    path.chmod(0o666)
    write_private(path, "new")
    assert path.read_text() == "new"
    assert path.stat().st_mode & 0o777 == 0o600
    assert [p.name for p in tmp_path.iterdir()] == ["secret"]


def test_a_shell_reads_the_environment_as_it_was_meant(tmp_path: Path) -> None:
    server = NetBoxServer("http://127.0.0.1:8000", 'it\'s $HOME `id` "x"')
    path = tmp_path / "env"
    path.write_text(quickstart.env_text(server))
    shown = subprocess.run(
        ["sh", "-c", '. "$0"; printf "%s\\n%s" "$NETBOX_API" "$NETBOX_TOKEN"', path],
        check=True, capture_output=True, text=True, env={"PATH": os.defpath},
    ).stdout  # fmt: skip
    assert shown == f"{server.api_url}\n{server.token}"


def test_a_token_is_in_no_representation() -> None:
    assert "secret" not in repr(NetBoxServer("http://127.0.0.1:8000", "secret", "secret"))
