# SPDX-License-Identifier: BSD-2-Clause
"""Device types in the format of the community's devicetype-library, as NetBox's objects.

A document is one file of the library, decoded: a device type with its components. The library's own marks, which say
nothing to NetBox, are passed over; any other key that NetBox 4.7 has no place for is left out and told of.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from difflib import get_close_matches
from functools import partial
from typing import Any

from ..core.errors import InvalidError
from .library_keys import (
    COMPONENTS,
    EXPECTED,
    FIELDS,
    HARMFUL,
    MAPPING,
    MAPPINGS,
    MARKS,
    REFERS,
    REQUIRED,
    SHARED,
    Keys,
)
from .library_names import Names
from .needed import DEVICE_TYPES, MANUFACTURERS, Needed

Component = dict[str, Any]
CLOSE = 0.75
"""How much a key must be like another to be called a slip of the pen."""


@dataclass(frozen=True)
class DeviceType:
    """One document, checked. Values are of the kinds that NetBox takes."""

    source: str
    fields: Mapping[str, Any]
    components: Mapping[str, Sequence[Mapping[str, Any]]]
    left_out: Sequence[str] = ()
    """What NetBox has no place for, as sentences."""


def parse(source: str, document: Any) -> DeviceType:
    """Check a document; `source` is its file. InvalidError names file, key, value and what was expected."""
    if not isinstance(document, Mapping):
        raise InvalidError(f"{source}: expected a device type, keys and values; found {document!r}")
    given = dict(document)
    lists = {key: given.pop(key) or [] for key in [*given] if key in COMPONENTS or key == MAPPINGS}
    unknown: Counter[tuple[str, str]] = Counter()
    fields = typed(source, given, FIELDS, unknown)
    if missing := [key for key in REQUIRED if not fields.get(key)]:
        raise InvalidError(f"{source}: {', '.join(missing)} missing; a device type has {', '.join(REQUIRED)} at least")
    components = {
        key: listed(source, key, lists[key], COMPONENTS[key][1], unknown) for key in COMPONENTS if key in lists
    }
    mapped(source, components, listed(source, MAPPINGS, lists.get(MAPPINGS, []), MAPPING, unknown))
    check_references(source, components)
    return DeviceType(source, fields, components, [*sentences(source, unknown)])


def sentences(source: str, unknown: Mapping[tuple[str, str], int]) -> Iterator[str]:
    for (where, key), count in unknown.items():
        known = COMPONENTS[where][1] if where in COMPONENTS else MAPPING if where else [*FIELDS, *COMPONENTS, MAPPINGS]
        meant = "".join(f"; is {other} meant?" for other in get_close_matches(key, known, 1, CLOSE))
        path = f"{source}: {where}: {key}" if where else f"{source}: {key}"
        why = HARMFUL.get((where, key)) or f"NetBox has no place for it{meant}"
        yield f"{path} is left out{f' ({count} times)' if count > 1 else ''}: {why}"


def listed(source: str, key: str, given: Any, known: Keys, unknown: Counter[tuple[str, str]]) -> list[Component]:
    if not isinstance(given, list) or not all(isinstance(one, Mapping) for one in given):
        raise InvalidError(f"{source}: {key}: expected a list of {key}, each with its keys; found {given!r}")
    found = []
    for index, one in enumerate(given):
        path = f"{source}: {key}[{index}]"
        found.append(typed(path, one, known, unknown, key))
        if "name" in known and not found[-1].get("name"):
            raise InvalidError(f"{path}: name missing")
    names = [one.get("name") for one in found]
    if twice := sorted({str(name) for name in names if name is not None and names.count(name) > 1}):
        raise InvalidError(f"{source}: {key}: named twice: {', '.join(twice)}")
    return found


def typed(
    path: str, given: Mapping[Any, Any], known: Keys, unknown: Counter[tuple[str, str]], where: str = ""
) -> Component:
    """Check values and bring them into the form that NetBox takes; keys that it does not know are counted."""
    unknown.update((where, str(key)) for key in given if key not in known and key not in MARKS)
    found = {}
    for key, value in given.items():
        if key in known and value is not None:
            found[key] = valued(f"{path}: {key}", value, known[key])
    return found


def valued(path: str, value: Any, kind: type) -> Any:
    """A number where text is wanted is the text that stands in the file (`name: 1`); a date may be text, too.

    Blanks around a text go, as NetBox lets them go.
    """
    plain_number = isinstance(value, int) and not isinstance(value, bool)
    if kind is str and (plain_number or isinstance(value, str)):
        return str(value).strip()
    if kind is list and isinstance(value, list) and all(isinstance(one, str) for one in value):
        return value
    if kind is dt.date:
        with suppress(ValueError):  # no date: refused below
            return dt.date.fromisoformat(str(value)).isoformat()
    elif (kind is not list and isinstance(value, kind) and isinstance(value, bool) == (kind is bool)) or (
        kind is float and plain_number
    ):
        return value
    raise InvalidError(f"{path}: expected {EXPECTED[kind]}, found {value!r}")


def mapped(source: str, components: dict[str, list[Component]], mappings: Sequence[Mapping[str, Any]]) -> None:
    """Bring both ways of telling which front port leads to which rear port into one: the front port's `rear_ports`."""
    fronts = {port["name"]: port for port in components.get("front-ports", ())}
    rears = {port["name"] for port in components.get("rear-ports", ())}
    for port in fronts.values():
        port["rear_ports"] = []
        if "rear_port_position" in port and "rear_port" not in port:
            raise InvalidError(f"{source}: front-ports {port['name']!r}: rear_port_position without rear_port")
        if "rear_port" in port:
            mappings = [*mappings, {"front_port": port["name"], **{k: port.pop(k) for k in MAPPING if k in port}}]
    for mapping in mappings:
        front, rear = mapping.get("front_port"), mapping.get("rear_port")
        if front not in fronts or rear not in rears:
            raise InvalidError(
                f"{source}: there is no front port {front!r} and rear port {rear!r} to lead to each other"
            )
        here, there = (mapping.get(f"{end}_position", 1) for end in ("front_port", "rear_port"))
        fronts[front]["rear_ports"].append({"position": here, "rear_port": rear, "rear_port_position": there})


