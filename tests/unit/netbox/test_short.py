# SPDX-License-Identifier: BSD-2-Clause
"""Which lists GraphQL is asked for, and which of its answers are believed."""

from __future__ import annotations

from typing import Any

import pytest

from clusto.netbox.bulk import Query
from clusto.netbox.short import MOST, PAGE, Question, question, records

BASE = "https://netbox.example"
FIELDS = ("name", "type", "mgmt_only", "cable", "wireless_link")


def ports(endpoint: str = "dcim/interfaces", *, short: bool = True, **filters: Any) -> Query:
    return Query(endpoint, {"fields": FIELDS, **(filters or {"device_id": [3, 5]})}, short)


def told(**fields: Any) -> dict[str, Any]:
    free = {"cable": None, "cable_end": None, "wireless_link": None, "mgmt_only": False}
    return {"id": "7", "name": "eth0", "type": "1000base-t", **free, **fields}


def test_a_question() -> None:
    asked = question(ports())
    assert asked == Question(
        "query($values: [ID!]!) {interface_list(pagination: {start: 0, limit: 1000},"
        " filters: {device: {id: {in_list: $values}}})"
        " {cable {id} cable_end id mgmt_only name type wireless_link {id}}}",
        {"values": ["3", "5"]},
    )


def test_what_only_interfaces_have_is_left_out_of_others() -> None:
    asked = question(ports("dcim/console-server-ports", device_id=3))
    assert asked
    assert "{console_server_port_list(" in asked.text
    assert asked.text.endswith("{cable {id} cable_end id name type}}")


@pytest.mark.parametrize(
    "query",
    [
        ports(short=False),
        ports("dcim/power-panels"),
        ports(device_id=[]),
        ports(device_id=range(MOST + 1)),
        ports(device_id=None),
        ports(device_id=3, name="eth0"),
        ports(role="server"),
        ports(device_id=3, fields=("name", "link_peers")),
        Query("dcim/interfaces", {"device_id": 3}, short=True),
    ],
    ids=str,
)
def test_what_is_left_to_rest(query: Query) -> None:
    assert question(query) is None


def test_records_are_as_rest_tells_them() -> None:
    found = [told(id="12", cable={"id": "9"}, cable_end="A"), told(type="")]
    assert records(ports(), {"interface_list": found}, BASE) == [
        {"id": 7, "name": "eth0", "type": None, "mgmt_only": False, "cable": None, "wireless_link": None},
        {"id": 12, "name": "eth0", "type": {"value": "1000base-t"}, "mgmt_only": False, "cable": {"id": 9}}
        | {"wireless_link": None},
    ]
    wanted = ("display_url", "position", "local_context_data", "tags")
    device = {"id": "4", "position": "1.5", "local_context_data": {"id": "4"}, "tags": [{"id": "2", "slug": "a"}]}
    assert records(Query("dcim/devices", {"id": 4, "fields": wanted}, short=True), {"device_list": [device]}, BASE) == [
        {**device, "id": 4, "position": 1.5, "tags": [{"id": 2, "slug": "a"}], "display_url": f"{BASE}/dcim/devices/4/"}
    ]


@pytest.mark.parametrize(
    "found",
    [
        [],
        [told(), told(cable_end="B")],
        [told(type="ieee802.11ac")],
        [told(id=str(n)) for n in range(PAGE)],
    ],
    ids=["nothing", "cable", "wireless link", "page"],
)
def test_what_is_not_believed(found: list[dict[str, Any]]) -> None:
    assert records(ports(), {"interface_list": found}, BASE) is None


def test_a_device_of_a_rack_has_one() -> None:
    query = Query("dcim/devices", {"rack_id": 1, "fields": ("rack",)}, short=True)
    assert records(query, {"device_list": [{"id": "1", "rack": None}]}, BASE) is None
    assert records(
        query._replace(filters={"id": 1, "fields": ("rack",)}), {"device_list": [{"id": "1", "rack": None}]}, BASE
    )
