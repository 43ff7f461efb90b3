# SPDX-License-Identifier: BSD-2-Clause
"""What cables end at besides ports of devices: power feeds, each in a power panel, and the two sides of circuits."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from ..core.errors import AccessError, AmbiguousError, NotFoundError
from ..netbox.client import Client
from .port import CIRCUIT, FEED, OUTSIDE, OUTSIDE_ENDPOINTS, OUTSIDE_FIELDS, Port

TYPES = {name: object_type for object_type, name in OUTSIDE.items()}
"""What users call it -> object type."""


class Outside:
    """Those of some panels and circuits, read in one request for each kind. An entity is a panel, or a circuit's id."""

    def __init__(self, client: Client, wanted: Iterable[tuple[str, str, str]]) -> None:
        """wanted: type, entity, and the feed's name or the circuit's side."""
        asked = list(wanted)
        feeds = sorted({name for type_, _, name in asked if TYPES[type_] == FEED})
        cids = sorted({entity for type_, entity, _ in asked if TYPES[type_] == CIRCUIT})
        circuits = [one["id"] for one in client.list("circuits/circuits", cid=cids, fields="id")]
        found = {
            FEED: client.list(OUTSIDE_ENDPOINTS[FEED], name=feeds, fields=OUTSIDE_FIELDS),
            CIRCUIT: client.list(OUTSIDE_ENDPOINTS[CIRCUIT], circuit_id=circuits, fields=OUTSIDE_FIELDS),
        }
        self._ports = [Port(object_type, record) for object_type, records in found.items() for record in records]

    def port(self, type_: str, entity: str, name: str) -> Port:
        """NotFoundError; AmbiguousError where panels of several sites, or circuits of several providers, are alike."""
        found = [p for p in self._ports if (p.porttype, p.device, p.name) == (type_, entity, name)]
        if not found:
            raise NotFoundError(f"there is no {type_} {name!r} of {entity!r} in NetBox")
        if len(found) > 1:
            urls = [str(port.record["display_url"]) for port in found]
            raise AmbiguousError(f"{type_} {name!r} of {entity!r}: NetBox has several, {', '.join(urls)}", urls)
        return found[0]


def tell_panels(client: Client, records: Sequence[dict[str, Any]]) -> None:
    """Add to the records of ports in which panels the power feeds are that they lead to; NetBox leaves that out."""
    ways = ("link_peers", "connected_endpoints")
    feeds = [one for r in records for way in ways if r.get(f"{way}_type") == FEED for one in r[way] or ()]
    if not feeds:
        return
    ids = sorted({feed["id"] for feed in feeds})
    try:
        found = client.list(OUTSIDE_ENDPOINTS[FEED], id=ids, fields=("id", "power_panel"))
    except AccessError:  # a token that may not see them: then they are told by their names alone
        return
    panels = {record["id"]: record["power_panel"] for record in found}
    for feed in feeds:
        feed["power_panel"] = panels.get(feed["id"])
