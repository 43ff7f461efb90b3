# SPDX-License-Identifier: BSD-2-Clause
from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clusto.core.errors import InvalidError, NotFoundError
from clusto.core.layout_reading import parse
from clusto.core.layouts import Layout, drivers, plain
from clusto.core.sequences import expand

HEIGHTS = {"sw": 1, "ts": 1, "pdu": 0, "s1": 1, "s2": 2}
SWITCH = {"suffix": "sw1", "driver": "sw", "ru": 40}


def nic(number: Any = 1, to: Any = 1, device: str = "sw1") -> dict[str, Any]:
    return {"number": number, "connected_to": {"device": device, "number": to}}


def document(ports: dict[Any, Any] | None = None, **more: Any) -> dict[str, Any]:
    return {"devices": [SWITCH], "servers": {"driver": "s1"}, "switchports": ports or {}, **more}


def layout(ports: dict[Any, Any] | None = None, **more: Any) -> Layout:
    return parse("test", document(ports, **more), HEIGHTS)


def refused(*args: Any, **kwargs: Any) -> list[str]:
    with pytest.raises(InvalidError) as caught:
        layout(*args, **kwargs)
    first, *told = str(caught.value).split("\n- ")
    assert first == "rack layout 'test' is refused:"
    return told


def test_a_sequence_gives_each_server_its_own() -> None:
    pdu = {"suffix": "pdu", "driver": "PDU"}
    power = {"type": "pwr-nema-5", "number": 1, "connected_to": {"device": "pdu", "name": "b1-b2"}}
    found = layout({"3-4": {"ru": "7,9", "ports": [nic(1, "3-4"), power]}}, devices=[SWITCH, pdu])
    assert [(slot.switchport, slot.units, str(slot.ports[1].to)) for slot in found.slots] == [
        (3, (7,), "pdu pwr-nema-5 b1"),
        (4, (9,), "pdu pwr-nema-5 b2"),
    ]
    assert found.switch == "sw1"
    assert [device.units for device in found.devices] == [(40,), ()]
    assert found.at(4)[0] is found.slots[1]
    with pytest.raises(NotFoundError, match=r"'test' has no switch port 5 of sw1; expected 3, 4"):
        found.at(5)
    with pytest.raises(NotFoundError, match="has no switch port 3 of sw2; expected one of sw1"):
        found.at(3, "sw2")


def test_what_a_switch_port_says_goes_before_what_all_servers_have() -> None:
    servers = {"driver": "s1", "name_manager": "names", "pools": ["a"], "attributes": {"tier": 1}}
    ports = {"1": {"ru": 1, "ports": [nic()]}, 2: {"ru": [2, 3], "ports": [nic(1, 2)], "driver": "S2", "pools": []}}
    first, second = layout(ports, servers=servers).slots
    assert (first.driver, first.name_manager, first.options) == (
        "s1",
        "names",
        {"pools": ["a"], "attributes": {"tier": 1}},
    )
    assert (second.driver, second.units, second.options) == ("s2", (2, 3), {"pools": [], "attributes": {"tier": 1}})


def test_the_other_end_of_a_cable_is_of_the_same_type_unless_it_says_so() -> None:
    cables = [
        {"a": {"device": "sw1", "type": "console-serial", "number": 1}, "b": {"entity": "ts", "number": 7}},
        {"a": {"device": "sw1", "number": 47}, "b": {"entity": "panel", "type": "front-port", "number": 1}},
        {"a": {"device": "sw1", "number": 48}, "b": {"entity": "core", "name": "xe1"}, "cable": {"color": "aa0000"}},
    ]
    found = layout(cables=cables).cables
    assert [(str(c.a), str(c.b)) for c in found] == [
        ("sw1 console-serial 1", "ts console-serial 7"),
        ("sw1 front-port 47", "panel front-port 1"),
        ("sw1 nic-eth 48", "core nic-eth xe1"),
    ]
    assert found[2].details == {"color": "aa0000"}


