# SPDX-License-Identifier: BSD-2-Clause
"""A rack of the layout 5555, its switch with an address of loopback: servers at ports 1 to 20, second NICs at 21 on."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any

from clusto.drivers import Device, Rack, Server
from clusto.netbox.client import Client
from clusto.racks import get_factory

from ..racks.world import World
from .daemon import PATIENCE, Daemon, NetSnmp, packed

JOURNAL = "extras/journal-entries"
UPLINK = 46
"""A port of the switch that the layout says nothing of."""
V2C = ("-v2c", "-c", "s3cret")


class Racked:
    def __init__(self, client: Client, address: str, macs: Iterator[str]) -> None:
        self.client = client
        self.world = world = World(client)
        self.address = address
        self._macs = macs
        document = world.example("5555")
        document["devices"] = [{k: v for k, v in one.items() if k != "ips"} for one in document["devices"]]
        del document["servers"]["name_manager"]  # the program's own is used
        world.pool.set_attr("dhcp", 1, subkey="enabled")
        self.rack: Rack = world.rack(world.layout("plugged", document).name)
        self.rack.set_attr("snmp", 1, subkey="discovery")
        self.factory = get_factory(self.rack, session=world.session)
        self.factory.connect_ports()
        self.switch = self.device("sw1")
        reachable(client, self.switch, address)

    def device(self, suffix: str) -> Device:
        return Device.get(f"{self.rack.name}-{suffix}", session=self.world.session)

    def mac(self) -> str:
        return next(self._macs)

    @cached_property
    def ports(self) -> dict[int, str]:
        """The names of the switch's ports, by number."""
        return {n: port.name for _, n, port in self.switch.all_ports() if isinstance(n, int)}

    def servers(self) -> list[dict[str, Any]]:
        return self.client.list("dcim/devices", rack_id=self.rack.id, role="server")

    def bearing(self, *macs: str) -> list[str]:
        """The names of the servers that bear these, one for each record of such a MAC address."""
        records = self.client.list("dcim/mac-addresses", mac_address=list(macs))
        return [record["assigned_object"]["device"]["name"] for record in records]

    def server(self, mac: str) -> Server:
        [name] = self.bearing(mac)
        return Server.get(name, session=self.world.session)

    def check_whole(self, server: Server, port: int) -> None:
        """The server stands, and is connected, as the layout says for a switch port."""
        slot, _ = self.factory.slot(port)
        assert (server.driver, list(server.units), server.place) == (slot.driver, list(slot.units), self.rack)
        for one in slot.ports:
            far = self.device(one.to.device or "")
            assert server.get_connection(one.type, one.port) == (
                far,
                one.to.type,
                far.port(one.to.type, one.to.port).name,
            )
        assert len(server.get_ips()) == 1
        assert server.pools() == [self.world.pool]

    def entries(self, server: Server) -> list[tuple[str, str]]:
        """Kind and text of what NetBox's journal has of a server."""
        found = self.client.list(JOURNAL, assigned_object_type="dcim.device", assigned_object_id=server.id)
        return [(entry["kind"]["value"], entry["comments"]) for entry in found]


def reachable(client: Client, switch: Device, address: str) -> None:
    """Give a switch its address."""
    vlan = switch.add_port("nic-eth", "Vlan442", type_="virtual")
    place = {"assigned_object_type": "dcim.interface", "assigned_object_id": vlan.id}
    client.create("ipam/ip-addresses", {"address": f"{address}/32", **place})


class Plugs:
    """Tells the program what the switch learnt, and waits for what comes of it."""

    def __init__(self, racked: Racked, daemon: Daemon, net_snmp: NetSnmp) -> None:
        self.racked = racked
        self.daemon = daemon
        self._net_snmp = net_snmp

    def at(self, address: str) -> Plugs:
        """The same of the switch with this address."""
        return Plugs(self.racked, self.daemon, self._net_snmp.at(address))

    def learnt(self, *seen: tuple[str, int], operation: int = 1) -> None:
        """One INFORM of these MAC addresses at these ports."""
        tuples = "".join(packed(mac, port, operation=operation) for mac, port in seen)
        self._net_snmp.inform_of([tuples + "00"], *V2C)

    def begin(self, mac: str, port: int) -> subprocess.Popen[bytes]:
        """Send an INFORM again and again until it is acknowledged; the exit status is 0 then."""
        return self._net_snmp.begin("-t1", "-r500", *V2C, messages=[packed(mac, port) + "00"])

    def settle(self) -> None:
        """Wait until what was sent before is dealt with: what a switch tells is dealt with in order."""
        mac = self.racked.mac()
        self.learnt((mac, UPLINK))
        self.daemon.told("ignored: rack layout", mac=mac)

    def told(self, mac: str, message: str) -> dict[str, Any]:
        return self.daemon.wait(lambda line: line.get("mac") == mac and message in line["message"])

    def made(self, mac: str, *, message: str = "server made") -> dict[str, Any]:
        return self.daemon.wait(lambda line: line["message"] == message and mac in (line["macs"] or {}).values())


def ended(processes: Sequence[subprocess.Popen[bytes]]) -> list[int]:
    deadline = time.monotonic() + 4 * PATIENCE
    return [process.wait(timeout=max(1.0, deadline - time.monotonic())) for process in processes]
