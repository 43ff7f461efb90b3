# SPDX-License-Identifier: BSD-2-Clause
"""What has nothing to do with each other is made in two requests at a time; all or none all the same."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest

from clusto.core.errors import BatchError, RefusedError
from clusto.ensure.servers.writing import CHUNK, Writing
from clusto.netbox.client import Client, Settings

CABLES = "dcim/cables"


class NetBox(Client):
    """Numbers what it is to make; refuses a request with `refused` in it."""

    def __init__(self, refused: int | None = None) -> None:
        super().__init__(Settings("http://netbox.invalid", "0" * 40))
        self.requests: list[list[int]] = []
        self.deleted: set[int] = set()
        self.meeting: Callable[[], object] = lambda: None
        self._refused = refused

    def create(self, endpoint: str, body: Any) -> Any:
        numbers = [one["number"] for one in body]
        self.meeting()
        self.requests.append(numbers)
        if self._refused in numbers:
            raise RefusedError("POST", items={numbers.index(self._refused): "taken"})
        return [{"id": number + 1000} for number in numbers]

    def delete_many(self, endpoint: str, object_ids: Any) -> None:
        self.deleted.update(object_ids)


def made(netbox: NetBox, count: int, *, side_by_side: bool) -> tuple[list[int], list[Callable[[], object]]]:
    steps: list[Callable[[], object]] = []
    writing = Writing(netbox, "servers", [f"s{n}" for n in range(count)], steps.append)
    bodies: Sequence[Mapping[str, Any]] = [{"number": n} for n in range(count)]
    try:
        found = writing.create(CABLES, bodies, range(count), lambda _: [], "cables", side_by_side=side_by_side)
    except BatchError as error:
        return [index for index, *_ in error.refused], steps
    return [record["id"] - 1000 for record in found], steps


def test_both_halves_are_under_way_at_once() -> None:
    netbox = NetBox()
    netbox.meeting = threading.Barrier(2, timeout=30).wait
    assert made(netbox, 3, side_by_side=True)[0] == [0, 1, 2]
    assert sorted(netbox.requests) == [[0, 1], [2]]


@pytest.mark.parametrize("count", [0, 1, 2, CHUNK, CHUNK + 1])
@pytest.mark.parametrize("side_by_side", [False, True])
def test_all_are_made_once_in_their_order(count: int, *, side_by_side: bool) -> None:
    netbox = NetBox()
    assert made(netbox, count, side_by_side=side_by_side)[0] == list(range(count))
    assert sorted(number for numbers in netbox.requests for number in numbers) == list(range(count))


def test_where_one_has_to_do_with_another_there_is_one_request() -> None:
    netbox = NetBox()
    made(netbox, 3, side_by_side=False)
    assert netbox.requests == [[0, 1, 2]]


def test_what_the_other_half_made_is_taken_back() -> None:
    netbox = NetBox(refused=2)
    refused, steps = made(netbox, 4, side_by_side=True)
    assert refused == [2]
    for step in steps:
        step()
    assert netbox.deleted == {1000, 1001}
