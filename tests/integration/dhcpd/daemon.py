# SPDX-License-Identifier: BSD-2-Clause
"""The program clusto-dhcpd, running in a namespace, with its log as data."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tools.lab.wire import Namespace, Wire
from tools.lab.wire_forward import Forward

PROGRAM = (sys.executable, "-m", "clusto.dhcpd")
PATIENCE = 120.0  # seconds; how long anything takes is nobody's claim


class Daemon:
    """Started in `host`, where NetBox is reachable until `cut_off`."""

    def __init__(self, wire: Wire, host: Namespace, api_url: str, token: str) -> None:
        self.wire = wire
        self.host = host
        self._target = (urlsplit(api_url).hostname or "", urlsplit(api_url).port or 80)
        self.directory = wire.directory / f"dhcpd-{host.name}"
        self.directory.mkdir()
        self.log_path = self.directory / "log"
        self._first: dict[str, Any] = {
            "api_url": f"http://127.0.0.1:{self._target[1]}",
            "token": token,
            "refresh_interval": 1,
            "timeout": 15,
            "snapshot_path": str(self.directory / "inventory"),
        }
        self._running = ""
        self.process: subprocess.Popen[bytes] | None = None
        self._forward: Forward | None = None
        self.begin()

    def begin(self) -> None:
        """Forget what was logged, and go back to the first settings."""
        self.settings = dict(self._first)
        self.tables = ""
        self._begun = len(self._all())
        self.reconnect()

    @property
    def config(self) -> Path:
        """The configuration as a file, written anew."""
        path = self.directory / "dhcpd.toml"
        lines = [f"{key} = {json.dumps(value)}\n" for key, value in self.settings.items()]
        path.write_text("".join(lines) + self.tables)
        return path

    def serve(self) -> None:
        """See to it that the server runs with these settings."""
        if self.process is None or self.process.poll() is not None or self._running != self.config.read_text():
            self.stop()
            self.start()

    def start(self) -> None:
        """Start, and wait until it serves."""
        before = len(self.lines())
        self._running = self.config.read_text()
        self.process = self.wire.start(self.host, [*PROGRAM, "--config", self.config], output=self.log_path)
        self.wait(lambda line: line["message"] == "serving", since=before)

    def stop(self) -> int:
        """Stop politely and give the exit status; 0 if it does not run."""
        if self.process is None or self.process.poll() is not None:
            return 0
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=PATIENCE)

    def cut_off(self) -> None:
        """Make NetBox unreachable."""
        assert self._forward is not None
        self._forward.close()
        self._forward = None

    def reconnect(self) -> None:
        if self._forward is None:
            self._forward = self.wire.forward(self.host, self._target)

    def lines(self) -> list[dict[str, Any]]:
        """Give what was logged since `begin`."""
        return self._all()[self._begun :]

    def _all(self) -> list[dict[str, Any]]:
        if not self.log_path.exists():
            return []
        text = self.log_path.read_text()
        return [json.loads(line) for line in text[: text.rfind("\n") + 1].splitlines()]

    def warnings(self) -> list[dict[str, Any]]:
        """Give the warnings of packets; what others left in NetBox may cause further ones."""
        return [line for line in self.lines() if line["level"] == "warning" and "interface" in line]

    def expect(self, mac: str, expected: list[tuple[str, str | None]]) -> None:
        """Wait until the log has these transactions of a client, and no others."""
        deadline = time.monotonic() + PATIENCE
        while self.transactions(mac) != expected and time.monotonic() < deadline:
            time.sleep(0.05)
        assert self.transactions(mac) == expected

    def transactions(self, mac: str) -> list[tuple[str, str | None]]:
        """What that client asked, and what it was replied."""
        lines = (line for line in self.lines() if line["message"] == "transaction" and line["mac"] == mac)
        return [(line["request"], line["reply"]) for line in lines]

    def wait(self, matches: Callable[[dict[str, Any]], bool], since: int = 0) -> dict[str, Any]:
        """Give the first line of the log that matches, as soon as it is there."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            for line in self.lines()[since:]:
                if matches(line):
                    return line
            if self.process is not None and self.process.poll() is not None:
                break
            time.sleep(0.05)
        raise AssertionError(f"no such line in the log of {self.host.name}:\n{self.log_path.read_text()}")
