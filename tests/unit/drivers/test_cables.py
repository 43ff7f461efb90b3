# SPDX-License-Identifier: BSD-2-Clause
"""What may be connected, judged by records of ports alone."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clusto.core.errors import ClustoError, ConflictError, InvalidError
from clusto.core.ports import Component, fit
from clusto.drivers import cables
from clusto.drivers.ports import VM_INTERFACE, Port, described

DEVICES = {1: "s1", 2: "sw1"}


def port(component: str, device: int, name: str, *, type_: str = "1000base-t", **more: Any) -> Port:
    """A port as NetBox's record has it; its id is made of device and name."""
    owner = {"id": device, "name": DEVICES[device], "display": DEVICES[device]}
    record = {"id": device * 100 + int(name), "name": name, "type": {"value": type_}, "device": owner}
    return Port(component, {**record, "cable": None, "_occupied": False, "link_peers": [], **more})


def brief(of: Port) -> dict[str, Any]:
    """How the record of the other end tells of a port."""
    return {key: of.record[key] for key in ("id", "name", "device")}


def plugged(one: Port, *others: Port) -> Port:
    """The same with a cable to others."""
    told = {"link_peers": [brief(other) for other in others], "link_peers_type": others[0].object_type}
    return Port(one.object_type, {**one.record, **told, "cable": {"id": 7}, "_occupied": True})


ETH = port("dcim.interface", 1, "1")
SWITCH = port("dcim.interface", 2, "1")
OTHER = port("dcim.interface", 2, "2")


def test_body() -> None:
    assert cables.body(ETH, SWITCH, {"label": "x"}) == {
        "label": "x",
        "a_terminations": [{"object_type": "dcim.interface", "object_id": 101}],
        "b_terminations": [{"object_type": "dcim.interface", "object_id": 201}],
    }


def test_free_and_connected_and_taken() -> None:
    assert cables.check_connectable(ETH, SWITCH) is False
    one, other = plugged(ETH, SWITCH), plugged(SWITCH, ETH)
    assert cables.check_connectable(one, other) is True
    assert cables.check_connectable(other, one) is True
    assert cables.peer(one) == Port("dcim.interface", brief(SWITCH), one.peers()[0].like)
    assert cables.peer(ETH) is None
    for a, b, taken in (
        (one, OTHER, "s1, nic-eth '1' is connected to sw1, nic-eth '1'"),
        (OTHER, one, "s1, nic-eth '1' is connected to sw1, nic-eth '1'"),
    ):
        with pytest.raises(ConflictError) as refused:
            cables.check_connectable(a, b)
        assert str(refused.value) == f"{a.title} cannot be connected to {b.title}: {taken}"


def test_both_sides_are_named_when_both_are_taken() -> None:
    third = port("dcim.interface", 1, "2")
    with pytest.raises(
        ConflictError, match="'1' is connected to sw1, nic-eth '2'; sw1, nic-eth '1' is connected to s1, n"
    ):
        cables.check_connectable(plugged(ETH, OTHER), plugged(SWITCH, third))


def test_one_end_of_a_split_cable_is_connected_to_all_at_the_other() -> None:
    one = plugged(ETH, OTHER, SWITCH)
    assert cables.connected(one, SWITCH)
    assert cables.connected(one, OTHER)
    assert described(one.peers()) == {"entity": "sw1", "type": "nic-eth", "port": "1"}


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"_occupied": True}, "sw1, nic-eth '1' is marked as connected in NetBox"),
        ({"_occupied": True, "cable": {"id": 7}}, "sw1, nic-eth '1' is on a cable without another end"),
    ],
)
def test_taken_without_a_peer(more: dict[str, Any], message: str) -> None:
    with pytest.raises(ConflictError, match=message):
        cables.check_connectable(ETH, port("dcim.interface", 2, "1", **more))


def test_ports_that_are_not_made_yet_are_free() -> None:
    """The template of a port has an id too, which may be that of any port."""
    template = Port("dcim.interface", {"id": 201, "name": "eth0", "type": {"value": "1000base-t"}})
    assert cables.check_connectable(template, SWITCH) is False
    with pytest.raises(ConflictError, match="nic-eth 'eth0' cannot be connected to sw1, nic-eth '2'"):
        cables.check_connectable(template, plugged(OTHER, SWITCH))
    with pytest.raises(InvalidError, match="'eth0': no cable ends at ports of virtual machines"):
        cables.check_connectable(Port(VM_INTERFACE, template.record), SWITCH)


PORTS = st.builds(
    lambda component, device, name, type_, *, occupied: port(component, device, name, type_=type_, _occupied=occupied),
    st.sampled_from(list(Component)),
    st.sampled_from(list(DEVICES)),
    st.sampled_from("123"),
    st.sampled_from(["1000base-t", "lag", "other-wireless", "nema-5-15p"]),
    occupied=st.booleans(),
)


def verdict(a: Port, b: Port) -> type | bool:
    try:
        return cables.check_connectable(a, b)
    except ClustoError as refused:
        return type(refused)


@given(PORTS, PORTS)
def test_which_end_is_named_first_makes_no_difference(a: Port, b: Port) -> None:
    assert verdict(a, b) == verdict(b, a)
    if verdict(a, b) is False:
        assert fit(Component(a.object_type), Component(b.object_type))
        assert a.identity != b.identity


def test_a_cable_that_was_taken_away_is_made_again() -> None:
    end = {"object_type": "dcim.interface", "object_id": 5, "object": {"display": "eth0"}}
    record = {
        "id": 7,
        "display": "#7",
        "url": "http://x",
        "created": "2026-01-01",
        "type": "cat6",
        "length": 1.5,
        "status": {"value": "planned", "label": "Planned"},
        "length_unit": {"value": "m"},
        "label": "",
        "bundle": None,
        "tenant": {"id": 3, "name": "t"},
        "tags": [{"id": 4, "name": "x"}],
        "custom_fields": {"a": 1},
        "a_terminations": [end],
        "b_terminations": [{**end, "object_id": 6}],
    }
    assert cables.again(record) == {
        "type": "cat6",
        "length": 1.5,
        "status": "planned",
        "length_unit": "m",
        "label": "",
        "tenant": 3,
        "tags": [{"id": 4}],
        "custom_fields": {"a": 1},
        "a_terminations": [{"object_type": "dcim.interface", "object_id": 5}],
        "b_terminations": [{"object_type": "dcim.interface", "object_id": 6}],
    }
    cables.check_removable(record)
    with pytest.raises(ConflictError, match=r"cable #7 connects 3 ports \(nic-eth 'eth0', .*; take it away in Net"):
        cables.check_removable({**record, "a_terminations": [end, end]})
