# SPDX-License-Identifier: BSD-2-Clause
"""The plan of a list, upon a ground that was never asked of a NetBox."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clusto.core.errors import BatchError, ConflictError, InvalidError
from clusto.core.ports import Component
from clusto.drivers import Device, Rack, Session
from clusto.ensure.batch import each
from clusto.ensure.servers.ground import MARK, Ground
from clusto.ensure.servers.plan import Plan
from clusto.ensure.servers.targets import Target
from clusto.ensure.servers.wishes import wishes
from clusto.netbox.client import Client, Settings

UNITS = 8
SITE = {"id": 1, "name": "dc", "slug": "dc"}
ROLE = {"id": 1, "slug": "server"}
MODEL = {"id": 1, "slug": "basicserver", "model": "basicserver", "manufacturer": {"slug": "clusto"}, "u_height": 1.0}
RACK = {"id": 1, "name": "r1", "site": SITE, "location": None, "starting_unit": 1, "u_height": UNITS}
NIC = {"label": "", "type": {"value": "1000base-t"}, "mgmt_only": False, "custom_fields": {}}
Item = dict[str, Any]


class Nowhere(Client):
    """A client that must not be asked."""

    def __init__(self) -> None:
        super().__init__(Settings("http://netbox.invalid", "0" * 40))

    def _send(self, request: Any) -> Any:
        raise AssertionError(f"asked {request}")


def device(id_: int, unit: int, mac: str | None = None, description: str = "") -> Mapping[str, Any]:
    return {
        "id": id_,
        "name": f"s{id_}",
        "display": f"s{id_}",
        "display_url": "",
        "role": ROLE,
        "device_type": MODEL,
        "site": SITE,
        "location": None,
        "rack": {"id": 1, "name": "r1"},
        "position": unit,
        "face": None,
        "tags": [],
        "local_context_data": None,
        "description": description,
        "mac": mac,
    }


def ground(there: Sequence[Mapping[str, Any]], items: Sequence[Item], **options: Any) -> Ground:
    """A rack, in which these devices stand."""
    session = Session(Nowhere())
    session.remember("dcim/device-types", [MODEL])
    made = Ground(session, "server", wishes("server", {"rack": "r1", **options}, items), "basicserver")
    made.__dict__["role"] = ROLE
    made._models = [MODEL]
    made.racks = {1: Rack.from_record(session, RACK)}
    made.templates = {1: {Component.INTERFACE: [{**NIC, "id": 1, "name": "eth0"}]}}
    for record in there:
        one = Device.from_record(session, record)
        made.devices[one.id] = one
        made.standing[1].append(one)
        primary = {"id": one.id, "mac_address": record["mac"]} if record["mac"] else None
        port = {**NIC, "id": one.id, "name": "eth0", "device": record, "primary_mac_address": primary}
        one.known_ports = {Component.INTERFACE: [port]}
        if primary:
            assigned = {"assigned_object_type": "dcim.interface", "assigned_object_id": one.id}
            made.macs[record["mac"]].append({**primary, **assigned, "assigned_object": port})
    return made


def planned(of: Ground) -> list[Target]:
    plan, names = Plan(of, "servers"), [wish.title for wish in of.wishes]
    targets = each("servers", names, of.wishes, plan.find)
    return each("servers", names, targets, plan.work_out)


def refused(error: BatchError) -> dict[int, str]:
    return {index: str(reason) for index, _, reason in error.refused}


@given(
    st.lists(st.integers(1, UNITS), unique=True, max_size=5),
    st.lists(st.tuples(st.integers(1, 7), st.integers(1, UNITS)), unique_by=lambda wish: wish[0], max_size=6),
)
def test_rack_units_as_if_all_moved_at_the_same_moment(now: list[int], wanted: list[tuple[int, int]]) -> None:
    """A unit is refused when one that stays has it, or an item before it in the list."""
    there = [device(n, unit) for n, unit in enumerate(now, 1)]
    moving = {n for n, _ in wanted}
    taken = {unit for n, unit in enumerate(now, 1) if n not in moving}
    expected = set()
    for index, (_, unit) in enumerate(wanted):
        if unit in taken:
            expected.add(index)
        taken.add(unit)
    items = [{"name": f"s{n}", "ru": [unit]} for n, unit in wanted]
    if expected:
        with pytest.raises(BatchError, match="is occupied by") as caught:
            planned(ground(there, items))
        assert refused(caught.value).keys() == expected
        return
    targets = planned(ground(there, items))
    assert [target.after and target.after["units"] for target in targets] == [[unit] for _, unit in wanted]
    changed = [n > len(now) or now[n - 1] != unit for n, unit in wanted]
    assert [target.place is not None for target in targets] == changed


@given(st.permutations(range(1, 5)))
def test_mac_addresses_go_round(turned: list[int]) -> None:
    macs = {n: f"02:00:00:00:00:0{n}" for n in range(1, 5)}
    there = [device(n, n, macs[n]) for n in macs]
    items = [{"name": f"s{n}", "ports": [{"number": 1, "mac": macs[to]}]} for n, to in zip(macs, turned, strict=True)]
    targets = planned(ground(there, items, rack=None))
    assert [bool(target.macs) for target in targets] == [n != to for n, to in zip(macs, turned, strict=True)]


def test_what_two_items_want_is_told_to_the_later() -> None:
    port = {"number": 1, "mac": "02:00:00:00:00:01"}
    items = [{"name": "a", "ru": [1], "ports": [port]}, {"name": "b", "ru": [2], "ports": [port]}]
    with pytest.raises(BatchError) as caught:
        planned(ground([], items))
    assert refused(caught.value) == {1: "MAC address 02:00:00:00:00:01 is given twice, see servers[0] (a)"}
    with pytest.raises(BatchError) as caught:
        planned(ground([], [{"name": "a", "ru": [1]}, {"name": "a", "ru": [2]}]))
    assert refused(caught.value) == {1: "server 'a' is given twice, see servers[0] (a)"}


def test_what_an_absent_item_has_is_free_for_the_next_task_only() -> None:
    items = [{"name": "s1", "state": "absent"}, {"name": "new", "ru": [3]}]
    with pytest.raises(BatchError, match="unit 3 is occupied by s1"):
        planned(ground([device(1, 3)], items))


MACS = [f"02:00:00:00:00:0{n}" for n in range(4)]


@pytest.mark.parametrize(
    ("item", "found"),
    [
        ({"ports": [{"number": 1, "mac": MACS[1]}], "rack": None}, "s1"),
        ({"ru": [2]}, "s2"),
        ({"ru": [2], "ports": [{"number": 1, "mac": MACS[2]}]}, "s2"),
        ({"ru": [2], "ports": [{"number": 1, "mac": MACS[0]}]}, "s2"),
        ({"ru": [5], "ports": [{"number": 1, "mac": MACS[1]}]}, "s1"),
        ({"ports": [{"number": 1, "mac": MACS[3]}], "rack": None}, "s3"),
        ({"ru": [5], "ports": [{"number": 1, "mac": MACS[0]}]}, None),
    ],
    ids=["MAC", "unit", "both", "unit, new MAC", "MAC, new unit", "marked", "new"],
)
def test_one_without_a_name_is_known_again(item: Item, found: str | None) -> None:
    there = [device(1, 1, MACS[1]), device(2, 2, MACS[2]), device(3, 3, description=MARK + MACS[3])]
    of = ground(there, [item], name_manager="names", rack=item.get("rack", "r1"))
    target = Plan(of, "servers").find(of.wishes[0])
    assert (target.device.name if target.exists else None) == found


def test_one_without_a_name_that_contradicts_itself() -> None:
    there = [device(1, 1, MACS[1]), device(2, 2, MACS[2])]
    of = ground(there, [{"ru": [2], "ports": [{"number": 1, "mac": MACS[1]}]}, {"rack": ""}], name_manager="names")
    plan = Plan(of, "servers")
    with pytest.raises(ConflictError, match=r"borne by server 's1', but in rack r1, unit 2 stands server 's2'"):
        plan.find(of.wishes[0])
    with pytest.raises(InvalidError, match="without a MAC address and without rack and ru"):
        plan.find(of.wishes[1])
