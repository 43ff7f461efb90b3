# SPDX-License-Identifier: BSD-2-Clause
"""Bring what clusto needs into NetBox (`blueprint` lists it), idempotently; or tell what is missing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ..core.errors import ConflictError, NotBootstrappedError, RefusedError
from . import profiles
from .blueprint import (
    CUSTOM_FIELDS,
    DEVICE_TYPES,
    DRIVERS,
    KINDS,
    MANUFACTURERS,
    PROFILES,
    ROLES,
    TEMPLATES,
    Needed,
    needed,
)
from .client import Client, Query, Record

Found = dict[str, list[Record]]


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


def bootstrap(client: Client, *, apply: bool = True, dhcp_options: Iterable[str] | None = None) -> list[Change]:
    """Make what is missing, repair what differs, and return these changes; with `apply=False` return them only.

    `dhcp_options` are names that may stand under `dhcp` besides our own; None keeps those that NetBox knows already.
    Objects of that name which others made are taken over if they will do, else ConflictError names both.
    """
    extra = None if dhcp_options is None else frozenset(dhcp_options)
    groups = plan(client, extra)
    if not apply:
        return [step.change for group in groups for step in group]
    done: list[Change] = []
    while groups:
        group = groups.pop(0)
        try:
            carry_out(client, group)
        except RefusedError:
            groups = plan(client, extra)
            if group in groups:  # else somebody bootstraps at the same moment, and was first
                raise
        else:
            done += [step.change for step in group]
    return done


def require(client: Client) -> None:
    """Raise NotBootstrappedError, naming what is missing, unless `bootstrap` has been run on this NetBox."""
    kinds = (CUSTOM_FIELDS, PROFILES, ROLES)
    found = client.fetch({endpoint: Query(endpoint, {"fields": ["name", "slug"]}) for endpoint in kinds})
    wanted = [one for one in needed() if one.endpoint in kinds]
    if missing := [f"{one.kind} {one.name}" for one in wanted if match(one, found) is None]:
        raise NotBootstrappedError(
            f"NetBox at {client.settings.api_url} lacks {', '.join(missing)}; run clusto.datacenter.bootstrap once"
        )


def plan(client: Client, dhcp_options: frozenset[str] | None) -> list[list[Step]]:
    """What is to be done, in groups of one request each: repairs, then what is made, kind by kind."""
    found = read(client)
    options = known_options(found) if dhcp_options is None else dhcp_options
    steps = [step for one in needed(options) if (step := compare(one, found)) is not None]
    made = [[s for s in steps if s.object_id is None and s.needed.endpoint == endpoint] for endpoint in KINDS]
    return [*([step] for step in steps if step.object_id is not None), *filter(None, made)]


def carry_out(client: Client, group: list[Step]) -> None:
    first = group[0]
    if first.object_id is None:
        client.create(first.needed.endpoint, [step.needed.body for step in group])
    else:
        client.update(first.needed.endpoint, first.object_id, first.change.after)


def read(client: Client) -> Found:
    """What is there of each kind."""
    names = [driver.name for driver in DRIVERS]
    alike = {name: Query(DEVICE_TYPES, {name: names}) for name in ("slug", "model")}
    found = client.fetch({end: Query(end) for end in (CUSTOM_FIELDS, PROFILES, ROLES, MANUFACTURERS)} | alike)
    types = found.pop("slug") + found.pop("model")
    owners = {"device_type_id": [record["id"] for record in types]}
    return found | {DEVICE_TYPES: types} | client.fetch({end: Query(end, owners) for end in TEMPLATES})


def known_options(found: Found) -> frozenset[str]:
    schemas = [record["schema"] for record in found[PROFILES] if record["name"].startswith("clusto ")]
    return frozenset[str]().union(*(profiles.extra_options(schema) for schema in schemas))


def compare(one: Needed, found: Found) -> Step | None:
    """What is to be done about one object, if anything. Raises ConflictError when another is in the way."""
    record = match(one, found)
    if record is None:
        rival = next((r for r in found[one.endpoint] if one.unique and holds(r, one.unique)), None)
        if rival is not None:
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
        f"{one.kind} {one.name!r} exists with {name} {theirs!r}, clusto needs {ours!r}; rename or change"
        f" {record.get('display_url') or record['url']}"
    )


def match(one: Needed, found: Found) -> Record | None:
    return next((record for record in found[one.endpoint] if holds(record, one.key)), None)


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
