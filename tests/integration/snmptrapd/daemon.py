# SPDX-License-Identifier: BSD-2-Clause
"""The program clusto-snmptrapd on loopback, with its log as data, and net-snmp's programs that send to it."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from copy import copy
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import urlopen

from prometheus_client.parser import text_string_to_metric_families

from tools.lab.wire_forward import Forward, listening

PROGRAM = (sys.executable, "-m", "clusto.snmptrapd")
PATIENCE = 120.0  # seconds; how long anything takes is nobody's claim
COMMUNITY = "s3cret"
AUTH = ("MD5", "SHA", "SHA-224", "SHA-256", "SHA-384", "SHA-512")
PRIV = ("DES", "AES", "AES-192", "AES-256", "AES-192-C", "AES-256-C")
LEVELS: tuple[tuple[str | None, str | None], ...] = (
    (None, None),
    *((auth, None) for auth in AUTH),
    *(("SHA", priv) for priv in PRIV),
    ("SHA-512", "AES-256"),
    ("MD5", "AES-256-C"),  # the longest way from a short hash to a long key
)
PASSPHRASES = ("maplesyrup", "pancakes1")


def user_name(auth: str | None, priv: str | None) -> str:
    return "-".join(("u", auth or "none", priv or "none"))


def credentials(
    auth: str | None, priv: str | None, passphrases: Sequence[str] = PASSPHRASES, user: str | None = None
) -> list[str]:
    """Options of net-snmp's programs for a user of version 3."""
    level = "noAuthNoPriv" if not auth else "authNoPriv" if not priv else "authPriv"
    options = ["-v3", "-u", user or user_name(auth, priv), "-l", level]
    for protocol, passphrase, (p, w) in zip((auth, priv), passphrases, ("aA", "xX"), strict=True):
        options += [f"-{p}", protocol, f"-{w}", passphrase] if protocol else []
    return options


def free_port(kind: socket.SocketKind) -> int:
    with socket.socket(socket.AF_INET, kind) as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


