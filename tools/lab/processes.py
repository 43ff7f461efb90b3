# SPDX-License-Identifier: BSD-2-Clause
"""Daemons without a service manager: started detached, known by pid and start time, ended exactly."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from . import commands
from .errors import LabError

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


@dataclass(frozen=True)
class Process:
    """A process that cannot be mistaken for a later one with the same pid."""

    pid: int
    started: str  # clock ticks since boot, proc(5) stat field 22
    boot: str
    group: int = field(default=0, compare=False)

    @classmethod
    def of(cls, pid: int) -> Process | None:
        """None when there is no such process, or only its zombie."""
        try:
            # The second field is the name in parentheses and may itself hold blanks and parentheses.
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            return None
        return None if fields[0] == "Z" else cls(pid, fields[19], _BOOT_ID.read_text().strip(), int(fields[2]))

    @property
    def alive(self) -> bool:
        return Process.of(self.pid) == self


@dataclass(frozen=True)
class Daemon:
    """A program that stays: its pid file is HOME/NAME.pid, what it prints goes to HOME/log/NAME.log."""

    name: str
    home: Path
    stop_signal: signal.Signals = signal.SIGTERM

    @property
    def log(self) -> Path:
        return self.home / "log" / f"{self.name}.log"

    @property
    def running(self) -> Process | None:
        """A pid file whose process is gone, even one left by a crash of the machine, counts as not running."""
        try:
            pid, started, boot = self._pid_file.read_text().split()
            process = Process(int(pid), started, boot)
        except (FileNotFoundError, ValueError):
            return None
        return process if process.alive else None

    def start(self, command: Sequence[str], environment: Mapping[str, str], *, mortal: bool = False) -> Process:
        """Detached from the terminal and, unless `mortal`, from us. Raises LabError when it ends at once."""
        if mortal:
            command = commands.mortal(command)
        self.log.parent.mkdir(parents=True, exist_ok=True)
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
        pid = os.posix_spawnp(
            command[0],
            list(command),
            environment,
            setsid=True,
            file_actions=[
                (os.POSIX_SPAWN_OPEN, 0, "/dev/null", os.O_RDONLY, 0),
                (os.POSIX_SPAWN_OPEN, 1, str(self.log), flags, 0o600),
                (os.POSIX_SPAWN_DUP2, 1, 2),
            ],
        )
        process = Process.of(pid)
        if process is None:
            raise self.failure("ended at once")
        fresh = self._pid_file.with_suffix(".new")
        fresh.write_text(f"{process.pid} {process.started} {process.boot}\n")
        fresh.rename(self._pid_file)
        return process

    def stop(self, patience: float = 30) -> bool:
        """End it; False when it was not running."""
        return bool(stop_together([self], patience))

    def forget(self) -> None:
        self._pid_file.unlink(missing_ok=True)

    def failure(self, what: str) -> LabError:
        """An error with the end of the log, where the reason stands."""
        tail = self.log.read_text(errors="replace").splitlines()[-8:] if self.log.exists() else []
        return LabError("\n    ".join([f"{self.name} {what}; the end of {self.log}:", *tail]))

    @property
    def _pid_file(self) -> Path:
        return self.home / f"{self.name}.pid"


def stop_together(daemons: Iterable[Daemon], patience: float = 30) -> list[Daemon]:
    """Ask all of them to end, wait `patience` seconds, then kill; and what they began. Those that ran are returned."""
    running = [(daemon, process) for daemon in daemons if (process := daemon.running)]
    for daemon, process in running:
        _signal(process, daemon.stop_signal)
    deadline = time.monotonic() + patience
    for daemon, process in running:
        _await_end(process, deadline)
        if process.alive:
            _signal(process, signal.SIGKILL)
            _await_end(process, time.monotonic() + 5)
        for left in _begun_by(process):  # a worker that hangs outlives whoever should have ended it
            _signal(left, signal.SIGKILL)
            _await_end(left, time.monotonic() + 5)
        daemon.forget()
    return [daemon for daemon, _ in running]


def _begun_by(daemon: Process) -> list[Process]:
    """What is still in its process group, which is its own."""
    pids = [int(path.name) for path in Path("/proc").glob("[0-9]*")]
    return [one for pid in pids if (one := Process.of(pid)) and one.group == daemon.pid]


def _signal(process: Process, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):  # ended meanwhile
        os.kill(process.pid, number)


def _await_end(process: Process, deadline: float) -> None:
    while process.alive and time.monotonic() < deadline:
        time.sleep(0.05)
    with contextlib.suppress(ChildProcessError):  # not our own child
        os.waitpid(process.pid, os.WNOHANG)
