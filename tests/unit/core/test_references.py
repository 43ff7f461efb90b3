# SPDX-License-Identifier: BSD-2-Clause
from __future__ import annotations

from typing import Any

import pytest

from clusto.core.errors import AmbiguousError, InvalidError, NotFoundError
from clusto.core.references import Reference, readings, resolve

TYPES = ("rack", "server", "pool")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("s1", [Reference("s1")]),
        ("rack:s1", [Reference("rack:s1"), Reference("s1", "rack")]),
        ("row:s1", [Reference("row:s1")]),
        ("rack:", [Reference("rack:")]),
        (":s1", [Reference(":s1")]),
        ("dc/s1", [Reference("dc/s1"), Reference("s1", None, "dc")]),
        ("/s1", [Reference("/s1")]),
        ("dc/", [Reference("dc/")]),
        ("a/b/c", [Reference("a/b/c"), Reference("b/c", None, "a"), Reference("c", None, "a/b")]),
        (
            "rack:dc/s1",
            [
                Reference("rack:dc/s1"),
                Reference("dc/s1", "rack"),
                Reference("s1", None, "rack:dc"),
                Reference("s1", "rack", "dc"),
            ],
        ),
    ],
)
def test_readings(text: str, expected: list[Reference]) -> None:
    assert readings(text, TYPES) == expected
    assert {str(reading) for reading in readings(text, TYPES)} == {text}


@pytest.mark.parametrize("text", ["", "  ", None, 3])
def test_what_names_nothing(text: Any) -> None:
    with pytest.raises(InvalidError, match="names nothing; expected NAME, TYPE:NAME or DATACENTER/NAME"):
        readings(text, TYPES)


ENTITIES = [
    Reference("web", "pool"),
    Reference("web", "server", "dc1"),
    Reference("db", "server", "dc1"),
    Reference("db", "server", "dc2"),
    Reference("db", "rack", "dc2"),
    Reference("rack:web", "server", "dc1"),
    Reference("a/b", "server", "dc1"),
    Reference("b", "server", "a"),
]


def find(reading: Reference) -> list[Reference]:
    return [
        entity
        for entity in ENTITIES
        if entity.name == reading.name
        and reading.type in (None, entity.type)
        and reading.datacenter in (None, entity.datacenter)
    ]


@pytest.mark.parametrize(
    ("text", "entity"),
    [
        ("pool:web", ENTITIES[0]),
        ("dc1/web", ENTITIES[1]),
        ("dc1/db", ENTITIES[2]),
        ("server:dc2/db", ENTITIES[3]),
        ("rack:db", ENTITIES[4]),
        ("rack:web", ENTITIES[5]),
        ("a/b", ENTITIES[6]),
        ("server:b", ENTITIES[7]),
    ],
)
def test_a_whole_name_comes_first(text: str, entity: Reference) -> None:
    assert resolve(text, TYPES, find, lambda found: found) == entity


def test_an_ambiguous_name_lists_references_that_are_not() -> None:
    for text, candidates in {
        "web": ("pool:web", "server:dc1/web"),
        "server:db": ("server:dc1/db", "server:dc2/db"),
        "dc2/db": ("rack:dc2/db", "server:dc2/db"),
        "db": ("rack:dc2/db", "server:dc1/db", "server:dc2/db"),
    }.items():
        with pytest.raises(AmbiguousError, match=f"'{text}' is ambiguous; expected one of") as caught:
            resolve(text, TYPES, find, lambda found: found)
        assert caught.value.candidates == candidates
        assert [str(resolve(c, TYPES, find, lambda found: found)) for c in candidates] == list(candidates)


def test_nothing_of_that_name() -> None:
    with pytest.raises(NotFoundError, match="there is nothing named 'mail'"):
        resolve("mail", TYPES, find, lambda found: found)