def test_servers_at_two_switches_are_found_at_both() -> None:
    devices = [SWITCH, {"suffix": "sw2", "driver": "sw", "ru": 41}]
    ports = {"1-2": {"ru": "1-2", "ports": [nic(1, "1-2"), nic(2, "1-2", "sw2")]}}
    found = layout(ports, devices=devices, switch="sw1")
    assert found.at(2, "sw2") == (found.slots[1], found.slots[1].ports[1])
    servers = {"1": {"ru": 1, "ports": [nic(1, 1), nic(2, 1, "sw2")]}}
    assert refused(servers, devices=devices) == ["switch: missing; expected one of sw1, sw2"]


SW1 = {"device": "sw1", "number": 1}
OUTSIDE = {"entity": "y", "number": 1}
IPS = [{"osport": "eth0", "dns": "x", "type": "nic-eth"}]


@pytest.mark.parametrize(
    ("devices", "expected"),
    [
        ([SWITCH, SWITCH], "devices[1].suffix: 'sw1' is that of another device; expected another"),
        ([SWITCH, {**SWITCH, "suffix": "b"}], "devices[1].ru: RACK b: unit 40 is occupied by sw1"),
        ([{"suffix": "a", "driver": "sw"}], "devices[0].ru: missing; sw is 1 units high"),
        ([{"suffix": "a", "driver": "pdu", "ru": 1}], "devices[0].ru: RACK a: it is 0 units high"),
        ([{**SWITCH, "ru": [1, 2]}], "devices[0].ru: RACK sw1: 2 units given (1, 2); it is 1 units high"),
        ([{**SWITCH, "ru": 101}], "devices[0].ru: RACK sw1: unit 101 is outside the rack"),
        ([{**SWITCH, "attributes": {"a": {"b c": 1}}}], "devices[0].attributes: "),
        ([{**SWITCH, "driver": "nosuch"}], "devices[0].driver: 'nosuch' is none; expected the slug of a device type"),
        ([{**SWITCH, "ips": IPS}], "devices[0].ips[0]: type without number; expected both or none"),
    ],
)
def test_devices_that_are_refused(devices: list[dict[str, Any]], expected: str) -> None:
    assert_one(refused(devices=devices), expected)


def assert_one(told: list[str], expected: str) -> None:
    full = expected.replace("RACK", "rack of layout test, device")
    assert [problem.startswith(full) for problem in told] == [True], told


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        ({"device": "x", "number": 1}, OUTSIDE, "a.device: 'x' is no device of the layout; expected one of sw1"),
        (OUTSIDE, OUTSIDE, ": y nic-eth 1 and y nic-eth 1 are both outside; expected device at one end"),
        ({**SW1, "number": "1-2"}, OUTSIDE, "a.number: '1-2' has 2 members; expected 1, for each cable is one"),
        (SW1, SW1, "b: sw1 nic-eth 1 is used twice, see cables[0].a"),
    ],
)
def test_cables_that_are_refused(a: dict[str, Any], b: dict[str, Any], expected: str) -> None:
    told = refused(cables=[{"a": a, "b": b}])
    assert told[-1].startswith(f"cables[0].{expected}".replace(".:", ":")), told


TWICE = "RACK server at 2: unit 5 is occupied by server at 1"


