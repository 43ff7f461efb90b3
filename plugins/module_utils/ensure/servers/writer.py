# SPDX-License-Identifier: BSD-2-Clause
"""Brings a list about, in an order that leaves, interrupted anywhere, what the same task completes.

| step | why there |
|---|---|
| names are taken, devices made | with place, pools, attributes. By name, rack unit or mark a repeat knows them again |
| devices that were there change and move | NetBox may refuse attributes: then little is to be taken back |
| MAC addresses, addresses, cables | they need the ports of the devices |
| others looked for | who came at the same moment, where NetBox itself does not see it |
| deletion | cannot be taken back, so it is last |
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from ...core import addresses
from ...core.errors import ConflictError
from ...core.ports import Component
from ...drivers import Device, IPManager
from ...drivers.cables import CABLES, body, check_connectable
from ...drivers.entity import checked
from ...drivers.namemanager import NameManager
from ...drivers.ports import ENDPOINTS, IPMI, MACS, Port, bearer
from ...drivers.ports import FIELDS as PORT_FIELDS
from ...drivers.session import Record
from ...netbox.client import Query
from .. import wanted
from ..batch import Step
from ..bindings import in_order
from .ground import ADDRESSES, DEVICES, FIELDS, MARK, Ground, host_part, part_queries
from .targets import Bind, Target
from .writing import Body, Writing, surely

INTERFACES = ENDPOINTS[Component.INTERFACE]
FREE = {"assigned_object_type": None, "assigned_object_id": None}


class Writer:
    def __init__(self, ground: Ground, option: str, targets: Sequence[Target], undo: Callable[[Step], None]) -> None:
        self._ground = ground
        self._session = ground.session
        self._client = ground.session.client
        self._undo = undo
        self._targets = targets
        self._there = [t for t in targets if t.exists and t.wish.present]
        self._present = [t for t in targets if t.wish.present]
        self._titles = [t.title for t in targets]
        self._writing = Writing(self._client, option, self._titles, undo)
        self._replaced: list[int] = []
        """MAC addresses that nothing bears as its primary one any more."""

    def run(self) -> None:
        self._name()
        self._make()
        self._change()
        self._place()
        self._set_macs()
        self._bind()
        self._connect()
        self._look_for_others()
        self._end()

    # Devices

    def _name(self) -> None:
        """As late as can be: a name that is taken is never given out again."""
        wanting: dict[str, list[Target]] = defaultdict(list)
        for target in self._present:
            if target.wish.name is None and not target.exists:
                wanting[target.wish.name_manager or ""].append(target)
        for text, targets in wanting.items():
            manager = NameManager.get(text, session=self._session)
            names = manager.take(len(targets))
            self._undo(partial(manager.give_back, names))
            for target, name in zip(targets, names, strict=True):
                self._titles[target.wish.index] = name
                target.after = {**(target.after or {}), "name": name}

    def _make(self) -> None:
        new = [t for t in self._present if not t.exists]
        bodies = [self._body(t) for t in new]
        made = self._writing.create(DEVICES, bodies, owners(new), self._devices_there, "devices")
        for target, record in zip(new, made, strict=True):
            target.device = Device.from_record(self._session, record)
        parts = self._client.fetch(part_queries(t.device for t in new))
        self._ground.take_parts(parts, {t.device.id: t.device for t in new})

    def _body(self, target: Target) -> dict[str, Any]:
        wish, state, draft = target.wish, target.after or {}, target.device.record
        memberships = self._ground.memberships
        mark = wish.name is None and not (wish.rack and wish.ru)
        return {
            "name": state["name"],
            "role": draft["role"]["id"],
            "device_type": draft["device_type"]["id"],
            "local_context_data": checked(state["attributes"]) or None,
            "tags": [{"slug": memberships[name].slug} for name in state.get("pools", ())],
            **(target.place or {"site": self._session.unplaced()}),
            **({"description": MARK + wish.macs[0]} if mark else {}),
        }

    def _devices_there(self, bodies: Sequence[Body]) -> list[Record | None]:
        found = self._client.list(DEVICES, name=[b["name"] for b in bodies], fields=FIELDS)
        by_name = {(r["name"], r["site"]["id"], r["role"]["id"]): r for r in found}
        return [by_name.get((b["name"], b["site"], b["role"])) for b in bodies]

    def _change(self) -> None:
        """Attributes and pools of what was there, each by compare-and-swap: others may set some at the same time."""
        for target in self._there:
            before, after = target.before or {}, target.after or {}
            if any(not wanted.same(before.get(key), after.get(key)) for key in ("attributes", "pools")):
                old = target.device.record
                target.device.swap(partial(self._merged, target))
                self._undo(partial(target.device.update, own_fields(old)))

    def _merged(self, target: Target, record: Record) -> Mapping[str, Any] | None:
        """What changes, worked out from the record at this moment."""
        wish, memberships = target.wish, self._ground.memberships
        now = dict(record["local_context_data"] or {})
        document = wanted.document(now, wish.attributes, wish.attributes_mode)
        changes: dict[str, Any] = {} if wanted.same(now, document) else {"local_context_data": document}
        if wish.pools is not None:
            direct = memberships.direct(Device.from_record(self._session, record))
            after = memberships.wanted(target.label, direct, wish.pools, wish.pools_mode)
            if direct != after:
                slugs = {tag["slug"] for tag in record["tags"]} - {memberships[n].slug for n in direct}
                slugs |= {memberships[name].slug for name in after}
                changes["tags"] = [{"slug": slug} for slug in sorted(slugs)]
        return changes

    def _place(self) -> None:
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

    # MAC addresses

    def _set_macs(self) -> None:
        """Where NetBox does not know the new one yet, the port's own MAC address record becomes it."""
        wishes = [(t, self._made(t, mac.port), mac) for t in self._present for mac in t.macs]
        known = [(t, port, mac) for t, port, mac in wishes if mac.record]
        changed = [(t, port, mac) for t, port, mac in wishes if not mac.record and primary(port)]
        new = [(t, port, mac) for t, port, mac in wishes if not mac.record and not primary(port)]
        self._writing.update(
            MACS,
            [{"id": primary(port), "mac_address": mac.mac} for _, port, mac in changed],
            [{"id": primary(port), "mac_address": port.mac} for _, port, _ in changed],
            owners(t for t, _, _ in changed),
            "MAC addresses changed",
        )
        free = [(t, port, mac.record) for t, port, mac in known if mac.record and not mac.record["assigned_object_id"]]
        self._writing.update(
            MACS,
            [{"id": record["id"], **assignment(port)} for _, port, record in free],
            [{"id": record["id"], **FREE} for _, _, record in free],
            owners(t for t, _, _ in free),
            "MAC addresses assigned",
        )
        bodies = [{"mac_address": mac.mac, **assignment(port)} for _, port, mac in new]
        made = self._writing.create(MACS, bodies, owners(t for t, _, _ in new), self._macs_there, "MAC addresses")
        borne = [(t, port, record["id"]) for (t, port, _), record in zip(new, made, strict=True)]
        borne += [(t, port, mac.record["id"]) for t, port, mac in known if mac.record]
        self._writing.update(
            INTERFACES,
            [{"id": port.id, "primary_mac_address": id_} for _, port, id_ in borne],
            [{"id": port.id, "primary_mac_address": primary(port)} for _, port, _ in borne],
            owners(t for t, _, _ in borne),
            "MAC addresses set",
        )
        self._replaced = [old for _, port, id_ in borne if (old := primary(port)) and old != id_]

    def _macs_there(self, bodies: Sequence[Body]) -> list[Record | None]:
        found = self._client.list(MACS, mac_address=[b["mac_address"] for b in bodies])
        by_port = {(addresses.mac(r["mac_address"]), r["assigned_object_id"]): r for r in found}
        return [by_port.get((b["mac_address"], b["assigned_object_id"])) for b in bodies]

    def _made(self, target: Target, port: Port) -> Port:
        """The port itself, of one that was worked out from a template."""
        if target.exists:
            return port
        there = target.device.known_ports or {}
        return next(Port(port.object_type, r) for r in there[port.object_type] if r["name"] == port.name)

    # Addresses

    def _bind(self) -> None:
        interfaces = self._osports()
        moves = [(t, record, interfaces[t.wish.index, osport]) for t in self._there for record, osport in t.moves]
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
        records = surely(bodies, manager.take_many, partial(self._addresses_there, manager))
        self._undo(lambda: self._give_back(records, before))
        for (target, bind), record in zip(binds, records, strict=True):
            ips = (target.after or {})["ips"]
            forecast = {"ip": bind.ip, "osport": bind.osport}
            bind.ip = host_part(record)
            ips[ips.index(forecast)] = {**forecast, "ip": bind.ip}
        return records

    def _addresses_there(self, manager: IPManager, bodies: Sequence[Body]) -> list[Record | None]:
        """Those that the interfaces did not have before, and the given ones."""
        ids = [b["assigned_object_id"] for b in bodies]
        known = {r["id"] for of_one in self._ground.bound.values() for r in of_one}
        there = [r for r in self._client.list(ADDRESSES, interface_id=ids) if r["id"] not in known and manager.has(r)]
        found: list[Record | None] = []
        for one in bodies:
            mine = (r for r in there if r["assigned_object_id"] == one["assigned_object_id"] and r not in found)
            found.append(next((r for r in mine if one.get("address") in {None, host_part(r)}), None))
        return found

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
        found = self._client.list(INTERFACES, device_id=sorted({b["device"] for b in bodies}), fields=PORT_FIELDS)
        by_name = {(r["device"]["id"], r["name"]): r for r in found}
        return [by_name.get((b["device"], b["name"])) for b in bodies]

    # Cables

    def _connect(self) -> None:
        links = [(t, link) for t in self._present for link in t.links]
        bodies = []
        for target, link in links:
            far = self._made(link.far, link.far_port) if isinstance(link.far, Target) else link.far_port
            bodies.append(body(self._made(target, link.port), far))
        self._writing.create(CABLES, bodies, owners(t for t, _ in links), self._cables_there, "cables")

    def _cables_there(self, bodies: Sequence[Body]) -> list[Record | None]:
        ends = [one for b in bodies for side in ("a_terminations", "b_terminations") for one in b[side]]
        ids: dict[str, list[int]] = defaultdict(list)
        for one in ends:
            ids[one["object_type"]].append(one["object_id"])
        found = self._client.fetch({c: Query(ENDPOINTS[c], {"id": ids[c], "fields": PORT_FIELDS}) for c in ids})
        ports = {(c, r["id"]): Port(c, r) for c, of_one in found.items() for r in of_one}
        there: list[Record | None] = []
        for one, other in zip(ends[::2], ends[1::2], strict=True):
            a, b = (ports[end["object_type"], end["object_id"]] for end in (one, other))
            there.append({"id": a.cable} if check_connectable(a, b) else None)
        return there

    # Others at the same moment, and the end

    def _look_for_others(self) -> None:
        """NetBox lets two programs give one MAC address, or overlapping rack units, at the same moment. Not both stay.

        A device's lowest unit and its name, ports and addresses are guarded by NetBox itself.
        """
        ours = {(mac.mac, self._made(t, mac.port).id): t for t in self._present for mac in t.macs}
        seen: set[tuple[str, int]] = set()
        surplus = []
        for record in self._client.list(MACS, mac_address=sorted({mac for mac, _ in ours})):
            mac = addresses.mac(record["mac_address"])
            key = (mac, record["assigned_object_id"])
            if key in ours:
                surplus += [record["id"]] if key in seen else []
                seen.add(key)
            elif record["assigned_object_id"] is not None and record["id"] not in self._replaced:
                raise ConflictError(f"MAC address {mac} is borne by {bearer(record)} already")
        self._writing.delete(MACS, surplus, "MAC addresses")
        self._look_into_racks()

    def _look_into_racks(self) -> None:
        placed = {t.device.id: t for t in self._present if t.place and t.place.get("position")}
        racks = sorted({t.place["rack"] for t in placed.values() if t.place})
        for record in self._client.list(DEVICES, rack_id=racks, fields=FIELDS) if racks else ():
            other = Device.from_record(self._session, record)
            for target in placed.values():
                units = (target.after or {})["units"]
                here = target.place and target.place["rack"] == record["rack"]["id"]
                if here and other.id != target.device.id and (common := sorted(set(units) & set(other.units))):
                    raise ConflictError(
                        f"rack {record['rack']['name']}, device {target.title}: unit {common[0]} is occupied by"
                        f" {other.name}"
                    )

    def _end(self) -> None:
        marked = [t for t in self._present if str(t.device.record.get("description")).startswith(MARK)]
        self._writing.update(
            DEVICES,
            [{"id": t.device.id, "description": ""} for t in marked],
            [{"id": t.device.id, "description": t.device.record["description"]} for t in marked],
            owners(marked),
            "devices finished",
        )
        self._writing.delete(DEVICES, [t.device.id for t in self._targets if t.end], "devices")
        self._writing.delete(ADDRESSES, [r["id"] for t in self._present for r in t.freed], "addresses")
        self._writing.delete(MACS, self._replaced, "MAC addresses")


def owners(targets: Iterable[Target]) -> list[int]:
    return [t.wish.index for t in targets]


def primary(port: Port) -> int | None:
    """The id of the MAC address that a port bears."""
    record = port.record.get("primary_mac_address")
    return int(record["id"]) if record else None


def assignment(port: Port) -> dict[str, Any]:
    return {"assigned_object_type": port.object_type, "assigned_object_id": port.id}


def assigned(interface: int) -> dict[str, Any]:
    return {"assigned_object_type": Component.INTERFACE.value, "assigned_object_id": interface}


def place_fields(record: Record) -> dict[str, Any]:
    """Where a device is, as what would put it there."""
    ids = {key: (record[key] or {}).get("id") for key in ("site", "location", "rack")}
    return {**ids, "position": record["position"], "face": (record["face"] or {}).get("value", "")}


def own_fields(record: Record) -> dict[str, Any]:
    """Attributes and tags of a device, as what would set them again."""
    tags = [{"slug": tag["slug"]} for tag in record["tags"]]
    return {"local_context_data": record["local_context_data"], "tags": tags}
