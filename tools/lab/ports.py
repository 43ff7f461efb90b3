# SPDX-License-Identifier: BSD-2-Clause
"""TCP ports of 127.0.0.1: is one free, and if not, who has it."""

from __future__ import annotations

import socket
from pathlib import Path

from .errors import LabError

_LISTEN = "0A"  # tcp_states.h


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def require_free(port: int) -> None:
    """Raises LabError naming the process that listens there."""
    with socket.socket() as probe:
        # As the server does: connections of an earlier run in TIME_WAIT are no hindrance.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            holder = holder_of(port)
            raise LabError(
                f"port {port} of 127.0.0.1 is busy ({holder or error.strerror}); take another one with --port"
            ) from error


def holder_of(port: int) -> str:
    """`nginx, process 812` for the process that listens on the port; empty if that cannot be known."""
    sockets = {f"socket:[{inode}]" for inode in _listening(port)}
    for fd in Path("/proc").glob("[0-9]*/fd/*") if sockets else ():
        try:
            if str(fd.readlink()) not in sockets:
                continue
            process = fd.parents[1]
            return f"{(process / 'comm').read_text().strip()}, process {process.name}"
        except OSError:
            continue  # ended meanwhile, or not ours to look into
    return ""


def _listening(port: int) -> list[str]:
    """Inodes of the sockets that listen on the port, from proc_net_tcp(5)."""
    inodes = []
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        if not Path(table).exists():
            continue
        for line in Path(table).read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == _LISTEN and int(fields[1].rpartition(":")[2], 16) == port:
                inodes.append(fields[9])
    return inodes
