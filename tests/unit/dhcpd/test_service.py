# SPDX-License-Identifier: BSD-2-Clause
from __future__ import annotations

import io
import json
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clusto.dhcp.options import OptionTable
from clusto.dhcp.packet import Code, MessageType, Packet, parse, serialize
from clusto.dhcp.reply import Destination
from clusto.dhcpd.config import validate
from clusto.dhcpd.directory import Directory, Known
from clusto.dhcpd.journal import Arrival, Journal
from clusto.dhcpd.service import Reply, Service
from clusto.dhcpd.tally import Tally, metrics
from clusto.service.log import Log
from clusto.service.notices import Notices

from ..dhcp.captures import DHCLIENT_DISCOVER, DHCLIENT_REBOOT, RELAYED_DISCOVER
from .hosts import EX0000, MAC, address, host, inventory, port

SERVER, SECOND = bytes([192, 168, 1, 1]), bytes([10, 0, 0, 1])
HOST = bytes([192, 168, 1, 50])
REQUEST = MessageType.REQUEST


@dataclass
class Surroundings:
    """Remembers what it was told; `holds` and `card` are its answers."""

    holds: bool = False
    card: bool = False
    held: list[Arrival] = field(default_factory=list)

    def recheck(self, arrival: Arrival) -> bool:
        if self.holds:
            self.held.append(arrival)
        return self.holds

    def ipmi(self, known: Known, packet: Packet) -> bool:
        return self.card


class Scene:
    def __init__(self, *hosts: Any, **settings: Any) -> None:
        self.surroundings = Surroundings()
        self.tally = Tally()
        self.stream = io.StringIO()
        self.log = Log(self.stream)
        config = validate({"api_url": "http://n", "token": "t", **settings}, {}, "test")
        directory, _ = Directory(OptionTable()).update(inventory(*(hosts or (EX0000,))))
        journal = Journal(self.log, Notices(self.log, 300), self.tally)
        ids = frozenset({SERVER, SECOND})
        self.service = Service(config, journal, ids, lambda: directory, self.surroundings)

    def handle(self, data: bytes | Packet, *, broadcast: bool = True, final: bool = False) -> Reply | None:
        octets = serialize(data) if isinstance(data, Packet) else data
        return self.service.handle(Arrival(octets, "eth0", (SECOND, SERVER), broadcast), final=final)

    def lines(self) -> list[dict[str, Any]]:
        self.log.flush()
        return [json.loads(line) for line in self.stream.getvalue().splitlines()]


def message(kind: MessageType, options: dict[int, bytes] | None = None, **fields: Any) -> Packet:
    base = parse(DHCLIENT_DISCOVER)
    return base._replace(options={53: bytes((kind,)), **(options or {})}, **fields)


def test_discover_is_offered_from_the_nearest_address_of_the_interface() -> None:
    scene = Scene()
    reply = scene.handle(DHCLIENT_DISCOVER)
    assert reply is not None
    assert parse(reply.octets).options[Code.SERVER_ID] == SERVER
    assert reply.destination == Destination(HOST, 68, bytes.fromhex(MAC.replace(":", "")))
    (line,) = scene.lines()
    assert {key: line[key] for key in line.keys() - {"time", "level", "message"}} == {
        "request": "discover",
        "reply": "offer",
        "xid": "023a4552",
        "mac": MAC,
        "ip": "192.168.1.50",
        "host": "ex0000",
        "interface": "eth0",
    }


def test_relayed_discover_tells_the_relay() -> None:
    scene = Scene()
    reply = scene.handle(RELAYED_DISCOVER)
    assert reply is not None
    assert reply.destination == Destination(bytes([192, 168, 1, 1]), 67)
    assert scene.lines()[0]["giaddr"] == "192.168.1.1"


@pytest.mark.parametrize(
    ("settings", "attributes", "expected"),
    [
        ({}, {}, SERVER),
        ({"server_id": "9.9.9.9"}, {}, bytes([9, 9, 9, 9])),
        ({"server_id": "9.9.9.9"}, {"server_id": "8.8.8.8"}, bytes([8, 8, 8, 8])),
    ],
)
def test_server_id_that_is_given_is_accepted_back(
    settings: dict[str, Any], attributes: dict[str, Any], expected: bytes
) -> None:
    scene = Scene(host(port(1, "eth0", address("192.168.1.50"), macs=(MAC,)), enabled=1, **attributes), **settings)
    offer = scene.handle(DHCLIENT_DISCOVER)
    assert offer is not None
    given_id = parse(offer.octets).options[Code.SERVER_ID]
    assert given_id == expected
    ack = scene.handle(message(REQUEST, {50: HOST, 54: given_id}))
    assert ack is not None
    assert parse(ack.octets).message_type == MessageType.ACK


def test_another_servers_client_is_left_alone() -> None:
    scene = Scene()
    assert scene.handle(message(REQUEST, {50: HOST, 54: bytes([192, 168, 1, 2])})) is None
    assert scene.lines()[0]["reply"] is None


def test_wrong_address_is_refused_with_the_reason() -> None:
    reply = Scene().handle(message(REQUEST, {50: bytes([192, 168, 1, 51])}))
    assert reply is not None
    nak = parse(reply.octets)
    assert nak.message_type == MessageType.NAK
    assert nak.options[56] == b"192.168.1.51 is not the address of ex0000 on this network"