@pytest.mark.parametrize(
    ("ports", "more", "expected"),
    [
        (
            {"1-3": {"ru": "1-2", "ports": [nic(1, "1-3")]}},
            {},
            "1-3.ru: '1-2' has 2 members; expected 1 or 3, as there",
        ),
        ({"1-2": {"ru": [1, 2], "ports": [nic(1, "1-2")]}}, {}, "1-2.ru: [1, 2] are the units of one server"),
        ({"1-2": {"ru": 5, "ports": [nic(1, "1-2")]}}, {}, f"2.ru: {TWICE}"),
        ({"1": {"ru": 39, "ports": [nic()], "driver": "s2"}}, {}, "1.ru: RACK server at 1: unit 40 is occupied by sw1"),
        ({"1": {"ports": [nic()]}}, {}, "1.ru: missing; s1 is 1 units high"),
        ({"1": {"ru": 1, "ports": [nic()]}}, {"servers": {}}, "1.driver: missing, here and in servers"),
        ({"1": {"ru": 1, "ports": [nic(), nic(1, 2)]}}, {}, "1.ports: nic-eth 1 of the server is given twice"),
        ({"1-2": {"ru": "1-2", "ports": [nic(1, "1-2"), nic(2, 9)]}}, {}, "2.ports: sw1 nic-eth 9 is used twice, see"),
        ({"1": {"ru": 1, "ports": [nic(1, 2)]}}, {}, "1: none of the server's ports is connected to sw1 1"),
        ({"1,1": {"ru": "2,3", "ports": [nic(1, "1,6")]}}, {}, "1: this switch port is given twice"),
    ],
)
def test_switch_ports_that_are_refused(ports: dict[Any, Any], more: dict[str, Any], expected: str) -> None:
    assert_one(refused(ports, **more), f"switchports.{expected}")


@pytest.mark.parametrize(
    ("switch", "ports", "expected"),
    [
        ("sw9", [nic()], "switch: 'sw9' is no device of the layout"),
        (None, [], "switch: missing; expected the device at whose ports the servers are"),
    ],
)
def test_which_switch_is_meant_must_be_clear(switch: str | None, ports: list[Any], expected: str) -> None:
    more = {"switch": switch} if switch else {}
    assert refused({"1": {"ru": 1, "ports": ports}}, **more)[0] == expected


def test_everything_is_told_at_once_wherever_the_shape_is_right() -> None:
    found = refused(
        {"1-2": {"ru": "1-3", "ports": [nic(1, "1-2")]}, "9": {"ru": 99, "ports": [nic(1, 10)]}},
        devices=[SWITCH, {"suffix": "broken"}, {**SWITCH, "suffix": "b"}],
        cables=[{"a": {"device": "broken", "number": 1}, "b": {"device": "nosuch", "number": 1}}],
    )
    places = [problem.split(":")[0] for problem in found]
    assert places == [
        "devices[1].driver",
        "devices[2].ru",
        "cables[0].b.device",
        "switchports.1-2.ru",
        "switchports.9",
    ]


def test_without_heights_the_units_that_are_given_are_judged() -> None:
    ports = {"1": {"ru": 39, "ports": [nic()]}, "2": {"ru": [38, 39], "ports": [nic(1, 2)]}}
    with pytest.raises(InvalidError, match="device server at 2: unit 39 is occupied by server at 1"):
        parse("test", document(ports, servers={"driver": "s2"}))
    assert parse("test", document({"1": ports["1"]}, servers={"driver": "s2"})).slots[0].units == (39,)


def test_drivers_are_found_in_any_document() -> None:
    ports = {"1": {"driver": "S2"}, "2": 7}
    assert drivers(document(ports)) == {"sw", "s1", "s2"}
    assert drivers({"devices": 1, "switchports": [], "servers": {"driver": 1}}) == drivers(None) == set()


def test_yaml_reads_the_key_of_one_switch_port_as_a_number() -> None:
    assert plain({1: [{2: (3,)}]}) == {"1": [{"2": [3]}]}
    assert layout({1: {"ru": 1, "ports": [nic()]}}).slots[0].switchport == 1


@given(st.lists(st.integers(1, 30), min_size=1, max_size=12, unique=True))
def test_keys_may_be_grouped_in_any_way(ports: list[int]) -> None:
    together = ",".join(map(str, ports))
    apart = {str(n): {"ru": n, "ports": [nic(1, n)]} for n in ports}
    one, many = layout({together: {"ru": together, "ports": [nic(1, together)]}}), layout(apart)
    assert one.slots == many.slots
    assert expand(together) == tuple(slot.switchport for slot in one.slots)
