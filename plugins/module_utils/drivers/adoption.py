# SPDX-License-Identifier: BSD-2-Clause
"""Making a pool of a tag, and of a config context assigned to it, that others made.

Nothing of either is changed but the context's profile, which is what makes it a pool.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..core.errors import ConflictError, InvalidError, NotFoundError, shown
from ..core.merge import CRITERIA, Weight
from ..netbox.client import Client
from ..netbox.records import Pools
from ..netbox.records import pools as records
from .documents import checked, context_data, without_mark
from .pool import Pool
from .pool_map import CONTEXTS, TAGS, profile_of
from .session import Record, Session

FIELDS = ("id", "name", "display_url", "profile", "weight", "is_active", "data", "data_source", *CRITERIA)


@dataclass(frozen=True)
class Adoption:
    """What is to be done; `after` is None when it is a pool already. Both states are of the pool's context."""

    name: str
    driver: str
    tag: Record
    context: Record | None
    before: Mapping[str, Any] | None = None
    after: Mapping[str, Any] | None = None

    def carry_out(self, session: Session) -> None:
        """Do it. ConflictError when the context has changed since, RefusedError when its data are no attributes."""
        if self.after is None:
            return
        profile = session.profile(profile_of(self.driver))
        if self.context is None:
            body = {"name": self.name, "tags": [self.tag["slug"]], "weight": self.after["weight"]}
            session.client.create(CONTEXTS, {**body, "profile": profile, "data": context_data({})})
            return

        def step(record: Record) -> Mapping[str, Any]:
            check_adoptable(record, self.tag)
            return {"profile": profile}

        session.client.compare_and_swap(CONTEXTS, self.context["id"], step)


def adoption(client: Client, tag: str, context: str | None = None, driver: str = Pool.driver_name()) -> Adoption:
    """Plan it; tags go by name or slug. Without `context` the pool gets one of its own, without attributes.

    NotFoundError, or ConflictError that says why it cannot be a pool. Works before `bootstrap` has been run, too.
    """
    known = client.list(TAGS, fields=("name", "slug", "display_url"))
    contexts = client.list(CONTEXTS, fields=FIELDS)
    found = next((t for key in ("name", "slug") for t in known if t[key] == tag), None)
    if found is None:
        raise NotFoundError(f"there is no tag {tag!r}")
    pool = Pools(contexts, known).by_slug.get(found["slug"])
    if pool is not None:
        if (context or pool.name, driver) != (pool.name, pool.driver):
            raise ConflictError(f"tag {tag!r} is that of {pool.driver} {pool.name!r} already")
        return Adoption(pool.name, driver, found, None)
    profile = profile_of(driver)
    if context is None:
        return _with_new_context(found, contexts, driver)
    record = next((c for c in contexts if c["name"] == context), None)
    if record is None:
        raise NotFoundError(f"there is no config context {context!r}")
    check_adoptable(record, found)
    return Adoption(context, driver, found, record, {"profile": None}, {"profile": profile})


def _with_new_context(tag: Record, contexts: Sequence[Record], driver: str) -> Adoption:
    name = str(tag["name"])
    Pool.check_name(name)
    if other := next((c for c in contexts if c["name"] == name), None):
        raise ConflictError(
            f"tag {name!r}: NetBox has a config context of that name, {other['display_url']}; adopt it too, as context,"
            " or rename it"
        )
    after = {"tag": tag["slug"], "profile": profile_of(driver), "weight": Weight.pool(0)}
    return Adoption(name, driver, tag, None, None, after)


def check_adoptable(context: Record, tag: Record) -> None:
    """ConflictError, with all the reasons, unless the context holds for what bears the tag and for nothing else."""
    if reasons := [*_obstacles(context, tag)]:
        raise ConflictError(
            f"config context {context['name']!r} cannot be the pool of tag {tag['name']!r}: {'; '.join(reasons)},"
            f" {context['display_url']}"
        )


def _obstacles(context: Record, tag: Record) -> Iterator[str]:
    if records.driver(context):
        yield "it is another pool already"
    elif context["profile"]:
        yield f"it has the profile {context['profile']['name']!r}"
    if not context["is_active"]:
        yield "it is inactive, so it holds for nothing"
    if tag["slug"] not in context["tags"]:
        yield "it is not assigned to the tag"
    if others := sorted({*context["tags"]} - {tag["slug"]}):
        yield f"it is assigned to the tags {shown(others)} as well"
    for field in CRITERIA:
        if field != "tags" and context[field]:
            yield f"it is assigned to the {field.replace('_', ' ')} {shown(one['display'] for one in context[field])}"
    if context["data_source"]:
        yield f"its data come from {context['data_source']['display']}, and what is changed here would be lost"
    try:
        checked(without_mark(context["data"]))
    except InvalidError as exc:
        yield str(exc)
