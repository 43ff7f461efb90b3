# SPDX-License-Identifier: BSD-2-Clause
"""Bulk reads of a table that changes while it is read."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clusto.core.errors import InvalidError, UnavailableError
from clusto.netbox import bulk
from clusto.netbox.bulk import LONGEST_QUERY, Params, Query, Reader, encode, split


class Table:
    """NetBox's pages of records with these ids; `meanwhile` runs after each page, as other writers do."""

    def __init__(self, ids: set[int], page: int, meanwhile: Callable[[Table], None] = lambda table: None) -> None:
        self.ids = ids
        self.page = page  # NetBox's MAX_PAGE_SIZE
        self.asked: list[dict[str, str]] = []
        self._meanwhile = meanwhile
        self._lock = threading.Lock()

    def get(self, endpoint: str, params: Params) -> dict[str, Any]:
        with self._lock:
            wanted = dict(params)
            self.asked.append(wanted)
            answer = self._ordered(wanted) if "start" not in wanted else self._from(wanted)
            self._meanwhile(self)
            return answer

    def _from(self, wanted: dict[str, str]) -> dict[str, Any]:
        upper = int(wanted.get("id__lte", 1 << 60))
        found = sorted(n for n in self.ids if int(wanted["start"]) <= n <= upper)
        limit = min(self.page, int(wanted["limit"]))
        page = found[:limit]
        more = f"http://elsewhere/?limit={limit}&start={page[-1] + 1}" if len(page) == limit else None
        return {"count": None, "next": more, "results": [{"id": n} for n in page]}

    def _ordered(self, wanted: dict[str, str]) -> dict[str, Any]:
        found = sorted(self.ids, reverse=wanted["ordering"].startswith("-"))
        offset = int(wanted.get("offset", 0))
        page = found[offset : offset + min(self.page, int(wanted["limit"]))]
        more = "http://elsewhere/" if offset + len(page) < len(found) else None
        return {"count": len(found), "next": more, "results": [{"id": n} for n in page]}


def read(table: Table, **filters: Any) -> list[int]:
    reader = Reader(table.get, workers=4)
    try:
        return [record["id"] for record in reader.read({"a": Query("dcim/devices", filters)})["a"]]
    finally:
        reader.close()


@given(st.sets(st.integers(1, 200)), st.integers(1, 50))
def test_every_record_is_read_once_in_order(ids: set[int], page: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bulk, "PAGE", 20)
        assert read(Table(ids, page)) == sorted(ids)
        assert read(Table(ids, page), ordering="-id") == sorted(ids, reverse=True)


@given(st.sets(st.integers(1, 200), min_size=1), st.integers(1, 9), st.lists(st.integers(1, 260), max_size=30))
def test_what_stays_is_neither_lost_nor_doubled_while_others_come_and_go(
    ids: set[int], page: int, others: list[int]
) -> None:
    changes = list(others)

    def meanwhile(table: Table) -> None:
        if changes:
            table.ids ^= {changes.pop()}

    found = read(Table(set(ids), page, meanwhile))
    assert len(found) == len(set(found))
    assert ids - set(others) <= set(found) <= ids | set(others)


def test_one_page_takes_one_request() -> None:
    table = Table(set(range(1, 900)), 1000)
    assert len(read(table)) == 899
    assert len(table.asked) == 1


def test_many_pages_are_read_in_stretches() -> None:
    table = Table(set(range(1, 5001)), 1000)
    assert len(read(table)) == 5000
    # The first page; four stretches of a page each, which ask whether there is more: the page was full
    assert len(table.asked) == 1 + 2 * 4 - 3  # those with an end need not ask


def test_ids_that_lie_closer_than_on_the_first_page_are_all_read() -> None:
    ids = {*range(1, 10_000, 100), *range(10_001, 15_000)}
    assert read(Table(set(ids), 100)) == sorted(ids)


def test_a_refused_page_ends_the_reading() -> None:
    def get(endpoint: str, params: Params) -> dict[str, Any]:
        if "start" in dict(params):
            raise UnavailableError("away")
        return {"count": 4000, "next": "http://elsewhere/", "results": [{"id": n} for n in range(1, 1001)]}

    reader = Reader(get, workers=2)
    with pytest.raises(UnavailableError, match="away"):
        reader.read({"a": Query("dcim/devices"), "b": Query("dcim/sites")})
    reader.close()


def test_what_never_comes_to_rest_is_not_given_out_in_order() -> None:
    table = Table(set(range(1, 100)), 10, lambda table: table.ids.add(max(table.ids) + 1))
    with pytest.raises(UnavailableError, match="dcim/devices changed"):
        read(table, ordering="id")


def test_an_answer_without_pages_is_taken_whole() -> None:
    reader = Reader(lambda endpoint, params: [{"address": "192.0.2.1/24"}], workers=1)
    assert reader.read({1: Query("ipam/prefixes/1/available-ips")}) == {1: [{"address": "192.0.2.1/24"}]}
    reader.close()


def test_filters_are_written_as_netbox_takes_them() -> None:
    filters = {"name": ["a", "b"], "has_primary_ip": True, "parent_id": None, "fields": ("id", "name"), "q": "ä b"}
    assert encode(filters) == (
        ("name", "a"),
        ("name", "b"),
        ("has_primary_ip", "true"),
        ("parent_id", "null"),
        ("fields", "id,name"),
        ("q", "ä b"),
    )


def test_long_lists_are_cut_and_each_value_asked_once() -> None:
    names = [f"server-{n:05}" for n in range(2000)]
    parts = split(Query("dcim/devices", {"site": "sv3", "name": names, "fields": "name"}))
    assert len(parts) > 1
    assert [value for part in parts for name, value in part if name == "name"] == names
    assert all(("site", "sv3") in part and ("fields", "id,name") in part for part in parts)
    assert all(sum(len(n) + len(v) + 2 for n, v in part) <= LONGEST_QUERY for part in parts)


@pytest.mark.parametrize(
    "filters",
    [
        {"tag": ["a" * 100] * 50},  # all of them: an intersection cannot be cut
        {"name__n": ["a" * 100] * 50},  # none of them
        {"name__nisw": ["a" * 100] * 50},
        {"q": "a" * 5000},
        {"name": ["a" * 100] * 50, "ordering": "name"},
    ],
)
def test_what_cannot_be_cut_is_refused(filters: dict[str, Any]) -> None:
    with pytest.raises(InvalidError, match="too long for a URL"):
        split(Query("dcim/devices", filters))


def test_pages_are_not_the_callers_business() -> None:
    with pytest.raises(InvalidError, match="limit, offset cannot be given"):
        split(Query("dcim/devices", {"limit": 5, "offset": 5}))


def test_a_short_list_is_asked_for_once_and_by_pages_if_that_tells_nothing() -> None:
    asked: list[Query] = []

    def short(query: Query) -> list[dict[str, Any]] | None:
        asked.append(query)
        return [{"id": 7}] if query.filters["id"] == 7 else None

    table = Table({8, 9}, page=5)
    reader = Reader(table.get, 4, short)
    told, untold = (Query("dcim/devices", {"id": id_}, short=True) for id_ in (7, 8))
    too_long = Query("dcim/devices", {"name": ["x" * 60] * 80, "id": 7}, short=True)
    try:
        found = reader.read({"told": told, "untold": untold, "long": too_long})
    finally:
        reader.close()
    assert [record["id"] for record in found["told"]] == [7]
    assert [record["id"] for record in found["untold"]] == [record["id"] for record in found["long"]] == [8, 9]
    assert sorted(query.filters["id"] for query in asked) == [7, 8]
