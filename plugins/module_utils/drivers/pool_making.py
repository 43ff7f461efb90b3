# SPDX-License-Identifier: BSD-2-Clause
"""Making many pools at once: their tags in one request, then their config contexts in another."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

from ..core.errors import ClustoError, ConflictError, ExistsError, UnavailableError
from ..netbox.client import Query
from .documents import CONTEXTS, checked, context_data
from .pool import MARK, Pool
from .pool_map import OBJECT_TYPE, TAGS, delete_unused_tags, profile_of
from .session import Record, Session
from .slugs import slug_of, unlike


class NewPool(NamedTuple):
    name: str
    cls: type[Pool]
    weight: int
    attributes: Mapping[str, Any]
    inside: frozenset[str]
    """Slugs of the pools inside it, at any depth, that are made with it."""


def taken(session: Session, names: Sequence[str]) -> dict[str, ClustoError]:
    """Tell of new names which ones a context or tag in NetBox has already, as an error that says whose it is."""
    found = session.client.fetch(
        {"contexts": Query(CONTEXTS, {"name": names}), "tags": Query(TAGS, {"name": names})} if names else {}
    )
    refused: dict[str, ClustoError] = {
        tag["name"]: ConflictError(
            f"pool {tag['name']!r}: NetBox has a tag of that name that is no pool's, {tag['display_url']}"
        )
        for tag in found.get("tags", ())
        if tag["description"] != MARK
    }
    for context in found.get("contexts", ()):
        name, where = context["name"], context["display_url"]
        kind = session.entity(OBJECT_TYPE, context).label if Pool.is_entity(context) else None
        if kind:
            refused[name] = ExistsError(f"pool {name!r}: the name is taken by {kind}, {where}")
        else:
            refused[name] = ConflictError(
                f"pool {name!r}: NetBox has a config context of that name that is no pool's, {where}"
            )
    return refused


def make_tags(session: Session, names: Sequence[str]) -> tuple[dict[str, str], Callable[[], object]]:
    """Make the tags of new pools; those that an interrupted creation left are taken up.

    Tells their slugs, and what takes back the tags that were made.
    """
    tags = {tag["name"]: tag["slug"] for tag in session.client.list(TAGS, name=names)} if names else {}
    slugs = {name: slug_of(name) for name in names if name not in tags}
    used = {tag["slug"] for tag in session.client.list(TAGS, slug=sorted({*slugs.values()} - {""}))}
    bodies = []
    for name, slug in slugs.items():
        tags[name] = unlike(slug, name, used)
        used.add(tags[name])
        bodies.append({"name": name, "slug": tags[name], "description": MARK})
    return tags, partial(delete_unused_tags, session.client, session.client.create(TAGS, bodies))


def make_contexts(
    session: Session,
    new: Sequence[NewPool],
    tags: Mapping[str, str],
    untag: Callable[[], object],
    undo: Callable[[Callable[[], object]], None],
) -> list[Pool]:
    """Make the pools themselves, of whose tags the slugs are given.

    `untag` takes back the tags, but not when NetBox did not answer: it may make the contexts yet, and without their
    tags they would hold for every device. The repeat takes both up.
    """
    bodies = [
        {
            "name": one.name,
            "profile": session.profile(profile_of(one.cls.driver_name())),
            "weight": one.weight,
            "tags": sorted({tags[one.name], *one.inside}),
            "data": context_data(checked(one.attributes)),
        }
        for one in new
    ]
    try:
        made: list[Record] = [*session.client.create(CONTEXTS, bodies)]
    except UnavailableError:
        raise
    except ClustoError:
        undo(untag)
        raise
    undo(untag)
    undo(lambda: session.client.delete_many(CONTEXTS, (record["id"] for record in made)))
    return [Pool.from_record(session, record) for record in made]
