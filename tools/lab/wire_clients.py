# SPDX-License-Identifier: BSD-2-Clause
"""A running DHCP client, whose script (wire_script.py) reports every event with the lease as data."""

from __future__ import annotations

import json
import socket
import subprocess
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from types import TracebackType
from typing import Any, Self

NEW = "new_"  # how dhclient's script names what it was given (dhclient-script(8))


class NoLeaseError(Exception):
    """The event did not happen in time; the message holds the client's own output."""


@dataclass(frozen=True)
class Lease:
    """One event of a client. `options` has the client's own names and spellings; dhclient's without their `new_`."""

    event: str
    address: str | None
    options: dict[str, str]


class Client:
    """dhclient or udhcpc in one namespace."""

    def __init__(self, host: str, directory: Path) -> None:
        self.host = host
        self.directory = directory
        self.script = Path(__file__).with_name("wire_script.py")
        self.socket_path = directory / "events"
        self.log_path = directory / "log"
        self.process: subprocess.Popen[bytes] | None = None
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)

    def __enter__(self) -> Self:
        self.directory.mkdir()
        self._socket.bind(str(self.socket_path))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._socket.close()

    def wait(self, *events: str, timeout: float = 120) -> Lease:
        """Give the next event of these names (dhclient: BOUND, RENEW, …; udhcpc: bound, renew, …), skipping others.

        Raises NoLeaseError after `timeout` seconds.
        """
        deadline = monotonic() + timeout
        while (left := deadline - monotonic()) > 0:
            self._socket.settimeout(left)
            try:
                lease = _lease(json.loads(self._socket.recv(1 << 18)))
            except TimeoutError:
                break
            if lease.event in events:
                return lease
        raise NoLeaseError(f"{self.host}: none of {', '.join(events)} within {timeout} s\n{self.log()}")

    def log(self) -> str:
        """Give what the client printed so far."""
        return self.log_path.read_text(errors="replace") if self.log_path.exists() else ""

    def stop(self) -> None:
        """End the client at once; it releases nothing."""
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()


def _lease(report: dict[str, Any]) -> Lease:
    environment: dict[str, str] = report["environment"]
    given = {key.removeprefix(NEW): value for key, value in environment.items() if key.startswith(NEW)}
    options = given or {key: value for key, value in environment.items() if key.islower()}
    return Lease(report["event"], options.get("ip_address") or options.get("ip"), options)
