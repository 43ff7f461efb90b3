# SPDX-License-Identifier: BSD-2-Clause
"""How long it takes from a trap until the server is in NetBox, complete: one alone, and a rack of forty powered on.

    NETBOX_API=… NETBOX_TOKEN=… python -m tests.bench.bench_newcomers [--rounds 5]

Traps are sent by net-snmp's snmptrap, from the switch's own address of loopback; the program runs as it is installed,
with its own default of coalescing. The time ends when the program tells that the server is made, after its last write;
what NetBox then has is counted. The requests are counted in this process, by what the program consists of: those of
the first server, and of one that comes later. What was made is deleted again.
"""

from __future__ import annotations

import argparse
import io
import os
import statistics
import tempfile
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

from clusto.drivers import Device
from clusto.mirror.mirror import Mirror
from clusto.mirror.model import DEVICE
from clusto.netbox.client import Client, Settings
from clusto.netbox.kept import Kept
from clusto.netbox.schema import bootstrap
from clusto.racks import get_factory
from clusto.service.log import Log
from clusto.snmp.macnotify import MacChange, Operation
from clusto.snmptrapd.events import DONE, Sighting, SwitchPort
from clusto.snmptrapd.findings import Findings
from clusto.snmptrapd.newcomers import KEPT, Newcomers

from ..integration.racks.world import World
from ..integration.snmptrapd.daemon import COMMUNITY, Daemon, NetSnmp, packed
from .bench_servers import Counting, say

SERVERS = 40
CABLES = 3
COALESCE = 0.1
LONGEST = 600.0  # seconds
LAYOUT: Mapping[str, Any] = {
    "devices": [
        {"suffix": "sw1", "driver": "cisco4948", "ru": 41},
        {"suffix": "ts1", "driver": "opengearcm4148", "ru": 42},
        {"suffix": "pwr1", "driver": "powertowerxm", "ru": 43},
        {"suffix": "pwr2", "driver": "powertowerxm", "ru": 44},
    ],
    "servers": {
        "driver": "penguinserver",
        "name_manager": "servernames",
        "pools": ["pxeboot-servers"],
        "ips": [{"osport": "eth0", "ip_manager": "subnet-servers"}],
    },
    "switchports": {
        ports: {
            "ru": ports,
            "ports": [
                {"number": 1, "connected_to": {"device": "sw1", "number": ports}},
                {"type": "console-serial", "number": 1, "connected_to": {"device": "ts1", "number": ports}},
                {"type": "pwr-nema-5", "number": 1, "connected_to": {"device": strip, "name": outlets}},
            ],
        }
        for ports, strip, outlets in (
            ("1-20", "pwr1", "aa1-aa8,ab1-ab8,ba1-ba4"),
            ("21-40", "pwr2", "aa1-aa8,ab1-ab8,ba1-ba4"),
        )
    },
}


