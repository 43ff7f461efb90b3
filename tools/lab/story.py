# SPDX-License-Identifier: BSD-2-Clause
"""What ./quickstart shows once NetBox runs: a datacenter described and listed, a server that comes into it, and boots.

Runs in the environment that the quickstart made (`python -m tools.lab.story`), for it speaks Ansible and clusto.
`boot [SERVER]` and `plug PORT MAC` are parts of it, with the daemons that run.
"""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

import yaml

import clusto
from clusto import ClustoError
from clusto.dhcp.options import OptionTable
from clusto.dhcp.packet import MessageType

from . import guard, places, stage
from .errors import LabError
from .newcomer import VLAN, Plugged, bearer, in_brief, word
from .terminal import Step, say
from .wire import PORT, Namespace, Wire
from .wire_capture import Capture, Seen
from .wire_clients import Client, Lease, NoLeaseError

BIN = Path(sys.executable).parent
PLAYBOOK = "playbooks/quickstart.yml"
INVENTORY = "playbooks/files/quickstart.clusto.yml"
RACK = "sv3-002"
NEWCOMER = ("2", "00:11:22:33:44:66")  # the switch port, and the MAC address that is learnt there
# The playbook makes what there is no inventory of yet: no reason for a warning.
QUIET = {"ANSIBLE_LOCALHOST_WARNING": "false", "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false"}
DHCPD, SNMPTRAPD = (daemon.log for daemon in stage.daemons(places.QUICKSTART))
# Both clients ask for what a network boot needs, which they do not by themselves.
DHCLIENT = "also request tftp-server-name, bootfile-name;"
UDHCPC = ("-O", "tftp", "-O", "bootfile")
FRESH = 120.0  # seconds after which the DHCP server must have noticed what changed in NetBox
ROW = "{:8}  {:9}  {:17}  {:21}  {:14}  {}"
# Worth a look beside what the attributes give; the rest of a message is times and masks.
SHOWN = ("requested_addr", "server_id", "router", "hostname")


@dataclass(frozen=True)
class Expected:
    """What the inventory says of a host: its MAC address and address, and its `dhcp` attributes merged."""

    mac: str
    address: str
    attributes: Mapping[str, object]


class OtherwiseError(LabError):
    """A client got something else than the inventory says."""


def main() -> int:
    command, *arguments = sys.argv[1:] or ["all"]
    try:
        COMMANDS[command](*arguments)
    except (LabError, ClustoError, NoLeaseError) as error:
        print(f"quickstart: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def everything(*whose: str) -> None:
    describe(*whose)
    run(f"the inventory, {INVENTORY}", "ansible-inventory", "-i", INVENTORY, "--graph")
    with Step("clusto-dhcpd and clusto-snmptrapd in a network namespace"):
        stage.start(places.QUICKSTART, os.environ)
    plug(*NEWCOMER)


def describe(whose: str = "") -> None:
    """Run the playbook; a NetBox of the user's (`theirs`) is looked at first."""
    if whose:
        guard.check(clusto.connect(), yaml.safe_load((places.ROOT / PLAYBOOK).read_text()), NEWCOMER[1])
    run_playbook(PLAYBOOK)


def run_playbook(path: str) -> None:
    run(path, "ansible-playbook", path)


def plug(port: str, mac: str) -> None:
    """Let the switch tell of a MAC address at one of its ports, see the server stand in NetBox, and boot it."""
    if not port.isdecimal():
        raise LabError(f"{port!r} is no port of a switch: expected a number")
    running = stage.current(places.QUICKSTART)
    plugged = Plugged.at(clusto.connect(), RACK, int(port), mac)
    standing, since = plugged.standing(), SNMPTRAPD.stat().st_size
    with Step(f"SNMP: {plugged.switch.name} tells of a new MAC address at its port {port}"):
        sender = plugged.tell(Namespace(running.switch))
        line = None if standing and not standing.wrong else word(SNMPTRAPD, since, plugged.mac)
    say(f"  {shlex.join(plugged.trap)}")
    say(f"  from {sender}: learnt {plugged.mac} at port {port}, VLAN {VLAN}")
    say(f"  clusto-snmptrapd: {in_brief(line) if line else 'nothing to do, it is there'}")
    standing = plugged.standing() if line else standing
    if standing is None or (line and line["level"] != "info"):
        raise LabError(f"no server was made for {plugged.mac}; the reason stands above, and in {SNMPTRAPD}")
    say(f"\n{standing.server} in NetBox:")
    for title, text in {"addresses": ", ".join(standing.ips), **standing.found}.items():
        say(f"  {title:16}  {text}")
    if standing.wrong:
        raise LabError(f"{standing.server} is not what the layout says: {'; '.join(standing.wrong)}")
    say(f"That is what the layout of {RACK} says of its port {port}.")
    boot(standing.server)


def boot(server: str = "") -> None:
    """Let the clients boot as a server, the last one again if none is named, and show what went over the wire."""
    client = Namespace(stage.current(places.QUICKSTART).client)
    server = server or last(client)
    expected = inventory(server)
    say()
    deadline = time.monotonic() + FRESH
    with Step(f"DHCP: {server} boots, with two kinds of client"):
        client.run("ip", "link", "set", "dev", PORT, "address", expected.mac)
        while True:
            try:
                rows = exchange(client, expected)
                break
            except OtherwiseError:
                if time.monotonic() > deadline:
                    raise
    for row in rows:
        say(f"  {row}")
    say(f"\n{server} got {expected.address} and every option that the inventory has for it, from NetBox.")


def last(client: Namespace) -> str:
    """The server whose MAC address the client still has."""
    mac = client.run("cat", f"/sys/class/net/{PORT}/address").strip()
    name = bearer(clusto.connect(), mac)
    if name is None:
        raise LabError(f"no server in NetBox has {mac}; name one: ./quickstart boot SERVER")
    return name


def run(title: str, program: str, *arguments: str) -> None:
    """Run one of the environment's programs, its output where the user sees it."""
    say(f"\n==> {title}")
    command = [str(BIN / program), *arguments]
    if status := subprocess.run(command, cwd=places.ROOT, env=QUIET | os.environ, check=False).returncode:
        raise LabError(f"{program} ended with status {status}; what it said stands above")


def inventory(server: str) -> Expected:
    command = [str(BIN / "ansible-inventory"), "-i", INVENTORY, "--host", server]
    done = subprocess.run(command, cwd=places.ROOT, check=False, capture_output=True, text=True)
    if done.returncode:
        raise LabError(f"ansible-inventory ended with status {done.returncode}: {done.stderr.strip()}")
    return expected_of(server, json.loads(done.stdout))


def expected_of(server: str, host: Mapping[str, Any]) -> Expected:
    """Read the inventory's variables of a host; LabError for one that boots nowhere."""
    dhcp = host.get("clusto_attributes", {}).get("dhcp", {})
    macs = [mac for port in host.get("clusto_ports", {}).values() if port["ips"] for mac in port["macs"]]
    if not macs or "ansible_host" not in host or not dhcp.get("enabled"):
        raise LabError(f"{server} does not boot: expected a server with MAC address, address and dhcp.enabled")
    return Expected(macs[0], host["ansible_host"], {name: value for name, value in dhcp.items() if name != "enabled"})


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
        raise OtherwiseError(f"{client} got something else than the inventory says: {'; '.join(wrong)}; see {DHCPD}")


COMMANDS: Mapping[str, Callable[..., None]] = {"all": everything, "boot": boot, "plug": plug}

if __name__ == "__main__":
    sys.exit(main())
