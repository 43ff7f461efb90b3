# SPDX-License-Identifier: BSD-2-Clause
"""What the wishes come to, worked out from what was read. No I/O.

The rules are those of `core` and of the drivers; what is added here is that the items of one list are in each other's
way as well. What the list moves frees its rack unit for the others; what it deletes or frees goes last, so that is free
only for the next task.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cached_property
from typing import Any

from ...core import addresses, racks
from ...core.errors import AmbiguousError, ClustoError, ConflictError, InvalidError, NotFoundError
from ...drivers import Device, IPManager, Rack
from ...drivers.cables import check_connectable
from ...drivers.ports import Port, bearable_of
from ...drivers.session import Record
from .. import wanted
from ..bindings import Binding, in_order
from ..finding import refuse_path, refuse_taken
from ..task import State
from .ground import Ground, binding, host_part
from .recognition import recognised
from .targets import Bind, Link, Mac, Target, draft
from .wishes import Option, Wish

NOWHERE: State = {"datacenter": None, "locations": []}


class Plan:
    """One list. `find` every wish's device first, then `work_out` each."""

    def __init__(self, ground: Ground, option: str) -> None:
        self._ground = ground
        self._option = option
        self.targets: dict[int, Target] = {}
        """By the index of the wish."""
        self._layouts: dict[int, racks.Rack] = {}
        self._claims: dict[object, Wish] = {}
        self._ends: dict[str, str] = {}
        """Port -> the port that it is to be connected to."""
        self._told: set[frozenset[str]] = set()
        """The cables that are to be made: each may be told of at both ends."""

    # Which device is meant

    def find(self, wish: Wish) -> Target:
        if wish.name is None and wish.name_manager is None:
            raise InvalidError(f"{wish.label}: expected name or name_manager")
        try:
            device = self._named(wish) if wish.name is not None else recognised(self._ground, wish, self._rack(wish))
        except NotFoundError:
            if wish.present:
                raise
            device = None  # what is in a place that is not there is not there
        if device is not None:
            self._claim(("device", device.id), wish, f"{device.label} is given twice")
        elif wish.name is not None:
            self._claim(("name", wish.name, wish.datacenter), wish, f"{wish.label} is given twice")
        found = Target(wish, device or self._draft(wish), exists=device is not None)
        if found.exists:
            found.before = self._now(found)
        self.targets[wish.index] = found
        return found

    def _claim(self, what: object, wish: Wish, problem: str) -> None:
        """ConflictError when another item of the list has it."""
        other = self._claims.setdefault(what, wish)
        if other.index != wish.index:
            raise ConflictError(f"{problem}, see {self._option}[{other.index}] ({other.title})")

    def _named(self, wish: Wish) -> Device | None:
        place = wish.datacenter and self._ground.datacenter(wish.datacenter).name
        if wish.rack and place is None:
            try:
                return self._ground.meant(wish, None)
            except AmbiguousError:
                place = self._rack(wish).datacenter_name  # type: ignore[union-attr]  # one is wished for
        return self._ground.meant(wish, place)

    def _draft(self, wish: Wish) -> Device:
        if not wish.present:
            return draft(wish, self._ground.session, {"id": 0, "slug": "", "model": ""}, {"slug": self._ground.type})
        model = self._ground.model(self._driver_of(wish))
        device = draft(wish, self._ground.session, model, self._ground.role)
        device.known_ports = self._ground.templates.get(model["id"], {})
        return device

    def _driver_of(self, wish: Wish) -> str:
        driver = wish.driver or self._ground.default_driver
        if driver is None:
            raise InvalidError(f"{wish.label}: a new {wish.type} needs driver, the slug of a device type")
        return driver.lower()

    # What becomes of it

    def work_out(self, target: Target) -> Target:
        wish = target.wish
        if not wish.present:
            self._check_end(target)
            return target
        now = target.before or self._new(target)
        if not target.exists and wish.name is not None:
            refuse_path(type(target.device), wish.name, self._ground.types, self._ground.has_datacenter)
        after = {**now, **self._placed(target, now)}
        self._check_name(target, now, after)
        after["driver"] = self._driver(target, now)
        after |= self._with_macs(target)
        after |= self._with_ips(target, now)
        after |= self._with_links(target)
        after["attributes"] = wanted.document(now["attributes"], wish.attributes, wish.attributes_mode)
        if wish.pools is not None:
            memberships = self._ground.memberships
            after["pools"] = memberships.wanted(target.label, now["pools"], wish.pools, wish.pools_mode)
        target.after = after
        return target

    def _now(self, target: Target) -> State:
        """What is, as far as the wish is about it."""
        wish, device, record = target.wish, target.device, target.device.record
        bound = in_order(binding(r) for r in self._ground.bound[device.id])
        state: State = {
            "name": device.name,
            "driver": device.driver,
            **self._ground.where(record),
            "rack": record["rack"]["name"] if record["rack"] else None,
            "units": list(device.units),
            "ips": bound,
            "attributes": dict(record["local_context_data"] or {}),
        }
        if wish.pools is not None:
            state["pools"] = self._ground.memberships.direct(device)
        return {**state, **self._ports_now(target)}

    def _ports_now(self, target: Target) -> State:
        if not target.wish.present:
            return {}
        named = [(wish, self._port(target, wish)) for wish in target.wish.ports or ()]
        macs = {port.name: port.mac for wish, port in named if wish["mac"]}
        links = {port.name: next((p.title for p in port.peers()), None) for wish, port in named if wish["connected_to"]}
        return {**({"macs": macs} if macs else {}), **({"connections": links} if links else {})}

    def _new(self, target: Target) -> State:
        """What a new one is like before anything is said of it."""
        pools: State = {} if target.wish.pools is None else {"pools": []}
        name, driver = target.wish.title, target.device.driver
        bare: State = {"rack": None, "units": [], "ips": [], "attributes": {}}
        return {"name": name, "driver": driver, **NOWHERE, **bare, **pools}

    def _check_end(self, target: Target) -> None:
        if target.exists and (obstacles := target.device.obstacles()):
            raise ConflictError(f"{target.label} cannot be deleted: {'; '.join(obstacles)}")

    def _check_name(self, target: Target, now: State, after: State) -> None:
        """No other device of its datacenter may have its name."""
        if target.wish.name is None or (target.exists and now["datacenter"] == after["datacenter"]):
            return
        named = [d for d in self._ground.devices.values() if d.record["name"] == now["name"] and d != target.device]
        refuse_taken(named, after["datacenter"])

    def _driver(self, target: Target, now: State) -> str:
        """Any device type will do, by its slug; clusto's own are those of its drivers."""
        if not target.exists or target.wish.driver is None:
            return str(now["driver"])
        new = str(self._ground.model(self._driver_of(target.wish))["model"])
        if now["driver"] != new:
            raise ConflictError(f"{target.label} has the driver {now['driver']!r}; it cannot become {new!r}")
        return new

    # Place

    def _rack(self, wish: Wish) -> Rack | None:
        if not wish.rack:
            return None
        datacenter = self._ground.datacenter(wish.datacenter) if wish.datacenter else None
        rack = self._ground.rack(wish.rack, datacenter.name if datacenter else None)
        if datacenter and rack.datacenter_name != datacenter.name:
            raise InvalidError(f"{rack.label} is in {rack.datacenter_name}, not in {datacenter.label}")
        return rack

    def _placed(self, target: Target, now: State) -> State:
        wish = target.wish
        rack = self._rack(wish)
        if rack is not None or (wish.ru and now["rack"]):
            return self._in_rack(target, rack or self._rack_now(target))
        if wish.ru:
            raise InvalidError(f"{target.label}: ru {', '.join(map(str, wish.ru))} without a rack; expected rack too")
        datacenter = self._ground.datacenter(wish.datacenter) if wish.datacenter else None
        if wish.rack == "" and now["rack"] and datacenter is None:
            there = self._rack_now(target).record
            site = {"site": there["site"]["id"], "location": (there["location"] or {}).get("id")}
            return self._outside(target, site, self._ground.where(there))
        if datacenter and (datacenter.name != now["datacenter"] or (wish.rack == "" and now["rack"])):
            return self._outside(target, datacenter.target(), {"datacenter": datacenter.name, "locations": []})
        return {}

    def _outside(self, target: Target, site: Mapping[str, Any], where: State) -> State:
        target.place = {**site, "rack": None, "position": None, "face": ""}
        return {**where, "rack": None, "units": []}

    def _rack_now(self, target: Target) -> Rack:
        return self._ground.racks[target.device.record["rack"]["id"]]

    def _in_rack(self, target: Target, rack: Rack) -> State:
        device, ru = target.device, target.wish.ru
        staying = target.exists and device.record["rack"] is not None and device.record["rack"]["id"] == rack.id
        if ru is None and staying:
            return {}
        if ru is None and device.height:
            raise InvalidError(f"{target.label}: rack {rack.name!r} without a unit; expected ru too")
        units = [] if ru is None else list(self._units(rack, target, ru))
        position = units[0] if units else None
        if not staying or device.position != position:
            target.place = {
                "site": rack.record["site"]["id"],
                "location": (rack.record["location"] or {}).get("id"),
                "rack": rack.id,
                "position": position,
                "face": (device.face or "front") if units else "",
            }
        return {**self._ground.where(rack.record), "rack": rack.name, "units": units}

    def _units(self, rack: Rack, target: Target, ru: Sequence[int]) -> racks.Units:
        if rack.id not in self._layouts:
            self._layouts[rack.id] = self._ground.layout(rack, self._movers)
        layout = self._layouts[rack.id]
        units = layout.place(target.title, ru[0] if len(ru) == 1 else ru, target.device.height)
        occupied = {**layout.occupied, **dict.fromkeys(units, target.title)}
        self._layouts[rack.id] = racks.Rack(layout.name, layout.min_u, layout.max_u, occupied)
        return units

    @property
    def _movers(self) -> set[int]:
        """The devices of the list that are given a place: they stand in nobody's way where they are now."""
        placed = (t for t in self.targets.values() if t.wish.present and (t.wish.ru or t.wish.rack is not None))
        return {t.device.id for t in placed if t.exists}

    # Ports

    def _port(self, target: Target, wish: Option) -> Port:
        return target.device.port(wish["type"], wish["name"] or wish["number"])

    def _with_macs(self, target: Target) -> State:
        macs: dict[str, str] = {}
        for wish in target.wish.ports or ():
            if not wish["mac"]:
                continue
            mac, port = addresses.mac(wish["mac"]), self._port(target, wish)
            if not port.is_interface:
                raise InvalidError(
                    f"{target.label}: {wish['type']} {port.name!r} is no interface; it has no MAC address"
                )
            self._claim(("mac", mac), target.wish, f"MAC address {mac} is given twice")
            record = bearable_of(self._not_leaving(mac), port if target.exists else None, mac)
            if port.mac != mac or not target.exists:
                target.macs.append(Mac(port, mac, record))
            macs[port.name] = mac
        return {"macs": macs} if macs else {}

    def _not_leaving(self, mac: str) -> list[Record]:
        """The records of a MAC address, but for that on a port which this list gives another one."""
        there = self._ground.macs[mac]
        leaving = self._replaced
        return [r for r in there if leaving.get((r["assigned_object_type"], r["assigned_object_id"]), mac) == mac]

    @cached_property
    def _replaced(self) -> dict[tuple[str, int], str]:
        """The ports that are there and named -> the MAC addresses that they are to bear."""
        found: dict[tuple[str, int], str] = {}
        for target in self.targets.values():
            for wish in target.wish.ports or () if target.exists and target.wish.present else ():
                with suppress(ClustoError):  # an item in error is told of when it is worked out
                    port = self._port(target, wish)
                    found[port.object_type, port.id] = addresses.mac(wish["mac"] or "")
        return found

    def _with_links(self, target: Target) -> State:
        links: dict[str, str] = {}
        for wish in target.wish.links:
            port, to = self._port(target, wish), wish["connected_to"]
            far = self._far(to["entity"])
            device = far.device if isinstance(far, Target) else far
            far_port = device.port(to["type"] or wish["type"], to["name"] or to["number"])
            titles = [title(device_, port_) for device_, port_ in ((target.device, port), (device, far_port))]
            for one, other in (titles, titles[::-1]):
                self._claim_end(one, other, target.wish)
            if not check_connectable(port, far_port) and frozenset(titles) not in self._told:
                self._told.add(frozenset(titles))
                target.links.append(Link(port, far, far_port))
            links[port.name] = titles[1]
        return {"connections": links} if links else {}

    def _claim_end(self, one: str, other: str, wish: Wish) -> None:
        """A port has one other end; the same cable may be told of at both."""
        known = self._ends.setdefault(one, other)
        if known != other:
            raise ConflictError(f"{wish.label}: {one} is to be connected to {known} and to {other}")

    def _far(self, text: str) -> Target | Device:
        """Another item of the list by its name, else any device."""
        for target in self.targets.values():
            if target.wish.present and target.wish.name == text and not target.exists:
                return target
        return self._ground.far_end(text)

    # Addresses

    def _with_ips(self, target: Target, now: State) -> State:
        wish = target.wish
        if wish.ips is None:
            return {}
        exact = wish.ips_mode == "exact"
        meant = [self._given(target, now["ips"], one, move=exact) for one in wish.ips if one["ip"]]
        for one in wish.ips:
            if not one["ip"]:
                there = self._there(target, now["ips"], meant, one)
                meant += there
                if not there:
                    target.binds.append(Bind(target.interface(one["osport"]), self._manager(one), None, given=False))
        if exact:
            kept = {b["ip"] for b in meant}
            target.freed = [r for r in self._ground.bound[target.device.id] if host_part(r) not in kept]
            return {"ips": meant}
        return {"ips": [*now["ips"], *(b for b in meant if b not in now["ips"])]}

    def _given(self, target: Target, now: Sequence[Binding], one: Option, *, move: bool) -> Binding:
        ip, osport = str(addresses.ip(one["ip"])), target.interface(one["osport"])
        manager = self._manager(one) if one["ip_manager"] else self._ground.holder(ip)
        manager.check_bindable(ip, target.device if target.exists else None, self._ground.taken[ip])
        self._claim(("ip", ip, manager.id), target.wish, f"IP address {ip} is given twice")
        there = next((b for b in now if b["ip"] == ip), None)
        if there and there["osport"] != osport:
            if not move:
                raise ConflictError(
                    f"IP address {ip} is on {there['osport']} of this {target.wish.type}, not on {osport}; free it"
                    " there first"
                )
            [record] = [r for r in self._ground.bound[target.device.id] if host_part(r) == ip]
            target.moves.append((record, osport))
        if there is None:
            target.binds.append(Bind(osport, manager, ip, given=True))
        return {"ip": ip, "osport": osport}

    def _there(self, target: Target, now: Sequence[Binding], used: Sequence[Binding], one: Option) -> list[Binding]:
        """An address that the interface has already counts as the next free one of its manager."""
        subnet, osport = self._manager(one).subnet, target.interface(one["osport"])
        mine = [b for b in now if b["osport"] == osport and addresses.ip(b["ip"]) in subnet and b not in used]
        return mine[:1]

    def _manager(self, one: Option) -> IPManager:
        return self._ground.manager(one["ip_manager"])


def title(device: Device, port: Port) -> str:
    """How states and messages name a port, one of a draft too."""
    return f"{device.name}, {port.porttype} {port.name!r}"
