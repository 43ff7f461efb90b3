# SPDX-License-Identifier: BSD-2-Clause
"""clusto-dhcpd against Kea: perfdhcp asks both in turn, on the same wire, for the same reservations.

    tests/bench/bench_dhcpd.py [--hosts 10000] [--rate 1000] [--seconds 10]

Prints the server's CPU time per exchange (DISCOVER, OFFER, REQUEST, ACK), which other load on the machine hardly
touches, and what share of the exchanges asked for was answered. As root, on Linux; needs kea-dhcp4-server, kea-admin.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from clusto.mirror.feed import Position
from clusto.mirror.inventory import Inventory
from clusto.mirror.model import DEVICE, Address, Host, Manager, Port
from clusto.mirror.snapshot import Saved, save
from tools.lab.wire import Namespace, Wire

NETWORK = IPv4Network("10.64.0.0/14")
SERVER, CLIENT = NETWORK[1], NETWORK[2]
FIRST = int(NETWORK[256])
MAC_STEM = bytes.fromhex("020c01")  # perfdhcp counts up from here
NOBODY = "http://127.0.0.1:9"  # NetBox is away: the snapshot is served
STARTING = 60.0  # seconds


@dataclass(frozen=True)
class Figures:
    server: str
    microseconds: float
    answered: float


def reservations(hosts: int) -> Iterator[tuple[str, IPv4Address]]:
    for number in range(hosts):
        yield (MAC_STEM + number.to_bytes(3)).hex(":"), IPv4Address(FIRST + number)


def start_clusto(wire: Wire, where: Namespace, hosts: int) -> tuple[subprocess.Popen[bytes], Path]:
    """Serve a snapshot that the mirror could have saved."""
    attributes = {"dhcp": {"enabled": 1, "domain": "example.org", "name_server": [str(NETWORK[3])]}}
    inventory = Inventory(
        api_url=NOBODY,
        loaded_at=time.time(),
        hosts=[
            Host(DEVICE, number, f"s{number:06}", "server", "basicserver", "active", attributes=attributes, ports=(
                Port(number, "eth0", "1000base-t", macs=(mac,), addresses=(
                    Address(number, str(ip), NETWORK.prefixlen, "active"),)),))
            for number, (mac, ip) in enumerate(reservations(hosts), 1)
        ],
        managers=[Manager(1, "bench", str(NETWORK), gateway=str(NETWORK[1]))],
    )  # fmt: skip
    snapshot, config, log = (wire.directory / name for name in ("inventory", "dhcpd.toml", "clusto.log"))
    save(Saved(inventory, Position(1)), snapshot)
    settings = {
        "api_url": NOBODY,
        "token": "none",
        "timeout": 1,
        "refresh_interval": 3600,
        "snapshot_path": str(snapshot),
    }
    config.write_text("".join(f"{key} = {json.dumps(value)}\n" for key, value in settings.items()))
    process = wire.start(where, [sys.executable, "-m", "clusto.dhcpd", "--config", config], output=log)
    wait(log, '"message": "serving"', process)
    return process, log


def start_kea(wire: Wire, where: Namespace, hosts: int) -> tuple[subprocess.Popen[bytes], Path]:
    """Serve the same, with leases in memory only."""
    subnet = {
        "id": 1,
        "subnet": str(NETWORK),
        "reservations": [{"hw-address": mac, "ip-address": str(ip)} for mac, ip in reservations(hosts)],
        "option-data": [
            {"name": "routers", "data": str(NETWORK[1])},
            {"name": "domain-name", "data": "example.org"},
            {"name": "domain-name-servers", "data": str(NETWORK[3])},
        ],
    }
    settings = {
        "interfaces-config": {"interfaces": ["eth0"]},
        "lease-database": {"type": "memfile", "persist": False},
        "host-reservation-identifiers": ["hw-address"],
        "reservations-out-of-pool": True,
        "reservations-in-subnet": True,
        "valid-lifetime": 3600,
        "subnet4": [subnet],
        "loggers": [{"name": "kea-dhcp4", "severity": "INFO", "output_options": [{"output": "stdout"}]}],
    }
    config, log = wire.directory / "kea.json", wire.directory / "kea.log"
    config.write_text(json.dumps({"Dhcp4": settings}))
    private = {"KEA_PIDFILE_DIR": str(wire.directory), "KEA_LOCKFILE_DIR": str(wire.directory)}
    process = wire.start(where, ["kea-dhcp4", "-c", config], output=log, environment=private)
    wait(log, "DHCP4_STARTED", process)
    return process, log


def wait(log: Path, words: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + STARTING
    while words not in log.read_text():
        if process.poll() is not None or time.monotonic() > deadline:
            raise SystemExit(f"the server did not start:\n{log.read_text()[-2000:]}")
        time.sleep(0.1)


def cpu_seconds(process: subprocess.Popen[bytes]) -> float:
    """User and system time of all its threads (proc(5): fields 14 and 15)."""
    fields = Path(f"/proc/{process.pid}/stat").read_text(encoding="ascii").rpartition(") ")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def perfdhcp(client: Namespace, hosts: int, rate: int, seconds: int) -> int:
    """Give the number of whole exchanges. perfdhcp's status tells of drops; they are in the figures."""
    base = ("-b", f"mac={(MAC_STEM + bytes(3)).hex(':')}")
    command = [
        "perfdhcp",
        "-4",
        "-l",
        "eth0",
        "-R",
        str(hosts),
        *base,
        "-r",
        str(rate),
        "-p",
        str(seconds),
        str(SERVER),
    ]
    done = subprocess.run(client.command(*command), capture_output=True, text=True, check=False, timeout=seconds + 60)
    received = re.findall(r"received packets: (\d+)", done.stdout)
    if len(received) < 2:
        raise SystemExit(f"perfdhcp failed:\n{done.stdout}{done.stderr}")
    return int(received[1])  # of REQUEST-ACK


def measure(
    name: str,
    start: Callable[[Wire, Namespace, int], tuple[subprocess.Popen[bytes], Path]],
    arguments: argparse.Namespace,
) -> Figures:
    with Wire() as wire:
        segment = wire.segment()
        server = wire.host("server", segment, address=f"{SERVER}/{NETWORK.prefixlen}")
        client = wire.host("client", segment, address=f"{CLIENT}/{NETWORK.prefixlen}")
        process, _ = start(wire, server, arguments.hosts)
        perfdhcp(client, arguments.hosts, arguments.rate, 2)  # warm
        before = cpu_seconds(process)
        exchanges = perfdhcp(client, arguments.hosts, arguments.rate, arguments.seconds)
        spent = cpu_seconds(process) - before
    return Figures(name, spent / exchanges * 1e6, exchanges / (arguments.rate * arguments.seconds))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for option, default in (("--hosts", 10_000), ("--rate", 1_000), ("--seconds", 10)):
        parser.add_argument(option, type=int, default=default)
    arguments = parser.parse_args()
    ours, kea = (
        measure(name, start, arguments) for name, start in (("clusto-dhcpd", start_clusto), ("Kea", start_kea))
    )
    lines = [
        f"{one.server:14}{one.microseconds:7.0f} µs CPU per exchange {one.answered:8.1%} answered"
        for one in (ours, kea)
    ]
    sys.stdout.write("\n".join([*lines, f"clusto-dhcpd : Kea = {ours.microseconds / kea.microseconds:.2f}", ""]))


if __name__ == "__main__":
    main()
