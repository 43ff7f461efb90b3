# SPDX-License-Identifier: BSD-2-Clause
"""REQUEST in all its states, INFORM, DECLINE and RELEASE (RFC 2131 section 4.3); also across a restart."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address

import pytest

from clusto.dhcp.packet import Code, MessageType, dotted
from tools.lab.wire import Namespace, Segment, Wire

from .daemon import Daemon
from .peer import Peer
from .world import Server, World

ENABLED = {"enabled": 1}
REQUEST = MessageType.REQUEST


def packed(address: str) -> bytes:
    return IPv4Address(address).packed


@pytest.fixture
def server(world: World) -> Server:
    return world.server(dhcp=ENABLED)


@pytest.fixture
def host(wire: Wire, segment: Segment, daemon: Daemon, server: Server) -> Namespace:
    """The client's machine, with the server running."""
    daemon.serve()
    return wire.host("client", segment, mac=server.mac)


@pytest.fixture
def peer(host: Namespace, server: Server, daemon: Daemon) -> Iterator[Peer]:
    """The client, of which the server has learned by an answered DISCOVER; the log begins after that."""
    with Peer(host, server.mac) as made:
        made.ask(MessageType.DISCOVER)
        daemon.expect(server.mac, [("discover", "offer")])
        daemon.begin()
        yield made


def test_a_restart_between_offer_and_request_changes_nothing(peer: Peer, server: Server, daemon: Daemon) -> None:
    offer = peer.ask(MessageType.DISCOVER).packet
    assert daemon.stop() == 0
    daemon.start()
    chosen = {int(Code.REQUESTED_ADDRESS): offer.yiaddr, int(Code.SERVER_ID): offer.options[Code.SERVER_ID]}
    ack = peer.ask(REQUEST, chosen).packet
    assert ack.message_type == MessageType.ACK
    assert dotted(ack.yiaddr) == server.address


def test_a_client_that_chose_another_server_is_left_alone(
    world: World, peer: Peer, server: Server, daemon: Daemon
) -> None:
    other = {int(Code.REQUESTED_ADDRESS): packed(server.address), int(Code.SERVER_ID): packed(world.address(9))}
    peer.send(REQUEST, other)
    assert peer.ask(MessageType.DISCOVER).packet.message_type == MessageType.OFFER
    daemon.expect(server.mac, [("selecting", None), ("discover", "offer")])


@pytest.mark.parametrize(("by", "reply"), [(0, MessageType.ACK), (1, MessageType.NAK)])
def test_init_reboot(world: World, peer: Peer, server: Server, by: int, reply: MessageType) -> None:
    seen = peer.ask(REQUEST, {int(Code.REQUESTED_ADDRESS): packed(world.address(server.number + by))})
    assert seen.packet.message_type == reply
    assert (dotted(seen.frame.destination) == "255.255.255.255") is (reply is MessageType.NAK)


def test_dhclient_that_remembers_a_wrong_address_gets_its_own(
    world: World, wire: Wire, host: Namespace, server: Server
) -> None:
    client = wire.dhclient(host, leases=remembered(world.address(server.number + 1)))
    assert client.wait("BOUND").address == server.address


def test_dhclient_that_remembers_its_address_keeps_it(
    wire: Wire, host: Namespace, server: Server, daemon: Daemon
) -> None:
    assert wire.dhclient(host, leases=remembered(server.address)).wait("REBOOT").address == server.address
    daemon.expect(server.mac, [("init-reboot", "ack")])


def remembered(address: str) -> str:
    never = "0 2040/01/01 00:00:00"
    return f"""lease {{ interface "eth0"; fixed-address {address}; option subnet-mask 255.255.255.0;
        renew {never}; rebind {never}; expire {never}; }}"""


def test_not_authoritative_never_refuses(world: World, peer: Peer, server: Server, daemon: Daemon) -> None:
    daemon.settings["authoritative"] = False
    daemon.serve()
    peer.ask(MessageType.DISCOVER)  # the new server may have begun with a snapshot without this host
    daemon.expect(server.mac, [("discover", "offer")])
    daemon.begin()
    peer.send(REQUEST, {int(Code.REQUESTED_ADDRESS): packed(world.address(server.number + 1))})
    peer.ask(MessageType.DISCOVER)
    daemon.expect(server.mac, [("init-reboot", None), ("discover", "offer")])


def test_dhclient_renews_by_unicast(world: World, wire: Wire, segment: Segment, daemon: Daemon) -> None:
    short = world.server("short", dhcp=ENABLED | {"lease_time": 60, "renewal_time": 2, "rebinding_time": 50})
    daemon.serve()
    running = wire.dhclient(wire.host("client", segment, mac=short.mac))
    assert running.wait("BOUND").address == short.address
    assert running.wait("RENEW").address == short.address
    renewed = daemon.wait(lambda line: line.get("request") == "renewing" and line["mac"] == short.mac)
    running.stop()
    assert renewed["reply"] == "ack"


@pytest.mark.parametrize(("by", "reply"), [(0, MessageType.ACK), (1, MessageType.NAK)])
def test_rebinding(  # noqa: PLR0913, PLR0917 - the parts of one scene
    world: World, host: Namespace, peer: Peer, server: Server, daemon: Daemon, by: int, reply: MessageType
) -> None:
    host.run("ip", "address", "add", world.cidr(server.number + by), "dev", "eth0")
    seen = peer.ask(REQUEST, ciaddr=packed(world.address(server.number + by)))
    assert seen.packet.message_type == reply
    daemon.expect(server.mac, [("rebinding", reply.name.lower())])


def test_inform(world: World, host: Namespace, peer: Peer) -> None:
    """The client has got itself another address than its own."""
    host.run("ip", "address", "add", world.cidr(252), "dev", "eth0")
    ack = peer.ask(MessageType.INFORM, ciaddr=packed(world.address(252))).packet
    assert ack.message_type == MessageType.ACK
    assert ack.yiaddr == bytes(4)
    assert ack.options[3] == packed(world.address(254))
    assert not {51, 58, 59} & set(ack.options)


def test_decline_and_release_are_told(world: World, peer: Peer, server: Server, daemon: Daemon) -> None:
    ours = {int(Code.SERVER_ID): packed(world.address(1))}
    peer.send(MessageType.DECLINE, ours | {int(Code.REQUESTED_ADDRESS): packed(server.address)})
    peer.send(MessageType.RELEASE, ours, ciaddr=packed(server.address))
    peer.ask(MessageType.DISCOVER)
    daemon.expect(server.mac, [("decline", None), ("release", None), ("discover", "offer")])
    (warning,) = daemon.warnings()
    assert "in use by another machine" in warning["message"]
    assert warning["ip"] == server.address


def test_bootp_is_ignored(peer: Peer, server: Server, daemon: Daemon) -> None:
    peer.send(None)
    peer.ask(MessageType.DISCOVER)
    daemon.expect(server.mac, [("discover", "offer")])
