# SPDX-License-Identifier: BSD-2-Clause
from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

import pytest

from clusto.core.errors import InvalidError, NotFoundError
from clusto.core.ports import (
    FITS,
    PORT_TYPES,
    PWR_NEMA_5,
    Component,
    PortType,
    find,
    fit,
    natural,
    numbered,
    port_type,
)


@dataclass
class Interface:
    name: str
    type: str = "1000base-t"
    mgmt_only: bool = False


@pytest.mark.parametrize(
    "names",
    [
        ["eth0", "eth1", "eth2", "eth10", "eth100"],
        ["Gi1/0/1", "Gi1/0/2", "Gi1/0/9", "Gi1/0/10", "Gi1/0/48", "Gi2/0/1", "Te1/0/1"],
        ["1", "2", "10", "aa1", "aa2", "aa10", "bb1"],
        ["eth", "eth0", "Eth1", "eth1", "eth1.5"],
        ["", "0", "a"],
    ],
)
def test_natural_order(names: list[str]) -> None:
    shuffled = random.Random(1).sample(names, len(names))
    assert sorted(shuffled, key=natural) == names


def test_natural_order_tells_all_names_apart() -> None:
    assert len({natural(name) for name in ("eth1", "eth01", "Eth1", "eth1 ", "eth 1")}) == 5


def test_only_physical_ports_have_numbers() -> None:
    ports = [
        Interface("eth10"),
        Interface("eth2"),
        Interface("bond0", "lag"),
        Interface("br0", "bridge"),
        Interface("eth0.100", "virtual"),
        Interface("ipmi", mgmt_only=True),
    ]
    assert [port.name for port in numbered(ports)] == ["eth2", "eth10"]
    assert find("s1", 2, ports).name == "eth10"
    assert find("s1", "ipmi", ports).name == "ipmi"


def test_a_driver_says_which_port_a_number_is() -> None:
    ports = [Interface("eth0"), Interface("eth1"), Interface("Loopback0", "virtual")]
    assert find("s1", 1, ports, names=("eth1", "eth0")).name == "eth1"
    with pytest.raises(NotFoundError, match="s1 has no port 3; it has eth0, eth1, Loopback0"):
        find("s1", 3, ports, names=("eth1", "eth0"))
    with pytest.raises(NotFoundError, match="s1 has no port 1"):
        find("s1", 1, ports, names=("gone",))


def test_ports_that_are_not_there() -> None:
    with pytest.raises(NotFoundError, match="s1 has no port 'bb1'; it has none of that type"):
        find("s1", "bb1", [])
    with pytest.raises(NotFoundError, match="s1 has no port 2; it has eth0"):
        find("s1", 2, [Interface("eth0")])


@pytest.mark.parametrize("number", [0, -1, True])
def test_what_is_no_port_number(number: Any) -> None:
    with pytest.raises(InvalidError, match=r"s1: port number .*; expected a whole number, 1 or more"):
        find("s1", number, [Interface("eth0")])


def test_users_add_port_types() -> None:
    ours = {**PORT_TYPES, "pwr-c13": PortType("pwr-c13", PWR_NEMA_5.components)}
    assert port_type("pwr-c13", ours).components == PWR_NEMA_5.components
    assert port_type("nic-eth").components == (Component.INTERFACE,)
    with pytest.raises(
        NotFoundError, match="no port type 'pwr-c13'; expected one of console-serial, nic-eth, pwr-nema-5"
    ):
        port_type("pwr-c13")


def test_what_fits() -> None:
    assert fit(Component.POWER_OUTLET, Component.POWER_PORT)
    assert fit(Component.CONSOLE_PORT, Component.CONSOLE_SERVER_PORT)
    assert fit(Component.INTERFACE, Component.INTERFACE)
    assert not fit(Component.POWER_PORT, Component.POWER_PORT)
    assert sum(fit(one, other) for one in Component for other in Component) == 2 * len(FITS) - 1
