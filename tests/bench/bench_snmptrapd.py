# SPDX-License-Identifier: BSD-2-Clause
"""clusto-snmptrapd against net-snmp's snmptrapd: the same sender sends both the same traps, in turn, on loopback.

    tests/bench/bench_snmptrapd.py [--rate 2000] [--flood 20000] [--seconds 10]

Each trap is of another MAC address, from one of a rack row's switches. Ours keeps it in its journal and acts on it (it
writes a line of log); the peer writes a line of log. Prints what was lost and the CPU time for each trap, at the rate
that is wanted, and at one that neither may keep up with. Needs Debian's snmptrapd.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from clusto.mirror.feed import Position
from clusto.mirror.inventory import Inventory
from clusto.mirror.model import DEVICE, Address, Host, Port
from clusto.mirror.snapshot import Saved, save
from clusto.snmp import ber
from clusto.snmp.macnotify import MAC_CHANGED, MESSAGE
from clusto.snmp.message import Version
from clusto.snmp.pdu import TRAP_OID, Kind

SWITCHES = [f"127.0.9.{number}" for number in range(1, 21)]
PORTS = 48
NOBODY = "http://127.0.0.1:9"  # NetBox is away: the snapshot is served
STARTING = 60.0  # seconds
QUIET = 1.5  # seconds without news, after which a server is done
TICK = 0.005  # seconds between two handfuls of traps


@dataclass(frozen=True)
class Figures:
    server: str
    rate: float
    taken: int
    sent: int
    microseconds: float

    def __str__(self) -> str:
        lost = f"{self.sent - self.taken} of {self.sent} lost"
        return f"{self.server:18}{self.rate:8.0f}/s offered   {lost:22}{self.microseconds:6.0f} µs CPU per trap"


class Server:
    """`taken` tells how many traps are accepted and written."""

    def __init__(self, name: str, port: int, process: subprocess.Popen[bytes], taken: Callable[[], int]) -> None:
        self.name = name
        self.port = port
        self.process = process
        self.taken = taken

    @property
    def cpu_seconds(self) -> float:
        """User and system time of all its threads (proc(5): fields 14 and 15)."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text(encoding="ascii").rpartition(") ")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def free_port(kind: socket.SocketKind) -> int:
    with socket.socket(socket.AF_INET, kind) as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def started(stack: ExitStack, command: Sequence[str | Path], log: Path, ready: str) -> subprocess.Popen[bytes]:
    with log.open("wb") as sink:
        process = subprocess.Popen(
            [*map(str, command)], stdin=subprocess.DEVNULL, stdout=sink, stderr=sink, env={**os.environ, "MIBS": ""}
        )
    stack.callback(process.wait)
    stack.callback(process.terminate)
    deadline = time.monotonic() + STARTING
    while ready not in log.read_text():
        if process.poll() is not None or time.monotonic() > deadline:
            raise SystemExit(f"the server did not start:\n{log.read_text()[-2000:]}")
        time.sleep(0.05)
    return process


def clusto(stack: ExitStack, directory: Path) -> Server:
    """Start ours with a snapshot that the mirror could have saved."""
    hosts = [
        Host(DEVICE, number, f"sw{number}", "networkswitch", "cisco4948", "active", ports=(
            Port(number, "Vlan442", "virtual", addresses=(Address(number, address, 32, "active"),)),
        ), attributes={"snmp": {"discovery": 1}})
        for number, address in enumerate(SWITCHES, 1)
    ]  # fmt: skip
    inventory = Inventory(api_url=NOBODY, loaded_at=time.time(), hosts=hosts)
    save(Saved(inventory, Position(1)), directory / "inventory")
    port, metrics = free_port(socket.SOCK_DGRAM), free_port(socket.SOCK_STREAM)
    settings = {
        "api_url": NOBODY,
        "token": "none",
        "timeout": 1,
        "refresh_interval": 3600,
        "listen": [f"127.0.0.1:{port}"],
        "communities": ["public"],
        "journal_path": str(directory / "journal"),
        "snapshot_path": str(directory / "inventory"),
        "metrics_address": f"127.0.0.1:{metrics}",
        "make_servers": False,
    }
    config, log = directory / "snmptrapd.toml", directory / "clusto.log"
    config.write_text("".join(f"{key} = {json.dumps(value)}\n" for key, value in settings.items()))
    command = [sys.executable, "-m", "clusto.snmptrapd", "--config", config]
    process = started(stack, command, log, '"message": "serving"')

    def taken() -> int:
        with urllib.request.urlopen(f"http://127.0.0.1:{metrics}/metrics", timeout=30) as answer:
            text = answer.read().decode()
        told = re.search(r'^clusto_snmp_notifications_total\{kind="mac-changed"\} (\S+)$', text, re.MULTILINE)
        waiting = re.search(r"^clusto_snmp_waiting (\S+)$", text, re.MULTILINE)
        return int(float(told[1]) - float(waiting[1])) if told and waiting else 0

    return Server("clusto-snmptrapd", port, process, taken)


