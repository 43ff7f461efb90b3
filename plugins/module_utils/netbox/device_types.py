# SPDX-License-Identifier: BSD-2-Clause
"""Device types in the format of the community's devicetype-library, as NetBox's objects.

A document is one file of the library, decoded: a device type with its components. The library's own marks, which say
nothing to NetBox, are passed over; whatever else NetBox 4.7 does not take is an error.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ..core.errors import InvalidError
from .needed import (
    CONSOLE_PORTS,
    CONSOLE_SERVER_PORTS,
    DEVICE_BAYS,
    DEVICE_TYPES,
    FRONT_PORTS,
    INTERFACES,
    INVENTORY_ITEMS,
    MANUFACTURERS,
    MODULE_BAYS,
    POWER_OUTLETS,
    POWER_PORTS,
    REAR_PORTS,
    Needed,
)

Document = Mapping[str, Any]

NAMED: Final = {"name": str, "label": str, "description": str}
TYPED: Final = {**NAMED, "type": str}
PORT: Final = {**TYPED, "color": str, "positions": int}
WIRELESS: Final = {"poe_mode": str, "poe_type": str, "rf_role": str}
INTERFACE: Final = {**TYPED, **WIRELESS, "enabled": bool, "mgmt_only": bool, "bridge": str, "parent": str}

# key of the file -> (where NetBox keeps it, the keys of one component and the kinds of their values)
COMPONENTS: Final[Mapping[str, tuple[str, Mapping[str, type]]]] = {
    "interfaces": (INTERFACES, INTERFACE),
    "console-ports": (CONSOLE_PORTS, TYPED),
    "console-server-ports": (CONSOLE_SERVER_PORTS, TYPED),
    "power-ports": (POWER_PORTS, {**TYPED, "maximum_draw": int, "allocated_draw": int}),
    "power-outlets": (POWER_OUTLETS, {**TYPED, "power_port": str, "feed_leg": str, "color": str}),
    "rear-ports": (REAR_PORTS, PORT),
    "front-ports": (FRONT_PORTS, {**PORT, "rear_port": str, "rear_port_position": int}),
    "module-bays": (MODULE_BAYS, {**NAMED, "position": str, "enabled": bool}),
    "device-bays": (DEVICE_BAYS, {**NAMED, "enabled": bool}),
    "inventory-items": (INVENTORY_ITEMS, {**NAMED, "manufacturer": str, "part_id": str}),
}
REFERS: Final = {"power_port": "power-ports", "bridge": "interfaces", "parent": "interfaces", "rear_port": "rear-ports"}
"""What names another component of the same file, and where that stands."""

MAPPINGS: Final = "port-mappings"
MAPPING: Final = {"front_port": str, "front_port_position": int, "rear_port": str, "rear_port_position": int}

FIELDS: Final = {
    "manufacturer": str,
    "model": str,
    "slug": str,
    "part_number": str,
    "u_height": float,
    "is_full_depth": bool,
    "exclude_from_utilization": bool,
    "subdevice_role": str,
    "airflow": str,
    "weight": float,
    "weight_unit": str,
    "description": str,
    "comments": str,
}
REQUIRED: Final = ("manufacturer", "model", "slug")
MARKS: Final = {"front_image", "rear_image", "is_powered", "_is_power_source"}
"""The library's own: whether it has pictures, and what its own tests need to know."""

EXPECTED: Final = {str: "text", int: "a whole number", float: "a number", bool: "true or false"}


@dataclass(frozen=True)
class DeviceType:
    """One document, checked. Values are of the kinds that NetBox takes."""

    source: str
    fields: Mapping[str, Any]
    components: Mapping[str, Sequence[Mapping[str, Any]]]

    @property
    def manufacturers(self) -> set[str]:
        """The names of its own, and of those of its inventory items."""
        items = self.components.get("inventory-items", ())
        return {self.fields["manufacturer"], *(item["manufacturer"] for item in items if "manufacturer" in item)}


def parse(source: str, document: Any) -> DeviceType:
    """Check a document; `source` is its file. InvalidError names file, key, value and what was expected."""
    if not isinstance(document, Mapping):
        raise InvalidError(f"{source}: expected a device type, keys and values; found {document!r}")
    given = {key: value for key, value in document.items() if key not in MARKS}
    lists = {key: given.pop(key) or [] for key in [*given] if key in COMPONENTS or key == MAPPINGS}
    fields = typed(source, given, FIELDS, [*FIELDS, *COMPONENTS, MAPPINGS])
    if missing := [key for key in REQUIRED if not fields.get(key)]:
        raise InvalidError(f"{source}: {', '.join(missing)} missing; a device type has {', '.join(REQUIRED)} at least")
    components = {key: listed(source, key, lists[key], COMPONENTS[key][1]) for key in COMPONENTS if key in lists}
    mapped(source, components, listed(source, MAPPINGS, lists.get(MAPPINGS, []), MAPPING))
    check_references(source, components)
    return DeviceType(source, fields, components)


