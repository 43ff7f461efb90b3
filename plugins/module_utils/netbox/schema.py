# SPDX-License-Identifier: BSD-2-Clause
"""Bring what clusto needs into NetBox (`blueprint` lists it), idempotently; or tell what is missing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..core.errors import ConflictError, InvalidError, NotBootstrappedError, RefusedError
from . import device_types, profiles
from .blueprint import needed
from .client import Client, Query, Record
from .device_types import DeviceType
from .needed import (
    CUSTOM_FIELDS,
    DEVICE_TYPES,
    FRONT_PORTS,
    KINDS,
    MANUFACTURERS,
    PROFILES,
    REAR_PORTS,
    ROLES,
    TEMPLATES,
    Needed,
)

BULK = 500
Documents = Mapping[str, Any]
"""Files of the devicetype-library: name -> what is in it, decoded."""


@dataclass(frozen=True)
class Change:
    """What bootstrap did, or would do, to one object: the fields that differ; `before` is None for one to be made."""

    kind: str
    name: str
    before: Mapping[str, Any] | None
    after: Mapping[str, Any]


@dataclass(frozen=True)
class Step:
    """One change; `object_id` is None for an object that is to be made."""

    needed: Needed
    change: Change
    object_id: int | None = None


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


def bootstrap(
    client: Client,
    *,
    apply: bool = True,
    dhcp_options: Iterable[str] | None = None,
    device_types: Documents | None = None,
) -> list[Change]:
    """Make what is missing, repair what differs, and return these changes; with `apply=False` return them only.

    `dhcp_options` are names that may stand under `dhcp` besides our own; None keeps those that NetBox knows already.
    Objects of that name which others made are taken over if they will do, else ConflictError names both.
    `device_types` are made too; of those that are there only missing components are, see `differences`.
    """
    extra = None if dhcp_options is None else frozenset(dhcp_options)
    types = parsed(device_types or {})
    groups = plan(client, extra, types)
    if not apply:
        return [step.change for group in groups for step in group]
    done: list[Change] = []
    while groups:
        group = groups.pop(0)
        try:
            carry_out(client, group)
        except RefusedError as exc:
            groups = plan(client, extra, types)
            if group in groups:  # else somebody bootstraps at the same moment, and was first
                raise blamed(exc, group) from exc
        else:
            done += [step.change for step in group]
    return done


def parsed(documents: Documents) -> list[DeviceType]:
    """Check the files; InvalidError names file and key, and two files that describe the same device type."""
    types = [device_types.parse(source, document) for source, document in documents.items()]
    known: dict[tuple[str, str], str] = {}
    for one in types:
        key = one.fields["manufacturer"], one.fields["slug"]
        if (other := known.setdefault(key, one.source)) != one.source:
            raise InvalidError(f"{one.source}: device type {' '.join(key)} is in {other} already")
    return types


def differences(client: Client, documents: Documents) -> list[str]:
    """Say, as sentences, where device types that NetBox has are not what the files describe. They are left so."""
    types = parsed(documents)
    wanted = of_library(types, slugs_of(client, types))
    found = read(client, wanted)
    return [text for one in wanted if (record := found.match(one)) for text in differing(one, record)]


def differing(one: Needed, record: Record) -> Iterator[str]:
    for name, value in one.initial.items():
        there = plain(record.get(name))
        if isinstance(value, Mapping):  # of what is related its name, or its slug where that is what finds it
            key = "slug" if "slug" in value else "name"
            there, wanted = there and there[key], value[key]
        else:
            wanted = value
        if there != wanted:
            yield f"{one.label}: {name} is {there!r} in NetBox, {wanted!r} in the file"


def blamed(exc: RefusedError, group: Sequence[Step]) -> RefusedError:
    """Name the files of what NetBox refused, if files ask for it."""
    texts = [f"{group[index].needed.label}: {text}" for index, text in exc.items.items() if group[index].needed.source]
    return RefusedError("; ".join(texts), exc.details, exc.items) if texts else exc


def require(client: Client) -> None:
    """Raise NotBootstrappedError, naming what is missing, unless `bootstrap` has been run on this NetBox."""
    kinds = (CUSTOM_FIELDS, PROFILES, ROLES)
    found = Found(client.fetch({endpoint: Query(endpoint, {"fields": ["name", "slug"]}) for endpoint in kinds}))
    wanted = [one for one in needed() if one.endpoint in kinds]
    if missing := [f"{one.kind} {one.name}" for one in wanted if found.match(one) is None]:
        raise NotBootstrappedError(
            f"NetBox at {client.settings.api_url} lacks {', '.join(missing)}; run clusto.datacenter.bootstrap once"
        )


def plan(client: Client, dhcp_options: frozenset[str] | None, types: Sequence[DeviceType] = ()) -> list[list[Step]]:
    """What is to be done, in groups of one request each: repairs, then what is made, kind by kind.

    At most BULK objects in one request: NetBox makes a hundred of them in a second, and no request may last too long.
    """
    library = of_library(types, slugs_of(client, types)) if types else []
    found = read(client, [*needed(), *library])
    options = known_options(found) if dhcp_options is None else dhcp_options
    steps = [step for one in [*needed(options), *library] if (step := compare(one, found)) is not None]
    repairs = [[step] for step in steps if step.object_id is not None]
    made: dict[tuple[str, int], list[Step]] = {(endpoint, round_): [] for endpoint in KINDS for round_ in (0, 1)}
    for step in steps:
        if step.object_id is None:
            made[step.needed.endpoint, step.needed.round].append(step)
    return [*repairs, *(of[n : n + BULK] for of in made.values() for n in range(0, len(of), BULK))]


def of_library(types: Sequence[DeviceType], makers: Mapping[str, str]) -> list[Needed]:
    return [
        *device_types.manufacturers(types, makers),
        *(one for type_ in types for one in device_types.needed(type_, makers)),
    ]


def slugs_of(client: Client, types: Sequence[DeviceType]) -> dict[str, str]:
    """Find the slugs of the manufacturers that the files name, or make them up for those that NetBox lacks."""
    names = sorted(frozenset[str]().union(*(one.manufacturers for one in types)))
    known = client.list(MANUFACTURERS, name=names, fields=("name", "slug"))
    return {name: device_types.slug_of(name) for name in names} | {one["name"]: one["slug"] for one in known}


def carry_out(client: Client, group: list[Step]) -> None:
    first = group[0]
    if first.object_id is None:
        client.create(first.needed.endpoint, bodies(client, [step.needed for step in group]))
    else:
        client.update(first.needed.endpoint, first.object_id, first.change.after)


def bodies(client: Client, group: Sequence[Needed]) -> list[dict[str, Any]]:
    """What makes them. A front port leads to rear ports by their ids, which are known only now."""
    found = [one.body for one in group]
    if group[0].endpoint == FRONT_PORTS:
        slugs = {body["device_type"]["slug"] for body in found}
        types = [type_["id"] for type_ in client.list(DEVICE_TYPES, slug=sorted(slugs), fields="id")]
        rears = client.list(REAR_PORTS, device_type_id=types)
        for body in found:
            ids = {rear["name"]: rear["id"] for rear in rears if holds(rear["device_type"], body["device_type"])}
            body["rear_ports"] = [{**to, "rear_port": ids[to["rear_port"]]} for to in body["rear_ports"]]
    return found


def read(client: Client, wanted: Sequence[Needed]) -> Found:
    """What is there of each kind that is wanted, of device types those alone."""
    ends = {one.endpoint for one in wanted}
    if FRONT_PORTS in ends:
        ends.add(REAR_PORTS)
    queries = {end: Query(end) for end in (CUSTOM_FIELDS, PROFILES, ROLES, MANUFACTURERS) if end in ends}
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


def known_options(found: Found) -> frozenset[str]:
    schemas = [record["schema"] for record in found.records[PROFILES] if record["name"].startswith("clusto ")]
    return frozenset[str]().union(*(profiles.extra_options(schema) for schema in schemas))


def compare(one: Needed, found: Found) -> Step | None:
    """What is to be done about one object, if anything. Raises ConflictError when another is in the way."""
    record = found.match(one)
    if record is None:
        if (rival := found.rival(one)) is not None:
            raise conflict(one, rival, "slug", rival["slug"], one.key["slug"])
        return Step(one, Change(one.kind, one.name, None, one.body))
    for name, value in one.fixed.items():
        if plain(record[name]) != value:
            raise conflict(one, record, name, plain(record[name]), value)
    wanted = {name: value for name, value in one.fields.items() if name in record}  # 4.6 does not have them all
    wanted |= {name: sorted({*record[name], *values}) for name, values in one.includes.items()}
    after = {name: value for name, value in wanted.items() if value != in_order(plain(record[name]))}
    before = {name: plain(record[name]) for name in after}
    return Step(one, Change(one.kind, one.name, before, after), record["id"]) if after else None


def conflict(one: Needed, record: Record, name: str, theirs: Any, ours: Any) -> ConflictError:
    return ConflictError(
        f"{one.source and one.source + ': '}{one.kind} {one.name!r} exists with {name} {theirs!r},"
        f" {'the file says' if one.source else 'clusto needs'} {ours!r}; rename or change"
        f" {record.get('display_url') or record['url']}"
    )


def holds(record: Any, wanted: Any) -> bool:
    """Whether a record, or what is nested in it, has these values."""
    if isinstance(wanted, Mapping):
        return isinstance(record, Mapping) and all(holds(record.get(key), value) for key, value in wanted.items())
    return bool(plain(record) == wanted)


def plain(value: Any) -> Any:
    """A choice is read as `{"value": "text", "label": "Text"}` and written as `text`."""
    return value["value"] if isinstance(value, Mapping) and set(value) == {"value", "label"} else value


def in_order(value: Any) -> Any:
    return sorted(value) if isinstance(value, list) else value
