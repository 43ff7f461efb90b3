# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.clusto.datacenter.plugins.module_utils.core.errors import InvalidError, UnavailableError
from ansible_collections.clusto.datacenter.plugins.module_utils.edge.reading import Snapshots, read
from ansible_collections.clusto.datacenter.plugins.module_utils.netbox.settings import Settings

HERE = Settings("http://127.0.0.1:1", "0123456789abcdef", timeout=1)


def test_each_netbox_and_each_token_has_a_file_of_its_own_in_a_private_directory(tmp_path: Path) -> None:
    kept = Snapshots(str(tmp_path / "a/b"))
    connections = [HERE, Settings(HERE.api_url, "another"), Settings("http://127.0.0.1:2", HERE.token)]
    paths = {kept.path(connection) for connection in connections}
    assert len(paths) == 3
    assert kept.path(HERE) in paths
    assert (tmp_path / "a/b").stat().st_mode & 0o777 == 0o700
    assert not [path for path in paths if HERE.token in str(path)]


def test_directory_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(InvalidError, match=r"snapshot_dir '.*/file/kept' cannot be made: Not a directory"):
        Snapshots(str(tmp_path / "file/kept")).path(HERE)


@pytest.mark.parametrize("fresh", [False, True])
def test_snapshot_that_cannot_be_used_is_said_and_netbox_is_named(tmp_path: Path, *, fresh: bool) -> None:
    said: list[str] = []
    kept = Snapshots(str(tmp_path))
    kept.path(HERE).write_bytes(b"damaged")
    with pytest.raises(UnavailableError, match=r"http://127\.0\.0\.1:1"):
        read(HERE, kept, said.append, fresh=fresh, connections=False)
    assert kept.path(HERE).read_bytes() == b"damaged"
    assert bool(said) is not fresh
