# SPDX-License-Identifier: BSD-2-Clause
"""The config context that holds the attributes of a site or location: found by profile and assignment, not by name."""

from __future__ import annotations

import hashlib

from ..core.merge import CRITERIA
from .session import Record, Session

CONTEXTS = "extras/config-contexts"
LONGEST = 100


def own_context(session: Session, scope: str, id_: int) -> Record | None:
    """Find the context with profile `clusto attributes` that is assigned to this object of `scope` and nothing else.

    `scope` is a field such as `sites`. Of several the oldest, so that all who ask agree.
    """
    profile = session.attributes_profile
    filter_ = {f"{scope.removesuffix('s')}_id": id_}
    found = session.client.list(CONTEXTS, profile_id=profile, **filter_)
    return next((record for record in found if _assigned(record) == {scope: [id_]}), None)


def _assigned(record: Record) -> dict[str, list[int | str]]:
    """Tell what a context is assigned to: field -> ids (slugs for tags), fields without any left out."""
    return {
        field: [one if isinstance(one, str) else one["id"] for one in record[field]]
        for field in CRITERIA
        if record[field]
    }


def context_name(type_: str, path: str) -> str:
    """Name the context of a place, for when it is made: `location:eqix-sv3/cage 1/row 2`."""
    name = f"{type_}:{path}"
    mark = hashlib.sha256(name.encode()).hexdigest()[:8]
    return name if len(name) <= LONGEST else f"{name[: LONGEST - 9]}~{mark}"
