# SPDX-License-Identifier: BSD-2-Clause
"""Which addresses are to be bound to devices. No I/O."""

from __future__ import annotations

from collections.abc import Collection

from ...core import addresses
from ...core.errors import ConflictError, InvalidError
from ...core.ports import INTERFACE
from ...drivers import IPManager
from ...drivers.host import binding
from ...drivers.ports import Port
from ...drivers.session import Record
from ...drivers.subnet import host_part
from ...drivers.vrf import vrf_id
from ..bindings import in_order
from ..task import State
from .claims import Claims
from .ground import Ground
from .targets import Bind, Target
from .wishes import Option


class Addresses:
    """Of one list: no two items may have one."""

    def __init__(self, ground: Ground, claims: Claims) -> None:
        self._ground = ground
        self._claims = claims

    def work_out(self, target: Target) -> State:
        """What of its state changes by its addresses; the target gets what is to be bound, moved and freed for that."""
        wish = target.wish
        if wish.ips is None:
            return {}
        bound, exact = self._ground.bound[target.device.id], wish.ips_mode == "exact"
        meant = {id_ for one in wish.ips if one["ip"] for id_ in self._given(target, one, move=exact)}
        for one in wish.ips:
            if not one["ip"]:
                meant.update(self._next(target, meant, one))
        if exact:
            target.freed = [record for record in bound if record["id"] not in meant]
        moved = {record["id"]: osport for record, osport in target.moves}
        kept = (record for record in bound if not exact or record["id"] in meant)
        staying = [{**binding(record), "osport": moved.get(record["id"], osport_of(record))} for record in kept]
        labels = {"labels": {name: label for name, (_, label) in target.labels.items()}} if target.labels else {}
        return {**labels, "ips": in_order([*staying, *(bind.binding for bind in target.binds if bind.given)])}

    def labels(self, target: Target) -> State:
        """The labels of the ports that are given by their numbers."""
        ports = {port.name: port for one in target.wish.ips or () if (port := self._numbered(target, one))}
        labels = {name: port.record.get("label") or None for name, port in ports.items()}
        return {"labels": labels} if labels else {}

    def _numbered(self, target: Target, one: Option) -> Port | None:
        return target.device.port(one["type"], one["number"]) if one["number"] and target.wish.present else None

    def _osport(self, target: Target, one: Option) -> str:
        """The name in NetBox of the interface; one that is given by its number is to bear `osport` as its label."""
        osport, port = one["osport"], self._numbered(target, one)
        if port is None:
            return target.interface(osport)
        if not port.is_interface:
            raise InvalidError(f"{target.label}: {one['type']} {one['number']} ({port.name!r}) bears no addresses")
        others = (p for p in target.device.ports(INTERFACE) if osport in {p.name, p.record.get("label")})
        if other := next((p for p in others if p.name != port.name), None):
            raise ConflictError(f"{target.label}: osport {osport!r} is interface {other.name!r}, not {port.name!r}")
        target.labels[port.name] = (port, osport)
        return port.name

    def _given(self, target: Target, one: Option, *, move: bool) -> list[int]:
        """The id of the address if the device has it; else it is to be bound."""
        ip, osport = str(addresses.ip(one["ip"])), self._osport(target, one)
        manager = self._manager(one) if one["ip_manager"] else self._ground.holder(ip)
        manager.check_bindable(ip, target.device if target.exists else None, self._ground.taken[ip])
        self._claims.make(("ip", ip, manager.id), target.wish, f"IP address {ip} is given twice")
        bound = self._ground.bound[target.device.id]
        there = [r for r in bound if host_part(r["address"]) == ip and vrf_id(r) == manager.vrf_id]
        if not there:
            target.binds.append(Bind(osport, manager, ip, given=True))
        elif osport not in (on := [osport_of(record) for record in there]):
            if not move:
                raise ConflictError(
                    f"IP address {ip} is on {on[0]} of this {target.wish.type}, not on {osport}; free it there first"
                )
            target.moves.append((there[0], osport))
        return [record["id"] for record in there[:1]]

    def _next(self, target: Target, meant: Collection[int], one: Option) -> list[int]:
        """An address that the interface has already counts as the next free one of its manager; else one is taken."""
        manager, osport = self._manager(one), self._osport(target, one)
        here = (r for r in self._ground.bound[target.device.id] if osport_of(r) == osport and r["id"] not in meant)
        for record in here:
            if vrf_id(record) == manager.vrf_id and addresses.ip(host_part(record["address"])) in manager.subnet:
                return [record["id"]]
        target.binds.append(Bind(osport, manager, None, given=False))
        return []

    def _manager(self, one: Option) -> IPManager:
        return self._ground.manager(one["ip_manager"])


def osport_of(record: Record) -> str:
    return str(record["assigned_object"]["name"])
