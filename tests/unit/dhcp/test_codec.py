# SPDX-License-Identifier: BSD-2-Clause
from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clusto.core.dhcp_names import Kind
from clusto.core.errors import InvalidError
from clusto.dhcp.codec import decode, encode, truth

CASES: list[tuple[Kind, Any, str]] = [
    (Kind.IP, "192.168.1.1", "c0a80101"),
    (Kind.IPS, "10.0.0.1", "0a000001"),
    (Kind.IPS, ["10.0.0.1", "10.0.0.2"], "0a0000010a000002"),
    (Kind.IPS, "10.0.0.1, 10.0.0.2", "0a0000010a000002"),
    (Kind.IP_PAIRS, ["10.0.0.0", "10.0.0.1"], "0a0000000a000001"),
    # RFC 3442's own examples of descriptors: 0.0.0.0/0, 10.0.0.0/8, 10.27.129.0/24
    (Kind.ROUTES, {"to": "0.0.0.0/0", "via": "10.0.0.1"}, "000a000001"),
    (Kind.ROUTES, [{"to": "10.0.0.0/8", "via": "10.0.0.1"}], "080a0a000001"),
    (Kind.ROUTES, "10.27.129.0/24 via 10.0.0.1", "180a1b810a000001"),
    (Kind.TEXT, "example.org", "6578616d706c652e6f7267"),
    (Kind.DOMAINS, "eng.apple.com", "03656e67056170706c6503636f6d00"),
    (Kind.DOMAINS, ["a.b", "c."], "0161016200016300"),
    (Kind.BOOL, 1, "01"),
    (Kind.BOOL, "false", "00"),
    (Kind.UINT8, 255, "ff"),
    (Kind.UINT16, "1500", "05dc"),
    (Kind.UINT16S, [68, 296], "00440128"),
    (Kind.UINT16S, 68, "0044"),
    (Kind.UINT32, 3600, "00000e10"),
    (Kind.INT32, -3600, "fffff1f0"),
    (Kind.BYTES, "f1:00:75:7e", "f100757e"),
    (Kind.BYTES, "web", "776562"),
]

BAD: list[tuple[Kind, Any]] = [
    *((kind, value) for kind in Kind for value in (None, {}, [], "", 1.5, object())),
    (Kind.IP, "192.168.1"),
    (Kind.IP, "192.168.1.256"),
    (Kind.IP, "::1"),
    (Kind.IP, ["10.0.0.1", "10.0.0.2"]),
    (Kind.IP, 3232235777),
    (Kind.IPS, ["10.0.0.1", "x"]),
    (Kind.IPS, ["10.0.0.1", 7]),
    (Kind.IP_PAIRS, ["10.0.0.0", "10.0.0.1", "10.0.0.2"]),
    (Kind.ROUTES, "10.0.0.0/8"),
    (Kind.ROUTES, "10.0.0.1/8 via 10.0.0.1"),
    (Kind.ROUTES, [{"to": "10.0.0.0/8"}]),
    (Kind.TEXT, "a\0b"),
    (Kind.TEXT, 7),
    (Kind.DOMAINS, "a..b"),
    (Kind.DOMAINS, "a" * 64),
    (Kind.DOMAINS, ".".join(["a" * 63] * 4)),
    (Kind.BOOL, "maybe"),
    (Kind.BOOL, 2),
    (Kind.UINT8, 256),
    (Kind.UINT8, -1),
    (Kind.UINT16, True),
    (Kind.UINT16, "ten"),
    (Kind.UINT32, 1 << 32),
    (Kind.INT32, 1 << 31),
    (Kind.UINT16S, [1, 65536]),
]

LENGTHS: list[tuple[Kind, int]] = [
    *((kind, length) for kind in (Kind.IP, Kind.UINT32, Kind.INT32) for length in (0, 3, 5)),
    *((Kind.IPS, length) for length in (0, 3, 5)),
    *((Kind.IP_PAIRS, length) for length in (0, 4, 9)),
    *((Kind.ROUTES, length) for length in (1, 4)),
    (Kind.BOOL, 0),
    (Kind.BOOL, 2),
    (Kind.UINT8, 0),
    (Kind.UINT8, 2),
    (Kind.UINT16, 1),
    (Kind.UINT16, 3),
    (Kind.UINT16S, 0),
    (Kind.UINT16S, 3),
]

