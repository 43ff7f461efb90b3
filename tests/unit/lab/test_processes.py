# SPDX-License-Identifier: BSD-2-Clause
from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tools.lab.errors import LabError
from tools.lab.processes import Daemon, Process

SLEEP = [sys.executable, "-c", "import time; print('up', flush=True); time.sleep(600)"]
DEAF = [
    sys.executable,
    "-c",
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(600)",
]


def up(daemon: Daemon, command: list[str]) -> Process:
    """Start it and wait for its first word; a pipe would do, but its log is what a daemon has."""
    process = daemon.start(command, dict(os.environ))
    while "up" not in daemon.log.read_text():
        assert process.alive
    return process


def test_it_is_started_detached_and_ended(tmp_path: Path) -> None:
    daemon = Daemon("sleeper", tmp_path)
    process = up(daemon, SLEEP)
    assert daemon.running == process
    assert os.getsid(process.pid) == process.pid != os.getsid(0)
    assert daemon.stop()
    assert not process.alive
    assert daemon.running is None
    assert not daemon.stop()


def test_what_does_not_listen_is_killed(tmp_path: Path) -> None:
    daemon = Daemon("deaf", tmp_path)
    process = up(daemon, DEAF)
    assert daemon.stop(patience=0.1)
    assert not process.alive


def test_what_it_began_ends_with_it(tmp_path: Path) -> None:
    daemon = Daemon("parent", tmp_path)
    deaf = f"import subprocess, sys; print(subprocess.Popen([sys.executable, '-c', {DEAF[2]!r}]).pid); {SLEEP[2]}"
    up(daemon, [sys.executable, "-u", "-c", deaf])
    while daemon.log.read_text().count("up") < 2:
        assert daemon.running
    child = Process.of(int(daemon.log.read_text().split()[0]))
    assert child is not None
    assert daemon.stop()
    assert not child.alive


def test_no_later_process_with_the_same_pid_is_taken_for_it(tmp_path: Path) -> None:
    """Our own pid stands for one that the kernel has given away again."""
    me = Process.of(os.getpid())
    assert me is not None
    daemon = Daemon("gone", tmp_path)
    for stale in (f"{me.pid} {int(me.started) - 1} {me.boot}", f"{me.pid} {me.started} another-boot", "rubbish", ""):
        (tmp_path / "gone.pid").write_text(stale)
        assert daemon.running is None
        assert not daemon.stop()


def test_a_zombie_does_not_run(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as child:
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
        assert Process.of(child.pid) is None


def test_a_name_with_blanks_and_parentheses_is_read(tmp_path: Path) -> None:
    program = tmp_path / "a ) 1 (b"
    program.symlink_to("/usr/bin/sleep")
    with subprocess.Popen([program, "600"]) as child:
        process = Process.of(child.pid)
        child.send_signal(signal.SIGKILL)
    assert process is not None
    assert process.started.isdecimal()


def test_a_failure_shows_the_end_of_the_log(tmp_path: Path) -> None:
    daemon = Daemon("talker", tmp_path)
    daemon.log.parent.mkdir()
    daemon.log.write_text("".join(f"line {number}\n" for number in range(20)))
    with pytest.raises(
        LabError, match=re.compile(r"talker ended; the end of .*line 12\b.*line 19$", re.DOTALL)
    ) as error:
        raise daemon.failure("ended")
    assert "line 11" not in str(error.value)
