# SPDX-License-Identifier: BSD-2-Clause
from __future__ import annotations

import pytest

from clusto.dhcpd.interfaces import addresses
from clusto.dhcpd.listener import BindError
from clusto.dhcpd.server import wanted

LOCALHOST = bytes([127, 0, 0, 1])


def test_loopback_has_its_address() -> None:
    assert LOCALHOST in addresses()["lo"]


def test_named_interfaces() -> None:
    assert wanted(["lo"])["lo"] == addresses()["lo"]


def test_loopback_is_served_only_where_named() -> None:
    others = {name: found for name, found in addresses().items() if name != "lo"}
    if others:
        assert wanted([]) == others
    else:
        with pytest.raises(BindError, match="no interface but loopback"):
            wanted([])


def test_an_interface_that_is_not_there() -> None:
    with pytest.raises(BindError, match="interface nowhere0: "):
        wanted(["lo", "nowhere0"])