good_values = {
    Kind.IP: st.ip_addresses(v=4).map(str),
    Kind.IPS: st.lists(st.ip_addresses(v=4).map(str), min_size=1),
    Kind.IP_PAIRS: st.lists(st.ip_addresses(v=4).map(str), min_size=2, max_size=2),
    Kind.TEXT: st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1),
    Kind.DOMAINS: st.lists(st.from_regex(r"[a-z]{1,20}(\.[a-z]{1,20}){0,3}", fullmatch=True), min_size=1),
    Kind.BOOL: st.booleans(),
    Kind.UINT8: st.integers(0, 255),
    Kind.UINT16: st.integers(0, 65535),
    Kind.UINT16S: st.lists(st.integers(0, 65535), min_size=1),
    Kind.UINT32: st.integers(0, (1 << 32) - 1),
    Kind.INT32: st.integers(-(1 << 31), (1 << 31) - 1),
    Kind.BYTES: st.binary(min_size=2).map(lambda octets: octets.hex(":")),
    Kind.ROUTES: st.lists(
        st.tuples(st.integers(0, 32), st.integers(0, (1 << 32) - 1), st.ip_addresses(v=4)).map(
            lambda t: {"to": network(t[0], t[1]), "via": str(t[2])}
        ),
        min_size=1,
    ),
}


def network(width: int, number: int) -> str:
    base = number & ((1 << 32) - (1 << (32 - width)))
    return f"{'.'.join(map(str, base.to_bytes(4)))}/{width}"


def test_every_kind_has_its_cases() -> None:
    assert {kind for kind, *_ in CASES} == set(Kind) == set(good_values)


@pytest.mark.parametrize(("kind", "value", "octets"), CASES)
def test_encode(kind: Kind, value: Any, octets: str) -> None:
    assert encode(kind, value).hex() == octets


@pytest.mark.parametrize(("kind", "value"), BAD, ids=lambda value: repr(value)[:30])
def test_bad_values_are_refused_with_value_and_expectation(kind: Kind, value: Any) -> None:
    with pytest.raises(InvalidError) as caught:
        encode(kind, value)
    assert repr(value) in str(caught.value)
    assert "expected" in str(caught.value)


@pytest.mark.parametrize(("kind", "length"), LENGTHS)
def test_bad_lengths_are_refused(kind: Kind, length: int) -> None:
    with pytest.raises(InvalidError, match="expected"):
        decode(kind, bytes([8] * length))


@pytest.mark.parametrize("octets", ["0161", "c000", "0161c000ff", "c0", "01"])
def test_domain_names_that_do_not_end(octets: str) -> None:
    with pytest.raises(InvalidError):
        decode(Kind.DOMAINS, bytes.fromhex(octets))


def test_compressed_domain_names() -> None:
    """RFC 3397 section 2's example."""
    octets = "03656e67056170706c6503636f6d00096d61726b6574696e67c004"
    assert decode(Kind.DOMAINS, bytes.fromhex(octets)) == ["eng.apple.com", "marketing.apple.com"]


@given(st.data())
def test_round_trip(data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(Kind))
    value = data.draw(good_values[kind])
    assert decode(kind, encode(kind, value)) == value


@given(st.sampled_from(Kind), st.binary(max_size=40))
def test_garbage_raises_one_error_only(kind: Kind, octets: bytes) -> None:
    try:
        decode(kind, octets)
    except InvalidError:
        return


@pytest.mark.parametrize(
    ("value", "expected"),
    [(1, True), (True, True), ("1", True), ("true", True), ("True", True), (0, False), ("0", False)],
)
def test_truth(value: object, *, expected: bool) -> None:
    assert truth(value) is expected


@pytest.mark.parametrize("value", [None, "", 2, [1], {"": 1}])
def test_no_truth(value: object) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the caller says what was expected
        truth(value)