def check_references(source: str, components: Mapping[str, Sequence[Component]]) -> None:
    for (key, field), where in REFERS.items():
        names = {other["name"] for other in components.get(where, ())}
        for one in components.get(key, ()):
            if field in one and one[field] not in names:
                raise InvalidError(f"{source}: {key} {one['name']!r}: {field} {one[field]!r} is none of {where}")
    for key in COMPONENTS:
        depths(source, key, components.get(key, ()))


def depths(source: str, key: str, components: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """How many others of its kind must be there before each: those that it refers to, and those they do."""
    fields = [field for (of_kind, field), where in REFERS.items() if of_kind == where == key]
    outer = {one["name"]: [one[field] for field in fields if field in one] for one in components}
    found: dict[str, int] = {}
    while left := {name: names for name, names in outer.items() if name not in found}:
        ready = {name: names for name, names in left.items() if found.keys() >= {*names}}
        if not ready:
            raise InvalidError(f"{source}: {key}: they refer to each other in a circle: {', '.join(left)}")
        found |= {name: 1 + max((found[o] for o in names), default=-1) for name, names in ready.items()}
    return found


def needed(device_type: DeviceType, names: Names, fixed: Sequence[str] = ()) -> Iterator[Needed]:
    """Give the device type and its components. `fixed` is as in `Needed`."""
    fields, source = dict(device_type.fields), device_type.source
    maker, slug = fields.pop("manufacturer"), fields.pop("slug")
    relation = partial(names.relation, maker=maker)
    owner = {"slug": slug, "manufacturer": relation(MANUFACTURERS, maker)}
    unique = {"model": fields.pop("model"), "manufacturer": owner["manufacturer"]}
    own = {key: related("", key, value, owner, relation) for key, value in fields.items()}
    held = {key: own.pop(key) for key in fixed}
    yield Needed(DEVICE_TYPES, slug, owner, fixed=held, initial=own, unique=unique, source=source)
    for key, (endpoint, _) in COMPONENTS.items():
        components = device_type.components.get(key, ())
        depth = depths(source, key, components)
        for one in components:
            initial = {k: related(key, k, v, owner, relation) for k, v in one.items() if k != "name"}
            place = {"device_type": owner, "name": one["name"]}
            label = f"{slug} {one['name']}"
            yield Needed(endpoint, label, place, initial=initial, source=source, depth=depth[one["name"]])


def related(key: str, field: str, value: Any, owner: Mapping[str, Any], relation: Callable[[str, str], Any]) -> Any:
    """Write a relation as NetBox's API takes it, or what finds the ids that it wants (`schema.bodies`)."""
    if endpoint := SHARED.get((key, field)):
        return [relation(endpoint, name) for name in value] if isinstance(value, list) else relation(endpoint, value)
    if (key, field) in REFERS:
        return {"device_type": owner, "name": value}
    if field == "tags":
        return [{"name": name} for name in value]
    return {"name": value} if field == "owner" else value
