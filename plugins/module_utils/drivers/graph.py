# SPDX-License-Identifier: BSD-2-Clause
"""Which objects of several kinds match, asked at once through GraphQL: for questions that no URL holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ..core.errors import AccessError, RefusedError
from ..netbox.client import Client
from .port import COUNTS, ENDPOINTS, VM_INTERFACE

LISTS: Final[Mapping[str, str]] = {
    "dcim.site": "site",
    "dcim.location": "location",
    "dcim.rack": "rack",
    "dcim.device": "device",
    "virtualization.virtualmachine": "virtual_machine",
    "ipam.prefix": "prefix",
    "extras.configcontext": "config_context",
    **{c: COUNTS[c].removesuffix("_count") for c in ENDPOINTS if c != VM_INTERFACE},
}
"""Object type -> its name in GraphQL."""
PAGE = 1000

Found = dict[str, list[int]]
"""Object type -> ids."""


def matching(client: Client, filters: Mapping[str, str], variable: str, value: Any) -> Found | None:
    """Find what matches; None when this NetBox has its GraphQL switched off, or the token may not use it.

    filters: object type -> GraphQL's filters, in which `$value` is the value of the type `variable`. One request, and
    one more for each page of what is found.
    """
    found: Found = {type_: [] for type_ in filters}
    starts = dict.fromkeys(filters, 0)
    while starts:
        lists = (
            f"{LISTS[type_]}_list(pagination: {{start: {start}, limit: {PAGE}}}, filters: {{{filters[type_]}}}) {{id}}"
            for type_, start in starts.items()
        )
        try:
            answer = client.graphql(f"query($value: {variable}) {{{' '.join(lists)}}}", {"value": value})
        except (AccessError, RefusedError):
            return None
        pages = {type_: [int(one["id"]) for one in answer[f"{LISTS[type_]}_list"]] for type_ in starts}
        starts = {type_: max(ids) + 1 for type_, ids in pages.items() if ids}
        for type_, ids in pages.items():
            found[type_] += ids
    return found
