# SPDX-License-Identifier: BSD-2-Clause
"""Real clients get exactly what the inventory says, on the server's own segment and through a relay."""

from __future__ import annotations

import ipaddress
from typing import Any

from clusto.dhcp.options import OptionTable
from clusto.dhcp.packet import Code, MessageType, Packet, dotted
from tools.lab.wire import Namespace, Segment, Wire
from tools.lab.wire_capture import Capture

from .daemon import Daemon
from .peer import Peer
from .world import World

SEED = {"enabled": 1, "tftp_server": "192.168.1.1", "tftp_filename": "/pxelinux.0", "domain": "example.org"}


def told(packet: Packet) -> dict[str, Any]:
    """All options of a reply, but the message type and what the client itself had said."""
    own = {Code.MESSAGE_TYPE, Code.CLIENT_ID}
    return dict(OptionTable().decode(code, octets) for code, octets in packet.options.items() if code not in own)


def expected(world: World, hostname: str) -> dict[str, Any]:
    return {
        "subnet_mask": "255.255.255.0",
        "router": [world.address(254)],
        "broadcast_address": world.address(255),
        "hostname": hostname,
        "server_id": world.address(1),
        "lease_time": 3600,
        "renewal_time": 1600,
        "rebinding_time": 3150,
        "tftp_server_name": "192.168.1.1",
        "boot-file-name": "/pxelinux.0",
        "domain": "example.org",
    }


def test_dhclient_gets_the_seeds_example(
    world: World, wire: Wire, segment: Segment, daemon: Daemon, machine: Namespace
) -> None:
    server = world.server("ex", pools=(world.pool("pxeboot-servers", SEED),))
    daemon.serve()
    client = wire.host("client", segment, mac=server.mac)
    with Capture(machine) as capture:
        lease = wire.dhclient(client, config="also request tftp-server-name, bootfile-name;").wait("BOUND")
        ack = capture.next(MessageType.ACK).packet
    assert lease.address == server.address
    assert lease.options["subnet_mask"] == "255.255.255.0"
    assert lease.options["routers"] == world.address(254)
    assert lease.options["domain_name"] == "example.org"
    assert lease.options["host_name"] == server.name
    assert lease.options["tftp_server_name"] == lease.options["next_server"] == "192.168.1.1"
    assert lease.options["bootfile_name"] == lease.options["filename"] == "/pxelinux.0"
    assert told(ack) == expected(world, server.name)
    assert (dotted(ack.yiaddr), dotted(ack.siaddr)) == (server.address, "192.168.1.1")
    daemon.expect(server.mac, [("discover", "offer"), ("selecting", "ack")])


def test_udhcpc_gets_the_seeds_example(
    world: World, wire: Wire, segment: Segment, daemon: Daemon, machine: Namespace
) -> None:
    server = world.server("ex", pools=(world.pool("pxeboot-servers", SEED),))
    daemon.serve()
    client = wire.host("client", segment, mac=server.mac)
    with Capture(machine) as capture:
        lease = wire.udhcpc(client, options=["-O", "tftp", "-O", "bootfile"]).wait("bound")
        ack = capture.next(MessageType.ACK).packet
    assert lease.address == server.address
    assert lease.options["router"] == world.address(254)
    assert lease.options["domain"] == "example.org"
    assert lease.options["hostname"] == server.name
    assert lease.options["siaddr"] == lease.options["tftp"] == "192.168.1.1"
    assert lease.options["boot_file"] == lease.options["bootfile"] == "/pxelinux.0"
    assert told(ack) == expected(world, server.name)


def test_through_a_relay(world: World, wire: Wire, segment: Segment, daemon: Daemon, machine: Namespace) -> None:
    """The relay's address decides the subnet; what it adds (option 82) comes back to it."""
    far = ipaddress.IPv4Network(f"172.30.{world.network.network_address.packed[1]}.0/24")
    server = world.server("far", dhcp={"enabled": 1})  # an address on the server's own segment, too
    world.bind(server, f"{far[50]}/24")
    daemon.serve()
    downstream = wire.segment()
    relay = wire.host("relay", segment, address=world.cidr(2))
    wire.plug(relay, downstream, "down0", address=f"{far[1]}/24")
    machine.run("ip", "route", "add", str(far), "via", world.address(2))
    wire.dhcrelay(relay, world.address(1), downstream="down0", upstream="eth0")
    client = wire.host("client", downstream, mac=server.mac)
    with Capture(machine) as capture:
        lease = wire.dhclient(client).wait("BOUND")
        seen = capture.next(MessageType.ACK)
    assert lease.address == str(far[50])
    assert "routers" not in lease.options  # nobody manages that subnet
    assert seen.packet.relay == {1: b"down0"}
    assert (dotted(seen.frame.destination), seen.frame.destination_port) == (str(far[1]), 67)


def test_two_interfaces(world: World, wire: Wire, segment: Segment, daemon: Daemon, machine: Namespace) -> None:
    """Each client gets the address of the segment that it is on, from the server's address there."""
    second = ipaddress.IPv4Network(f"172.29.{world.network.network_address.packed[1]}.0/24")
    server = world.server("two", dhcp={"enabled": 1})
    world.bind(server, f"{second[50]}/24")
    other = wire.segment()
    wire.plug(machine, other, "eth1", address=f"{second[1]}/24")
    daemon.stop()
    daemon.serve()
    for place, address, identity in (
        (segment, server.address, world.address(1)),
        (other, str(second[50]), str(second[1])),
    ):
        lease = wire.dhclient(wire.host("client", place, mac=server.mac)).wait("BOUND")
        assert (lease.address, lease.options["dhcp_server_identifier"]) == (address, identity)


def test_extra_options_and_server_id(
    world: World, wire: Wire, segment: Segment, daemon: Daemon, machine: Namespace
) -> None:
    """An option of the site's own, of which NetBox's schema knows nothing as it is given on a device."""
    server = world.server(
        "web", dhcp={"enabled": True, "site-role": "web", "classless_static_routes": "10.0.0.0/8 via 10.1.1.1"}
    )
    daemon.settings["server_id"] = world.address(9)
    daemon.tables = '[extra_options]\n224 = "site-role"\n'
    daemon.serve()
    client = wire.host("client", segment, mac=server.mac)
    lease = wire.dhclient(client, config="option role code 224 = text;\nalso request role;").wait("BOUND")
    assert lease.options["role"] == "web"
    assert lease.options["dhcp_server_identifier"] == world.address(9)


def test_a_client_that_asks_for_broadcast_is_broadcast_to(
    world: World, wire: Wire, segment: Segment, daemon: Daemon
) -> None:
    server = world.server("flag", dhcp={"enabled": 1})
    daemon.serve()
    with Peer(wire.host("client", segment, mac=server.mac), server.mac) as peer:
        to_all = peer.ask(MessageType.DISCOVER, flags=0x8000).frame
        to_one = peer.ask(MessageType.DISCOVER).frame
    assert (to_all.destination_mac, dotted(to_all.destination)) == (b"\xff" * 6, "255.255.255.255")
    assert (to_one.destination_mac, dotted(to_one.destination)) == (peer.mac, server.address)
    assert dotted(to_all.source) == dotted(to_one.source) == world.address(1)
