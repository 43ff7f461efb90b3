# SPDX-License-Identifier: BSD-2-Clause
from __future__ import annotations

from pathlib import Path

import pytest

from tools.lab.errors import LabError
from tools.lab.instance import Instance, socket_directory
from tools.lab.netbox import Secrets


def test_sockets_are_near_where_their_path_is_short_enough() -> None:
    assert socket_directory(Path("/srv/checkout/.quickstart")) == Path("/srv/checkout/.quickstart/run")


@pytest.mark.parametrize("length", range(60, 130))
def test_no_socket_path_is_longer_than_the_kernel_takes(length: int) -> None:
    home = Path("/" + "x" * (length - 1))
    assert len(f"{socket_directory(home)}/.s.PGSQL.5432.lock") <= 107
    assert socket_directory(home).is_relative_to("/run") or socket_directory(home).parent == home


def test_long_paths_have_socket_directories_of_their_own() -> None:
    assert socket_directory(Path("/" + "x" * 200)) != socket_directory(Path("/" + "y" * 200))


def test_what_was_never_started_has_nothing_to_give_or_to_stop(tmp_path: Path) -> None:
    instance = Instance(tmp_path)
    assert instance.port is None
    assert instance.secrets is None
    assert instance.stop() == []
    with pytest.raises(LabError, match="no NetBox was ever started"):
        _ = instance.server


def test_secrets_are_made_once_and_private(tmp_path: Path) -> None:
    path = tmp_path / "secrets.json"
    made = Secrets.kept_in(path)
    assert Secrets.kept_in(path) == made != Secrets()
    assert path.stat().st_mode & 0o777 == 0o600
    assert made.token not in repr(made)
    assert made.password not in repr(made)
