# SPDX-License-Identifier: BSD-2-Clause
"""Who gets no answer, and what the log says of it. That nothing came is seen by what comes after it."""

from __future__ import annotations

import random

from clusto.dhcp.packet import Code, MessageType
from tools.lab.wire import Segment, Wire

from .daemon import Daemon
from .peer import Peer
from .world import World

ENABLED = {"enabled": 1}
DISCOVER = MessageType.DISCOVER
DETAILS = {int(Code.VENDOR_CLASS): b"PXEClient", int(Code.CLIENT_ID): b"\1abc", 12: b"newbox"}


def test_each_unanswered_host_gets_one_warning_that_says_what_is_missing(
    world: World, wire: Wire, segment: Segment, daemon: Daemon
) -> None:
    disabled = world.server("disabled", dhcp={"enabled": 0})
    unbound = world.server("unbound", dhcp=ENABLED, address=None)
    elsewhere = world.server("elsewhere", dhcp=ENABLED, address=f"172.31.{world.mac_stem[0]}.62/24")
    known = world.server("known", dhcp=ENABLED)
    unknown = world.unknown()
    daemon.stop()
    daemon.serve()
    expected = {
        disabled.mac: (disabled.name, "unanswered: dhcp.enabled is not set on it or on what it is in"),
        unbound.mac: (unbound.name, "unanswered: no IPv4 address is bound to it"),
        elsewhere.mac: (elsewhere.name, f"unanswered: none of its addresses is in the subnet of {world.address(1)}"),
        unknown: (None, "unanswered: no host in NetBox has this MAC address"),
    }
    host = wire.host("clients", segment)
    for mac in expected:
        with Peer(host, mac) as peer:
            for _ in range(3):
                peer.send(DISCOVER, DETAILS)
        daemon.wait(lambda line, mac=mac: line["level"] == "warning" and line.get("mac") == mac)
    with Peer(host, known.mac) as peer:
        assert peer.ask(DISCOVER).packet.message_type == MessageType.OFFER
    assert [(line["mac"], (line["host"], line["message"])) for line in daemon.warnings()] == list(expected.items())
    told = daemon.warnings()[-1]
    assert told["interface"] == "eth0"
    assert (told["vendor_class"], told["hostname"]) == ("PXEClient", "newbox")
    assert told["client_id"] == "01:61:62:63"
    assert not any(daemon.transactions(mac) for mac in expected)


def test_garbage_does_no_harm(world: World, wire: Wire, segment: Segment, daemon: Daemon) -> None:
    server = world.server(dhcp=ENABLED)
    daemon.stop()
    daemon.serve()
    noise = random.Random(2131)
    with Peer(wire.host("client", segment, mac=server.mac), server.mac) as peer:
        for length in (0, 1, 239, 240, 241, 300, 1400):
            for _ in range(20):
                peer.send_payload(noise.randbytes(length))
        peer.send_payload(bytes(236) + b"\x63\x82\x53\x63" + noise.randbytes(400))
        assert peer.ask(DISCOVER).packet.message_type == MessageType.OFFER
    (warning,) = daemon.warnings()
    assert warning["message"].startswith("malformed packet: ")


def test_a_bad_attribute_is_left_out_with_one_warning(
    world: World, wire: Wire, segment: Segment, daemon: Daemon
) -> None:
    daemon.stop()  # or a server that runs already would see the pool, and warn of it, before this test's own does
    pool = world.pool("misspelt", ENABLED | {"name_server": "10.0.0.999", "domain": "example.org"})
    servers = [world.server(pools=(pool,)) for _ in range(2)]
    names = [server.name for server in servers]
    daemon.serve()
    with Peer(wire.host("client", segment, mac=servers[0].mac), servers[0].mac) as peer:
        offer = peer.ask(DISCOVER).packet
    assert offer.options[15] == b"example.org"
    assert 6 not in offer.options
    assert [line["message"] for line in daemon.lines() if line.get("hosts") == names] == [
        (
            f"dhcp.name_server of {', '.join(names)}: '10.0.0.999' is not usable; "
            "expected one or more IPv4 addresses; this option is left out"
        )
    ]
