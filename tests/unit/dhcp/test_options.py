# SPDX-License-Identifier: BSD-2-Clause
from __future__ import annotations

import pytest

from clusto.core.dhcp_names import NAMES
from clusto.core.errors import InvalidError
from clusto.dhcp.options import OptionTable


def test_codes_and_names_are_unique() -> None:
    names = [name for option in NAMES for name in (option.name, *option.aliases)]
    assert len(names) == len(set(names))
    assert len(NAMES) == len({option.code for option in NAMES})


@pytest.mark.parametrize(
    ("name", "code"), [("tftp_server", 66), ("tftp_filename", 67), ("domain", 15), ("pxelinux_path_prefix", 210)]
)
def test_the_seeds_names(name: str, code: int) -> None:
    assert OptionTable().encode(name, "x") == (code, b"x")


@pytest.mark.parametrize("name", ["message-type", "requested_addr", "relay_agent_information", "nonsense", "enabled"])
def test_names_that_cannot_be_given(name: str) -> None:
    with pytest.raises(InvalidError, match="no option"):
        OptionTable().encode(name, "x")


def test_extra_option() -> None:
    table = OptionTable({224: "site-role"})
    assert table.encode("site-role", "web") == (224, b"web")
    assert table.encode("site-role", "01:02") == (224, b"\1\2")
    assert table.decode(224, b"\1\2") == ("site-role", "01:02")


def test_extra_name_for_a_known_option_keeps_its_kind() -> None:
    assert OptionTable({42: "ntp"}).encode("ntp", "10.0.0.1") == (42, bytes([10, 0, 0, 1]))


def test_extra_option_of_the_protocol_is_refused() -> None:
    with pytest.raises(InvalidError, match=r"option 53 \(message-type\)"):
        OptionTable({53: "kind"})


def test_extra_name_that_is_taken_is_refused() -> None:
    with pytest.raises(InvalidError, match="'router' for option 224 is taken by option 3"):
        OptionTable({224: "router"})


def test_decode_names_an_unknown_option_by_its_number() -> None:
    assert OptionTable().decode(230, b"\xff\0") == ("230", "ff:00")
