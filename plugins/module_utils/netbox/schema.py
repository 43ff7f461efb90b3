# SPDX-License-Identifier: BSD-2-Clause
"""Bring what clusto needs into NetBox (`blueprint` lists it), idempotently; or tell what is missing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from ..core.errors import ConflictError, InvalidError, NotBootstrappedError, RefusedError
from . import device_types, profiles
from .blueprint import needed
from .client import Client, Query, Record
from .device_types import DeviceType
from .found import Found, holds, plain, read
from .library_names import Names, shared
from .needed import (
    BAY_TYPES,
    CUSTOM_FIELDS,
    DEVICE_TYPES,
    FRONT_PORTS,
    KINDS,
    MODULE_BAYS,
    PROFILES,
    REAR_PORTS,
    ROLES,
    Needed,
)

BULK = 500
ORDER = {endpoint: place for place, endpoint in enumerate(KINDS)}
Identity = tuple[str, str, str]
"""Of a component: manufacturer and slug of its device type, its name."""
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
    known: dict[tuple[str, str, str], str] = {}
    for one in types:
        for key in ("slug", "model"):
            name = one.fields["manufacturer"], one.fields[key]
            if (other := known.setdefault((key, *name), one.source)) != one.source:
                raise InvalidError(f"{one.source}: device type {' '.join(name)} is in {other} already")
    return types


def differences(client: Client, documents: Documents) -> list[str]:
    """Say, as sentences, where device types that NetBox has are not what the files describe. They are left so."""
    types = parsed(documents)
    names = Names.read(client, types)
    wanted = [one for type_ in types for one in device_types.needed(type_, names)]
    found = read(client, wanted)
    return [text for one in wanted if (record := found.match(one)) for text in differing(one, record)]


def left_out(documents: Documents) -> list[str]:
    """Say, as sentences, what of the files NetBox has no place for."""
    return [text for one in parsed(documents) for text in one.left_out]


def differing(one: Needed, record: Record) -> Iterator[str]:
    for name, value in one.initial.items():
        there, wanted = (told(plain(side), value) for side in (record.get(name), value))
        if there != wanted:
            yield f"{one.label}: {name} is {there!r} in NetBox, {wanted!r} in the file"


def told(value: Any, like: Any) -> Any:
    """Of what is related its name, or its slug where that is what finds it."""
    if isinstance(like, Mapping):
        return value and value["slug" if "slug" in like else "name"]
    if isinstance(like, list) and like and "name" in like[0]:
        return sorted(one["name"] for one in value)
    return value


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
    library = of_library(client, types) if types else []
    found = read(client, [*needed(), *library])
    options = known_options(found) if dhcp_options is None else dhcp_options
    steps = [step for one in [*needed(options), *library] if (step := compare(one, found)) is not None]
    repairs = [[step] for step in steps if step.object_id is not None]
    new = sorted((step for step in steps if step.object_id is None), key=order)
    made = [[*group] for _, group in groupby(new, key=order)]
    return [*repairs, *(of[n : n + BULK] for of in made for n in range(0, len(of), BULK))]


def order(step: Step) -> tuple[int, int]:
    return ORDER[step.needed.endpoint], step.needed.depth


def of_library(client: Client, types: Sequence[DeviceType]) -> list[Needed]:
    names = Names.read(client, types)
    return [*shared(types, names), *(one for type_ in types for one in device_types.needed(type_, names))]


def carry_out(client: Client, group: list[Step]) -> None:
    first = group[0]
    if first.object_id is None:
        client.create(first.needed.endpoint, bodies(client, [step.needed for step in group]))
    else:
        client.update(first.needed.endpoint, first.object_id, first.change.after)


def bodies(client: Client, group: Sequence[Needed]) -> list[dict[str, Any]]:
    """What makes them. Where NetBox wants the ids of others, those are known only now."""
    found = [one.body for one in group]
    endpoint = group[0].endpoint
    if endpoint == FRONT_PORTS:
        ids = ids_of(client, REAR_PORTS, found)
        for body in found:
            ends = [{"device_type": body["device_type"], "name": to["rear_port"]} for to in body["rear_ports"]]
            lead = zip(body["rear_ports"], ends, strict=True)
            body["rear_ports"] = [{**to, "rear_port": ids[identity(end)]} for to, end in lead]
    elif endpoint == MODULE_BAYS and any("module_bay_types" in body for body in found):
        types = client.list(BAY_TYPES)
        for body in found:
            wanted = body.get("module_bay_types", ())
            body["module_bay_types"] = [next(type_["id"] for type_ in types if holds(type_, one)) for one in wanted]
    return found


def ids_of(client: Client, endpoint: str, bodies: Iterable[Mapping[str, Any]]) -> dict[Identity, int]:
    """The ids of all components of a kind that the device types of some others have."""
    slugs = {body["device_type"]["slug"] for body in bodies}
    types = [type_["id"] for type_ in client.list(DEVICE_TYPES, slug=sorted(slugs), fields="id")]
    return {identity(record): record["id"] for record in client.list(endpoint, device_type_id=types)}


def identity(component: Mapping[str, Any]) -> Identity:
    type_ = component["device_type"]
    return type_["manufacturer"]["slug"], type_["slug"], component["name"]


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


def in_order(value: Any) -> Any:
    return sorted(value) if isinstance(value, list) else value
