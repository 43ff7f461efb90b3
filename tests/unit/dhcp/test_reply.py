# SPDX-License-Identifier: BSD-2-Clause
from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clusto.dhcp.options import OptionTable
from clusto.dhcp.packet import BOOTREPLY, BROADCAST_FLAG, Code, MessageType, Packet, parse, serialize
from clusto.dhcp.parameters import Binding, attributes, parameters
from clusto.dhcp.reply import Destination, Template, destination, nak

from .captures import DHCLIENT_DISCOVER, RELAYED_DISCOVER, UDHCPC_DISCOVER

SERVER = bytes([192, 168, 1, 1])
HOST = bytes([192, 168, 1, 50])
RELAY = bytes([192, 168, 1, 1])
MAC = bytes.fromhex("001122334455")
BINDING = Binding(IPv4Address(HOST), IPv4Network("192.168.1.0/24"), IPv4Address("192.168.1.254"), hostname="ex0000")
OFFER, ACK, NAK = MessageType.OFFER, MessageType.ACK, MessageType.NAK


def template(**document: Any) -> Template:
    return Template(BINDING, parameters(attributes(document, OptionTable()), BINDING))


def codes(octets: bytes) -> list[int]:
    """The codes in the order of the wire."""
    return list(parse(octets).options)


def test_offer_to_dhclient() -> None:
    request = parse(DHCLIENT_DISCOVER)._replace(flags=BROADCAST_FLAG, secs=9)
    octets, omitted = template(tftp_server="192.168.1.9", tftp_filename="/pxelinux.0").reply(request, OFFER, SERVER)
    reply = parse(octets)
    assert omitted == ()
    assert reply.op == BOOTREPLY
    assert (reply.xid, reply.chaddr, reply.giaddr) == (request.xid, MAC, bytes(4))
    assert (reply.flags, reply.secs, reply.hops) == (BROADCAST_FLAG, 0, 0)
    assert (reply.ciaddr, reply.yiaddr, reply.siaddr) == (bytes(4), HOST, bytes([192, 168, 1, 9]))
    assert reply.file.rstrip(b"\0") == b"/pxelinux.0"
    assert reply.message_type == OFFER
    assert reply.options[Code.SERVER_ID] == SERVER
    # type, server id and lease time; what was wished for, in that order (1 28 2 3 15 6 12); the rest
    assert codes(octets) == [53, 54, 51, 1, 28, 3, 12, 58, 59, 66, 67]


def test_replies_have_300_octets_at_least() -> None:
    assert len(template().reply(parse(DHCLIENT_DISCOVER), OFFER, SERVER)[0]) == 300


def test_the_relay_and_the_client_hear_what_they_said() -> None:
    request = parse(RELAYED_DISCOVER)
    request = request._replace(
        options={**request.options, int(Code.CLIENT_ID): b"\1abc", int(Code.SUBNET_SELECTION): RELAY}
    )
    octets, _ = template().reply(request, OFFER, SERVER)
    reply = parse(octets)
    assert reply.giaddr == RELAY
    assert codes(octets)[-3:] == [Code.CLIENT_ID, Code.SUBNET_SELECTION, Code.RELAY_AGENT]  # option 82 last
    for code in (Code.CLIENT_ID, Code.SUBNET_SELECTION, Code.RELAY_AGENT):
        assert reply.options[code] == request.options[code]


def test_ack_repeats_ciaddr() -> None:
    octets, _ = template().reply(request(MessageType.REQUEST, ciaddr=HOST), ACK, SERVER)
    assert (parse(octets).ciaddr, parse(octets).yiaddr) == (HOST, HOST)


def test_ack_to_inform_gives_neither_address_nor_times() -> None:
    octets, _ = template(domain="example.org").reply(request(MessageType.INFORM, ciaddr=HOST), ACK, SERVER)
    reply = parse(octets)
    assert (reply.yiaddr, reply.ciaddr) == (bytes(4), HOST)
    assert not {51, 58, 59} & set(reply.options)
    assert reply.options[15] == b"example.org"


def test_the_attributes_server_id_wins() -> None:
    own = template(server_id="9.9.9.9")
    assert own.server_id == bytes([9, 9, 9, 9])
    assert parse(own.reply(parse(DHCLIENT_DISCOVER), OFFER, SERVER)[0]).options[54] == bytes([9, 9, 9, 9])


