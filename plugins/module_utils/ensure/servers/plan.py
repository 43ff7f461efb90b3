# SPDX-License-Identifier: BSD-2-Clause
"""What the wishes come to, worked out from what was read. No I/O.

The rules are those of `core` and of the drivers; what is added here is that the items of one list are in each other's
way as well. What the list moves frees its rack unit for the others; what it deletes or frees goes last, so that is free
only for the next task.
"""

from __future__ import annotations

from dataclasses import replace

from ...core.errors import AmbiguousError, ConflictError, InvalidError, NotFoundError
from ...drivers import Device
from ...drivers.host import binding
from .. import wanted
from ..bindings import in_order
from ..finding import known_as, refuse_path, refuse_taken
from ..task import State
from .claims import Claims
from .ground import Ground
from .plan_addresses import Addresses
from .plan_place import NOWHERE, Places
from .plan_ports import Ports
from .recognition import recognised
from .targets import Target, draft
from .wishes import Wish


class Plan:
    """One list. `find` every wish's device first, then `work_out` each."""

    def __init__(self, ground: Ground, option: str) -> None:
        self._ground = ground
        self._claims = Claims(option)
        self.targets: dict[int, Target] = {}
        """By the index of the wish."""
        self._places = Places(ground, self.targets)
        self._ports = Ports(ground, self.targets, self._claims)
        self._addresses = Addresses(ground, self._claims)

    # Which device is meant

    def find(self, wish: Wish) -> Target:
        if wish.name is None and wish.name_manager is None:
            raise InvalidError(f"{wish.label}: expected name or name_manager")
        try:
            device = self._meant(wish)
        except NotFoundError:
            if wish.present:
                raise
            device = None  # what is in a place that is not there is not there
        if device is not None:
            self._claims.make(("device", device.id), wish, f"{device.label} is given twice")
        elif wish.name is not None:
            self._claims.make(("name", wish.name, wish.datacenter), wish, f"{wish.label} is given twice")
        found = Target(wish, device or self._draft(wish), exists=device is not None)
        if found.exists:
            found.before = self._now(found)
        self.targets[wish.index] = found
        return found

    def _meant(self, wish: Wish) -> Device | None:
        if wish.name is None:
            return recognised(self._ground, wish, self._places.rack(wish))
        found = self._named(wish)
        if wish.renamed_from is None:
            return found
        former = self._named(replace(wish, name=wish.renamed_from))
        return known_as(wish.type, wish.name, found, former, wish.state)[0]

    def _named(self, wish: Wish) -> Device | None:
        place = wish.datacenter and self._ground.datacenter(wish.datacenter).name
        if wish.rack and place is None:
            try:
                return self._ground.meant(wish, None)
            except AmbiguousError:
                place = self._places.rack(wish).datacenter_name  # type: ignore[union-attr]  # one is wished for
        return self._ground.meant(wish, place)

    def _draft(self, wish: Wish) -> Device:
        if not wish.present:
            return draft(wish, self._ground.session, {"id": 0, "slug": "", "model": ""}, {"slug": wish.type})
        model = self._ground.model(self._driver_of(wish))
        device = draft(wish, self._ground.session, model, self._ground.role(wish.type))
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
        renaming = wish.renamed_from is not None and target.exists and self._named(wish) is None
        if wish.name is not None and (renaming or not target.exists):
            refuse_path(type(target.device), wish.name, self._ground.types, self._ground.has_datacenter)
        after = {**now, **self._places.work_out(target, now), **({"name": wish.name} if renaming else {})}
        self._check_name(target, now, after)
        after["driver"] = self._driver(target, now)
        after |= self._ports.with_macs(target)
        after |= self._addresses.work_out(target)
        after |= self._ports.with_links(target)
        after["attributes"] = wanted.document(now["attributes"], wish.attributes, wish.attributes_mode)
        if wish.pools is not None:
            memberships = self._ground.memberships
            after["pools"] = memberships.wanted(target.label, now["pools"], wish.pools, wish.pools_mode)
        target.after = after
        return target

    def _now(self, target: Target) -> State:
        """What is, as far as the wish is about it."""
        wish, device, record = target.wish, target.device, target.device.record
        bound = in_order(map(binding, self._ground.bound[device.id]))
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
        return {**state, **self._ports.now(target), **self._addresses.labels(target)}

    def _new(self, target: Target) -> State:
        """What a new one is like before anything is said of it."""
        pools: State = {} if target.wish.pools is None else {"pools": []}
        name, driver = target.wish.title, target.device.driver
        bare: State = {"rack": None, "units": [], "ips": [], "attributes": {}}
        return {"name": name, "driver": driver, **NOWHERE, **bare, **pools}

    def _check_end(self, target: Target) -> None:
        if obstacles := (target.before or {}).get("consequences", {}).get("obstacles"):
            raise ConflictError(f"{target.label} cannot be deleted: {'; '.join(obstacles)}")

    def _check_name(self, target: Target, now: State, after: State) -> None:
        """No other device of its datacenter may have its name."""
        same = all(now[key] == after[key] for key in ("name", "datacenter"))
        if target.wish.name is None or (target.exists and same):
            return
        named = [d for d in self._ground.devices.values() if d.record["name"] == after["name"] and d != target.device]
        refuse_taken(named, after["datacenter"])

    def _driver(self, target: Target, now: State) -> str:
        """Any device type will do, by its slug; clusto's own are those of its drivers."""
        if not target.exists or target.wish.driver is None:
            return str(now["driver"])
        new = str(self._ground.model(self._driver_of(target.wish))["model"])
        if now["driver"] != new:
            raise ConflictError(f"{target.label} has the driver {now['driver']!r}; it cannot become {new!r}")
        return new
