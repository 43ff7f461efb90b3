# SPDX-License-Identifier: BSD-2-Clause
from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clusto.core.errors import InvalidError, NotFoundError
from clusto.core.ports import (
    PASS_THROUGH,
    SHIPPED,
    WAYS,
    Component,
    Naming,
    PortType,
    PortTypes,
    define_port_type,
    find,
    fit,
    in_order,
    natural,
    numbered,
    numbers,
    port_type,
    takes_cables,
)


@dataclass(frozen=True)
class Interface:
    name: str
    type: str = "1000base-t"
    mgmt_only: bool = False
    object_type: str = Component.INTERFACE


ETH = Naming("eth", 0)
NAMES = st.from_regex(r"[A-Za-z/. -]{0,4}[0-9]{0,3}(/[0-9]{1,2})?", fullmatch=True)
PORTS = st.lists(
    st.builds(
        Interface,
        NAMES,
        st.sampled_from(["1000base-t", "virtual", "lag", "other"]),
        st.booleans(),
        st.sampled_from(list(Component)),
    ),
    unique_by=lambda port: (port.object_type, port.name),
)


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
    assert find("s1", 2, ports, ETH).name == "eth1"
    with pytest.raises(NotFoundError, match="s1 has no port 3; it has eth0, eth1, Loopback0"):
        find("s1", 3, ports, ETH)
    with pytest.raises(NotFoundError, match="s1 has no port 1"):
        find("s1", 1, ports, Naming("gone", 1))
    assert numbers(ports, ETH) == {(Component.INTERFACE, "eth0"): 1, (Component.INTERFACE, "eth1"): 2}


@pytest.mark.parametrize("name", ["eth", "eth01", "eth-1", "eth1.5", "eth²", "enp3s0", "Eth1", "1"])
def test_names_that_are_not_the_drivers_have_no_number(name: str) -> None:
    assert ETH.number(name) is None


@given(st.text(max_size=5), st.integers(0, 3), st.integers(1, 10**6))
def test_a_drivers_name_and_its_number_are_one_thing(stem: str, first: int, number: int) -> None:
    naming = Naming(stem, first)
    assert naming.number(naming.name(number)) == number


@given(PORTS, st.sampled_from([None, ETH, Naming("", 1)]))
def test_a_port_is_found_by_the_number_that_is_told_of_it(ports: list[Interface], naming: Naming | None) -> None:
    of_one_component = [port for port in ports if port.object_type == Component.INTERFACE]
    for there in (ports, of_one_component) if naming is None else (of_one_component,):
        for (component, name), number in numbers(there, naming).items():
            found = find("s1", number, there, naming)
            assert (found.object_type, found.name) == (component, name)


@given(PORTS, st.randoms())
def test_numbers_hold_in_whatever_order_ports_are_read(ports: list[Interface], chance: random.Random) -> None:
    shuffled = chance.sample(ports, len(ports))
    assert in_order(shuffled) == in_order(ports)
    assert numbers(shuffled) == numbers(ports)
    assert sorted(numbers(ports).values()) == list(range(1, len(numbered(ports)) + 1))


def test_what_a_device_gives_is_numbered_before_what_it_takes() -> None:
    ports = [
        Interface("Input", object_type=Component.POWER_PORT),
        Interface("aa10", object_type=Component.POWER_OUTLET),
        Interface("aa2", object_type=Component.POWER_OUTLET),
        Interface("1", object_type=Component.POWER_PORT),
        Interface("1", object_type=Component.POWER_OUTLET),
    ]
    assert [(p.object_type, p.name) for p in numbered(ports)] == [
        *((Component.POWER_OUTLET, name) for name in ("1", "aa2", "aa10")),
        *((Component.POWER_PORT, name) for name in ("1", "Input")),
    ]
    assert find("p1", "1", ports).object_type == Component.POWER_OUTLET
    assert find("p1", 5, ports).name == "Input"


def test_ports_that_are_not_there() -> None:
    with pytest.raises(NotFoundError, match="s1 has no port 'bb1'; it has none of that type"):
        find("s1", "bb1", [])
    with pytest.raises(NotFoundError, match="s1 has no port 2; it has eth0"):
        find("s1", 2, [Interface("eth0")])


@pytest.mark.parametrize("number", [0, -1, True])
def test_what_is_no_port_number(number: Any) -> None:
    with pytest.raises(InvalidError, match=r"s1: port number .*; expected a whole number, 1 or more"):
        find("s1", number, [Interface("eth0")])


