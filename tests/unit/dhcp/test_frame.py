# SPDX-License-Identifier: BSD-2-Clause
from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clusto.dhcp.frame import Frame, build, checksum, parse
from clusto.dhcp.packet import MalformedError

macs = st.binary(min_size=6, max_size=6)
addresses = st.binary(min_size=4, max_size=4)
ports = st.integers(0, 65535)
frames = st.builds(Frame, macs, macs, addresses, addresses, ports, ports, st.binary(max_size=1472))


def folded(data: bytes) -> int:
    """RFC 1071 as it is written there: add 16-bit words, fold the carries."""
    padded = data + b"\0" * (len(data) % 2)
    total = sum(int.from_bytes(padded[at : at + 2]) for at in range(0, len(padded), 2))
    while total > 0xFFFF:
        total = (total & 0xFFFF) + (total >> 16)
    return total


def test_checksum_of_rfc_1071_section_3() -> None:
    assert checksum(bytes.fromhex("0001f203f4f5f6f7")) == 0xFFFF - 0xDDF2


@given(frames)
def test_round_trip(frame: Frame) -> None:
    assert parse(build(frame)) == frame


@given(frames)
def test_both_checksums_verify(frame: Frame) -> None:
    data = build(frame)
    udp = data[34:]
    assert folded(data[14:34]) == 0xFFFF
    assert folded(data[26:34] + bytes((0, 17)) + len(udp).to_bytes(2) + udp) == 0xFFFF
    assert udp[6:8] != b"\0\0"  # zero would say that there is none (RFC 768)


SOUND = build(Frame(bytes(6), bytes(6), bytes(4), bytes(4), 67, 68, b"payload"))


@pytest.mark.parametrize(
    ("label", "data"),
    [
        ("empty", b""),
        ("ARP", SOUND[:12] + b"\x08\x06" + SOUND[14:]),
        ("IPv6", SOUND[:14] + b"\x65" + SOUND[15:]),
        ("header of 16 octets", SOUND[:14] + b"\x44" + SOUND[15:]),
        ("TCP", SOUND[:23] + b"\x06" + SOUND[24:]),
        ("a fragment", SOUND[:20] + b"\x20\x00" + SOUND[22:]),
        ("truncated", SOUND[:-1]),
        ("UDP longer than IP", SOUND[:38] + b"\x00\xff" + SOUND[40:]),
        ("UDP shorter than its header", SOUND[:38] + b"\x00\x07" + SOUND[40:]),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_other_frames_are_malformed(label: str, data: bytes) -> None:
    with pytest.raises(MalformedError):
        parse(data)


@given(st.binary(max_size=100))
def test_garbage_raises_one_error_only(data: bytes) -> None:
    try:
        parse(data)
    except MalformedError:
        return
