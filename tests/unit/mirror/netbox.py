# SPDX-License-Identifier: BSD-2-Clause
"""A NetBox in memory, as far as the mirror asks it, with its change log: what is deleted along, what goes unlogged."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from clusto.mirror.feed import LOG
from clusto.mirror.load import HOSTS, QUERIES
from clusto.netbox.client import Query, Settings

Record = dict[str, Any]

TYPES = {
    "dcim/devices": "dcim.device",
    "virtualization/virtual-machines": "virtualization.virtualmachine",
    "dcim/interfaces": "dcim.interface",
    "virtualization/interfaces": "virtualization.vminterface",
    "dcim/mac-addresses": "dcim.macaddress",
    "ipam/ip-addresses": "ipam.ipaddress",
    "ipam/prefixes": "ipam.prefix",
    "extras/config-contexts": "extras.configcontext",
    "extras/tags": "extras.tag",
    "dcim/regions": "dcim.region",
    "dcim/site-groups": "dcim.sitegroup",
    "dcim/sites": "dcim.site",
    "dcim/locations": "dcim.location",
    "dcim/racks": "dcim.rack",
    "dcim/device-roles": "dcim.devicerole",
    "dcim/platforms": "dcim.platform",
    "tenancy/tenants": "tenancy.tenant",
    "virtualization/clusters": "virtualization.cluster",
}


class NetBox:
    """Takes the place of a Client. `asked` has what was asked since it was last cleared; `error` is raised instead."""

    def __init__(self, url: str = "http://netbox") -> None:
        self.settings = Settings(url, "secret")
        self.tables: dict[str, dict[int, Record]] = {endpoint: {} for endpoint in TYPES}
        self.log: dict[int, Record] = {}
        self.numbered = 0
        self.asked: list[str] = []
        self.error: Exception | None = None
        self.before_answer: Callable[[str], None] = lambda _: None
        self.on_read: Callable[[Mapping[str, Any]], None] = lambda _: None

    # What the mirror asks

    def read(self, path: str, **filters: Any) -> Any:
        limit = filters.pop("limit")
        self.on_read(filters)
        found = [*self._matching(path, filters)]
        if filters.get("ordering") == "-id":
            found.reverse()
        return {"count": len(found), "results": found[:limit]}

    def list(self, path: str, **filters: Any) -> list[Record]:
        return [*self._matching(path, filters)]

    def ask(self, query: Query) -> list[Record]:
        return self.fetch({"": query})[""]

    def fetch(self, queries: Mapping[str, Query]) -> dict[str, list[Record]]:
        return {key: [*self._matching(query.endpoint, query.filters)] for key, query in queries.items()}

    def _matching(self, path: str, filters: Mapping[str, Any]) -> Iterator[Record]:
        tests = [(name, value) for name, value in filters.items() if name not in {"fields", "ordering"}]
        if any(value == [] for _, value in tests):
            return
        self.asked.append(path)
        self.before_answer(path)
        if self.error:
            raise self.error
        records = sorted((self.log if path == LOG else self.tables[path]).items())
        if filters.get("ordering") == ("weight", "name"):
            records.sort(key=lambda item: (item[1]["weight"], item[1]["name"]))
        for _, record in records:
            if all(self._passes(record, name, value) for name, value in tests):
                yield self._shown(path, record)

    def _passes(self, record: Record, name: str, value: Any) -> bool:
        field, _, lookup = name.partition("__")
        if name == "assigned_to_interface":
            return record["assigned_object_id"] is not None
        if field in {"device_id", "virtual_machine_id"}:
            return record[field[:-3]]["id"] in value
        there = record[field]
        if lookup:
            return {"gt": there > value, "gte": there >= value, "lte": there <= value}[lookup]
        return there in (value if isinstance(value, list) else [value])

    def _shown(self, path: str, record: Record) -> Record:
        """The record as it is now, with what is nested in it."""
        shown = dict(record)
        if "tags" in shown and path != "extras/config-contexts":
            there = self.tables["extras/tags"]
            shown["tags"] = [{"slug": there[tag]["slug"]} for tag in shown["tags"] if tag in there]
        if path == "extras/config-contexts":
            shown["tags"] = [self.tables["extras/tags"][tag]["slug"] for tag in shown["tags"]]
        for field, endpoint in (("primary_ip4", "ipam/ip-addresses"), ("primary_mac_address", "dcim/mac-addresses")):
            if shown.get(field) is not None:
                shown[field] = dict(self.tables[endpoint][shown[field]["id"]])
        return shown

    # What people do

    def add(self, endpoint: str, /, **fields: Any) -> int:
        number = max(self.tables[endpoint], default=0) + 1
        self.tables[endpoint][number] = blank(endpoint, number) | fields
        self.note("create", endpoint, number, None, self.tables[endpoint][number])
        return number

    def change(self, endpoint: str, number: int, /, **fields: Any) -> None:
        before = self.tables[endpoint][number]
        self.tables[endpoint][number] = after = before | fields
        self.note("update", endpoint, number, before, after)

    def remove(self, endpoint: str, number: int, *, logged: bool = True) -> None:
        before = self.tables[endpoint].pop(number)
        if logged:
            self.note("delete", endpoint, number, before, None)

    def note(self, action: str, endpoint: str, number: int, before: Record | None, after: Record | None) -> int:
        self.numbered += 1
        self.log[self.numbered] = {
            "id": self.numbered,
            "request_id": f"request {self.numbered}",
            "action": {"value": action},
            "changed_object_type": TYPES.get(endpoint, endpoint),
            "changed_object_id": number,
            "prechange_data": flat(before),
            "postchange_data": flat(after),
        }
        return self.numbered


def flat(record: Record | None) -> Record | None:
    """As the change log has it: related objects by their ids alone."""
    return record and {k: v["id"] if isinstance(v, dict) and "id" in v else v for k, v in record.items()}


def blank(endpoint: str, number: int) -> Record:
    """A record of which nothing is known."""
    query = next(query for query in {**QUERIES, **HOSTS}.values() if query.endpoint == endpoint)
    name = re.sub(r"\W", "-", endpoint.rpartition("/")[2]).rstrip("s") + f"-{number}"
    known: Record = {
        "id": number,
        "name": name,
        "slug": name,
        "tags": [],
        "custom_fields": {},
        "status": {"value": "active"},
        "type": {"value": "1000base-t"},
        "label": "",
        "dns_name": "",
        "enabled": True,
        "mgmt_only": False,
        "is_active": True,
        "weight": 1000,
        "data": {},
    }
    record = {name: known.get(name) for name in query.filters["fields"]}
    if endpoint == "extras/config-contexts":
        lists = (name for name, value in record.items() if value is None and name != "profile")
        record |= dict.fromkeys(lists, ())
    if endpoint in {"dcim/devices", "virtualization/virtual-machines"}:
        record |= {"role": {"id": 1, "slug": "server"}}
    if endpoint == "dcim/devices":
        record |= {"device_type": {"id": 1, "model": "basicserver"}}
    if endpoint == "virtualization/clusters":
        record |= {"type": {"id": 1}}
    return record
