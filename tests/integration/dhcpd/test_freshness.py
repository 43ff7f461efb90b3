# SPDX-License-Identifier: BSD-2-Clause
"""What changes in NetBox is served soon; what NetBox had said is served while it is away."""

from __future__ import annotations

from clusto.dhcp.packet import Code, MessageType, dotted
from tools.lab.wire import Segment, Wire

from .daemon import Daemon
from .peer import Peer
from .world import World

ENABLED = {"enabled": 1}
DISCOVER = MessageType.DISCOVER


def test_a_server_made_a_moment_ago_is_answered_at_its_first_request(
    world: World, wire: Wire, segment: Segment, daemon: Daemon
) -> None:
    daemon.settings["refresh_interval"] = 3600  # only the second look can find it
    daemon.serve()
    server = world.server("new", dhcp=ENABLED)
    with Peer(wire.host("client", segment, mac=server.mac), server.mac) as peer:
        assert dotted(peer.reply_to(peer.send(DISCOVER)).packet.yiaddr) == server.address
    daemon.expect(server.mac, [("discover", "offer")])


def test_a_change_is_served_without_being_asked_for(world: World, wire: Wire, segment: Segment, daemon: Daemon) -> None:
    server = world.server(dhcp=ENABLED | {"domain": "before.example"})
    daemon.serve()
    with Peer(wire.host("client", segment, mac=server.mac), server.mac) as peer:
        assert peer.ask(DISCOVER).packet.options[15] == b"before.example"
        loaded = len(daemon.lines())
        changed = {"local_context_data": {"dhcp": ENABLED | {"domain": "after.example"}}}
        world.client.update("dcim/devices", server.id, changed)
        daemon.wait(lambda line: line["message"] == "inventory", since=loaded)
        assert peer.ask(DISCOVER).packet.options[15] == b"after.example"


def test_while_netbox_is_away_the_server_goes_on_and_starts_again(
    world: World, wire: Wire, segment: Segment, daemon: Daemon
) -> None:
    server = world.server(dhcp=ENABLED)
    daemon.serve()
    with Peer(wire.host("client", segment, mac=server.mac), server.mac) as peer:
        assert peer.ask(DISCOVER).packet.message_type == MessageType.OFFER
        daemon.cut_off()
        daemon.wait(lambda line: line["level"] == "warning" and "NetBox" in line["message"])
        assert peer.ask(DISCOVER).packet.message_type == MessageType.OFFER
        assert daemon.stop() == 0
        daemon.start()
        offer = peer.ask(DISCOVER).packet
        assert dotted(offer.yiaddr) == server.address
        assert dotted(offer.options[Code.SERVER_ID]) == world.address(1)
        daemon.reconnect()
        daemon.wait(lambda line: "answers again" in line["message"])
    new = world.server("new", dhcp=ENABLED)
    with Peer(wire.host("later", segment), new.mac) as peer:
        assert dotted(peer.ask(DISCOVER).packet.yiaddr) == new.address
