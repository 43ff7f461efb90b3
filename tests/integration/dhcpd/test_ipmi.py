# SPDX-License-Identifier: BSD-2-Clause
"""`update_ipmi`: what requests tell is recorded in NetBox."""

from __future__ import annotations

from typing import Any

import pytest

from clusto.dhcp.packet import Code, MessageType, dotted
from clusto.netbox.client import Client
from tools.lab.wire import Segment, Wire

from .daemon import Daemon
from .peer import Peer
from .world import Server, World

ENABLED = {"enabled": 1}
DISCOVER = MessageType.DISCOVER
CARD = {int(Code.VENDOR_CLASS): b"udhcp 0.9.9-pre"}


@pytest.fixture
def recording(daemon: Daemon) -> Daemon:
    daemon.settings["update_ipmi"] = True
    daemon.serve()
    return daemon


def recorded(daemon: Daemon, mac: str) -> dict[str, Any]:
    return daemon.wait(lambda line: line["message"].startswith("MAC address") and line.get("mac") == mac)


def ports(client: Client, server: Server) -> dict[str, tuple[bool, str | None]]:
    found = client.list("dcim/interfaces", device_id=server.id)
    return {
        port["name"]: (port["mgmt_only"], port["primary_mac_address"] and port["primary_mac_address"]["mac_address"])
        for port in found
        if port["name"] in {"eth0", "ipmi"}
    }


def test_an_ipmi_card_taken_for_the_server_is_moved(
    world: World, wire: Wire, segment: Segment, recording: Daemon
) -> None:
    """It is not given the server's address; afterwards it gets its own, and the server's NIC the server's."""
    server = world.server("card", dhcp=ENABLED)
    nic = world.unknown()
    with Peer(wire.host("card", segment), server.mac) as peer:
        peer.send(DISCOVER, CARD)
        # The first request makes the server known (a second look), so it is already this one that tells.
        assert recorded(recording, server.mac)["message"] == "MAC address recorded on interface ipmi"
        assert ports(world.client, server) == {"eth0": (False, None), "ipmi": (True, server.mac.upper())}
        assert recording.transactions(server.mac) == []
        world.bind(server, world.cidr(251), "ipmi")
        world.add_mac(server, nic)
    with Peer(wire.host("nic", segment), nic) as peer:
        assert dotted(peer.ask(DISCOVER).packet.yiaddr) == server.address
    with Peer(wire.host("card-again", segment), server.mac) as peer:
        assert dotted(peer.ask(DISCOVER, CARD).packet.yiaddr) == world.address(251)


def test_a_mac_that_discovery_left_becomes_the_first_nics(
    world: World, wire: Wire, segment: Segment, recording: Daemon
) -> None:
    server = world.server("found", dhcp=ENABLED, mac=False)
    data = {"dhcp": ENABLED, "bootstrap": {"mac": server.mac}}
    world.client.update("dcim/devices", server.id, {"local_context_data": data})
    with Peer(wire.host("client", segment), server.mac) as peer:
        assert dotted(peer.ask(DISCOVER).packet.yiaddr) == server.address
        assert recorded(recording, server.mac)["message"] == "MAC address recorded on interface eth0"
    assert ports(world.client, server) == {"eth0": (False, server.mac.upper())}


def test_a_mac_that_another_host_has_in_netbox_is_refused(
    world: World, wire: Wire, segment: Segment, recording: Daemon
) -> None:
    """The NIC has another MAC address already: nothing is overwritten."""
    server = world.server("taken", dhcp=ENABLED)
    left = world.unknown()
    data = {"dhcp": ENABLED, "bootstrap": {"mac": left}}
    world.client.update("dcim/devices", server.id, {"local_context_data": data})
    with Peer(wire.host("client", segment), left) as peer:
        assert dotted(peer.ask(DISCOVER).packet.yiaddr) == server.address
        told = recorded(recording, left)
    assert told["level"] == "warning"
    assert server.mac in told["message"]
    assert ports(world.client, server) == {"eth0": (False, server.mac.upper())}
