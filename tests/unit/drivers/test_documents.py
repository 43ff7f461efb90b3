# SPDX-License-Identifier: BSD-2-Clause
"""Where documents lie, and that no writer overwrites another."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from clusto.core.errors import RefusedError
from clusto.drivers.documents import ContextData, CustomFieldDocument, FieldDocument, OwnContext
from clusto.netbox.client import Versioned

Record = dict[str, Any]


class OneObject:
    """A NetBox with one object. `meanwhile` is what somebody else writes between a read and the next write."""

    def __init__(self, record: Record, meanwhile: Record | None = None) -> None:
        self.record = record
        self.meanwhile = meanwhile
        self.writes: list[Mapping[str, Any]] = []
        self.refuses = False

    def get(self, _endpoint: str, _id: int) -> Versioned:
        return Versioned(self.record, "etag")

    def compare_and_swap(
        self, _endpoint: str, _id: int, change: Callable[[Record], Mapping[str, Any] | None]
    ) -> Record:
        changes = change(self.record)
        if self.meanwhile:
            self.record, self.meanwhile = {**self.record, **self.meanwhile}, None
            changes = change(self.record)
        if changes:
            self.writes.append(changes)
            self.record = {**self.record, **changes}
        return self.record

    def create(self, _endpoint: str, body: Mapping[str, Any]) -> Record:
        if self.refuses:
            self.record = {"id": 1, "data": {"theirs": 1}}
            raise RefusedError("name: already exists")
        self.record = {"id": 1, **body}
        return self.record


def add(key: str) -> Callable[[Record], Record]:
    return lambda document: {**document, key: 1}


def test_field_keeps_what_others_wrote_meanwhile() -> None:
    client = OneObject({"local_context_data": None}, meanwhile={"local_context_data": {"b": 1}})
    FieldDocument(client, "dcim/devices", 1, "local_context_data").change(add("a"))
    assert client.record["local_context_data"] == {"a": 1, "b": 1}


def test_nothing_is_written_when_nothing_changes() -> None:
    client = OneObject({"local_context_data": {"a": 1}})
    FieldDocument(client, "dcim/devices", 1, "local_context_data").change(add("a"))
    assert client.writes == []


def test_custom_field_is_empty_rather_than_an_empty_object() -> None:
    client = OneObject({"custom_fields": {"clusto_attributes": {"a": 1}, "theirs": 5}})
    document = CustomFieldDocument(client, "dcim/racks", 1)
    assert document.read() == {"a": 1}
    document.change(lambda _: {})
    assert client.writes == [{"custom_fields": {"clusto_attributes": None}}]


def test_context_without_attributes_holds_the_mark_that_nobody_sees() -> None:
    client = OneObject({"data": {"a": 1}})
    document = ContextData(client, 1)
    document.change(lambda _: {})
    assert (client.record["data"], document.read()) == ({"_empty": True}, {})
    document.change(add("b"))
    assert client.record["data"] == {"b": 1}


@pytest.fixture
def site() -> tuple[OneObject, OwnContext]:
    client = OneObject({})
    document = OwnContext(client, lambda: client.record or None, lambda: {"name": "datacenter:x"})
    return client, document


def test_own_context_is_made_with_the_first_attribute(site: tuple[OneObject, OwnContext]) -> None:
    client, document = site
    document.change(lambda _: {})
    assert client.record == {}
    document.change(add("a"))
    assert client.record == {"id": 1, "name": "datacenter:x", "data": {"a": 1}}
    document.change(add("b"))
    assert document.read() == {"a": 1, "b": 1}


def test_own_context_that_another_made_meanwhile_is_used(site: tuple[OneObject, OwnContext]) -> None:
    client, document = site
    client.refuses = True
    document.change(add("a"))
    assert document.read() == {"a": 1, "theirs": 1}