def test_every_component_is_of_one_shipped_port_type() -> None:
    assert sorted(c for known in SHIPPED for c in known.components) == sorted(Component)


def test_users_define_port_types() -> None:
    types = PortTypes()
    power = ("dcim.powerport", "dcim.poweroutlet")
    for _ in range(2):  # a file that is loaded again
        c13 = types.define("pwr-c13", power, ("iec-60320-c13", "iec-60320-c14"))
    assert types.get("pwr-c13") == c13
    assert c13 in list(types)
    assert types.of("dcim.poweroutlet", "iec-60320-c13") == c13
    for component, type_, name in (
        ("dcim.poweroutlet", "nema-5-15r", "pwr-nema-5"),
        ("dcim.powerport", "", "pwr-nema-5"),
        ("dcim.consoleport", "iec-60320-c13", "console-serial"),
        ("dcim.rearport", "8p8c", "rear-port"),
    ):
        assert types.of(component, type_).name == name


def test_what_is_one_needs_no_list() -> None:
    assert define_port_type("usb", "dcim.consoleport", types="usb-c") == PortType(
        "usb", (Component.CONSOLE_PORT,), frozenset({"usb-c"})
    )
    assert port_type("usb").name == "usb"


@pytest.mark.parametrize(
    ("name", "components", "types", "message"),
    [
        ("x", ["dcim.powerfeed"], ["a"], "port type 'x': 'dcim.powerfeed'; expected some of dcim.interface, dcim.con"),
        ("x", [], ["a"], "port type 'x': expected components, and NetBox's types of port that belong to it"),
        ("x", ["dcim.powerport"], [], "port type 'x': expected components, and NetBox's types of port that belong to"),
        ("nic-eth", ["dcim.interface"], ["a"], "port type 'nic-eth' is there already, and defined otherwise"),
        ("power-port", ["dcim.powerport"], ["a"], "port type 'power-port' is there already, and defined otherwise"),
        ("sfp", ["dcim.interface"], ["10gbase-x-sfpp"], "port type 'sfp' is there already, and defined otherwise"),
        ("x", ["dcim.interface"], ["b", "1000base-x-sfp"], "port type 'x': 1000base-x-sfp belongs to port type 'sfp'"),
    ],
)
def test_port_types_that_would_be_ambiguous(name: str, components: list[str], types: list[str], message: str) -> None:
    known = PortTypes()
    known.define("sfp", ["dcim.interface"], ["1000base-x-sfp"])
    before = list(known)
    with pytest.raises(InvalidError, match=message):
        known.define(name, components, types)
    assert list(known) == before


def test_port_types_that_there_are_not() -> None:
    assert port_type("nic-eth").components == (Component.INTERFACE,)
    assert {port_type(name).components for name in WAYS} < {(component,) for component in Component}
    with pytest.raises(
        NotFoundError, match="no port type 'pwr-c13'; expected one of nic-eth, console-serial, pwr-nema"
    ):
        port_type("pwr-c13")


NETBOX = {  # dcim.constants.COMPATIBLE_TERMINATION_TYPES of NetBox 4.7, without circuits and power feeds
    "consoleport": {"consoleserverport", "frontport", "rearport"},
    "consoleserverport": {"consoleport", "frontport", "rearport"},
    "interface": {"interface", "frontport", "rearport"},
    "frontport": {"consoleport", "consoleserverport", "interface", "frontport", "rearport"},
    "poweroutlet": {"powerport"},
    "powerport": {"poweroutlet"},
    "rearport": {"consoleport", "consoleserverport", "interface", "frontport", "rearport"},
}


def test_what_fits_is_what_netbox_connects() -> None:
    fitting = {one: {other for other in Component if fit(one, other)} for one in Component}
    assert {one.partition(".")[2]: {o.partition(".")[2] for o in others} for one, others in fitting.items()} == NETBOX
    assert all(one in fitting[other] for one, others in fitting.items() for other in others)
    assert {Component.FRONT_PORT, Component.REAR_PORT} == PASS_THROUGH


def test_what_takes_cables() -> None:
    assert all(takes_cables(type_) for type_ in ("", "other", "1000base-t", "nema-5-15p", "8p8c", "5gbase-t"))
    assert not any(
        takes_cables(type_) for type_ in ("virtual", "lag", "bridge", "channel", "ieee802.11ax", "ieee802.15.4", "5g")
    )
