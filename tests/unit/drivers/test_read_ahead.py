# SPDX-License-Identifier: BSD-2-Clause
"""What is asked about one of many is asked for all of them, once; any other question is passed on, once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from clusto.core.errors import InvalidError, NotFoundError
from clusto.drivers.read_ahead import ReadAhead
from clusto.netbox.client import Client, Filter, Query, Settings

INTERFACES = [{"id": n, "name": f"eth{n}", "device": {"id": n % 2 + 1}} for n in range(4)]
ADDRESSES = [{"id": 7, "assigned_object": {"device": {"id": 1}}}, {"id": 8, "assigned_object": None}]
CONTEXTS = [{"id": 5, "sites": [{"id": 3}, {"id": 4}]}]
RACKS = [{"id": 11, "name": "r1"}, {"id": 12, "name": "r2"}]
CABLES = [
    {
        "id": 9,
        "a_terminations": [{"object": {"device": {"id": 1}}}],
        "b_terminations": [{"object": {"device": {"id": 2}}}, {"object": {"circuit": {"id": 1}}}],
    }
]
ANSWERS = {"cables": CABLES, "interfaces": INTERFACES, "addresses": ADDRESSES, "contexts": CONTEXTS, "racks": RACKS}


class Asked(Client):
    """A NetBox that has only these, and notes what it was asked."""

    def __init__(self) -> None:
        super().__init__(Settings("http://127.0.0.1:9", "0123456789abcdef0123456789abcdef01234567"))
        self.asked: list[Query] = []

    def fetch(self, queries: Mapping[Any, Query]) -> dict[Any, list[dict[str, Any]]]:
        self.asked += queries.values()
        return {key: [dict(one) for one in ANSWERS[query.endpoint]] for key, query in queries.items()}

    def list(self, endpoint: str, **filters: Filter) -> list[dict[str, Any]]:
        ids = filters.get("id")
        found = self.fetch({0: Query(endpoint, filters)})[0]
        return [one for one in found if not isinstance(ids, list) or one["id"] in ids]


@pytest.fixture
def behind() -> Asked:
    return Asked()


@pytest.fixture
def client(behind: Asked) -> ReadAhead:
    return ReadAhead(
        behind, {"device_id": {1, 2}, "site_id": {3}, "racks": {11, 12}}, {"devices": [{"id": 1, "name": "a"}]}
    )


def test_a_question_about_one_is_asked_for_all(client: ReadAhead, behind: Asked) -> None:
    assert [one["name"] for one in client.list("interfaces", device_id=1)] == ["eth0", "eth2"]
    assert [one["name"] for one in client.list("interfaces", device_id=2)] == ["eth1", "eth3"]
    assert behind.asked == [Query("interfaces", {"device_id": [1, 2]})]
    assert client.list("addresses", device_id=2) == []
    assert [one["id"] for one in client.list("addresses", device_id=1)] == [7]
    assert [one["id"] for one in client.list("contexts", profile_id=1, site_id=3)] == [5]


def test_a_cable_is_of_both_devices(client: ReadAhead) -> None:
    assert [one["id"] for one in client.list("cables", device_id=1)] == [9]
    assert [one["id"] for one in client.list("cables", device_id=2)] == [9]


def test_any_other_question_is_asked_once(client: ReadAhead, behind: Asked) -> None:
    for _ in range(2):
        assert client.list("interfaces", name="x") == INTERFACES
        assert client.fetch({"a": Query("racks", {"tag": ["x"]}), "b": Query("interfaces", {"device_id": 9})}) == {
            "a": RACKS,
            "b": INTERFACES,
        }
    assert len(behind.asked) == 3


def test_objects_are_read_together_or_known_already(client: ReadAhead, behind: Asked) -> None:
    assert client.get("racks", 12).record == RACKS[1]
    assert client.get("racks", 11).record == RACKS[0]
    assert client.list("devices", id=1, omit="config_context") == [{"id": 1, "name": "a"}]
    assert behind.asked == [Query("racks", {"id": [11, 12]})]
    with pytest.raises(NotFoundError, match="racks/13"):
        client.get("racks", 13)


def test_nothing_is_written(client: ReadAhead) -> None:
    with pytest.raises(InvalidError, match="PATCH racks"):
        client.update("racks", 11, {"name": "x"})
