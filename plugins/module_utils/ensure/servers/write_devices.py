# SPDX-License-Identifier: BSD-2-Clause
"""Devices are named, made, changed, moved and deleted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from ...drivers import Device
from ...drivers.documents import checked
from ...drivers.session import Record
from ...netbox.client import Query
from .. import wanted
from . import fields, parts
from .ground import DEVICES, MARK, Ground
from .targets import Target, owners
from .writing import Body, Writing


class WriteDevices:
    def __init__(self, ground: Ground, targets: Sequence[Target], writing: Writing) -> None:
        self._ground = ground
        self._client = ground.session.client
        self._writing = writing
        self._targets = targets
        self._present = [t for t in targets if t.wish.present]
        self._there = [t for t in self._present if t.exists]
        self._made: list[Device] = []

    def name(self) -> None:
        """As late as can be: a name that is taken is never given out again."""
        wanting: dict[str, list[Target]] = defaultdict(list)
        for target in self._present:
            if target.wish.name is None and not target.exists:
                wanting[target.wish.name_manager or ""].append(target)
        for text, targets in wanting.items():
            manager = self._ground.name_manager(text)
            names = manager.take(len(targets))
            self._writing.undo(partial(manager.give_back, names))
            for target, name in zip(targets, names, strict=True):
                self._writing.titles[target.wish.index] = name
                target.after = {**(target.after or {}), "name": name}

    def make(self) -> None:
        new = [t for t in self._present if not t.exists]
        bodies = [self._body(t) for t in new]
        made = self._writing.create(DEVICES, bodies, owners(new), self._devices_there, "devices")
        for target, record in zip(new, made, strict=True):
            target.device = Device.from_record(self._ground.session, record)
        self._made = [t.device for t in new]

    def look(self, besides: Mapping[str, Query]) -> Mapping[Any, Sequence[Record]]:
        """Read the ports of what was made, and what is asked besides."""
        found = self._client.fetch({**parts.queries(self._made), **besides})
        parts.take(found, self._made)
        return found

    def _body(self, target: Target) -> dict[str, Any]:
        wish, state, draft = target.wish, target.after or {}, target.device.record
        memberships = self._ground.memberships
        mark = wish.name is None and not wish.stands
        return {
            "name": state["name"],
            "role": draft["role"]["id"],
            "device_type": draft["device_type"]["id"],
            "local_context_data": checked(state["attributes"]) or None,
            "tags": [{"slug": memberships[name].slug} for name in state.get("pools", ())],
            **(target.place or {"site": self._ground.session.unplaced()}),
            **({"description": MARK + wish.macs[0]} if mark else {}),
        }

    def _devices_there(self, bodies: Sequence[Body]) -> list[Record | None]:
        found = self._client.list(DEVICES, name=[b["name"] for b in bodies], fields=fields.DEVICE)
        by_name = {(r["name"], r["site"]["id"], r["role"]["id"]): r for r in found}
        return [by_name.get((b["name"], b["site"], b["role"])) for b in bodies]

    def change(self) -> None:
        """Name, attributes, pools of what was there, each by compare-and-swap: others may set some at the same time."""
        for target in self._there:
            before, after = target.before or {}, target.after or {}
            if any(not wanted.same(before.get(key), after.get(key)) for key in ("name", "attributes", "pools")):
                old = target.device.record
                target.device.swap(partial(self._merged, target))
                self._writing.undo(partial(target.device.update, own_fields(old)))

    def _merged(self, target: Target, record: Record) -> Mapping[str, Any] | None:
        """What changes, worked out from the record at this moment."""
        wish, memberships = target.wish, self._ground.memberships
        now = dict(record["local_context_data"] or {})
        document = wanted.document(now, wish.attributes, wish.attributes_mode)
        changes: dict[str, Any] = {} if wanted.same(now, document) else {"local_context_data": document}
        if (target.before or {})["name"] != (name := (target.after or {})["name"]):
            changes["name"] = name
        if wish.pools is not None:
            direct = memberships.direct(Device.from_record(self._ground.session, record))
            after = memberships.wanted(target.label, direct, wish.pools, wish.pools_mode)
            if direct != after:
                slugs = {tag["slug"] for tag in record["tags"]} - {memberships[n].slug for n in direct}
                slugs |= {memberships[name].slug for name in after}
                changes["tags"] = [{"slug": slug} for slug in sorted(slugs)]
        return changes

    def place(self) -> None:
        """Those that stand where another one is to go step aside first."""
        moving = [t for t in self._there if t.place is not None]
        wanted_units = {(t.place["rack"], u) for t in moving if t.place for u in (t.after or {})["units"]}
        aside = [
            t
            for t in moving
            if t.device.record["rack"] and wanted_units & {(t.device.record["rack"]["id"], u) for u in t.device.units}
        ]
        nowhere = {"position": None, "face": ""}
        self._moved(aside, [nowhere for _ in aside])
        self._moved(moving, [dict(t.place or {}) for t in moving])

    def _moved(self, targets: Sequence[Target], places: Sequence[Mapping[str, Any]]) -> None:
        changes = [{"id": t.device.id, **place} for t, place in zip(targets, places, strict=True)]
        before = [{"id": t.device.id, **place_fields(t.device.record)} for t in targets]
        self._writing.update(DEVICES, changes, before, owners(targets), "devices placed")

    def end(self) -> None:
        marked = [t for t in self._present if str(t.device.record.get("description")).startswith(MARK)]
        self._writing.update(
            DEVICES,
            [{"id": t.device.id, "description": ""} for t in marked],
            [{"id": t.device.id, "description": t.device.record["description"]} for t in marked],
            owners(marked),
            "devices finished",
        )
        self._writing.delete(DEVICES, [t.device.id for t in self._targets if t.end], "devices")


def place_fields(record: Record) -> dict[str, Any]:
    """Where a device is, as what would put it there."""
    ids = {key: (record[key] or {}).get("id") for key in ("site", "location", "rack")}
    return {**ids, "position": record["position"], "face": (record["face"] or {}).get("value", "")}


def own_fields(record: Record) -> dict[str, Any]:
    """Name, attributes and tags of a device, as what would set them again."""
    tags = [{"slug": tag["slug"]} for tag in record["tags"]]
    return {"name": record["name"], "local_context_data": record["local_context_data"], "tags": tags}
