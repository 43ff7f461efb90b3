# SPDX-License-Identifier: BSD-2-Clause
"""A switch to be read: net-snmp's snmpd, with the tables of a bridge from a script (snmpd.conf(5), pass_persist).

The table of a VLAN of its own, as Cisco's switches have it, is that of a second snmpd, which the first one asks for
whoever comes with COMMUNITY@VLAN or with the context vlan-VLAN.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from socket import SOCK_DGRAM
from types import TracebackType
from typing import Self

from .daemon import PASSPHRASES, PATIENCE, free_port

COMMUNITY = "r3ad"
BRIDGE = ".1.3.6.1.2.1.17"
IF_NAME = ".1.3.6.1.2.1.31.1.1.1.1"
IF_DESCR = ".1.3.6.1.2.1.2.2.1.2"
VTP = ".1.3.6.1.4.1.9.9.46.1.3"
SUBTREES = (BRIDGE, IF_NAME, IF_DESCR, VTP)

Table = Mapping[str, int | str]
"""Object identifier with a leading dot -> value."""

# What snmpd starts: answers PING, get and getnext from a table in a file.
SCRIPT = """
import json, sys
key = lambda oid: tuple(map(int, oid.strip(".").split(".")))
rows = sorted((key(oid), value) for oid, value in json.load(open(sys.argv[1])).items())
while command := sys.stdin.readline().strip():
    if command == "PING":
        print("PONG", flush=True)
        continue
    asked = key(sys.stdin.readline())
    found = [row for row in rows if (row[0] == asked if command == "get" else row[0] > asked)][:1]
    for oid, value in found:
        kind = "integer" if isinstance(value, int) else "string"
        print("." + ".".join(map(str, oid)), kind, value, sep="\\n", flush=True)
    if not found:
        print("NONE", flush=True)
"""


def ports(base_ports: Mapping[int, int], names: Mapping[int, tuple[str, str]]) -> dict[str, int | str]:
    """Give dot1dBasePortIfIndex, ifName and ifDescr of base port -> ifIndex, ifIndex -> both names."""
    table: dict[str, int | str] = {f"{BRIDGE}.1.4.1.2.{port}": if_index for port, if_index in base_ports.items()}
    for if_index, (short, long) in names.items():
        table |= {f"{IF_NAME}.{if_index}": short, f"{IF_DESCR}.{if_index}": long}
    return table


def forwarding(addresses: Mapping[str, tuple[int, int]], fdb: int | None = None) -> dict[str, int | str]:
    """Give dot1dTpFdbTable, or dot1qTpFdbTable of one filtering database, of MAC address -> port and status."""
    stem = f"{BRIDGE}.4.3.1" if fdb is None else f"{BRIDGE}.7.1.2.2.1"
    table: dict[str, int | str] = {}
    for mac, (port, status) in addresses.items():
        index = ".".join(str(int(octet, 16)) for octet in mac.split(":"))
        index = index if fdb is None else f"{fdb}.{index}"
        table |= {f"{stem}.2.{index}": port, f"{stem}.3.{index}": status}
    return table


class Agent:
    """Listens from entering to leaving. vlans: tables of BRIDGE that only one VLAN has."""

    def __init__(
        self, directory: Path, table: Table, vlans: Mapping[int, Table] | None = None, host: str = "127.0.0.1"
    ) -> None:
        self.host = host
        self._directory = directory
        self._table = table
        self._vlans = dict(vlans or {})
        self._stack = ExitStack()
        self.port = free_port(SOCK_DGRAM)

    def __enter__(self) -> Self:
        contexts = {}
        for vlan, table in self._vlans.items():
            inner = self._stack.enter_context(Agent(self._directory / f"vlan-{vlan}", table))
            contexts[vlan] = inner.port
        self._directory.mkdir(exist_ok=True, parents=True)
        files = ("-Lf", self._directory / "log", "-C", "-c", self._config(contexts), "-p", self._directory / "pid")
        modules = ("-I", "-ifTable,-ifXTable,-interface")  # the script stands in for them
        environment = {"SNMP_PERSISTENT_DIR": str(self._directory), "MIBS": "", "PATH": "/usr/sbin:/usr/bin:/bin"}
        process = subprocess.Popen(
            ["/usr/sbin/snmpd", "-f", *files, *modules, f"udp:{self.host}:{self.port}"],
            stdin=subprocess.DEVNULL,
            env=environment,
        )
        self._stack.callback(_end, process)
        self._await()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def _config(self, contexts: Mapping[int, int]) -> Path:
        script, table = self._directory / "script.py", self._directory / "table.json"
        script.write_text(SCRIPT)
        table.write_text(json.dumps(self._table))
        auth, priv = PASSPHRASES
        lines = [
            f"rocommunity {COMMUNITY} 127.0.0.1",
            f"createUser reader SHA {auth} AES {priv}",
            "rouser reader priv",
            *(f"pass_persist -p 1 {subtree} {sys.executable} {script} {table}" for subtree in SUBTREES),
        ]
        for vlan, port in contexts.items():
            lines += [
                f"com2sec -Cn vlan-{vlan} vlan{vlan} 127.0.0.1 {COMMUNITY}@{vlan}",
                f"group group{vlan} v2c vlan{vlan}",
                f"group group{vlan} usm reader",
                "view all included .1",
                f"access group{vlan} vlan-{vlan} any noauth exact all none none",
                f"proxy -Cn vlan-{vlan} -v 2c -c {COMMUNITY} 127.0.0.1:{port} {BRIDGE}",
            ]
        config = self._directory / "snmpd.conf"
        config.write_text("\n".join(lines) + "\n")
        return config

    def _await(self) -> None:
        deadline = time.monotonic() + PATIENCE
        asking = ["snmpget", "-v2c", "-c", COMMUNITY, "-t1", "-r0", f"{self.host}:{self.port}", ".1.3.6.1.2.1.1.3.0"]
        while subprocess.run(asking, capture_output=True, check=False, timeout=PATIENCE).returncode:
            assert time.monotonic() < deadline, (self._directory / "log").read_text()


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    process.wait(timeout=PATIENCE)
