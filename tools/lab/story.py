# SPDX-License-Identifier: BSD-2-Clause
"""What ./quickstart shows once NetBox runs: a datacenter described, listed, and served by DHCP to real clients.

Runs in the environment that the quickstart made (`python -m tools.lab.story`), for it speaks Ansible and clusto.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address
from pathlib import Path
from urllib.parse import urlsplit

from clusto.dhcp.options import OptionTable
from clusto.dhcp.packet import MessageType

from . import places
from .errors import LabError
from .terminal import Step, say
from .wire import PORT, Namespace, Wire
from .wire_capture import Capture, Seen
from .wire_clients import Client, Lease, NoLeaseError
from .wire_forward import Forward

BIN = Path(sys.executable).parent
PLAYBOOK = "playbooks/quickstart.yml"
INVENTORY = "playbooks/files/quickstart.clusto.yml"
# The playbook makes what there is no inventory of yet: no reason for a warning.
QUIET = {"ANSIBLE_LOCALHOST_WARNING": "false", "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false"}
LOG = places.QUICKSTART / "log/dhcpd.log"
HOST, MAC, GATEWAY = "ex0000", "00:11:22:33:44:55", "192.168.1.1/24"
# Both clients ask for what a network boot needs, which they do not by themselves.
DHCLIENT = "also request tftp-server-name, bootfile-name;"
UDHCPC = ("-O", "tftp", "-O", "bootfile")
READY = 60.0  # seconds for the DHCP server to read the inventory
ROW = "{:8}  {:9}  {:17}  {:21}  {:14}  {}"
# Worth a look beside what the attributes give; the rest of a message is times and masks.
SHOWN = ("requested_addr", "server_id", "router", "hostname")


@dataclass(frozen=True)
class Expected:
    """What the inventory says of a host: its address, and its `dhcp` attributes merged."""

    address: str
    attributes: Mapping[str, object]


def main() -> int:
    try:
        run(PLAYBOOK, "ansible-playbook", PLAYBOOK)
        run(f"the inventory, {INVENTORY}", "ansible-inventory", "-i", INVENTORY, "--graph")
        expected = inventory()
        with Step(f"DHCP: {HOST} boots in a network namespace, with two kinds of client"):
            rows = exchange(expected)
    except (LabError, NoLeaseError) as error:
        print(f"quickstart: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    say("\nOn the wire:")
    for row in rows:
        say(f"  {row}")
    say(f"\n{HOST} got {expected.address} and every option that the inventory has for it, from NetBox.")
    return 0


def run(title: str, program: str, *arguments: str) -> None:
    """Run one of the environment's programs, its output where the user sees it."""
    say(f"\n==> {title}")
    command = [str(BIN / program), *arguments]
    if status := subprocess.run(command, cwd=places.ROOT, env=QUIET | os.environ, check=False).returncode:
        raise LabError(f"{program} ended with status {status}; what it said stands above")


def inventory() -> Expected:
    command = [str(BIN / "ansible-inventory"), "-i", INVENTORY, "--host", HOST]
    host = json.loads(subprocess.run(command, cwd=places.ROOT, check=True, capture_output=True, text=True).stdout)
    attributes = {name: value for name, value in host["clusto_attributes"]["dhcp"].items() if name != "enabled"}
    return Expected(host["ansible_host"], attributes)


def exchange(expected: Expected) -> list[str]:
    """Serve one client after the other, and hold what each got against the inventory; what was seen, as a table."""
    with Wire() as wire:
        segment = wire.segment()
        server = wire.host("server", segment, address=GATEWAY)
        client = wire.host("client", segment, mac=MAC)
        rows = [ROW.format("client", "message", "from", "to", "address", "options")]
        with netbox_here(wire, server), Capture(client) as capture:
            serve(wire, server)
            for start, event in ((dhclient, "BOUND"), (udhcpc, "bound")):
                running = start(wire, client)
                lease = running.wait(event)
                running.stop()
                seen = [capture.next(kind) for kind in (MessageType.DISCOVER, MessageType.OFFER)]
                seen += [capture.next(kind) for kind in (MessageType.REQUEST, MessageType.ACK)]
                rows += [row(start.__name__, one, expected) for one in seen]
                compare(start.__name__, lease, seen[-1], expected)
                client.run("ip", "-4", "address", "flush", "dev", PORT)
        return rows


def dhclient(wire: Wire, host: Namespace) -> Client:
    return wire.dhclient(host, config=DHCLIENT)


def udhcpc(wire: Wire, host: Namespace) -> Client:
    return wire.udhcpc(host, options=UDHCPC)


def serve(wire: Wire, host: Namespace) -> None:
    """Start clusto-dhcpd in the namespace, from where NetBox is as near as from here, and wait until it serves."""
    config = wire.directory / "dhcpd.toml"
    config.write_text(f'interfaces = ["{PORT}"]\nsnapshot_path = "{wire.directory / "inventory"}"\n')
    LOG.parent.mkdir(parents=True, exist_ok=True)
    LOG.write_text("")
    hosts = wire.directory / "hosts"
    # A namespace's program has mounts of its own; elsewhere the name still leads to where it always does.
    inside = ["sh", "-c", 'mount --bind "$0" /etc/hosts && exec "$@"', str(hosts)]
    process = wire.start(host, [*inside, str(BIN / "clusto-dhcpd"), "--config", str(config)], output=LOG)
    deadline = time.monotonic() + READY
    while '"message": "serving"' not in LOG.read_text():
        if process.poll() is not None or time.monotonic() > deadline:
            raise LabError(f"clusto-dhcpd does not serve; its log is {LOG}:\n{LOG.read_text()[-2000:]}")
        time.sleep(0.1)


def netbox_here(wire: Wire, host: Namespace) -> Forward:
    """Let the namespace, which is connected to nothing else, reach NetBox by the same URL as everybody."""
    url = urlsplit(os.environ["NETBOX_API"])
    name, port = url.hostname or "", url.port or {"http": 80, "https": 443}[url.scheme]
    address = socket.getaddrinfo(name, port, socket.AF_INET, socket.SOCK_STREAM)[0][4][0]
    host.run("ip", "address", "replace", f"{address}/32", "dev", "lo")
    (wire.directory / "hosts").write_text(f"127.0.0.1 localhost\n{address} {name}\n")
    entrance = host.call(lambda: socket.create_server((str(address), port)))
    return Forward(entrance, (str(address), port))


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
    """Raise LabError where the client did not get exactly what the inventory says."""
    wrong = []
    if lease.address != expected.address:
        wrong.append(f"address {lease.address}, expected {expected.address}")
    for name, value in expected.attributes.items():
        code, octets = OptionTable().encode(name, value)
        if ack.packet.options.get(code) != octets:
            wrong.append(f"option {code} ({name}) is {ack.packet.options.get(code)!r}, expected {octets!r}")
    if wrong:
        raise LabError(f"{client} got something else than the inventory says: {'; '.join(wrong)}; see {LOG}")


if __name__ == "__main__":
    sys.exit(main())
