# SPDX-License-Identifier: BSD-2-Clause
from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clusto.dhcp.packet import (
    BOOTREQUEST,
    ETHERNET,
    HEADER,
    LENGTHS,
    Code,
    MalformedError,
    MessageType,
    Packet,
    option,
    parse,
    serialize,
    suboptions,
)

from .captures import DHCLIENT_DISCOVER, DHCLIENT_REBOOT, RELAYED_DISCOVER, UDHCPC_DISCOVER

addresses = st.binary(min_size=4, max_size=4)
free_codes = st.integers(1, 254).filter(lambda code: code not in LENGTHS)
packets = st.builds(
    Packet,
    op=st.integers(0, 255),
    htype=st.integers(0, 255),
    hops=st.integers(0, 255),
    xid=addresses,
    secs=st.integers(0, 65535),
    flags=st.integers(0, 65535),
    ciaddr=addresses,
    yiaddr=addresses,
    siaddr=addresses,
    giaddr=addresses,
    chaddr=st.binary(max_size=16),
    sname=st.binary(min_size=64, max_size=64),
    file=st.binary(min_size=128, max_size=128),
    options=st.dictionaries(free_codes, st.binary(max_size=600)),
)


def with_options(octets: bytes, sname: bytes = b"", file: bytes = b"") -> bytes:
    head = bytearray(DHCLIENT_DISCOVER[: HEADER.size])
    head[44:108] = sname.ljust(64, b"\0")
    head[108:236] = file.ljust(128, b"\0")
    return bytes(head) + octets


def test_dhclient_discover() -> None:
    packet = parse(DHCLIENT_DISCOVER)
    assert packet.op == BOOTREQUEST
    assert packet.htype == ETHERNET
    assert packet.xid == bytes.fromhex("023a4552")
    assert packet.mac == "00:11:22:33:44:55"
    assert packet.message_type == MessageType.DISCOVER
    assert packet.options[Code.PARAMETER_REQUEST_LIST] == bytes([1, 28, 2, 3, 15, 6, 12])
    assert packet.maximum_size == 548  # nothing said: RFC 2132 section 9.10
    assert packet.relay == {}


def test_relayed_discover() -> None:
    packet = parse(RELAYED_DISCOVER)
    assert packet.hops == 1
    assert packet.giaddr == bytes([192, 168, 1, 1])
    assert packet.relay == {1: b"eth0"}


def test_dhclient_reboot() -> None:
    packet = parse(DHCLIENT_REBOOT)
    assert packet.message_type == MessageType.REQUEST
    assert packet.options[Code.REQUESTED_ADDRESS] == bytes([192, 168, 1, 50])
    assert Code.SERVER_ID not in packet.options


def test_udhcpc_discover() -> None:
    packet = parse(UDHCPC_DISCOVER)
    assert packet.options[Code.VENDOR_CLASS] == b"udhcp 1.35.0"
    assert packet.options[Code.CLIENT_ID] == bytes.fromhex("01001122334455")


@pytest.mark.parametrize("octets", ["0240", "0100"])
def test_maximum_size_is_at_least_576_octets_of_datagram(octets: str) -> None:
    packet = parse(with_options(bytes.fromhex("3902" + octets + "ff")))
    assert packet.maximum_size == 548


def test_bootp_has_no_message_type() -> None:
    assert parse(with_options(b"\xff")).message_type == 0


def test_options_of_one_code_are_concatenated() -> None:
    assert parse(with_options(b"\x0c\x01a\x0f\x01x\x0c\x02bc\xff")).options == {12: b"abc", 15: b"x"}


def test_pads_are_skipped_and_nothing_is_read_after_the_end() -> None:
    assert parse(with_options(b"\0\0\x0c\x01a\0\xff\x0f\x09")).options == {12: b"a"}


def test_a_missing_end_is_forgiven() -> None:
    assert parse(with_options(b"\x0c\x01a")).options == {12: b"a"}


@pytest.mark.parametrize(
    ("overload", "expected"),
    [(1, b"main file"), (2, b"main sname"), (3, b"main file sname")],
)
def test_overload_reads_file_then_sname(overload: int, expected: bytes) -> None:
    data = with_options(
        bytes((52, 1, overload)) + option(12, b"main") + b"\xff",
        sname=option(12, b" sname") + b"\xff",
        file=option(12, b" file") + b"\xff",
    )
    assert parse(data).options[12] == expected


@pytest.mark.parametrize(
    ("label", "data"),
    [
        ("nothing", b""),
        ("one octet short of the header", DHCLIENT_DISCOVER[:239]),
        ("another magic cookie", DHCLIENT_DISCOVER[:236] + b"\x63\x82\x53\x64" + DHCLIENT_DISCOVER[240:]),
        ("hlen 17", DHCLIENT_DISCOVER[:2] + b"\x11" + DHCLIENT_DISCOVER[3:]),
        ("a code without length", with_options(b"\x0c")),
        ("a length beyond the end", with_options(b"\x0c\x05abcd")),
        ("overload 0", with_options(b"\x34\x01\x00\xff")),
        ("overload 4", with_options(b"\x34\x01\x04\xff")),
        ("a length beyond the overloaded file field", with_options(b"\x34\x01\x01\xff", file=b"\x0c\xff")),
        *(
            (f"option {code} of {length + by} octets", with_options(option(code, bytes(length + by)) + b"\xff"))
            for code, length in LENGTHS.items()
            for by in (-1, 1)
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_malformed(label: str, data: bytes) -> None:
    with pytest.raises(MalformedError):
        parse(data)


@pytest.mark.parametrize("value", [b"\x01", b"\x01\x02a", b"\x01\x01a\x02"])
def test_malformed_suboptions(value: bytes) -> None:
    with pytest.raises(MalformedError):
        suboptions(value)


@given(packets)
def test_round_trip(packet: Packet) -> None:
    assert parse(serialize(packet)) == packet


def test_serialized_messages_have_300_octets_at_least() -> None:
    assert len(serialize(parse(DHCLIENT_DISCOVER))) == 300


@given(st.binary(max_size=700))
def test_garbage_raises_one_error_only(data: bytes) -> None:
    check(data)


@given(st.binary(max_size=400), st.binary(min_size=64, max_size=64), st.binary(min_size=128, max_size=128))
def test_garbage_after_a_sound_header_raises_one_error_only(octets: bytes, sname: bytes, file: bytes) -> None:
    check(with_options(octets, sname, file))


@given(st.sampled_from([DHCLIENT_DISCOVER, RELAYED_DISCOVER, UDHCPC_DISCOVER]), st.data())
def test_damaged_captures_raise_one_error_only(capture: bytes, data: st.DataObject) -> None:
    damaged = bytearray(capture)
    for _ in range(data.draw(st.integers(1, 4))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    check(bytes(damaged[: data.draw(st.integers(0, len(damaged)))]))


def check(data: bytes) -> None:
    try:
        packet = parse(data)
        relay = packet.relay
    except MalformedError:
        return
    assert 0 <= packet.message_type <= 255
    assert packet.maximum_size >= 548
    assert all(isinstance(value, bytes) for value in relay.values())
