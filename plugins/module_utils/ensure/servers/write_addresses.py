# SPDX-License-Identifier: BSD-2-Clause
"""Addresses are taken, bound to interfaces, moved and freed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from ...core.ports import Component
from ...drivers import IPManager
from ...drivers.ports import FIELDS, IPMI
from ...drivers.session import Record
from ...drivers.subnet import ADDRESSES, host_part
from ..bindings import in_order
from .ground import DEVICES, Ground
from .targets import Bind, Target, owners
from .write_ports import FREE, INTERFACES
from .writing import Body, Writing


class WriteAddresses:
    def __init__(self, ground: Ground, targets: Sequence[Target], writing: Writing) -> None:
        self._ground = ground
        self._client = ground.session.client
        self._writing = writing
        self._present = [t for t in targets if t.wish.present]

    def label(self) -> None:
        wanted = [(t, t.made(port), label) for t in self._present for port, label in t.labels.values()]
        changed = [(t, port, label) for t, port, label in wanted if port.record.get("label") != label]
        self._writing.update(
            INTERFACES,
            [{"id": port.id, "label": label} for _, port, label in changed],
            [{"id": port.id, "label": port.record.get("label") or ""} for _, port, _ in changed],
            owners(t for t, _, _ in changed),
            "interfaces labelled",
        )

    def bind(self) -> None:
        interfaces = self._osports()
        moves = [(t, record, interfaces[t.wish.index, osport]) for t in self._present for record, osport in t.moves]
        self._writing.update(
            ADDRESSES,
            [{"id": record["id"], **assigned(id_)} for _, record, id_ in moves],
            [{"id": record["id"], **assigned(record["assigned_object_id"])} for _, record, _ in moves],
            owners(t for t, _, _ in moves),
            "addresses moved",
        )
        by_manager: dict[IPManager, list[tuple[Target, Bind]]] = defaultdict(list)
        for target in self._present:
            for bind in target.binds:
                by_manager[bind.manager].append((target, bind))
        cards: list[tuple[Target, int]] = []
        for manager, binds in by_manager.items():
            taken = self._take(manager, binds, interfaces)
            cards += [(t, r["id"]) for (t, bind), r in zip(binds, taken, strict=True) if bind.osport == IPMI]
        self._writing.update(
            DEVICES,
            [{"id": t.device.id, "oob_ip": id_} for t, id_ in cards],
            [{"id": t.device.id, "oob_ip": (t.device.record["oob_ip"] or {}).get("id")} for t, _ in cards],
            owners(t for t, _ in cards),
            "OOB addresses set",
        )
        for target in self._present:
            if target.binds and target.after:
                target.after["ips"] = in_order(target.after["ips"])

    def _take(
        self, manager: IPManager, binds: Sequence[tuple[Target, Bind]], interfaces: Mapping[tuple[int, str], int]
    ) -> list[Record]:
        bodies = [
            {**assigned(interfaces[t.wish.index, b.osport]), **({"address": b.ip} if b.given else {})} for t, b in binds
        ]
        before = {r["id"] for _, b in binds if b.given for r in self._ground.taken[b.ip or ""]}
        forecast = {place: b.ip for place, (_, b) in enumerate(binds) if b.ip and not b.given}
        records = manager.take_many(bodies, forecast)
        self._writing.undo(lambda: self._give_back(records, before))
        for (target, bind), record in zip(binds, records, strict=True):
            ips = (target.after or {})["ips"]
            place = ips.index(bind.binding)
            bind.ip = host_part(record["address"])
            ips[place] = bind.binding
        return records

    def _give_back(self, records: Sequence[Record], before: set[int]) -> None:
        self._client.update_many(ADDRESSES, [{"id": r["id"], **FREE} for r in records if r["id"] in before])
        self._client.delete_many(ADDRESSES, [r["id"] for r in records if r["id"] not in before])

    def _osports(self) -> dict[tuple[int, str], int]:
        """Item and name -> id of the interface, made where it is missing."""
        found: dict[tuple[int, str], int] = {}
        missing: dict[tuple[int, str], Target] = {}
        for target in self._present:
            there = {r["name"]: r["id"] for r in (target.device.known_ports or {}).get(Component.INTERFACE, ())}
            for name in [b.osport for b in target.binds] + [name for _, name in target.moves]:
                if name in there:
                    found[target.wish.index, name] = there[name]
                else:
                    missing[target.wish.index, name] = target
        bodies = [target.device.new_interface(name)[1] for (_, name), target in missing.items()]
        made = self._writing.create(INTERFACES, bodies, owners(missing.values()), self._interfaces_there, "interfaces")
        return found | {key: record["id"] for key, record in zip(missing, made, strict=True)}

    def _interfaces_there(self, bodies: Sequence[Body]) -> list[Record | None]:
        found = self._client.list(INTERFACES, device_id=sorted({b["device"] for b in bodies}), fields=FIELDS)
        by_name = {(r["device"]["id"], r["name"]): r for r in found}
        return [by_name.get((b["device"], b["name"])) for b in bodies]

    def end(self) -> None:
        self._writing.delete(ADDRESSES, [r["id"] for t in self._present for r in t.freed], "addresses")


def assigned(interface: int) -> dict[str, Any]:
    return {"assigned_object_type": Component.INTERFACE.value, "assigned_object_id": interface}