def test_wrong_network_is_refused() -> None:
    elsewhere = host(port(1, "eth0", address("10.9.9.9"), macs=(MAC,)), enabled=1)
    reply = Scene(elsewhere).handle(DHCLIENT_REBOOT)
    assert reply is not None
    assert parse(reply.octets).message_type == MessageType.NAK


def test_renewal_from_behind_a_router_is_found_by_ciaddr() -> None:
    far = host(port(1, "eth0", address("10.9.9.9"), macs=(MAC,)), enabled=1)
    reply = Scene(far).handle(message(REQUEST, ciaddr=bytes([10, 9, 9, 9])), broadcast=False)
    assert reply is not None
    assert reply.destination == Destination(bytes([10, 9, 9, 9]), 68)


UNKNOWN = DHCLIENT_DISCOVER[:28] + bytes.fromhex("00112233ffff") + DHCLIENT_DISCOVER[34:]
NOT_HERE = host(port(1, "eth0", address("10.9.9.9"), macs=(MAC,)), enabled=1)


@pytest.mark.parametrize(
    ("hosts", "data", "message"),
    [
        ((EX0000,), UNKNOWN, "unanswered: no host in NetBox has this MAC address"),
        ((host(*EX0000.ports),), DHCLIENT_DISCOVER, "unanswered: dhcp.enabled is not set on it or on what it is in"),
        ((NOT_HERE,), DHCLIENT_DISCOVER, "unanswered: none of its addresses is in the subnet of 10.0.0.1, 192.168.1.1"),
    ],
    ids=["unknown", "not enabled", "not here"],
)
def test_silence_after_a_second_look_with_one_warning(hosts: Any, data: bytes, message: str) -> None:
    scene = Scene(*hosts)
    scene.surroundings.holds = True
    assert scene.handle(data) is None
    assert [held.data for held in scene.surroundings.held] == [data]
    assert scene.lines() == []
    for _ in range(3):
        assert scene.handle(data, final=True) is None
    (line,) = scene.lines()
    assert (line["level"], line["message"]) == ("warning", message)


def test_an_ipmi_card_does_not_get_the_servers_address() -> None:
    scene = Scene()
    scene.surroundings.card = True
    assert scene.handle(DHCLIENT_DISCOVER) is None
    assert "IPMI" in scene.lines()[0]["message"]


@pytest.mark.parametrize(
    "data",
    [
        DHCLIENT_DISCOVER[:240] + b"\xff",
        serialize(message(MessageType.OFFER)),
        serialize(message(MessageType.DISCOVER, op=2)),
        serialize(message(REQUEST)),
    ],
    ids=["BOOTP", "an OFFER", "a reply", "a REQUEST for nothing"],
)
def test_what_is_not_for_a_server_is_ignored(data: bytes) -> None:
    scene = Scene()
    assert scene.handle(data) is None
    assert scene.lines() == []


def test_malformed_packets_are_one_warning_per_interface() -> None:
    scene = Scene()
    for length in range(100):
        assert scene.handle(bytes(length)) is None
    (line,) = scene.lines()
    assert line["message"].startswith("malformed packet: 0 octets")


def test_decline_warns() -> None:
    scene = Scene()
    assert scene.handle(message(MessageType.DECLINE, {50: HOST, 54: SERVER})) is None
    assert [line["level"] for line in scene.lines()] == ["warning", "info"] or [
        line["level"] for line in scene.lines()
    ] == ["info", "warning"]
    assert "ex0000 found the address in use by another machine" in {line["message"] for line in scene.lines()}


def test_options_without_room_are_logged() -> None:
    long = host(
        port(1, "eth0", address("192.168.1.50"), macs=(MAC,)), enabled=1, root_disk_path="r" * 250, domain="d" * 250
    )
    scene = Scene(long)
    assert scene.handle(DHCLIENT_DISCOVER) is not None
    assert scene.lines()[0]["omitted"] == [17]


@given(st.sampled_from([DHCLIENT_DISCOVER, RELAYED_DISCOVER, DHCLIENT_REBOOT]), st.data())
def test_damaged_packets_do_no_harm(capture: bytes, data: st.DataObject) -> None:
    damaged = bytearray(capture)
    for _ in range(data.draw(st.integers(1, 6))):
        damaged[data.draw(st.sampled_from([0, 1, 2, 10, 12, 24, *range(28, 34), *range(236, len(capture))]))] = (
            data.draw(st.integers(0, 255))
        )
    reply = Scene().handle(bytes(damaged))
    if reply is not None:
        assert parse(reply.octets).xid == bytes(damaged[4:8])


def test_each_packet_is_counted_once() -> None:
    scene = Scene()
    for _ in range(2):
        scene.handle(DHCLIENT_DISCOVER)
    scene.handle(message(MessageType.RELEASE))
    scene.handle(b"\x01")
    stranger = message(MessageType.DISCOVER, chaddr=bytes(6))
    scene.handle(stranger)
    scene.surroundings.holds = True
    scene.handle(stranger)  # comes back
    scene.handle(stranger, final=True)
    found = {
        (sample.name, *sample.labels.values()): sample.value
        for family in metrics([scene.tally, Tally()])
        for sample in family.samples
    }
    assert found == {
        ("clusto_dhcp_transactions_total", "discover", "offer"): 2,
        ("clusto_dhcp_transactions_total", "release", "none"): 1,
        ("clusto_dhcp_unanswered_total", "malformed"): 1,
        ("clusto_dhcp_unanswered_total", "unknown"): 2,
    }
