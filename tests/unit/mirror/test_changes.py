# SPDX-License-Identifier: BSD-2-Clause
from __future__ import annotations

from typing import Any

import pytest

from clusto.mirror.changes import Change, GapError, Touched


def change(object_type: str, before: dict[str, Any] | None, after: dict[str, Any] | None) -> Change:
    action = "create" if before is None else "delete" if after is None else "update"
    return Change(1, action, object_type, 7, before or {}, after or {})


PORT = {"assigned_object_id": 3}
OTHER = {"assigned_object_id": 4}
SOMEWHERE = {"site": 1, "location": None}


MANAGER = {"name": "servernames", "is_active": False, "data": {"next": 1, "digits": 3}}


def manager(next_: Any = 2, digits: int = 3, **others: Any) -> dict[str, Any]:
    return {**MANAGER, "data": {"next": next_, "digits": digits}, **others}


@pytest.mark.parametrize(
    ("object_type", "before", "after", "touched"),
    [
        ("dcim.device", None, {}, Touched(devices={7})),
        ("dcim.device", {}, None, Touched(devices={7})),
        ("virtualization.virtualmachine", {}, {}, Touched(machines={7})),
        ("dcim.interface", {"device": 1}, {"device": 2}, Touched(devices={1, 2})),
        ("dcim.interface", {"device": 1}, None, Touched(devices={1})),
        ("virtualization.vminterface", None, {"virtual_machine": 2}, Touched(machines={2})),
        ("dcim.macaddress", PORT, OTHER, Touched(ports={3, 4})),
        ("dcim.macaddress", {"assigned_object_id": None}, PORT, Touched(ports={3})),
        ("dcim.macaddress", OTHER, None, Touched(ports={4})),
        ("ipam.ipaddress", PORT, PORT, Touched(ports={3}, addresses={7})),
        ("ipam.prefix", {}, {}, Touched(prefixes={7})),
        ("dcim.site", {}, {}, Touched(lists={"sites": {7}})),
        ("extras.configcontext", None, {}, Touched(lists={"contexts": {7}})),
        ("extras.configcontext", MANAGER, manager(), Touched()),
        ("extras.configcontext", MANAGER, manager(digits=4), Touched(lists={"contexts": {7}})),
        ("extras.configcontext", MANAGER, manager(name="others"), Touched(lists={"contexts": {7}})),
        ("extras.configcontext", MANAGER, manager(is_active=True), Touched(lists={"contexts": {7}})),
        ("extras.configcontext", manager(is_active=True), manager(3, is_active=True), Touched(lists={"contexts": {7}})),
        ("extras.configcontext", MANAGER, {**MANAGER, "data": {"digits": 3}}, Touched(lists={"contexts": {7}})),
        ("extras.configcontext", MANAGER, {**MANAGER, "data": ["next"]}, Touched(lists={"contexts": {7}})),
        ("extras.configcontext", None, MANAGER, Touched(lists={"contexts": {7}})),
        ("extras.configcontext", MANAGER, None, Touched(lists={"contexts": {7}})),
        ("extras.configcontextprofile", {"name": "a"}, {"name": "b"}, Touched(lists={"contexts": set()})),
        ("dcim.rack", SOMEWHERE, SOMEWHERE, Touched(lists={"racks": {7}})),
        ("dcim.rack", SOMEWHERE, {"site": 2, "location": None}, Touched(lists={"racks": {7}}, racks={7})),
        ("dcim.location", SOMEWHERE, {**SOMEWHERE, "name": "b"}, Touched(lists={"locations": {7}})),
        ("dcim.devicerole", {"slug": "a", "parent": 1}, {"slug": "a", "parent": 2}, Touched(lists={"roles": {7}})),
        ("dcim.devicetype", {"model": "a", "u_height": 1}, {"model": "a", "u_height": 2}, Touched()),
        ("dcim.devicetype", None, {"model": "a"}, Touched()),
        ("extras.tag", None, {"slug": "a"}, Touched(lists={"tags": {7}})),
        ("extras.tag", {"slug": "a"}, {"slug": "a"}, Touched(lists={"tags": {7}}, all_lists=True)),
        ("extras.tag", {"slug": "a"}, {"slug": "b"}, Touched(lists={"tags": {7}}, all_lists=True, tags={"a"})),
        ("extras.tag", {"slug": "a"}, None, Touched(lists={"tags": {7}}, all_lists=True, tags={"a"})),
        ("dcim.cable", None, {}, Touched()),
        ("extras.journalentry", None, {}, Touched()),
        ("someplugin.model", {}, {}, Touched()),
    ],
)
def test_what_is_touched(object_type: str, before: Any, after: Any, touched: Touched) -> None:
    assert Touched.by([change(object_type, before, after)]) == touched


@pytest.mark.parametrize(
    ("object_type", "before", "after"),
    [
        ("dcim.devicerole", {"slug": "a"}, {"slug": "b"}),
        ("dcim.devicetype", {"model": "a"}, {"model": "b"}),
        ("ipam.vrf", {"name": "a"}, {"name": "b"}),
        ("dcim.location", {"site": 1}, {"site": 2}),
        ("virtualization.cluster", {"scope_type": 1, "scope_id": 1}, {"scope_type": 1, "scope_id": 2}),
    ],
)
def test_what_stands_in_many_hosts_is_a_gap(object_type: str, before: Any, after: Any) -> None:
    with pytest.raises(GapError, match=f"{object_type} 7 was renamed or moved"):
        Touched.by([change(object_type, before, after)])


def test_custom_field_is_a_gap() -> None:
    with pytest.raises(GapError, match="custom field 7 changed"):
        Touched.by([change("extras.customfield", {"name": "clusto_name"}, None)])
