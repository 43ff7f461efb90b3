# SPDX-License-Identifier: BSD-2-Clause
"""Which lists are asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import pytest

from clusto.core.merge import CRITERIA
from clusto.mirror.load import read
from clusto.netbox.client import Client, Query

ALWAYS = {
    *("devices", "interfaces", "virtual_machines", "mac_addresses", "ip_addresses", "prefixes"),
    *("contexts", "tags", "sites", "locations", "racks"),
}


class Asked:
    """A client that notes what is asked for."""

    def __init__(self, records: Mapping[str, list[dict[str, Any]]]) -> None:
        self.kinds: list[str] = []
        self._records = records

    def fetch(self, queries: Mapping[str, Query]) -> dict[str, list[dict[str, Any]]]:
        self.kinds += queries
        return {kind: self._records.get(kind, []) for kind in queries}


def context(**assigned: object) -> dict[str, Any]:
    return {**{name: [] for name in CRITERIA}, **assigned}


@pytest.mark.parametrize(
    ("records", "besides"),
    [
        ({}, set()),
        ({"contexts": [context(tags=["web"], sites=[{"id": 1}])]}, set()),
        ({"contexts": [context(tenants=[{"id": 1}], clusters=[{"id": 1}])]}, set()),
        ({"contexts": [context(), context(regions=[{"id": 1}])]}, {"regions"}),
        ({"contexts": [context(tenant_groups=[{"id": 1}], roles=[{"id": 1}])]}, {"tenants", "roles"}),
        ({"contexts": [context(cluster_types=[{"id": 1}])]}, {"clusters"}),
        ({"virtual_machines": [{"id": 1}]}, {"vm_interfaces"}),
    ],
)
def test_only_what_something_depends_on_is_asked_for_and_once(
    records: Mapping[str, list[dict[str, Any]]], besides: set[str]
) -> None:
    client = Asked(records)
    found = read(cast("Client", client))
    assert sorted(client.kinds) == sorted(ALWAYS | besides)
    assert found == {kind: records.get(kind, []) for kind in ALWAYS | besides}
