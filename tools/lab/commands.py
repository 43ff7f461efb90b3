# SPDX-License-Identifier: BSD-2-Clause
"""Running the programs of the machine: as an unprivileged user, and never outliving us unless meant to."""

from __future__ import annotations

import os
import pwd
import signal
import stat
import subprocess
import threading
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self, cast

from .errors import LabError

USER = "nobody"  # every system has it, and it owns nothing; PostgreSQL refuses to run as root


def clean_environment(**extra: str) -> dict[str, str]:
    """What a daemon needs, and nothing of the user's shell: no PG*, PYTHON* or DJANGO* variable, no token."""
    kept = {name: os.environ[name] for name in ("PATH", "TZ", "LANG") if name in os.environ}
    return {"PATH": os.defpath, "LANG": "C.UTF-8"} | kept | extra


def give(path: Path, mode: int = 0o700) -> Path:
    """A directory of the unprivileged user's own."""
    path.mkdir(parents=True, exist_ok=True)
    path.chmod(mode)
    account = pwd.getpwnam(USER)
    os.chown(path, account.pw_uid, account.pw_gid)
    return path


def unprivileged(paths: Iterable[Path], command: Sequence[str]) -> list[str]:
    """The command as USER, who must be able to read `paths`.

    Where one lies below a directory that is closed to others, such as /root, it may search and read everything
    (CAP_DAC_READ_SEARCH), but write nothing more.
    """
    account = pwd.getpwnam(USER)
    capabilities = "-all,+dac_read_search" if any(not _open_to_all(path) for path in paths) else "-all"
    return [
        *("setpriv", "--reuid", str(account.pw_uid), "--regid", str(account.pw_gid), "--clear-groups"),
        *("--no-new-privs", f"--inh-caps={capabilities}", f"--ambient-caps={capabilities}"),
        *(f"--bounding-set={capabilities}", "--"),
        *command,
    ]


def _open_to_all(path: Path) -> bool:
    """Links are followed too: the interpreter of a virtual environment is one."""
    ways = {*path.absolute().parents, *path.resolve().parents}
    return all(way.stat().st_mode & stat.S_IXOTH for way in ways)


def mortal(command: Sequence[str]) -> list[str]:
    """The command, killed when we are: a killed quickstart leaves nobody writing into a half-made directory.

    A change of user forgets the request (prctl(2), PR_SET_PDEATHSIG), so it goes into the same setpriv.
    """
    rest = command[1:] if command[0] == "setpriv" else ("--", *command)
    return ["setpriv", "--pdeathsig", "KILL", *rest]


def run(
    command: Sequence[str],
    environment: Mapping[str, str] | None = None,
    *,
    what: str,
    line: Callable[[str], None] = lambda _: None,
    stdin: str = "",
) -> str:
    """Runs to the end and returns what it printed; `line` sees each line as it comes.

    Raises LabError with the last lines when it fails.
    """
    try:
        process = subprocess.Popen(
            mortal(command),
            env=None if environment is None else dict(environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
    except FileNotFoundError as error:
        raise LabError(f"{what}: the program setpriv (package util-linux) is missing") from error
    printed: deque[str] = deque(maxlen=5000)
    with process:
        with cast("IO[str]", process.stdin) as end:
            end.write(stdin)
        for text in cast("IO[str]", process.stdout):
            printed.append(text)
            line(text)
    if process.returncode:
        raise LabError(
            "\n    ".join([f"{what} failed (exit {process.returncode}):", *map(str.rstrip, list(printed)[-8:])])
        )
    return "".join(printed)


def attended(command: Sequence[str], directory: Path, environment: Mapping[str, str] | None = None) -> int:
    """Run a program whose output is for the user, and give its exit status.

    It hears of an interruption once, from us (a process group of its own is out of the terminal's reach), or from the
    kernel when we are killed; and it is waited for, since it may have things to take away.
    """
    with _attended(command, directory, environment) as process:
        try:
            return process.wait()
        except KeyboardInterrupt:
            process.send_signal(signal.SIGINT)
            process.wait()
            raise


class Attended:
    """A program of which each line is printed behind a name; `line` sees it too."""

    def __init__(self, name: str, process: subprocess.Popen[str], line: Callable[[str], object]) -> None:
        self._name = name
        self._process = process
        self._line = line
        self._printer = threading.Thread(target=self._pass_on)
        self._printer.start()

    def interrupt(self) -> None:
        self._process.send_signal(signal.SIGINT)

    def wait(self) -> int:
        """Its exit status, when all that it printed has been passed on."""
        self._printer.join()
        return self._process.wait()

    def _pass_on(self) -> None:
        with cast("IO[str]", self._process.stdout) as lines:
            for text in lines:
                print(f"{self._name}: {text}", end="", flush=True)
                self._line(text)


class Together:
    """Programs that run at once. They hear of what ends us, and are waited for.

    `with Together(directory) as programs: first, second = programs.start(…), programs.start(…); first.wait()`
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._started: list[Attended] = []

    def start(self, name: str, command: Sequence[str], line: Callable[[str], object] = lambda _: None) -> Attended:
        process = _attended(command, self._directory, stdout=subprocess.PIPE, text=True, errors="replace")
        self._started.append(Attended(name, process, line))
        return self._started[-1]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if kind is not None:
            for program in self._started:
                program.interrupt()
        for program in self._started:
            program.wait()


def _attended(
    command: Sequence[str], directory: Path, environment: Mapping[str, str] | None = None, **options: Any
) -> subprocess.Popen[Any]:
    return subprocess.Popen(
        ["setpriv", "--pdeathsig", "INT", "--", *command],
        cwd=directory,
        env=None if environment is None else dict(environment),
        stdin=subprocess.DEVNULL,
        process_group=0,
        **options,
    )
