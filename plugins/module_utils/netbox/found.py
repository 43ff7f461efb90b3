# SPDX-License-Identifier: BSD-2-Clause
"""What NetBox has of that which is needed: read in few requests, and matched."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .client import Client, Query, Record
from .needed import DEVICE_TYPES, FRONT_PORTS, REAR_PORTS, TEMPLATES, Needed


@dataclass
class Found:
    """What is there of each kind, by endpoint."""

    records: dict[str, list[Record]]
    _index: dict[tuple[str, str], dict[Any, list[Record]]] = field(default_factory=dict)

    def match(self, one: Needed) -> Record | None:
        """The record that has the key."""
        name, value = next((name, value) for name, value in one.key.items() if not isinstance(value, Mapping))
        if (one.endpoint, name) not in self._index:
            index = self._index[one.endpoint, name] = {}
            for record in self.records.get(one.endpoint, ()):
                index.setdefault(record[name], []).append(record)
        candidates = self._index[one.endpoint, name].get(value, ())
        return next((record for record in candidates if holds(record, one.key)), None)

    def rival(self, one: Needed) -> Record | None:
        """The record that NetBox would refuse ours beside."""
        return next((r for r in self.records.get(one.endpoint, ()) if one.unique and holds(r, one.unique)), None)


def read(client: Client, wanted: Sequence[Needed]) -> Found:
    """What is there of each kind that is wanted, of device types those alone."""
    ends = {one.endpoint for one in wanted}
    if FRONT_PORTS in ends:
        ends.add(REAR_PORTS)
    queries = {end: Query(end) for end in ends - {DEVICE_TYPES, *TEMPLATES}}
    types = [one for one in wanted if one.endpoint == DEVICE_TYPES]
    alike = {
        "slug": Query(DEVICE_TYPES, {"slug": [one.key["slug"] for one in types]}),
        "model": Query(DEVICE_TYPES, {"model": [one.unique["model"] for one in types]}),
    }
    found = client.fetch(queries | alike)
    there = {record["id"]: record for key in alike for record in found.pop(key)}
    owners = {"device_type_id": [*there]}
    components = client.fetch({end: Query(end, owners) for end in TEMPLATES if end in ends})
    for port in components.get(FRONT_PORTS, ()):
        names = {rear["id"]: rear["name"] for rear in components[REAR_PORTS]}
        port["rear_ports"] = [{**to, "rear_port": names.get(to["rear_port"])} for to in port["rear_ports"]]
    return Found(found | {DEVICE_TYPES: [*there.values()]} | components)


def holds(record: Any, wanted: Any) -> bool:
    """Whether a record, or what is nested in it, has these values."""
    if isinstance(wanted, Mapping):
        return isinstance(record, Mapping) and all(holds(record.get(key), value) for key, value in wanted.items())
    return bool(plain(record) == wanted)


def plain(value: Any) -> Any:
    """A choice is read as `{"value": "text", "label": "Text"}` and written as `text`."""
    return value["value"] if isinstance(value, Mapping) and set(value) == {"value", "label"} else value
