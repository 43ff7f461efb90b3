# SPDX-License-Identifier: BSD-2-Clause
"""What JSON Schema says of a document, all of it at once: the few of its words that our schemas use.

NetBox checks the same schemas with the whole of JSON Schema, but tells only the first thing that is wrong, and not what
was expected.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

Schema = dict[str, Any]
Path = tuple[str | int, ...]

TYPES: Final[Mapping[str, type | tuple[type, ...]]] = {
    "object": Mapping,
    "array": (list, tuple),
    "string": str,
    "integer": int,
    "boolean": bool,
}
WORDS: Final = frozenset(
    {"type", "description", "properties", "required", "additionalProperties", "propertyNames", "items", "minItems"}
    | {"minimum", "minLength", "pattern", "anyOf", "allOf", "oneOf"}
)
"""What `problems` knows. An `allOf` holds nothing but `oneOf`, and that only alternatives `{"required": [name]}`."""


class Problem(NamedTuple):
    """Something that is not as it should be, and where in the document."""

    path: Path
    text: str

    def __str__(self) -> str:
        return f"{place(self.path)}: {self.text}" if self.path else self.text


def place(path: Path) -> str:
    """How people read a path: `switchports.1-30.ports[2].number`."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return text.removeprefix(".")


def problems(value: Any, schema: Schema, path: Path = ()) -> Iterator[Problem]:
    """Tell everything in which a value is not as a schema says; a schema's `description` says what was expected."""
    if not (_is(value, schema) and _fits(value, schema)):
        yield Problem(path, f"{value!r}; expected {schema['description']}")
    elif isinstance(value, Mapping):
        yield from _object(value, schema, path)
    elif isinstance(value, list | tuple):
        yield from _array(value, schema, path)


def _is(value: Any, schema: Schema) -> bool:
    """Whether it is of a type that is allowed; JSON's true is no number."""
    expected = TYPES[schema["type"]] if "type" in schema else object
    return isinstance(value, expected) and not (expected is int and isinstance(value, bool))


def _fits(value: Any, schema: Schema) -> bool:
    if isinstance(value, int) and value < schema.get("minimum", value):
        return False
    if isinstance(value, str) and (
        len(value) < schema.get("minLength", 0) or not re.search(schema.get("pattern", ""), value)
    ):
        return False
    if isinstance(value, Sequence) and len(value) < schema.get("minItems", 0):
        return False
    return "anyOf" not in schema or any(_matches(value, one) for one in schema["anyOf"])


def _matches(value: Any, schema: Schema) -> bool:
    return next(problems(value, {"description": "", **schema}), None) is None


def _object(value: Mapping[str, Any], schema: Schema, path: Path) -> Iterator[Problem]:
    known = schema.get("properties", {})
    for name in schema.get("required", ()):
        if name not in value:
            yield Problem((*path, name), f"missing; expected {known[name]['description']}")
    for choice in schema.get("allOf", ()):
        names = [one["required"][0] for one in choice["oneOf"]]
        if sum(name in value for name in names) != 1:
            yield Problem(path, f"expected {' or '.join(names)}, one of them alone")
    for name, member in value.items():
        if name in known:
            yield from problems(member, known[name], (*path, name))
        elif "propertyNames" in schema and not _matches(name, schema["propertyNames"]):
            yield Problem((*path, name), f"as a name; expected {schema['propertyNames']['description']}")
        elif (rest := schema.get("additionalProperties", True)) is False:
            yield Problem((*path, name), f"unknown; expected some of {', '.join(known)}")
        elif rest is not True:
            yield from problems(member, rest, (*path, name))


def _array(value: Sequence[Any], schema: Schema, path: Path) -> Iterator[Problem]:
    for index, member in enumerate(value):
        yield from problems(member, schema.get("items", {}), (*path, index))
