# SPDX-License-Identifier: BSD-2-Clause
from __future__ import annotations

import sys
from contextlib import suppress
from pathlib import Path
from textwrap import dedent
from threading import Semaphore

import pytest

from tools.lab import places
from tools.lab.commands import Together
from tools.lab.errors import LabError

PYTHON = [sys.executable, "-c"]


def test_programs_run_together_and_each_line_says_whose_it_is(capfd: pytest.CaptureFixture[str]) -> None:
    seen: list[str] = []
    with Together(places.ROOT) as programs:
        one = programs.start("one", [*PYTHON, "print('a'); print('b'); raise SystemExit(3)"], seen.append)
        two = programs.start("two", [*PYTHON, "print('c', end='')"])
        assert (one.wait(), two.wait()) == (3, 0)
    assert seen == ["a\n", "b\n"]
    printed = capfd.readouterr().out.replace("two: c", "two: c\n")
    assert sorted(filter(None, printed.split("\n"))) == ["one: a", "one: b", "two: c"]


def test_programs_hear_of_what_ends_us_and_are_waited_for(tmp_path: Path) -> None:
    body = """
        try:
            print("begun", flush=True)
            time.sleep(600)
        except KeyboardInterrupt:
            time.sleep(0.2)
            pathlib.Path(sys.argv[1]).touch()
        """
    command = [*PYTHON, "import pathlib, sys, time\n" + dedent(body)]
    marks = [tmp_path / "one", tmp_path / "two"]
    begun = Semaphore(0)
    with suppress(LabError), Together(places.ROOT) as programs:
        for mark in marks:
            programs.start(mark.name, [*command, str(mark)], lambda _: begun.release())
        for _ in marks:
            begun.acquire()
        raise LabError("another part failed")
    assert all(mark.exists() for mark in marks)


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
    with Together(places.ROOT) as programs:
        statuses = {program.wait() for program in [programs.start(name, command) for name in ("1", "2")]}
    assert statuses <= {0, 5}  # 5: the other one was done with all before it began
    assert sorted(ran.read_text().split()) == [f"{name}{number}" for name in "abcdef" for number in range(3)]
