# SPDX-License-Identifier: BSD-2-Clause
"""Short lists through GraphQL: the same records as REST's, for a fraction of NetBox's work.

For each list that REST is asked for, NetBox builds all filters that somebody might use: 25 to 70 ms, whatever the list
holds. GraphQL begins with 8 ms; each record costs as much as with REST, or more (docs/performance.md). So it is asked
about few objects, where most likely something is found (`Query.short`). What a record leads to it tells in brief.

| answer | why it is not believed, and REST is asked |
|---|---|
| an error | GraphQL may be switched off, or what a record leads to is hidden from the token |
| no record | the token may lack the right to see any, which REST says by name |
| the end of a cable but no cable, a device of a rack but no rack | so that is hidden |
| a wireless port without a link | so that may be hidden |
| as many records as a page holds | there may be more |

A location, OOB address, tag or primary MAC address that is hidden is not noticed: every token needs the right to view
those (docs/netbox.md).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

from ..core.ports import WIRELESS
from .bulk import Query, Record, listed

MOST = 40
"""Objects that are asked about: with more, REST takes no longer for devices (for ports: with 80)."""
PAGE = 1000
FILTERS: Mapping[str, tuple[str, str]] = {
    "id": ("id: {in_list: $values}", "ID"),
    "name": ("name: {in_list: $values}", "String"),
    "device_id": ("device: {id: {in_list: $values}}", "ID"),
    "rack_id": ("rack: {id: {in_list: $values}}", "ID"),
}
"""REST's -> GraphQL's, and the type of its values."""

DOCUMENTS = {"custom_fields", "local_context_data"}
NAMED = "{id name slug display}"
ASKED: Mapping[str, str] = {
    "device": "device {id name display}",
    "device_type": "device_type {id model slug display manufacturer {id name slug}}",
    "role": f"role {NAMED}",
    "site": f"site {NAMED}",
    "location": f"location {NAMED}",
    "rack": "rack {id name display}",
    "tags": "tags {id name slug}",
    "oob_ip": "oob_ip {id address}",
    "primary_mac_address": "primary_mac_address {id mac_address}",
    "wireless_link": "wireless_link {id}",
    "cable": "cable {id} cable_end",
    "_occupied": "mark_connected cable_end",
    "display_url": "id",
}
"""REST's field -> what GraphQL is asked for it, where that is not the same."""

PORTS = ("interface", "console_port", "console_server_port", "power_port", "power_outlet", "front_port", "rear_port")
PORT = {"id", "name", "label", "type", "custom_fields", "device", "cable", "_occupied", "created", "last_updated"}
INTERFACE = {"mgmt_only", "primary_mac_address", "wireless_link"}
"""What interfaces have besides; REST leaves it out of others, whoever asks for it."""
DEVICE = {
    *("id", "name", "display", "display_url", "role", "device_type", "site", "location", "rack", "position", "face"),
    *("tags", "local_context_data", "oob_ip", "description"),
    *(f"{port}_count" for port in PORTS),
}
FIELDS: Mapping[str, Collection[str]] = {
    "device": DEVICE,
    **dict.fromkeys(PORTS, PORT),
    "interface": PORT | INTERFACE,
}
"""GraphQL's name of a kind -> the fields that are known of it here, and are told as REST tells them."""


class Question(NamedTuple):
    text: str
    variables: Mapping[str, Any]


def question(query: Query) -> Question | None:
    """What GraphQL is to be asked; None for what is REST's to answer."""
    kind, fields = kind_of(query), fields_of(query)
    filters = {name: listed(value) for name, value in query.filters.items() if name != "fields"}
    if not query.short or len(filters) != 1 or not fields or not fields <= {*FIELDS[kind], *INTERFACE}:
        return None
    [(name, values)] = filters.items()
    if name not in FILTERS or None in values or not 0 < len(values) <= MOST:
        return None
    clause, type_ = FILTERS[name]
    asked = " ".join(ASKED.get(field, field) for field in sorted(fields & {*FIELDS[kind]}))
    window = f"pagination: {{start: 0, limit: {PAGE}}}, filters: {{{clause}}}"
    return Question(
        f"query($values: [{type_}!]!) {{{kind}_list({window}) {{{asked}}}}}", {"values": [str(v) for v in values]}
    )


def kind_of(query: Query) -> str:
    """GraphQL's name: `console_port` of `dcim/console-ports`."""
    return query.endpoint.rpartition("/")[2].removesuffix("s").replace("-", "_")


def fields_of(query: Query) -> set[str]:
    """Those that it wants; none if it does not say which, or its kind is not known here."""
    given = {str(field) for field in listed(query.filters.get("fields", ()))}
    return given | {"id"} if given and kind_of(query) in FIELDS else set()


def records(query: Query, data: Mapping[str, Any], base: str) -> list[Record] | None:
    """The records as REST tells them, by their ids; None for an answer that is not to be believed.

    base: NetBox's own URL.
    """
    kind = kind_of(query)
    found: Sequence[Record] = data[f"{kind}_list"]
    if not 0 < len(found) < PAGE or any(hides(record, query.filters) for record in found):
        return None
    fields = fields_of(query) & {*FIELDS[kind]}
    told = [{field: value(field, record, f"{base}/{query.endpoint}") for field in fields} for record in found]
    return sorted(told, key=lambda record: int(record["id"]))


def hides(record: Record, filters: Mapping[str, Any]) -> bool:
    """Whether it does not lead to what it may, or must, lead to."""
    missing = {field for field in ("cable", "wireless_link", "rack") if field in record and record[field] is None}
    return (
        ("cable" in missing and bool(record["cable_end"]))
        or ("wireless_link" in missing and bool(WIRELESS.fullmatch(record["type"])))
        or ("rack" in missing and "rack_id" in filters)
    )


def value(field: str, record: Record, pages: str) -> Any:
    """A field as REST tells it, from a record of GraphQL's. pages: the URL below which those of its kind are."""
    found = record.get(field)
    match field:
        case "id":
            return int(record["id"])
        case "_occupied":
            return bool(record["mark_connected"] or record["cable_end"] or record.get("wireless_link"))
        case "display_url":
            return f"{pages}/{record['id']}/"
        case "type" | "face":
            return {"value": found} if found else None
        case "position":
            return found and float(found)
        case _:
            return found if field in DOCUMENTS else with_ids(found)


def with_ids(found: Any) -> Any:
    """GraphQL tells ids as texts."""
    if isinstance(found, list):
        return [with_ids(one) for one in found]
    if isinstance(found, dict):
        return {key: int(one) if key == "id" else with_ids(one) for key, one in found.items()}
    return found
