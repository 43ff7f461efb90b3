# SPDX-License-Identifier: BSD-2-Clause
"""What has to be asked of NetBox for what this package reads: endpoints, fields and order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from ...core.merge import CRITERIA
from ..bulk import Query

Record = Mapping[str, Any]

_ENDPOINTS: Final = {
    "contexts": "extras/config-contexts",
    "tags": "extras/tags",
    "regions": "dcim/regions",
    "site_groups": "dcim/site-groups",
    "sites": "dcim/sites",
    "locations": "dcim/locations",
    "racks": "dcim/racks",
    "roles": "dcim/device-roles",
    "platforms": "dcim/platforms",
    "tenants": "tenancy/tenants",
    "clusters": "virtualization/clusters",
}

FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "contexts": ("id", "name", "weight", "profile", "is_active", *CRITERIA, "data"),
    "tags": ("id", "name", "slug"),
    "regions": ("id", "parent"),
    "site_groups": ("id", "parent"),
    "sites": ("id", "name", "slug", "region", "group", "tenant", "tags"),
    "locations": ("id", "name", "slug", "parent", "site", "tenant", "tags"),
    "racks": ("id", "name", "site", "location", "tenant", "tags", "custom_fields"),
    "roles": ("id", "parent"),
    "platforms": ("id", "parent"),
    "tenants": ("id", "group"),
    "clusters": ("id", "type", "group"),
    "devices": (
        *("id", "device_type", "role", "platform", "tenant", "site", "location", "rack", "cluster", "tags"),
        "local_context_data",
    ),
    "virtual_machines": ("id", "role", "platform", "tenant", "site", "cluster", "tags", "local_context_data"),
    "prefixes": ("id", "tenant", "scope_type", "scope_id", "tags", "custom_fields"),
}
"""Kind -> the fields that its records must have here; they may have more."""

QUERIES: Final[Mapping[str, Query]] = {
    kind: Query(
        endpoint,
        # The rank of a context is its place in NetBox's own order: only the database knows its collation.
        {"fields": FIELDS[kind], **({"ordering": ("weight", "name")} if kind == "contexts" else {})},
    )
    for kind, endpoint in _ENDPOINTS.items()
}
"""All that `World` needs, to be given to `Client.fetch`."""

ONLY_FOR: Final[Mapping[str, tuple[str, ...]]] = {
    "regions": ("regions",),
    "site_groups": ("site_groups",),
    "roles": ("roles",),
    "platforms": ("platforms",),
    "tenants": ("tenant_groups",),
    "clusters": ("cluster_types", "cluster_groups"),
}
"""Kind -> what a context must be assigned by for it to count: the trees of these, or the groups that they are in."""


def depended_on(contexts: Sequence[Record]) -> set[str]:
    """Name the kinds that are needed only where some context depends on them, and one does."""
    return {kind for kind, criteria in ONLY_FOR.items() if any(one[name] for one in contexts for name in criteria)}
