# SPDX-License-Identifier: BSD-2-Clause
"""What is wrong with a document, beside what the whole of JSON Schema says of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clusto.core.layout_schema import LAYOUT
from clusto.core.shapes import WORDS, Schema, problems


def told(value: Any, schema: Schema = LAYOUT) -> list[str]:
    return [str(problem) for problem in problems(value, schema)]


def valid(value: Any, schema: Schema = LAYOUT) -> bool:
    return not list(jsonschema.Draft202012Validator(schema).iter_errors(value))


def schemas(schema: Schema) -> Iterator[Schema]:
    """It, and all that are in it."""
    yield schema
    inner = [*schema.get("properties", {}).values(), *schema.get("anyOf", ()), schema.get("items")]
    for one in [*inner, schema.get("propertyNames"), schema.get("additionalProperties")]:
        if isinstance(one, dict):
            yield from schemas(one)


def test_the_schema_of_layouts_is_one_and_uses_no_word_that_is_not_known() -> None:
    jsonschema.Draft202012Validator.check_schema(LAYOUT)
    for schema in schemas(LAYOUT):
        assert schema.keys() <= WORDS
        for choice in schema.get("allOf", ()):
            assert choice.keys() == {"oneOf"}
            assert all(one.keys() == {"required"} for one in choice["oneOf"])


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ([], "[]; expected a rack layout"),
        ({}, "devices: missing; expected a list of devices"),
        ({"devices": [], "cable": 1}, "cable: unknown; expected some of devices, cables, switch, servers, switchports"),
        ({"devices": {}}, "devices: {}; expected a list of devices"),
        ({"devices": [{"suffix": "sw 1", "driver": "d"}]}, "devices[0].suffix: 'sw 1'; expected what stands behind"),
        ({"devices": [{"suffix": "sw1", "driver": ""}]}, "devices[0].driver: ''; expected the name of a driver"),
        ({"devices": [{"suffix": "a", "driver": "d", "ru": True}]}, "devices[0].ru: True; expected a rack unit from 1"),
        ({"devices": [{"suffix": "a", "driver": "d", "ru": []}]}, "devices[0].ru: []; expected a rack unit from 1"),
        (
            {"devices": [{"suffix": "a", "driver": "d", "attributes": {"1x": 1}}]},
            "devices[0].attributes.1x: as a name; expected the key of an attribute",
        ),
        ({"devices": [], "cables": [{"a": {"number": 1}, "b": {"device": "x"}}]}, "cables[0].a: expected device or"),
        (
            {"devices": [], "switchports": {"1-2": {"ports": [{"number": 0, "connected_to": 1}]}}},
            "switchports.1-2.ports[0].number: 0; expected a number from 1, or a sequence",
        ),
    ],
)
def test_messages(document: Any, expected: str) -> None:
    assert told(document)[0].startswith(expected)
    assert not valid(document)


def test_everything_is_told_at_once() -> None:
    document = {
        "devices": [{"suffix": "sw1"}, {"driver": 7, "suffix": "x", "colour": "red"}],
        "switchports": {"1,": {"ports": [], "ru": "x"}},
    }
    assert len(told(document)) == 4


NAMES = st.sampled_from(
    [*"ab", "devices", "cables", "suffix", "driver", "ru", "number", "name", "device", "entity", "type"]
)
NAMES |= st.sampled_from(
    ["ports", "connected_to", "switchports", "servers", "ips", "osport", "dns", "ip_manager", "1-3"]
)
LEAVES = st.sampled_from([None, True, 0, 1, 1.0, -3, 2.5, "", "1", "1-3", "a1-a3", "1-3/2,7", " ", "1,,2", "x", "a,b"])
DOCUMENTS = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=5), max_leaves=30
)
WELL_FORMED = {
    "devices": [
        {"suffix": "sw1", "driver": "cisco4948", "ru": 36, "ips": [{"osport": "Vlan442", "dns": "example.com"}]}
    ],
    "cables": [{"a": {"device": "sw1", "number": 1}, "b": {"entity": "core", "name": "xe1"}}],
    "servers": {"driver": "penguinserver", "pools": ["web"], "attributes": {"tier": 1}},
    "switchports": {
        "1-3": {"ru": "1-3", "ports": [{"number": 1, "connected_to": {"device": "sw1", "number": "2-4"}}]},
        "4": {"ru": [7, 8], "ports": [{"name": "eth0", "connected_to": {"device": "sw1", "number": 5}}]},
    },
}


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every container in a document, with each of its keys."""
    keys = list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for key in keys:
        yield value, key
        yield from places(value[key])


@given(st.data(), DOCUMENTS, NAMES)
def test_what_the_schema_refuses_has_problems_and_nothing_else(data: st.DataObject, other: Any, name: str) -> None:
    """A good document with one place of it replaced, taken away or added to; and any document."""
    document = copied(WELL_FORMED)
    container, key = data.draw(st.sampled_from(list(places(document))), label="place")
    match data.draw(st.sampled_from(["replace", "delete", "add"])):
        case "replace":
            container[key] = other
        case "delete":
            del container[key]
        case "add" if isinstance(container, dict):
            container[name] = other
    for one in (document, other):
        assert bool(told(one)) == (not valid(one)) or has_whole_float(one)


def has_whole_float(value: Any) -> bool:
    """JSON Schema takes 1.0 for a whole number; a document has no reason to."""
    return (value == 1.0 and isinstance(value, float)) or any(has_whole_float(c[k]) for c, k in places(value))


def copied(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: copied(one) for key, one in value.items()}
    return [copied(one) for one in value] if isinstance(value, list) else value


def test_the_well_formed_one_is() -> None:
    assert told(WELL_FORMED) == []
    assert valid(WELL_FORMED)
