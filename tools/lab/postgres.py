# SPDX-License-Identifier: BSD-2-Clause
"""A PostgreSQL of our own: its data directory, its socket, no TCP port. The machine's own servers are not touched."""

from __future__ import annotations

import shutil
import signal
import time
from dataclasses import dataclass
from pathlib import Path

from .commands import clean_environment, give, run, unprivileged
from .errors import LabError
from .processes import Daemon

MINIMUM = 15  # NetBox 4.7
OWNER = "netbox"  # the cluster's superuser and the name of NetBox's database


def daemon(home: Path) -> Daemon:
    # SIGINT is PostgreSQL's fast shutdown: open sessions are ended, nothing is lost.
    return Daemon("postgresql", home, signal.SIGINT)


@dataclass(frozen=True)
class Server:
    """An installed PostgreSQL."""

    major: int
    bin: Path

    @classmethod
    def all_installed(cls, base: Path = Path("/usr/lib/postgresql")) -> list[Server]:
        """Debian's packages, newest first, whether or not the machine has clusters of them."""
        found = [cls(int(program.parts[-3]), program.parent) for program in base.glob("[0-9]*/bin/postgres")]
        return sorted(found, key=lambda server: -server.major)

    @classmethod
    def installed(cls) -> Server:
        """The newest one. Raises LabError when that is too old for NetBox."""
        found = cls.all_installed()
        if not found or found[0].major < MINIMUM:
            have = ", ".join(str(server.major) for server in found) or "none"
            raise LabError(f"NetBox needs PostgreSQL {MINIMUM} or later; installed: {have}")
        return found[0]


@dataclass(frozen=True)
class Cluster:
    """`home/pg` holds the data, `sockets` the socket (a path short enough for one)."""

    server: Server
    home: Path
    sockets: Path

    @property
    def data(self) -> Path:
        return self.home / "pg"

    @property
    def daemon(self) -> Daemon:
        return daemon(self.home)

    def create(self) -> None:
        """An empty cluster. The socket's directory is closed to others, hence `trust`."""
        give(self.data)
        run(
            self._as_owner(
                "initdb", "-D", str(self.data), "-U", OWNER, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8"
            ),
            clean_environment(),
            what="initdb",
        )

    def clone(self, template: Path) -> None:
        """A copy of a data directory that was shut down cleanly."""
        copy = self.data.with_suffix(".copy")
        shutil.rmtree(copy, ignore_errors=True)
        run(["cp", "-a", "--reflink=auto", str(template), str(copy)], what="copying the database")
        copy.rename(self.data)

    def start(self, *options: str, mortal: bool = False) -> None:
        if self.daemon.running:
            return
        self._forget_dead_server()
        # A try-out and tests: a power cut may cost the last second, never the consistency.
        # JIT: NetBox's large queries on small tables take up to ten times as long when they are compiled first.
        fast = ("synchronous_commit=off", "jit=off")
        settings = ("listen_addresses=", f"unix_socket_directories={self.sockets}", *fast, *options)
        command = self._as_owner("postgres", "-D", str(self.data), *(f"--{setting}" for setting in settings))
        self.daemon.start(command, clean_environment(), mortal=mortal)
        self._await_ready()

    def create_database(self) -> None:
        command = self._as_owner("createdb", "-h", str(self.sockets), "-U", OWNER, OWNER)
        run(command, clean_environment(), what="createdb")

    def dump(self, path: Path) -> None:
        """Write the database to a file, in a directory of the unprivileged user's."""
        to = ("--format=custom", f"--file={path}")
        run(
            self._as_owner("pg_dump", "-h", str(self.sockets), "-U", OWNER, *to, OWNER),
            clean_environment(),
            what="pg_dump",
        )

    def _await_ready(self, patience: float = 60) -> None:
        """Recovery after a crash may take a while."""
        deadline = time.monotonic() + patience
        probe = self._as_owner("pg_isready", "-q", "-h", str(self.sockets))
        while True:
            if not self.daemon.running:
                raise self.daemon.failure("ended while it started")
            try:
                run(probe, clean_environment(), what="pg_isready")
            except LabError:
                if time.monotonic() > deadline:
                    raise self.daemon.failure(f"does not answer after {patience:.0f} s") from None
                time.sleep(0.1)
            else:
                return

    def _forget_dead_server(self) -> None:
        """After a crash the lock file names a pid that may belong to anybody by now, and PostgreSQL would not start.

        A postmaster's working directory is its data directory: that tells whether it is ours that still runs.
        """
        lock = self.data / "postmaster.pid"
        if not lock.exists():
            return
        pid = lock.read_text().split("\n", 1)[0].strip()
        if (
            pid.isdecimal()
            and (working := Path(f"/proc/{pid}/cwd")).exists()
            and working.resolve() == self.data.resolve()
        ):
            raise LabError(
                f"a PostgreSQL that this checkout did not start (process {pid}) runs on {self.data}; end it first"
            )
        lock.unlink()
        for left in self.sockets.glob(".s.PGSQL.*"):
            left.unlink()

    def _as_owner(self, program: str, *arguments: str) -> list[str]:
        return unprivileged((self.data, self.sockets), [str(self.server.bin / program), *arguments])