class Bench:
    def __init__(self, client: Client, directory: Path) -> None:
        self.client = client
        self.world = World(client)
        octets = uuid.uuid4().bytes
        self._net = f"127.{octets[0]}.{octets[1]}"
        self._macs = (f"02:{octets[2:6].hex(':')}:{number:02x}" for number in count(1))
        self._numbers = count(2)
        self._layout = self.world.layout("forty", LAYOUT).name
        self._directory = directory
        self.daemon = Daemon(
            directory,
            os.environ["NETBOX_API"],
            os.environ["NETBOX_TOKEN"],
            make_servers=True,
            coalesce_interval=COALESCE,
        )

    def rack(self) -> tuple[Device, NetSnmp]:
        """One more rack, empty but for its devices, and what sends as its switch."""
        rack, address = self.world.rack(self._layout), f"{self._net}.{next(self._numbers)}"
        rack.set_attr("snmp", 1, subkey="discovery")
        get_factory(rack, session=self.world.session).connect_ports()
        switch = Device.get(f"{rack.name}-sw1", session=self.world.session)
        vlan = switch.add_port("nic-eth", "Vlan442", type_="virtual")
        place = {"assigned_object_type": "dcim.interface", "assigned_object_id": vlan.id}
        self.client.create("ipam/ip-addresses", {"address": f"{address}/32", **place})
        return switch, NetSnmp(self._directory, address, f"127.0.0.1:{self.daemon.port}", self._macs)

    def seconds(self, net_snmp: NetSnmp, ports: range) -> float:
        """From the first of these traps until the last of the servers is made."""
        before = len(self.daemon.lines())
        macs = {port: next(self._macs) for port in ports}
        began = time.monotonic()
        for port, mac in macs.items():
            net_snmp.trap("-v2c", "-c", COMMUNITY, messages=[packed(mac, port) + "00"])
        for mac in macs.values():
            self._made(mac, before)
        return time.monotonic() - began

    def _made(self, mac: str, since: int) -> None:
        self.daemon.wait(lambda line: mac in (line.get("macs") or {}).values(), since, LONGEST)

    def requests(self, switch: Device, ports: range) -> list[int]:
        """What servers that come one after the other ask NetBox."""
        mirror, kept, log = Mirror(self.client), Kept(KEPT), Log(io.StringIO())
        mirror.on_news(kept.hold)
        mirror.start()
        [host] = [host for host in mirror.current.hosts if (host.kind, host.id) == (DEVICE, switch.id)]
        transport, counts = Counting(self.client.settings), []
        with Client(self.client.settings, transport=transport) as client:
            findings, world = Findings(client, log), partial(mirror.world, KEPT)
            handler = Newcomers(client, log, findings, kept, world, name_manager="", dry_run=False)
            for port in ports:
                mirror.refresh()
                transport.requests = 0
                change = MacChange(Operation.LEARNT, 442, next(self._macs), port)
                if handler.handle(mirror.current, host, [Sighting(time.time(), SwitchPort(port), change)]) != [DONE]:
                    raise SystemExit(f"the server at port {port} is not made")
                counts.append(transport.requests)
        mirror.stop()
        return counts

    def check(self, switch: Device, servers: int) -> None:
        """All are there, once, with all their cables and addresses."""
        found = self.client.list("dcim/devices", rack_id=switch.record["rack"]["id"], role="server")
        ids = [record["id"] for record in found]
        cables = len(self.client.list("dcim/cables", device_id=ids, fields="id"))
        ips = len(self.client.list("ipam/ip-addresses", device_id=ids, fields="id"))
        there = (len(ids), len({record["name"] for record in found}), cables, ips)
        if there != (servers, servers, CABLES * servers, servers):
            raise SystemExit(f"servers, names, cables, addresses: {there}; expected {servers} servers")


@contextmanager
def bench() -> Iterator[Bench]:
    settings = Settings(os.environ["NETBOX_API"], os.environ["NETBOX_TOKEN"])
    with Client(settings) as client, tempfile.TemporaryDirectory() as directory:
        bootstrap(client)
        made = Bench(client, Path(directory))
        try:
            yield made
        finally:
            made.daemon.stop()
            made.world.delete()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--rounds", type=int, default=5, help="starts of the program, each followed by three servers (%(default)s)"
    )
    rounds = parser.parse_args().rounds
    with bench() as made:
        switch, net_snmp = made.rack()
        full, all_at_once = made.rack()
        firsts, next_ones, later_ones = [], [], []
        for port in range(1, 3 * rounds, 3):
            made.daemon.start()
            time.sleep(KEPT)
            firsts.append(made.seconds(net_snmp, range(port, port + 1)))
            next_ones.append(made.seconds(net_snmp, range(port + 1, port + 2)))
            time.sleep(KEPT)  # the inventory has long caught up with those before
            later_ones.append(made.seconds(net_snmp, range(port + 2, port + 3)))
            made.daemon.stop()
        made.check(switch, 3 * rounds)
        asked = made.requests(switch, range(3 * rounds + 1, 3 * rounds + 3))
        for what, found in (
            (f"the first server after the program's start ({asked[0]} requests)", firsts),
            ("one more right after it", next_ones),
            (f"one more later ({asked[1]} requests)", later_ones),
        ):
            median, longest = statistics.median(found), max(found)
            say(f"{what}: {median:.1f} s from trap to complete (longest of {rounds}: {longest:.1f} s)")
        made.daemon.start()
        forty = made.seconds(all_at_once, range(1, SERVERS + 1))
        made.check(full, SERVERS)
        say(f"{SERVERS} servers at once: {forty:.1f} s; coalescing {COALESCE} s is in both figures")


if __name__ == "__main__":
    main()