def listed(source: str, key: str, given: Any, known: Mapping[str, type]) -> list[dict[str, Any]]:
    if not isinstance(given, list) or not all(isinstance(one, Mapping) for one in given):
        raise InvalidError(f"{source}: {key}: expected a list of {key}, each with its keys; found {given!r}")
    found = []
    for index, one in enumerate(given):
        path = f"{source}: {key}[{index}]"
        found.append(typed(path, {k: v for k, v in one.items() if k not in MARKS}, known, known))
        if "name" in known and not found[-1].get("name"):
            raise InvalidError(f"{path}: name missing")
    names = [one.get("name") for one in found]
    if twice := sorted({str(name) for name in names if name is not None and names.count(name) > 1}):
        raise InvalidError(f"{source}: {key}: named twice: {', '.join(twice)}")
    return found


def typed(path: str, given: Mapping[Any, Any], known: Mapping[str, type], expected: Iterable[str]) -> dict[str, Any]:
    """Check keys and values. A number where text is wanted is the text that stands in the file (`name: 1`)."""
    if unknown := [str(key) for key in given if key not in known]:
        raise InvalidError(f"{path}: unknown key {', '.join(unknown)}; expected {', '.join(expected)}")
    found = {}
    for key, value in given.items():
        kind, plain_number = known[key], isinstance(value, int) and not isinstance(value, bool)
        if kind is str and plain_number:
            found[key] = str(value)
        elif (isinstance(value, kind) and isinstance(value, bool) == (kind is bool)) or (
            kind is float and plain_number
        ):
            found[key] = value
        elif value is not None:
            raise InvalidError(f"{path}: {key}: expected {EXPECTED[kind]}, found {value!r}")
    return found


def mapped(source: str, components: dict[str, list[dict[str, Any]]], mappings: Sequence[Mapping[str, Any]]) -> None:
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


def check_references(source: str, components: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
    for key, of_kind in components.items():
        for one in of_kind:
            for field, where in REFERS.items():
                if field in one and one[field] not in {other["name"] for other in components.get(where, ())}:
                    raise InvalidError(f"{source}: {key} {one['name']!r}: {field} {one[field]!r} is none of {where}")


def manufacturers(device_types: Sequence[DeviceType], makers: Mapping[str, str]) -> Iterator[Needed]:
    """Give each manufacturer once. `makers`: their slugs by name."""
    sources = {name: one.source for one in reversed(device_types) for name in one.manufacturers}
    for name, source in sorted(sources.items()):
        yield Needed(MANUFACTURERS, name, {"slug": makers[name]}, unique={"name": name}, source=source)


def needed(device_type: DeviceType, makers: Mapping[str, str], fixed: Sequence[str] = ()) -> Iterator[Needed]:
    """Give the device type and its components. `fixed` is as in `Needed`."""
    fields = dict(device_type.fields)
    maker, slug = makers[fields.pop("manufacturer")], fields["slug"]
    owner = {"slug": slug, "manufacturer": {"slug": maker}}
    yield Needed(
        DEVICE_TYPES,
        slug,
        owner,
        fixed={key: fields[key] for key in fixed},
        initial={key: value for key, value in fields.items() if key not in {"slug", "model", *fixed}},
        unique={"model": fields["model"], "manufacturer": {"slug": maker}},
        source=device_type.source,
    )
    for key, (endpoint, _) in COMPONENTS.items():
        for one in device_type.components.get(key, ()):
            initial = {k: related(k, v, owner, makers) for k, v in one.items() if k != "name"}
            place = {"device_type": owner, "name": one["name"]}
            yield Needed(endpoint, f"{slug} {one['name']}", place, initial=initial, source=device_type.source)


def related(field: str, value: Any, owner: Mapping[str, Any], makers: Mapping[str, str]) -> Any:
    """Write a relation as NetBox's API takes it."""
    if field in REFERS:
        return {"device_type": owner, "name": value}
    return {"slug": makers[value]} if field == "manufacturer" else value


def slug_of(name: str) -> str:
    """Make the slug of a manufacturer as NetBox's own pages do: `Super Micro` -> `super-micro`."""
    return re.sub(r"[\s_-]+", "-", re.sub(r"[^\w\s-]", "", name.lower(), flags=re.ASCII)).strip("-")
