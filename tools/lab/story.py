# SPDX-License-Identifier: BSD-2-Clause
"""What ./quickstart shows once NetBox runs: a datacenter described, listed, and served by DHCP to real clients.

Runs in the environment that the quickstart made (`python -m tools.lab.story`), for it speaks Ansible and clusto.
With the argument `boot` only the clients boot, from the DHCP server that runs.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address
from pathlib import Path

from clusto.dhcp.options import OptionTable
from clusto.dhcp.packet import MessageType

from . import places, stage
from .errors import LabError
from .stage import Stage
from .terminal import Step, say
from .wire import PORT, Namespace, Wire
from .wire_capture import Capture, Seen
from .wire_clients import Client, Lease, NoLeaseError

BIN = Path(sys.executable).parent
PLAYBOOK = "playbooks/quickstart.yml"
INVENTORY = "playbooks/files/quickstart.clusto.yml"
# The playbook makes what there is no inventory of yet: no reason for a warning.
QUIET = {"ANSIBLE_LOCALHOST_WARNING": "false", "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false"}
LOG = stage.daemon(places.QUICKSTART).log
HOST = "ex0000"
# Both clients ask for what a network boot needs, which they do not by themselves.
DHCLIENT = "also request tftp-server-name, bootfile-name;"
UDHCPC = ("-O", "tftp", "-O", "bootfile")
FRESH = 30.0  # seconds after which the DHCP server must have noticed what changed in NetBox
ROW = "{:8}  {:9}  {:17}  {:21}  {:14}  {}"
# Worth a look beside what the attributes give; the rest of a message is times and masks.
SHOWN = ("requested_addr", "server_id", "router", "hostname")


@dataclass(frozen=True)
class Expected:
    """What the inventory says of a host: its address, and its `dhcp` attributes merged."""

    address: str
    attributes: Mapping[str, object]


class OtherwiseError(LabError):
    """A client got something else than the inventory says."""


def main() -> int:
    try:
        if sys.argv[1:] == ["boot"]:
            boot(stage.current(places.QUICKSTART))
        else:
            run(PLAYBOOK, "ansible-playbook", PLAYBOOK)
            run(f"the inventory, {INVENTORY}", "ansible-inventory", "-i", INVENTORY, "--graph")
            with Step("clusto-dhcpd in a network namespace"):
                running = stage.start(places.QUICKSTART, os.environ)
            boot(running)
    except (LabError, NoLeaseError) as error:
        print(f"quickstart: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def boot(running: Stage) -> None:
    """Let the clients boot, and show what went over the wire."""
    expected = inventory()
    deadline = time.monotonic() + FRESH
    with Step(f"DHCP: {HOST} boots in another, with two kinds of client"):
        while True:
            try:
                rows = exchange(Namespace(running.client), expected)
                break
            except OtherwiseError:
                if time.monotonic() > deadline:
                    raise
    say("\nOn the wire:")
    for row in rows:
        say(f"  {row}")
    say(f"\n{HOST} got {expected.address} and every option that the inventory has for it, from NetBox.")


def run(title: str, program: str, *arguments: str) -> None:
    """Run one of the environment's programs, its output where the user sees it."""
    say(f"\n==> {title}")
    command = [str(BIN / program), *arguments]
    if status := subprocess.run(command, cwd=places.ROOT, env=QUIET | os.environ, check=False).returncode:
        raise LabError(f"{program} ended with status {status}; what it said stands above")


def inventory() -> Expected:
    command = [str(BIN / "ansible-inventory"), "-i", INVENTORY, "--host", HOST]
    done = subprocess.run(command, cwd=places.ROOT, check=False, capture_output=True, text=True)
    if done.returncode:
        raise LabError(f"ansible-inventory ended with status {done.returncode}: {done.stderr.strip()}")
    host = json.loads(done.stdout)
    attributes = {name: value for name, value in host["clusto_attributes"]["dhcp"].items() if name != "enabled"}
    return Expected(host["ansible_host"], attributes)


def exchange(client: Namespace, expected: Expected) -> list[str]:
    """Serve one client after the other, and hold what each got against the inventory; what was seen, as a table."""
    rows = [ROW.format("client", "message", "from", "to", "address", "options")]
    with Wire() as wire, Capture(client) as capture:
        for start, event in ((dhclient, "BOUND"), (udhcpc, "bound")):
            running = start(wire, client)
            lease = running.wait(event)
            running.stop()
            seen = [capture.next(kind) for kind in (MessageType.DISCOVER, MessageType.OFFER)]
            seen += [capture.next(kind) for kind in (MessageType.REQUEST, MessageType.ACK)]
            rows += [row(start.__name__, one, expected) for one in seen]
            client.run("ip", "-4", "address", "flush", "dev", PORT)
            compare(start.__name__, lease, seen[-1], expected)
    return rows


def dhclient(wire: Wire, host: Namespace) -> Client:
    return wire.dhclient(host, config=DHCLIENT)


def udhcpc(wire: Wire, host: Namespace) -> Client:
    return wire.udhcpc(host, options=UDHCPC)


def row(client: str, seen: Seen, expected: Expected) -> str:
    frame, packet, table = seen.frame, seen.packet, OptionTable()
    shown = {table.by_name[name].code: name for name in (*SHOWN, *expected.attributes)}
    options = [
        f"{name}={_text(table.decode(code, packet.options[code])[1])}"
        for code, name in shown.items()
        if code in packet.options
    ]
    source = f"{IPv4Address(frame.source)}:{frame.source_port}"
    target = f"{IPv4Address(frame.destination)}:{frame.destination_port}"
    address = str(IPv4Address(packet.yiaddr)) if any(packet.yiaddr) else "-"
    kind = MessageType(packet.message_type).name
    return ROW.format(client, kind, source, target, address, " ".join(options)).rstrip()


def _text(value: object) -> str:
    return ",".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def compare(client: str, lease: Lease, ack: Seen, expected: Expected) -> None:
    """Raise OtherwiseError where the client did not get exactly what the inventory says."""
    wrong = []
    if lease.address != expected.address:
        wrong.append(f"address {lease.address}, expected {expected.address}")
    for name, value in expected.attributes.items():
        code, octets = OptionTable().encode(name, value)
        if ack.packet.options.get(code) != octets:
            wrong.append(f"option {code} ({name}) is {ack.packet.options.get(code)!r}, expected {octets!r}")
    if wrong:
        raise OtherwiseError(f"{client} got something else than the inventory says: {'; '.join(wrong)}; see {LOG}")


if __name__ == "__main__":
    sys.exit(main())