def test_what_the_client_leaves_no_room_for_is_told() -> None:
    long = template(domain="d" * 250, root_disk_path="r" * 250, hostname="h" * 200)
    octets, omitted = long.reply(parse(UDHCPC_DISCOVER), OFFER, SERVER)  # wishes 12 and 15, says 576
    assert len(octets) <= 548
    assert omitted == (15,) or set(omitted) == {15, 17}
    larger = parse(UDHCPC_DISCOVER)
    larger = larger._replace(options={**larger.options, int(Code.MAXIMUM_SIZE): (1500).to_bytes(2)})
    assert long.reply(larger, OFFER, SERVER)[1] == ()


def test_long_options_are_split() -> None:
    larger = parse(UDHCPC_DISCOVER)
    larger = larger._replace(options={**larger.options, int(Code.MAXIMUM_SIZE): (1500).to_bytes(2)})
    octets, _ = template(root_disk_path="r" * 600).reply(larger, OFFER, SERVER)
    assert parse(octets).options[17] == b"r" * 600


@given(st.binary(max_size=200), st.integers(0, 65535), st.sampled_from([RELAYED_DISCOVER, UDHCPC_DISCOVER]))
def test_whatever_is_wished_for_the_reply_fits_and_parses(wishes: bytes, size: int, capture: bytes) -> None:
    asked = parse(capture)
    options = {**asked.options, int(Code.PARAMETER_REQUEST_LIST): wishes, int(Code.MAXIMUM_SIZE): size.to_bytes(2)}
    octets, omitted = template(domain="d" * 200, root_disk_path="r" * 255).reply(
        asked._replace(options=options), OFFER, SERVER
    )
    reply = parse(octets)
    assert len(octets) <= min(max(size, 576) - 28, 1472)
    assert reply.options[Code.SERVER_ID] == SERVER
    assert not set(omitted) & set(reply.options)
    assert {17, 15} <= set(omitted) | set(reply.options)


def test_bodies_are_kept_for_a_bounded_number_of_wishes() -> None:
    made = template()
    for number in range(100):
        asked = parse(DHCLIENT_DISCOVER)
        made.reply(asked._replace(options={53: b"\1", 55: bytes((number,))}), OFFER, SERVER)
    assert len(made._bodies) <= 16


def test_nak() -> None:
    reply = parse(nak(request(MessageType.REQUEST, ciaddr=HOST), SERVER, "no"))
    assert (reply.ciaddr, reply.yiaddr, reply.siaddr) == (bytes(4),) * 3
    assert reply.options == {53: bytes((NAK,)), 54: SERVER, 56: b"no"}


def test_a_relay_must_broadcast_a_nak() -> None:
    reply = parse(nak(parse(RELAYED_DISCOVER), SERVER, "no"))
    assert reply.flags & BROADCAST_FLAG
    assert Code.RELAY_AGENT in reply.options


def request(kind: MessageType, **fields: Any) -> Packet:
    return parse(serialize(parse(DHCLIENT_DISCOVER)._replace(options={53: bytes((kind,))}, **fields)))


ALL = b"\xff" * 4


@pytest.mark.parametrize(
    ("label", "packet", "kind", "expected"),
    [
        ("relayed", request(MessageType.DISCOVER, giaddr=RELAY), OFFER, Destination(RELAY, 67)),
        ("relayed, flag", request(MessageType.DISCOVER, giaddr=RELAY, flags=0x8000), OFFER, Destination(RELAY, 67)),
        ("relayed NAK", request(MessageType.REQUEST, giaddr=RELAY), NAK, Destination(RELAY, 67)),
        ("has an address", request(MessageType.REQUEST, ciaddr=HOST), ACK, Destination(HOST, 68)),
        ("has an address, flag", request(MessageType.REQUEST, ciaddr=HOST, flags=0x8000), ACK, Destination(HOST, 68)),
        ("NAK", request(MessageType.REQUEST, ciaddr=HOST), NAK, Destination(ALL, 68)),
        ("flag", request(MessageType.DISCOVER, flags=0x8000), OFFER, Destination(ALL, 68)),
        ("no address yet", request(MessageType.DISCOVER), OFFER, Destination(HOST, 68, MAC)),
    ],
)
def test_destination(label: str, packet: Packet, kind: MessageType, expected: Destination) -> None:
    assert destination(packet, kind, HOST) == expected