def net_snmp(stack: ExitStack, directory: Path) -> Server:
    """Start the peer: numbers instead of names, no look-ups of hosts, one line for each trap."""
    config, log = directory / "snmptrapd.conf", directory / "net-snmp.log"
    config.write_text("authCommunity log public\n")
    port = free_port(socket.SOCK_DGRAM)
    own = ("-C", "-c", config, "-n", "-On", "-Lf", log, "-p", directory / "pid")
    command = ["/usr/sbin/snmptrapd", "-f", *own, f"udp:127.0.0.1:{port}"]
    process = started(stack, command, log, "NET-SNMP version")
    return Server("net-snmp snmptrapd", port, process, lambda: log.read_bytes().count(b"215.2.0.1"))


def trap(number: int) -> bytes:
    """Give a trap of MAC address 02:00:…, whose request-id and sysUpTime are its number."""
    mac = b"\2\0" + number.to_bytes(4)
    told = b"\1" + (442).to_bytes(2) + mac + (number % PORTS + 1).to_bytes(2) + b"\0"
    bindings = [
        (ber.oid("1.3.6.1.2.1.1.3.0"), ber.encoded_integer(number, ber.TIME_TICKS)),
        (TRAP_OID, ber.value(ber.OID, MAC_CHANGED)),
        (MESSAGE + b"\1", ber.value(ber.OCTET_STRING, told)),
    ]
    pairs = [ber.sequence(ber.value(ber.OID, name), value) for name, value in bindings]
    pdu = b"".join(map(ber.encoded_integer, (number, 0, 0))) + ber.sequence(*pairs)
    community = ber.value(ber.OCTET_STRING, b"public")
    return ber.sequence(ber.encoded_integer(Version.V2C), community, ber.value(Kind.TRAP, pdu))


def send(port: int, traps: list[bytes], rate: int) -> None:
    """Send them evenly; they are made beforehand, so this costs a system call each."""
    sockets = []
    for address in SWITCHES:
        one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        one.bind((address, 0))
        one.connect(("127.0.0.1", port))
        sockets.append(one)
    began, sent = time.monotonic(), 0
    while sent < len(traps):
        due = min(len(traps), int((time.monotonic() - began) * rate))
        for number in range(sent, due):
            sockets[number % len(sockets)].send(traps[number])
        sent = max(sent, due)
        time.sleep(TICK)
    for one in sockets:
        one.close()


def settled(server: Server) -> int:
    """Wait until nothing more is accepted, and give how much was."""
    before, now = -1, server.taken()
    while now != before:
        time.sleep(QUIET)
        before, now = now, server.taken()
    return now


def measure(start: Callable[[ExitStack, Path], Server], rates: Sequence[int], seconds: int) -> Iterator[Figures]:
    with ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        server = start(stack, directory)
        first = 0
        for rate in rates:
            traps = [trap(number) for number in range(first + 1, first + rate * seconds + 1)]
            first += len(traps)
            before, spent = settled(server), server.cpu_seconds
            send(server.port, traps, rate)
            taken = settled(server) - before
            spent = server.cpu_seconds - spent
            yield Figures(server.name, rate, taken, len(traps), spent / max(taken, 1) * 1e6)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for option, default in (("--rate", 2_000), ("--flood", 20_000), ("--seconds", 10)):
        parser.add_argument(option, type=int, default=default)
    arguments = parser.parse_args()
    lost = 0
    for start in (clusto, net_snmp):
        for figures in measure(start, (arguments.rate, arguments.flood), arguments.seconds):
            sys.stdout.write(f"{figures}\n")
            sys.stdout.flush()
            if start is clusto and figures.rate == arguments.rate:
                lost = figures.sent - figures.taken
    if lost:
        raise SystemExit(f"{lost} traps were lost at the rate that is wanted")


if __name__ == "__main__":
    main()
