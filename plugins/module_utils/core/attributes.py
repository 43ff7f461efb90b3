# SPDX-License-Identifier: BSD-2-Clause
"""Attributes, and the one JSON object (a **document**) that holds all of an entity's own.

| document | attributes |
|---|---|
| `{key: value}` | (key, value), bare |
| `{key: {subkey: value}}` | (key, subkey, value) |
| `{key: {"": value, subkey: …}}` | a bare value beside subkeys, or a bare value that is an object itself |
| `{key: {"1": value}}`, `{key: {"1": {subkey: value}}}` | the same with number 1 |
| a list of two or more | several values of that (key, number, subkey) |
| `{"_relation": "dcim.device:12"}` | a relation |

So a list of two or more values and several values are the same thing; a shorter list is one value. Every attribute that
this module writes has a proper name; documents that others wrote are read as they are.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeGuard

from .errors import ConflictError, InvalidError

Document = Mapping[str, Any]
"""Shared between its readers: whoever wants to change one makes another."""

NAME: Final = re.compile(r"[A-Za-z_]+[0-9A-Za-z_-]*")  # clusto's
NUMBER: Final = re.compile(r"0|[1-9][0-9]{0,14}")  # canonical, so that one number has one name
LARGEST: Final = 10**15 - 1
RELATION: Final = "_relation"
TARGET: Final = re.compile(r"([a-z_]+\.[a-z_]+):([1-9][0-9]{0,14})")


class _Any:
    """The type of `ANY`."""

    def __repr__(self) -> str:
        return "ANY"


ANY: Final = _Any()
"""In a query: not asked."""


@dataclass(frozen=True, slots=True)
class Relation:
    """A value that is another object of NetBox: its type (`dcim.device`) and its id."""

    object_type: str
    id: int

    def __str__(self) -> str:
        return f"{self.object_type}:{self.id}"


@dataclass(frozen=True, slots=True)
class Attribute:
    """One value under (key, number, subkey); None stands for no number and no subkey.

    `value` is what JSON holds (lists and objects too), or a Relation.
    """

    key: str
    subkey: str | None = None
    number: int | None = None
    value: Any = None

    def __str__(self) -> str:
        return f"{place(self.key, self.number, self.subkey)}={self.value!r}"


def place(key: str, number: int | None, subkey: str | None) -> str:
    """How messages name the place of an attribute: `port-nic-eth[1].mac`."""
    return f"{key}{'' if number is None else f'[{number}]'}{'' if subkey is None else f'.{subkey}'}"


# Document to attributes


def from_document(document: Document) -> list[Attribute]:
    """All attributes of any JSON object, in the order of their keys, numbers and subkeys."""
    return [attribute for key in sorted(document) for attribute in _of_key(key, document[key])]


def plain(document: Mapping[str, Any]) -> dict[str, Any]:
    """Key to value, where a key has a value and nothing else; any other key as it is in the document."""
    return {
        key: node[""] if isinstance(node, Mapping) and node.keys() == {""} else node for key, node in document.items()
    }


def _of_key(key: str, node: Any) -> Iterable[Attribute]:
    found = [
        Attribute(key, subkey, number, value) for (number, subkey), held in _places(node) for value in _values(held)
    ]
    return sorted(found, key=_order)


def _order(attribute: Attribute) -> tuple[str, int, str]:
    """No number before numbers, no subkey before subkeys."""
    number = -1 if attribute.number is None else attribute.number
    return attribute.key, number, attribute.subkey or ""


def _places(node: Any) -> Iterable[tuple[tuple[int | None, str | None], Any]]:
    """Yield ((number, subkey), what the document holds there) for everything below a key."""
    if not _is_branch(node):
        yield (None, None), node
        return
    for name, below in node.items():
        if not NUMBER.fullmatch(name):
            yield (None, name or None), below
        elif not _is_branch(below):
            yield (int(name), None), below
        else:
            yield from (((int(name), subkey or None), held) for subkey, held in below.items())


def _is_branch(node: Any) -> TypeGuard[dict[str, Any]]:
    return isinstance(node, Mapping) and bool(node) and not _is_relation(node)


def _is_relation(node: Mapping[str, Any]) -> bool:
    target = node.get(RELATION)
    return len(node) == 1 and isinstance(target, str) and TARGET.fullmatch(target) is not None


def _values(held: Any) -> list[Any]:
    return [_read(value) for value in held] if isinstance(held, list) and len(held) > 1 else [_read(held)]


def _read(node: Any) -> Any:
    """Copy a JSON value, with the relations in it."""
    if isinstance(node, Mapping):
        if _is_relation(node) and (target := TARGET.fullmatch(node[RELATION])):
            return Relation(target[1], int(target[2]))
        return {name: _read(value) for name, value in node.items()}
    return [_read(value) for value in node] if isinstance(node, list) else node


# Attributes to document


def to_document(attributes: Iterable[Attribute]) -> dict[str, Any]:
    """Make the document that holds these attributes.

    Raises InvalidError for an attribute that none can hold: an empty subkey, a subkey that reads as a number, a
    negative number, a value that JSON does not know.
    """
    found: dict[str, dict[int | None, dict[str | None, list[Any]]]] = {}
    for attribute in attributes:
        _check_place(attribute)
        value = _write(attribute.value, str(attribute))
        below = found.setdefault(attribute.key, {}).setdefault(attribute.number, {})
        below.setdefault(attribute.subkey, []).append(value)
    return {key: _key_node(key, numbers) for key, numbers in found.items()}


def _key_node(key: str, numbers: Mapping[int | None, Mapping[str | None, list[Any]]]) -> Any:
    numbered = {str(number): _node(key, subkeys) for number, subkeys in numbers.items() if number is not None}
    bare = numbers.get(None, {})
    return _node(key, bare, numbered)


def _node(key: str, subkeys: Mapping[str | None, list[Any]], beside: Mapping[str, Any] | None = None) -> Any:
    """Make what stands below a key or a number; `beside` is what stands there besides the subkeys."""
    named = {subkey or "": values if len(values) > 1 else values[0] for subkey, values in subkeys.items()}
    if named.keys() == {""} and not beside and not _is_branch(named[""]):
        return named[""]
    node = named | dict(beside or {})
    if _is_relation(node):
        raise InvalidError(f"attribute {key}.{RELATION}: {RELATION} is the mark of a relation, expected another subkey")
    return node


def _check_place(attribute: Attribute) -> None:
    name = place(attribute.key, attribute.number, attribute.subkey)
    if attribute.subkey == "":
        raise InvalidError(f"attribute {name}: an empty subkey, expected None for a bare value")
    if attribute.number is None and attribute.subkey and NUMBER.fullmatch(attribute.subkey):
        raise InvalidError(f"attribute {name}: a subkey that reads as a number, expected a name")
    if attribute.number is not None:
        check_number(attribute.key, attribute.number)


def _write(value: Any, name: str) -> Any:
    """Copy a value as JSON; `name` is the attribute, for the message."""
    if isinstance(value, Relation):
        return {RELATION: str(value)}
    if isinstance(value, Mapping) and all(isinstance(key, str) for key in value):
        return {key: _write(part, name) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_write(part, name) for part in value]
    if isinstance(value, str | int | None) or (isinstance(value, float) and math.isfinite(value)):
        return value
    raise InvalidError(
        f"attribute {name}: {value!r} is of no type that JSON has; expected text, number, list, object …"
    )


# Names


def check_key(key: str) -> None:
    """InvalidError unless it is a key that clusto writes; `check_subkey` likewise."""
    _check_name("key", key)


def check_subkey(subkey: str | None) -> None:
    if subkey is not None:
        _check_name("subkey", subkey)
        if subkey == RELATION:
            raise InvalidError(f"attribute subkey {subkey!r} is the mark of a relation; expected another name")


def _check_name(kind: str, name: Any) -> None:
    if not isinstance(name, str) or not NAME.fullmatch(name):
        raise InvalidError(f"attribute {kind} {name!r}: expected a letter or _, then letters, digits, _ or -")


def check_number(key: str, number: Any) -> None:
    if isinstance(number, bool) or not isinstance(number, int) or not 0 <= number <= LARGEST:
        raise InvalidError(f"number {number!r} of attribute {key!r}: expected a whole number, 0 or more")


# Queries and changes


def query(  # noqa: PLR0913 - what a query may ask, by keyword only
    document: Document, *, key: Any = ANY, subkey: Any = ANY, number: Any = ANY, value: Any = ANY, hidden: bool = False
) -> list[Attribute]:
    """Find the attributes that match all that is given, in the order of `from_document`.

    subkey: None asks for those without one. number: None or False likewise, True for those that have one.
    hidden: with no key given, keys that begin with `_` are left out unless this is set (clusto).
    """
    if key is not ANY:
        found = _of_key(key, document[key]) if key in document else ()
    else:
        found = (a for a in from_document(document) if hidden or not a.key.startswith("_"))
    return [
        a
        for a in found
        if (subkey is ANY or a.subkey == subkey)
        and (number is ANY or ((a.number is not None) is bool(number) if _is_flag(number) else a.number == number))
        and (value is ANY or a.value == value)
    ]


def _is_flag(number: Any) -> bool:
    return number is None or isinstance(number, bool)


def set_value(
    document: Document, key: str, value: Any, *, number: int | None = None, subkey: str | None = None
) -> dict[str, Any]:
    """Replace the one value of (key, number, subkey), or add it. A list of two or more replaces all values there.

    Raises InvalidError for names that are none, ConflictError when one value shall replace several.
    """
    _check_new(key, number, subkey)
    of_key = query(document, key=key)
    kept = [a for a in of_key if (a.number, a.subkey) != (number, subkey)]
    several = len(of_key) - len(kept) > 1
    if several and not (isinstance(value, list | tuple) and len(value) > 1):
        values = ", ".join(repr(a.value) for a in of_key if a not in kept)
        raise ConflictError(f"attribute {place(key, number, subkey)} has several values ({values}), expected one")
    return _replaced(document, key, [*kept, Attribute(key, subkey, number, value)])


def add_value(
    document: Document, key: str, value: Any, *, number: int | bool | None = None, subkey: str | None = None
) -> dict[str, Any]:
    """Add a value to those of (key, number, subkey). `number=True` takes the number after the key's highest, first 0.

    Raises InvalidError for names that are none.
    """
    of_key = query(document, key=key)
    if isinstance(number, bool):
        number = max((a.number for a in of_key if a.number is not None), default=-1) + 1 if number else None
    _check_new(key, number, subkey)
    return _replaced(document, key, [*of_key, Attribute(key, subkey, number, value)])


def delete(
    document: Document, *, key: Any = ANY, subkey: Any = ANY, number: Any = ANY, value: Any = ANY
) -> dict[str, Any]:
    """Make the document without the attributes that `query` would find."""
    changed = dict(document)
    for gone in {a.key: None for a in query(document, key=key, subkey=subkey, number=number, value=value)}:
        matched = query(document, key=gone, subkey=subkey, number=number, value=value)
        changed = _replaced(changed, gone, [a for a in query(document, key=gone) if a not in matched])
    return changed


def _check_new(key: str, number: int | None, subkey: str | None) -> None:
    check_key(key)
    check_subkey(subkey)
    if number is not None:
        check_number(key, number)


def _replaced(document: Document, key: str, attributes: Iterable[Attribute]) -> dict[str, Any]:
    """Write one key anew; what stands under the others stays as it is, also where others wrote it."""
    rest = {name: node for name, node in document.items() if name != key}
    return rest | to_document(attributes)
