# SPDX-License-Identifier: BSD-2-Clause
"""kill -9 a hundred times during a burst of INFORMs: what was acknowledged is kept, once, and acted on in the end."""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from itertools import count
from pathlib import Path

from clusto.snmp import ber
from clusto.snmp.macnotify import MAC_CHANGED, MESSAGE
from clusto.snmp.message import Version, parse
from clusto.snmp.pdu import TRAP_OID, Kind
from clusto.snmp.pdu import request_id as request_id_of

from .daemon import PATIENCE, free_port, packed

LIVES = 100
AT_ONCE = 40  # INFORMs that wait for their acknowledgement
RESEND = 0.1  # seconds


def mac_of(number: int) -> str:
    return f"02:00:{number.to_bytes(4).hex(':')}"


def inform(number: int) -> bytes:
    """The INFORM with this request-id: of a MAC address, port and switch's time of its own."""
    bindings = [
        (ber.oid("1.3.6.1.2.1.1.3.0"), ber.encoded_integer(number, ber.TIME_TICKS)),
        (TRAP_OID, ber.value(ber.OID, MAC_CHANGED)),
        (MESSAGE + b"\1", ber.value(ber.OCTET_STRING, bytes.fromhex(packed(mac_of(number), number % 48 + 1) + "00"))),
    ]
    pairs = [ber.sequence(ber.value(ber.OID, name), value) for name, value in bindings]
    pdu = b"".join(map(ber.encoded_integer, (number, 0, 0))) + ber.sequence(*pairs)
    community = ber.value(ber.OCTET_STRING, b"public")
    return ber.sequence(ber.encoded_integer(Version.V2C), community, ber.value(Kind.INFORM, pdu))


class Burst:
    """INFORMs from one switch, each sent again until it is acknowledged."""

    def __init__(self, port: int) -> None:
        self._target = ("127.0.0.1", port)
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._numbers = count(1)
        self._waiting: dict[int, float] = {}
        self.acknowledged: set[int] = set()

    def turn(self, *, more: bool) -> None:
        """Send what is due, and read what comes."""
        now = time.monotonic()
        while more and len(self._waiting) < AT_ONCE:
            self._waiting[next(self._numbers)] = 0.0
        for number, sent in self._waiting.items():
            if now - sent > RESEND:
                self._socket.sendto(inform(number), self._target)
                self._waiting[number] = now
        while select.select([self._socket], [], [], 0.005)[0]:
            message = parse(self._socket.recv(65536))
            number = request_id_of(message.data, message.pdu, len(message.data))
            self._waiting.pop(number, None)
            self.acknowledged.add(number)

    @property
    def is_over(self) -> bool:
        return not self._waiting

    def close(self) -> None:
        self._socket.close()


def test_what_was_acknowledged_is_kept_once(tmp_path: Path) -> None:
    port = free_port(socket.SOCK_DGRAM)
    settings = {
        "api_url": "http://127.0.0.1:9",
        "token": "none",
        "listen": [f"127.0.0.1:{port}"],
        "communities": ["public"],
        "journal_path": str(tmp_path / "journal"),
        "coalesce_interval": 0.01,
        "metrics_address": "",
    }
    config, acted, last = tmp_path / "config", tmp_path / "acted", tmp_path / "last"
    config.write_text("".join(f"{key} = {json.dumps(value)}\n" for key, value in settings.items()))
    command = [sys.executable, "-m", "tests.integration.snmptrapd.lives", str(config), str(LIVES)]
    burst = Burst(port)
    with (tmp_path / "log").open("wb") as log:
        seed = os.environ.get("CLUSTO_SEED", "4")
        lives = subprocess.Popen([*command, seed, str(acted), str(last)], stderr=log)
    while not last.exists():
        assert lives.poll() is None, (tmp_path / "log").read_text()
        burst.turn(more=True)
    deadline = time.monotonic() + PATIENCE
    while not burst.is_over and time.monotonic() < deadline:
        burst.turn(more=False)
    burst.close()
    kept = Counter(mac for line in journal(tmp_path / "journal") for mac in line)
    while set(acted.read_text().split()) != set(kept) and time.monotonic() < deadline:
        time.sleep(0.02)
    lives.send_signal(signal.SIGTERM)
    assert lives.wait(timeout=PATIENCE) == 0
    assert burst.is_over
    assert len(burst.acknowledged) > LIVES
    assert set(map(mac_of, burst.acknowledged)) == set(kept) == set(acted.read_text().split())
    assert kept.most_common(1)[0][1] == 1
    assert '"waiting": 0' in (tmp_path / "log").read_text().splitlines()[-1]


def journal(directory: Path) -> list[list[str]]:
    """Give the MAC addresses of each message that was ever kept: nothing is old enough to have gone."""
    lines = [line for path in sorted(directory.glob("*.journal")) for line in path.read_bytes().split(b"\n")[:-1]]
    records = [json.loads(line.partition(b" ")[2]) for line in lines]
    return [[mac for _, _, mac, _ in record[5]] for record in records if record[0] == "+"]
