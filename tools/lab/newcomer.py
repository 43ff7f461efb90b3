# SPDX-License-Identifier: BSD-2-Clause
"""A server is plugged into a switch: the trap that tells of it, what the listener says, and what NetBox then has."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from clusto import Session
from clusto.core.addresses import mac as read_mac
from clusto.drivers import Device, IPManager
from clusto.racks import RackFactory, get_factory
from clusto.racks.arrivals import Guest

from .errors import LabError
from .stage import COMMUNITY, MANAGER
from .wire import PORT, Namespace

# CISCO-MAC-NOTIFICATION-MIB: cmnMacChangedNotification with one cmnHistMacChangedMsg
NOTIFICATION, MESSAGE = "1.3.6.1.4.1.9.9.215.2.0.1", "1.3.6.1.4.1.9.9.215.1.1.8.1.2.1"
LEARNT, VLAN = 1, 442
PATIENCE = 120.0  # seconds for the listener to say what became of a trap

State = dict[str, str]
"""What there is to say of a server in its rack, each in a few words."""


@dataclass(frozen=True)
class Standing:
    """A server as NetBox has it, and what of that is not as the layout says."""

    server: str
    ips: list[str]
    found: State
    wrong: list[str]


@dataclass(frozen=True)
class Plugged:
    """A MAC address at a port of a rack's switch, which its layout says something of."""

    factory: RackFactory
    switch: Device
    port: int
    mac: str

    @classmethod
    def at(cls, session: Session, rack: str, port: int, mac: str) -> Plugged:
        factory = get_factory(rack, session=session)
        factory.slot(port)
        return cls(factory, session.get(Device, f"{rack}-{factory.parsed.switch}"), port, read_mac(mac))

    @property
    def trap(self) -> list[str]:
        """The command line of net-snmp that tells of it."""
        told = ("x", message(self.mac, self.port))
        return ["snmptrap", "-v2c", "-c", COMMUNITY, MANAGER, "", NOTIFICATION, MESSAGE, *told]

    def tell(self, where: Namespace) -> str:
        """Send the trap from the switch's own address, which is given."""
        address = self.switch.get_ips()[0]
        where.run("ip", "address", "flush", "dev", PORT)
        where.run("ip", "address", "add", f"{address}/24", "dev", PORT)
        with TemporaryDirectory() as empty:  # whatever MIBs and settings the machine has are of no account
            environment = os.environ | {"MIBS": "", "SNMPCONFPATH": empty, "SNMP_PERSISTENT_DIR": empty}
            command = where.command(*self.trap)
            done = subprocess.run(command, env=environment, check=False, capture_output=True, text=True)
        if done.returncode:
            raise LabError(f"snmptrap ended with status {done.returncode}: {done.stderr.strip()}")
        return address

    def standing(self) -> Standing | None:
        """Look at the server that bears the MAC address; None when there is none."""
        session = self.factory.session
        if (name := bearer(session, self.mac)) is None:
            return None
        told = session.get(Device, name).describe()
        found = self.found(told)
        return Standing(name, [ip["ip"] for ip in told["ips"]], found, differences(found, self.wanted(name)))

    def wanted(self, server: str) -> State:
        """What the layout says."""
        slot, nic = self.factory.slot(self.port)
        options = self.factory.server(Guest(slot, server, macs={(nic.type, nic.port): self.mac}))
        ends = {f"{one['type']} {one.get('number') or one['name']}": one for one in options["ports"]}
        return {
            "driver": options["driver"],
            "rack": place(options["rack"], options["ru"]),
            "pools": ", ".join(sorted(options["pools"] or ())),
            "subnet": ", ".join(ip.get("ip_manager") or self._manager(ip["ip"]) for ip in options["ips"]),
            **{title: end(one["mac"], self._far(one["connected_to"])) for title, one in ends.items()},
        }

    def found(self, told: Mapping[str, Any]) -> State:
        """What NetBox says, of a server as it describes itself."""
        ends = {
            f"{type_} {one['number'] or one['name']}": one for type_, ports in told["ports"].items() for one in ports
        }
        return {
            "driver": told["driver"],
            "rack": place(told["rack"], told["units"]),
            "pools": ", ".join(sorted(told["pools"])),
            "subnet": ", ".join(self._manager(ip["ip"]) for ip in told["ips"]),
            **{
                title: end(one["attributes"].get("mac"), one["connected_to"])
                for title, one in ends.items()
                if one["attributes"].get("mac") or one["connected_to"]
            },
        }

    def _manager(self, ip: str) -> str:
        return IPManager.get_ip_manager(ip, session=self.factory.session).name

    def _far(self, wish: Mapping[str, Any]) -> Mapping[str, Any]:
        device = self.factory.session.get(Device, wish["entity"])
        return {"entity": device.name, "port": device.port(wish["type"], wish.get("number") or wish["name"]).name}


def message(mac: str, port: int) -> str:
    """Write cmnHistMacChangedMsg in hexadecimal: operation, VLAN, MAC address, dot1dBasePort; and the end."""
    return f"{LEARNT:02x}{VLAN:04x}{mac.replace(':', '')}{port:04x}00"


def bearer(session: Session, mac: str) -> str | None:
    """The name of the device whose port has a MAC address."""
    for record in session.client.list("dcim/mac-addresses", mac_address=mac):
        if device := (record["assigned_object"] or {}).get("device"):
            return str(device["name"])
    return None


def place(rack: str | None, units: list[int]) -> str:
    return f"{rack}, unit {', '.join(map(str, units))}" if rack else ""


def end(mac: str | None, far: Mapping[str, Any] | None) -> str:
    to = f"→ {far['entity']} {far['port']}" if far else ""
    return f"{mac or ''} {to}".strip()


def differences(found: State, wanted: State) -> list[str]:
    return [
        f"{title}: {found.get(title) or 'nothing'}, expected {wanted.get(title) or 'nothing'}"
        for title in dict.fromkeys((*wanted, *found))
        if found.get(title, "") != wanted.get(title, "")
    ]


def word(log: Path, since: int, mac: str, clock: Callable[[], float] = time.monotonic) -> dict[str, Any]:
    """Wait for what the listener's log, from octet `since` on, says of a MAC address in the end."""
    deadline = clock() + PATIENCE
    last = ""
    while clock() < deadline:
        for line in whole_lines(log, since):
            about = mac in (line.get("macs") or {}).values() or line.get("mac") == mac
            if about and not line["message"].startswith("not done yet"):
                return line
            last = line["message"] if about else last
        time.sleep(0.05)
    raise LabError(f"the trap led to nothing in {PATIENCE:.0f} s: {last or 'no word of ' + mac}; see {log}")


def in_brief(line: Mapping[str, Any]) -> str:
    """A line of the listener's log without what NetBox tells as well."""
    fields = {key: line[key] for key in ("server", "rack", "units", "ips") if key in line}
    return " ".join([line["message"], *(f"{key}={_plain(value)}" for key, value in fields.items())])


def _plain(value: object) -> str:
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)


def whole_lines(log: Path, since: int) -> list[dict[str, Any]]:
    text = log.read_bytes()[since:]
    return [json.loads(line) for line in text[: text.rfind(b"\n") + 1].splitlines()]
