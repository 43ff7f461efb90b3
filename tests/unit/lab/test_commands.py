# SPDX-License-Identifier: BSD-2-Clause
from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tools.lab import places
from tools.lab.commands import attended_together


def test_programs_run_together_and_each_line_says_whose_it_is(capfd: pytest.CaptureFixture[str]) -> None:
    programs = {
        "one": [sys.executable, "-c", "print('a'); print('b'); raise SystemExit(3)"],
        "two": [sys.executable, "-c", "print('c', end='')"],
    }
    assert attended_together(programs, places.ROOT) == [3, 0]
    printed = capfd.readouterr().out.replace("two: c", "two: c\n")
    assert sorted(filter(None, printed.split("\n"))) == ["one: a", "one: b", "two: c"]


def test_processes_that_share_tests_run_each_file_once(tmp_path: Path) -> None:
    ran, claims, tests = tmp_path / "ran", tmp_path / "claims", tmp_path / "tests"
    claims.mkdir()
    tests.mkdir()
    for name in "abcdef":
        body = "\n".join(
            f"def test_{number}(): open({str(ran)!r}, 'a').write('{name}{number} ')" for number in range(3)
        )
        (tests / f"test_{name}.py").write_text(body)
    command = [sys.executable, "-m", "pytest", "-p", "tests.shares", f"--claims={claims}"]
    command += ["--override-ini=addopts=", f"--rootdir={tests}", str(tests)]
    statuses = attended_together({"1": command, "2": command}, places.ROOT)
    assert set(statuses) <= {0, 5}  # 5: the other one was done with all before it began
    assert sorted(ran.read_text().split()) == [f"{name}{number}" for name in "abcdef" for number in range(3)]