class Daemon:
    """NetBox is reachable for it until `cut_off`. settings: its first ones, which are not as usual."""

    def __init__(self, directory: Path, api_url: str, token: str, **settings: Any) -> None:
        self._netbox = (urlsplit(api_url).hostname or "", urlsplit(api_url).port or 80)
        self._door = free_port(socket.SOCK_STREAM)
        self._forward: Forward | None = None
        self.directory = directory
        self.port = free_port(socket.SOCK_DGRAM)
        self.process: subprocess.Popen[bytes] | None = None
        self.asked = ""  # the configuration that it was last told to take
        self._first: dict[str, Any] = {
            "api_url": f"http://127.0.0.1:{self._door}",
            "token": token,
            "listen": [f"127.0.0.1:{self.port}", f"[::1]:{self.port}"],
            "communities": [COMMUNITY],
            "journal_path": str(directory / "journal"),
            "snapshot_path": str(directory / "inventory"),
            "coalesce_interval": 0.05,
            "refresh_interval": 1,
            "timeout": 6,
            "metrics_address": f"127.0.0.1:{free_port(socket.SOCK_STREAM)}",
            "make_servers": False,
            **settings,
        }
        self.begin()

    def begin(self) -> None:
        """Forget what was logged, and go back to the first settings."""
        self.settings = dict(self._first)
        self.users = [user(*level) for level in LEVELS]
        self.read: dict[str, dict[str, Any]] = {}
        self._begun = len(self._all())
        self.reconnect()

    @property
    def config(self) -> Path:
        """The configuration as a file, written anew."""
        path = self.directory / "snmptrapd.toml"
        tables = [self.settings, *self.users]
        texts = ["".join(f"{key} = {json.dumps(value)}\n" for key, value in table.items()) for table in tables]
        read = [
            f"[read.{name}]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in table.items())
            for name, table in self.read.items()
        ]
        path.write_text("[[users]]\n".join(texts) + "".join(read))
        return path

    def start(self) -> None:
        """Start, and wait until it serves."""
        before = len(self.lines())
        self.asked = self.config.read_text()
        with (self.directory / "log").open("ab") as log:
            command = [*PROGRAM, "--config", str(self.config)]
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self.wait(lambda line: line["message"] == "serving", since=before)

    def serve(self) -> None:
        """See to it that it runs with these settings."""
        if not self.runs:
            self.start()
        elif self.config.read_text() != self.asked:
            hang_up(self)

    @property
    def runs(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def stop(self) -> int:
        """Stop politely and give the exit status; 0 if it does not run."""
        if self.process is None or not self.runs:
            return 0
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=PATIENCE)

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run the program to its end."""
        environment = {key: value for key, value in os.environ.items() if not key.startswith("NETBOX_")}
        return subprocess.run(
            [*PROGRAM, *arguments], capture_output=True, text=True, timeout=PATIENCE, check=False, env=environment
        )

    def signal(self, number: int) -> None:
        assert self.process is not None
        os.kill(self.process.pid, number)

    def cut_off(self) -> None:
        """Make NetBox unreachable."""
        assert self._forward is not None
        self._forward.close()
        self._forward = None

    def reconnect(self) -> None:
        if self._forward is None:
            self._forward = Forward(listening(self._door), self._netbox)

    def lines(self) -> list[dict[str, Any]]:
        """Give what was logged since `begin`."""
        return self._all()[self._begun :]

    def _all(self) -> list[dict[str, Any]]:
        path = self.directory / "log"
        text = path.read_text() if path.exists() else ""
        return [json.loads(line) for line in text[: text.rfind("\n") + 1].splitlines()]

    def wait(
        self, matches: Callable[[dict[str, Any]], bool], since: int = 0, patience: float = PATIENCE
    ) -> dict[str, Any]:
        """Give the first line of the log that matches, as soon as it is there."""
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            for line in self.lines()[since:]:
                if matches(line):
                    return line
            if not self.runs:
                break
            time.sleep(0.02)
        raise AssertionError(f"no such line in the log:\n{(self.directory / 'log').read_text()}")

    def learnt(self, mac: str) -> dict[str, Any]:
        """Wait until a MAC address is told to have been learnt."""
        return self.wait(lambda line: line["message"] == "MAC address learnt" and line["mac"] == mac)

    def told(self, message: str, **fields: Any) -> dict[str, Any]:
        """Wait for a message that begins so, with these fields."""
        return self.wait(
            lambda line: (
                line["message"].startswith(message) and all(line.get(key) == value for key, value in fields.items())
            )
        )

    def page(self, path: str) -> str:
        """What it answers over HTTP."""
        with urlopen(f"http://{self.settings['metrics_address']}/{path}", timeout=PATIENCE) as answer:
            found: str = answer.read().decode()
        return found

    def metrics(self) -> dict[tuple[str, ...], float]:
        """By name and values of labels."""
        return {
            (sample.name, *sample.labels.values()): sample.value
            for family in text_string_to_metric_families(self.page("metrics"))
            for sample in family.samples
        }

    def catch_up(self) -> None:
        """Wait until it has asked NetBox what has changed until now."""
        began = time.monotonic()
        while self.metrics()["clusto_inventory_age_seconds",] >= time.monotonic() - began:
            assert time.monotonic() < began + PATIENCE
            time.sleep(0.05)

    def count(self, mac: str) -> int:
        return sum(line["message"] == "MAC address learnt" and line["mac"] == mac for line in self.lines())


def hang_up(daemon: Daemon) -> None:
    """Let it read its configuration again, and say how that went."""
    daemon.asked = daemon.config.read_text()
    before = len(daemon.lines())
    daemon.signal(signal.SIGHUP)
    daemon.wait(lambda line: "reloaded" in line["message"], since=before)


def user(auth: str | None, priv: str | None) -> dict[str, str]:
    table = {"name": user_name(auth, priv)}
    for key, protocol, passphrase in zip(("auth", "priv"), (auth, priv), PASSPHRASES, strict=True):
        table |= {key: protocol, f"{key}_passphrase": passphrase} if protocol else {}
    return table


NOTIFICATION = "1.3.6.1.4.1.9.9.215.2.0.1"
MESSAGE = "1.3.6.1.4.1.9.9.215.1.1.8.1.2"


def packed(mac: str, port: int = 3, *, operation: int = 1, vlan: int = 442) -> str:
    return f"{operation:02x}{vlan:04x}{mac.replace(':', '')}{port:04x}"


class NetSnmp:
    """Sends as net-snmp's snmptrap and snmpinform do, from an address of loopback."""

    def __init__(self, directory: Path, source: str, target: str, macs: Iterator[str]) -> None:
        self.source = source
        self.target = target
        self.macs = macs
        self._environment = {
            **os.environ,
            "MIBS": "",
            "SNMPCONFPATH": "/nonexistent",
            "SNMP_PERSISTENT_DIR": str(directory),
        }

    def at(self, source: str) -> NetSnmp:
        """The same from another address."""
        found = copy(self)
        found.source = source
        return found

    def trap(self, *options: str, messages: Sequence[str] = ()) -> str:
        """Send a trap of one tuple, whose MAC address is given, or of these cmnHistMacChangedMsg."""
        mac = next(self.macs)
        done = self._send("snmptrap", options, messages or [packed(mac) + "00"])
        assert done.returncode == 0, done.stderr
        return mac

    def inform(self, *options: str, extra: Sequence[str] = ()) -> str:
        """Send an INFORM of one tuple, see it acknowledged, and give its MAC address. extra: further variables."""
        mac = next(self.macs)
        self.inform_of([packed(mac) + "00"], *options, extra=extra)
        return mac

    def inform_of(self, messages: Sequence[str], *options: str, extra: Sequence[str] = ()) -> None:
        """Send an INFORM of these cmnHistMacChangedMsg, and see it acknowledged."""
        done = self._send("snmpinform", ("-t10", "-r2", *options), messages, extra)
        assert done.returncode == 0, done.stderr

    def refused(self, *options: str) -> str:
        """Send an INFORM that is not acknowledged; gives what the program says."""
        done = self._send("snmpinform", ("-t0.3", "-r0", *options), [packed(next(self.macs)) + "00"])
        assert done.returncode != 0
        return done.stderr

    def begin(self, *options: str, messages: Sequence[str]) -> subprocess.Popen[bytes]:
        """Begin to send an INFORM."""
        command = self._command("snmpinform", options, messages)
        quiet = subprocess.DEVNULL
        return subprocess.Popen(command, stdin=quiet, stdout=quiet, stderr=quiet, env=self._environment)

    def _send(
        self, program: str, options: Sequence[str], messages: Sequence[str], extra: Sequence[str] = ()
    ) -> subprocess.CompletedProcess[str]:
        command = [*self._command(program, options, messages), *extra]
        return subprocess.run(
            command, capture_output=True, text=True, timeout=PATIENCE, check=False, env=self._environment
        )

    def _command(self, program: str, options: Sequence[str], messages: Sequence[str]) -> list[str]:
        # Version 1 has fields of its own in place of sysUpTime and snmpTrapOID.
        head = ["1.3.6.1.4.1.9.9.215.2", "", "6", "1", ""] if "-v1" in options else ["", NOTIFICATION]
        variables = [word for n, octets in enumerate(messages, 1) for word in (f"{MESSAGE}.{n}", "x", octets)]
        source = [f"--clientaddr={self.source}"] if ":" not in self.source else []
        return [program, *options, *source, self.target, *head, *variables]
