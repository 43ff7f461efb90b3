# SPDX-License-Identifier: BSD-2-Clause
from __future__ import annotations

import json
import os
import zlib
from pathlib import Path

import pytest

from clusto.mirror.feed import Position
from clusto.mirror.inventory import Inventory
from clusto.mirror.model import Host
from clusto.mirror.snapshot import LINE, Saved, SnapshotError, restore, save

URL = "http://netbox.example.com"
SAVED = Saved(
    Inventory(
        api_url=URL,
        loaded_at=12.5,
        hosts=[Host("device", 1, "web1", "server", "basicserver", "active", attributes={"dhcp": {"enabled": 1}})],
    ),
    Position(9, "9ea1f2a4", frozenset({3, 9})),
)


def test_what_was_saved_is_restored_and_only_the_owner_can_read_it(tmp_path: Path) -> None:
    path = tmp_path / "mirror"
    path.write_text("older")
    path.chmod(0o644)
    save(SAVED, path)
    assert restore(path, URL) == SAVED
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_hosts_in_several_lines_keep_their_order(tmp_path: Path) -> None:
    hosts = [Host("device", n, f"web{n}", "server", "basicserver", "active") for n in range(2 * LINE + 1)]
    many = Saved(Inventory(api_url=URL, loaded_at=12.5, hosts=hosts), Position())
    save(many, tmp_path / "mirror")
    assert restore(tmp_path / "mirror", URL) == many


def test_what_a_killed_save_left_is_cleared_in_time(tmp_path: Path) -> None:
    old, new = tmp_path / ".mirror.abc", tmp_path / ".mirror.def"
    for leftover in (old, new):
        leftover.write_text("half")
    os.utime(old, (1, 1))
    save(SAVED, tmp_path / "mirror")
    assert sorted(tmp_path.iterdir()) == [new, tmp_path / "mirror"]


def test_failed_save_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "mirror"
    path.mkdir()  # a directory cannot be replaced by a file
    with pytest.raises(IsADirectoryError):
        save(SAVED, path)
    assert list(tmp_path.iterdir()) == [path]


def test_save_into_a_missing_directory_says_so(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        save(SAVED, tmp_path / "nowhere" / "mirror")


def test_every_truncation_and_every_flipped_byte_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "mirror"
    save(SAVED, path)
    whole = path.read_bytes()
    damaged = [whole[:n] for n in range(len(whole))]
    damaged += [whole[:n] + bytes([whole[n] ^ 0x55]) + whole[n + 1 :] for n in range(len(whole))]
    for content in damaged:
        path.write_bytes(content)
        with pytest.raises(SnapshotError, match=r"snapshot .* is damaged"):
            restore(path, URL)


def test_another_netbox_version_and_missing_file_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "mirror"
    with pytest.raises(SnapshotError, match="cannot be read: No such file"):
        restore(path, URL)
    save(SAVED, path)
    with pytest.raises(SnapshotError, match=r"it is of http://netbox\.example\.com, expected http://other"):
        restore(path, "http://other")
    path.write_bytes(zlib.compress(json.dumps({"version": 99}).encode()))
    with pytest.raises(SnapshotError, match="version 99, expected 2"):
        restore(path, URL)
