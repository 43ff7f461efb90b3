# SPDX-License-Identifier: BSD-2-Clause
from __future__ import annotations

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tools.lab.cache import once

ROOT = Path(__file__).parents[3]
# Makes half of it, says so, and hangs.
HANG = """
import sys, time
from pathlib import Path
from tools.lab.cache import once
def make(directory):
    (directory / "half").write_text("")
    print("half", flush=True)
    time.sleep(600)
once(Path(sys.argv[1]), make)
"""


def make(directory: Path) -> None:
    (directory / "content").write_text("whole")


def names(directory: Path) -> set[str]:
    return {path.name for path in directory.iterdir() if not path.name.endswith(".lock")}


def test_it_is_made_once(tmp_path: Path) -> None:
    target = tmp_path / "deep" / "thing"
    assert once(target, make) == target
    assert (target / "content").read_text() == "whole"

    def never(_: Path) -> None:
        raise AssertionError

    assert once(target, never) == target


def test_what_fails_leaves_nothing(tmp_path: Path) -> None:
    def full(directory: Path) -> None:
        make(directory)
        raise OSError(28, os.strerror(28))

    with pytest.raises(OSError, match="No space left"):
        once(tmp_path / "thing", full)
    assert names(tmp_path) == set()
    assert once(tmp_path / "thing", make).is_dir()


def test_what_a_killed_maker_left_is_thrown_away(tmp_path: Path) -> None:
    target = tmp_path / "thing"
    with subprocess.Popen([sys.executable, "-c", HANG, target], cwd=ROOT, stdout=subprocess.PIPE, text=True) as maker:
        assert maker.stdout is not None
        assert maker.stdout.readline() == "half\n"
        maker.send_signal(signal.SIGKILL)
    assert not target.exists()
    assert len(names(tmp_path)) == 1
    once(target, make)
    assert names(tmp_path) == {"thing"}
    assert not (target / "half").exists()


def test_a_second_maker_waits_and_takes_what_the_first_made(tmp_path: Path) -> None:
    made: list[Path] = []

    def count(directory: Path) -> None:
        made.append(directory)
        make(directory)

    with ThreadPoolExecutor() as pool:
        results = list(pool.map(lambda _: once(tmp_path / "thing", count), range(8)))
    assert set(results) == {tmp_path / "thing"}
    assert len(made) == 1
