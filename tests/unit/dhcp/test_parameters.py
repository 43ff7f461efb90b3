# SPDX-License-Identifier: BSD-2-Clause
from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clusto.dhcp.options import OptionTable
from clusto.dhcp.parameters import Binding, Parameters, Problem, attributes, parameters

BINDING = Binding(
    IPv4Address("192.168.1.50"), IPv4Network("192.168.1.0/24"), IPv4Address("192.168.1.254"), hostname="ex0000"
)
TABLE = OptionTable({224: "site-role"})


def given_by(**document: Any) -> Parameters:
    found = attributes(document, TABLE)
    assert not found.problems
    return parameters(found, BINDING)


def problems(**document: Any) -> tuple[Problem, ...]:
    return attributes(document, TABLE).problems


def test_what_the_address_implies() -> None:
    options, siaddr, file = given_by()
    assert {code: value.hex() for code, value in options.items()} == {
        1: "ffffff00",
        3: "c0a801fe",
        12: b"ex0000".hex(),
        28: "c0a801ff",
        51: "00000e10",  # 3600
        58: "00000640",  # 1600
        59: "00000c4e",  # 3150
    }
    assert (siaddr, file) == (bytes(4), b"")


def test_without_gateway_and_name() -> None:
    bare = Binding(BINDING.address, BINDING.network)
    assert not {3, 12} & set(parameters(attributes({}, TABLE), bare).options)


def test_the_seeds_example() -> None:
    found = attributes(
        {"enabled": 1, "tftp_server": "192.168.1.1", "tftp_filename": "/pxelinux.0", "domain": "example.org"}, TABLE
    )
    options, siaddr, file = parameters(found, BINDING)
    assert found.enabled
    assert options[66] == b"192.168.1.1"
    assert options[67] == file == b"/pxelinux.0"
    assert options[15] == b"example.org"
    assert siaddr == bytes([192, 168, 1, 1])


def test_a_tftp_server_by_name_leaves_siaddr_empty() -> None:
    assert given_by(tftp_server="boot.example.org").siaddr == bytes(4)


@pytest.mark.parametrize(("length", "fits"), [(127, True), (128, False)])
def test_a_file_name_that_does_not_fit_the_field_is_in_the_option_only(length: int, *, fits: bool) -> None:
    options, _, file = given_by(tftp_filename="f" * length)
    assert options[67] == b"f" * length
    assert file == (b"f" * length if fits else b"")


def test_attributes_override() -> None:
    options = given_by(
        router=["10.0.0.1", "10.0.0.2"], subnet_mask="255.255.0.0", hostname="x", server_id="9.9.9.9"
    ).options
    assert options[3] == bytes([10, 0, 0, 1, 10, 0, 0, 2])
    assert options[1] == bytes([255, 255, 0, 0])
    assert options[12] == b"x"
    assert options[54] == bytes([9, 9, 9, 9])


@pytest.mark.parametrize(
    ("document", "t1", "t2"),
    [
        ({"lease_time": 900}, 400, 787),
        ({"lease_time": 900, "renewal_time": 300}, 300, 787),
        ({"renewal_time": 100, "rebinding_time": "200"}, 100, 200),
        ({"renewal_time": 3500}, 3500, 3500),
        ({"rebinding_time": 200}, 200, 200),
    ],
)
def test_times(document: dict[str, Any], t1: int, t2: int) -> None:
    options = given_by(**document).options
    assert (int.from_bytes(options[58]), int.from_bytes(options[59])) == (t1, t2)


def test_an_infinite_lease_is_not_renewed() -> None:
    assert not {58, 59} & set(given_by(lease_time=0xFFFFFFFF).options)


def test_pxelinux_options_bring_the_magic() -> None:
    assert given_by(pxelinux_path_prefix="/tftp/").options[208] == bytes.fromhex("f100757e")
    assert given_by(pxelinux_magic="00:01", pxelinux_reboot_time=3).options[208] == b"\0\1"
    assert 208 not in given_by(tftp_filename="pxelinux.0").options


@pytest.mark.parametrize("value", [1, True, "1", "true", "yes"])
def test_enabled(value: object) -> None:
    assert attributes({"enabled": value}, TABLE).enabled


@pytest.mark.parametrize("document", [None, {}, {"enabled": 0}, {"enabled": "0"}, {"enabled": False}])
def test_not_enabled(document: Any) -> None:
    assert attributes(document, TABLE) == attributes({}, TABLE)


@pytest.mark.parametrize(
    ("document", "key", "words"),
    [
        ({"router": "10.0.0.999"}, "dhcp.router", ["'10.0.0.999'", "one or more IPv4 addresses"]),
        ({"lease_time": "soon"}, "dhcp.lease_time", ["'soon'", "a number from 0 to 4294967295"]),
        ({"enabled": "perhaps"}, "dhcp.enabled", ["'perhaps'", "true or false"]),
        ({"ruoter": "10.0.0.1"}, "dhcp.ruoter", ["'10.0.0.1'", "no option"]),
        ({"message-type": 5}, "dhcp.message-type", ["5", "no option"]),
        ({"lease_time": 0}, "dhcp.lease_time", ["0", "more than 0"]),
        ({"renewal_time": "0"}, "dhcp.renewal_time", ["0", "more than 0"]),
        ({"renewal_time": 3600}, "dhcp.renewal_time", ["3600", "less than 3600"]),
        ({"rebinding_time": 4000}, "dhcp.rebinding_time", ["4000", "less than 3600"]),
        ({"renewal_time": 300, "rebinding_time": 200}, "dhcp.renewal_time", ["300", "less than 200"]),
    ],
)
def test_a_bad_value_is_left_out_and_told(document: dict[str, Any], key: str, words: list[str]) -> None:
    (problem,) = problems(**document)
    assert problem.key == key
    assert all(word in problem.reason for word in words)
    assert problem.reason.count("expected") == 1
    kept = parameters(attributes(document, TABLE), BINDING).options
    assert kept[3] == BINDING.router.packed if BINDING.router else False
    assert int.from_bytes(kept[58]) <= int.from_bytes(kept[59]) < int.from_bytes(kept[51])


def test_dhcp_that_is_no_document() -> None:
    (problem,) = attributes(7, TABLE).problems
    assert problem == Problem("dhcp", "7 is not usable; expected subkeys and values")


json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(st.dictionaries(st.sampled_from(sorted(TABLE.by_name)) | st.just("enabled") | st.text(), json))
def test_any_document_yields_parameters(document: dict[str, Any]) -> None:
    found = attributes(document, TABLE)
    assert len(found.problems) <= len(document)
    assert {1, 28, 51} <= set(parameters(found, BINDING).options)
