# SPDX-License-Identifier: BSD-2-Clause
"""A Redis of our own: a socket, no TCP port, nothing kept on disk (NetBox holds its cache and its queue there)."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from .commands import clean_environment, unprivileged
from .processes import Daemon

# Debian's redis-tools has the program under this name and its link redis-server in a package that also brings a
# service, which nobody asked for. It goes by the name that it is called by.
PROGRAM = Path("/usr/bin/redis-check-rdb")


def daemon(home: Path) -> Daemon:
    return Daemon("redis", home)


@dataclass(frozen=True)
class Redis:
    home: Path
    sockets: Path

    @property
    def socket(self) -> Path:
        return self.sockets / "redis.sock"

    @property
    def daemon(self) -> Daemon:
        return daemon(self.home)

    def start(self, patience: float = 60, *, mortal: bool = False) -> None:
        if self.daemon.running:
            return
        program = self.home / "redis-server"
        program.unlink(missing_ok=True)
        program.symlink_to(PROGRAM)
        self.socket.unlink(missing_ok=True)
        command = [str(program), "--port", "0", "--unixsocket", str(self.socket), "--unixsocketperm", "700"]
        command += ["--save", "", "--dir", str(self.sockets)]
        self.daemon.start(unprivileged((program, self.sockets), command), clean_environment(), mortal=mortal)
        deadline = time.monotonic() + patience
        while not self.socket.is_socket():
            if not self.daemon.running or time.monotonic() > deadline:
                raise self.daemon.failure("did not start")
            time.sleep(0.05)
