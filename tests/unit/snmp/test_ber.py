# SPDX-License-Identifier: BSD-2-Clause
from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clusto.snmp import ber
from clusto.snmp.ber import INTEGER, OCTET_STRING, OID, MalformedError

numbers = st.lists(st.integers(0, 2**32 - 1), max_size=20)


@given(st.integers(-(2**31), 2**31 - 1))
def test_integers_come_back(number: int) -> None:
    octets = ber.encoded_integer(number)
    assert ber.integer(octets, 0, len(octets)) == (number, len(octets))


@pytest.mark.parametrize(
    ("number", "octets"),
    [
        (0, "020100"),
        (127, "02017f"),
        (128, "02020080"),
        (-128, "020180"),
        (-129, "0202ff7f"),
        (2**31 - 1, "02047fffffff"),
    ],
)
def test_integers_take_as_few_octets_as_they_can(number: int, octets: str) -> None:
    assert ber.encoded_integer(number).hex() == octets


@pytest.mark.parametrize("length", [0, 127, 128, 255, 256, 65507])
def test_values_of_any_length_come_back(length: int) -> None:
    octets = ber.value(OCTET_STRING, bytes(length))
    assert ber.octets(octets, 0, len(octets)) == (bytes(length), len(octets))


@given(st.integers(0, 2), st.integers(0, 39), numbers)
def test_identifiers_come_back(first: int, second: int, rest: list[int]) -> None:
    text = ".".join(map(str, (first, second, *rest)))
    contents = ber.oid(text)
    assert ber.dotted(contents) == text
    octets = ber.value(OID, contents)
    assert ber.identifier(octets, 0, len(octets)) == (contents, len(octets))


def test_an_identifier_as_in_x690() -> None:
    assert ber.oid("2.999.3") == bytes.fromhex("883703")  # section 8.19.5's example
    assert ber.dotted(bytes.fromhex("883703")) == "2.999.3"
    assert ber.dotted(b"") == ""


@pytest.mark.parametrize(
    ("label", "octets"),
    [
        ("nothing", ""),
        ("no length", "02"),
        ("a length beyond the end", "020201"),
        ("an indefinite length", "0280010000"),
        ("a length of five octets", "0285000000000101"),
        ("half a long length", "028201"),
        ("a long length beyond the end", "02820001"),
        ("an integer without octets", "0200"),
        ("an integer of five octets", "02050000000001"),
        ("another tag", "040100"),
    ],
)
def test_malformed(label: str, octets: str) -> None:
    data = bytes.fromhex(octets)
    with pytest.raises(MalformedError):
        ber.integer(data, 0, len(data))


def test_nothing_is_read_beyond_the_end_of_what_is_around() -> None:
    data = ber.value(INTEGER, b"\1")
    with pytest.raises(MalformedError):
        ber.integer(data, 0, len(data) - 1)


def test_an_identifier_that_is_too_long() -> None:
    octets = ber.value(OID, b"\x81" * 640 + b"\1")
    with pytest.raises(MalformedError, match="641 octets"):
        ber.identifier(octets, 0, len(octets))


@given(st.binary(max_size=64))
def test_garbage_raises_one_error_only(data: bytes) -> None:
    for read in (ber.integer, ber.octets, ber.identifier):
        try:
            read(data, 0, len(data))
        except MalformedError:
            continue
    assert isinstance(ber.dotted(data), str)
