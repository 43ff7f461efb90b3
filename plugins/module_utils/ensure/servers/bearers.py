# SPDX-License-Identifier: BSD-2-Clause
"""Which interface bears a MAC or IP address. NetBox looks up each one by itself, so it is asked only of the unknown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ...drivers.ports import Port
from ...netbox.client import Client, Query

BEARER = "assigned_object"

Claims = Mapping[str, Sequence[dict[str, Any]]]
"""Address -> its records."""


def tell(client: Client, claims: Mapping[str, Claims], ports: Iterable[Port]) -> None:
    """Fill in what bears the addresses of each endpoint: one of these ports, else what NetBox then says."""
    known = {(port.object_type, port.id): port.record for port in ports}
    strange: dict[str, dict[int, dict[str, Any]]] = {endpoint: {} for endpoint in claims}
    for endpoint, claimed in claims.items():
        for record in (record for of_one in claimed.values() for record in of_one if BEARER not in record):
            record[BEARER] = known.get((record["assigned_object_type"], record["assigned_object_id"]))
            if record[BEARER] is None and record["assigned_object_id"] is not None:
                strange[endpoint][record["id"]] = record
    queries = {e: Query(e, {"id": sorted(records), "fields": BEARER}) for e, records in strange.items()}
    for endpoint, found in client.fetch(queries).items():
        for told in found:
            strange[endpoint][told["id"]][BEARER] = told[BEARER]
