# SPDX-License-Identifier: BSD-2-Clause
"""Bring what clusto needs into NetBox (`blueprint` lists it), idempotently; or tell what is missing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
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
    """What bootstrap did, or would do, to one object; `before` is None for one that it makes."""

    kind: str
    name: str
    before: Mapping[str, Any] | None
    after: Mapping[str, Any]


@dataclass(frozen=True)
class Step:
    needed: Needed
    change: Change
    object_id: int | None = field(default=None)  # None: to be made


def bootstrap(client: Client, *, apply: bool = True, dhcp_options: Iterable[str] | None = None) -> list[Change]:
    """Make what is missing, repair what differs, and return these changes; with `apply=False` return them only.

    `dhcp_options` are names that may stand under `dhcp` besides our own; None keeps those that NetBox knows already.
    Objects of that name which others made are taken over if they will do, else ConflictError names both.
    """
    done: list[Change] = []
    for again in (True, False):
        steps = plan(client, dhcp_options)
        if not apply:
            return [step.change for step in steps]
        try:
            for group in grouped(steps):
                carry_out(client, group)
                done += [step.change for step in group]
        except RefusedError:
            if not again:  # the first time it may be that somebody else bootstraps at the same moment
                raise
        else:
            break
    return done


def require(client: Client) -> None:
    """Raise NotBootstrappedError, naming what is missing, unless `bootstrap` has been run on this NetBox."""
    wanted = [one for one in needed() if one.endpoint in {CUSTOM_FIELDS, PROFILES, ROLES}]
    found = client.fetch({end: Query(end, {"fields": ["name", "slug"]}) for end in (CUSTOM_FIELDS, PROFILES, ROLES)})
    if missing := [f"{one.kind} {one.name}" for one in wanted if match(one, found) is None]:
        raise NotBootstrappedError(
            f"NetBox at {client.settings.api_url} lacks {', '.join(missing)}; run clusto.datacenter.bootstrap once"
        )


def plan(client: Client, dhcp_options: Iterable[str] | None) -> list[Step]:
    found = read(client)
    if dhcp_options is None:
        dhcp_options = known_options(found)
    return [step for one in needed(dhcp_options) if (step := compare(one, found)) is not None]


def read(client: Client) -> Found:
    """Read what is there of each kind."""
    models = Query(DEVICE_TYPES, {"slug": [driver.name for driver in DRIVERS]})
    found = client.fetch(
        {end: Query(end) for end in (CUSTOM_FIELDS, PROFILES, ROLES, MANUFACTURERS)} | {DEVICE_TYPES: models}
    )
    owners = {"device_type_id": [record["id"] for record in found[DEVICE_TYPES]]}
    return found | client.fetch({end: Query(end, owners) for end in TEMPLATES})


def known_options(found: Found) -> frozenset[str]:
    schemas = [record["schema"] for record in found[PROFILES] if record["name"].startswith("clusto ")]
    return frozenset().union(*(profiles.extra_options(schema) for schema in schemas))


def match(one: Needed, found: Found) -> Record | None:
    return next((record for record in found[one.endpoint] if holds(record, one.key)), None)


def holds(record: Any, wanted: Any) -> bool:
    """Whether a record, or what is nested in it, has these values."""
    if isinstance(wanted, Mapping):
        return isinstance(record, Mapping) and all(holds(record.get(key), value) for key, value in wanted.items())
    return bool(plain(record) == wanted)


def plain(value: Any) -> Any:
    """Return a choice's value; NetBox reads `{"value": "text", "label": "Text"}` and takes `text`."""
    return value["value"] if isinstance(value, Mapping) and set(value) == {"value", "label"} else value


def compare(one: Needed, found: Found) -> Step | None:
    record = match(one, found)
    if record is None:
        refuse_taken(one, found)
        return Step(one, Change(one.kind, one.name, None, one.body))
    for name, value in one.fixed.items():
        if plain(record[name]) != value:
            raise ConflictError(
                f"{one.kind} {one.name!r} exists with {name} {plain(record[name])!r}, clusto needs {value!r}:"
                f" rename or change {record.get('display_url') or record['url']}"
            )
    before = {name: plain(record[name]) for name in [*one.fields, *one.includes] if name in record}
    after = {name: one.fields.get(name, value) for name, value in before.items()}
    after |= {name: sorted({*record[name], *values}) for name, values in one.includes.items()}
    differing = [name for name in before if normal(before[name]) != normal(after[name])]
    if not differing:
        return None
    change = Change(one.kind, one.name, *({name: side[name] for name in differing} for side in (before, after)))
    return Step(one, change, record["id"])


def normal(value: Any) -> Any:
    return sorted(value) if isinstance(value, list) else value


def refuse_taken(one: Needed, found: Found) -> None:
    """Raise ConflictError when another object has the name under another slug: NetBox would refuse ours."""
    name = one.body.get("name") or one.body.get("model")
    for record in found[one.endpoint]:
        if "slug" in one.key and (record.get("model") or record["name"]) == name and not record.get("parent"):
            raise ConflictError(
                f"{one.kind} {name!r} exists with slug {record['slug']!r}, clusto needs slug {one.key['slug']!r}:"
                f" rename or change {record.get('display_url') or record['url']}"
            )


def grouped(steps: list[Step]) -> list[list[Step]]:
    """Creations of one kind together, for one request; the order of kinds is that of `KINDS`."""
    changes = [[step] for step in steps if step.object_id is not None]
    created = [[s for s in steps if s.object_id is None and s.needed.endpoint == endpoint] for endpoint in KINDS]
    return changes + [group for group in created if group]


def carry_out(client: Client, group: list[Step]) -> None:
    first = group[0]
    if first.object_id is not None:
        client.update(first.needed.endpoint, first.object_id, first.change.after)
    else:
        client.create(first.needed.endpoint, [step.needed.body for step in group])
