# SPDX-License-Identifier: BSD-2-Clause
"""Name managers: what they hand out, and from where they go on."""

from __future__ import annotations

from dataclasses import dataclass
from inspect import isabstract
from typing import Any

from ..core.errors import ConflictError, InvalidError
from ..core.names import LARGEST, Numbering, whole
from ..drivers import NameManager, ResourceManager, SimpleEntityNameManager, registry
from .entity import EntityTask
from .finding import find
from .task import State

OF_NAMES = {"basename": "", "digits": 2, "leading_zeros": True}
"""What name managers have, and number managers do not; of a new one."""


@dataclass(kw_only=True)
class EnsureNameManager(EntityTask[ResourceManager]):
    kind = ResourceManager
    default_driver = SimpleEntityNameManager.driver_name()
    keys = ("name", "driver", "basename", "digits", "leading_zeros", "next", "maxnum", "attributes")

    basename: str | None = None
    digits: int | None = None
    leading_zeros: bool | None = None
    next: int | None = None
    maxnum: int | None = None

    def find(self) -> ResourceManager | None:
        return find(self.session, ResourceManager, self.name)

    def new(self) -> State:
        names = issubclass(self.class_of(self.driver or self.default_driver), NameManager)
        rest = OF_NAMES if names else dict.fromkeys(OF_NAMES)
        return {"name": self.name, "driver": self.default_driver, **rest, "next": 0, "maxnum": None, "attributes": {}}

    def wanted(self, now: State, /) -> State:
        """`next` is where it begins; one that is there is only ever moved on."""
        cls = type(self.found) if self.found else self.class_of(self.driver or self.default_driver)
        given = {key: value for key in (*OF_NAMES, "maxnum") if (value := getattr(self, key)) is not None}
        self._check_options(cls, given)
        first = 0 if self.next is None else whole(self.next, f"{self.label}: next")
        after = {**now, **given, "next": max(first, now["next"])}
        cls.check_bounds(self.label, after)
        return {key: after[key] for key in (*OF_NAMES, "maxnum", "next")}

    def _check_options(self, cls: type[ResourceManager], given: State) -> None:
        others = {"maxnum"} if issubclass(cls, NameManager) else {*OF_NAMES}
        if wrong := sorted(others & given.keys()):
            raise InvalidError(f"{self.label}: a {cls.driver_name()} has no {', '.join(wrong)}")
        if "maxnum" in given:
            whole(given["maxnum"], f"{self.label}: maxnum", LARGEST)
        if issubclass(cls, NameManager):
            Numbering(**{**OF_NAMES, **{key: given[key] for key in OF_NAMES if key in given}})

    def class_of(self, driver: str) -> type[ResourceManager]:
        known: dict[str, type[Any]] = {
            name: cls
            for name, cls in registry.drivers(ResourceManager.object_type, ResourceManager.clusto_type()).items()
            if hasattr(cls, "allocate") and not isabstract(cls)
        }
        try:
            return known[driver.lower()]
        except KeyError:
            raise InvalidError(
                f"{self.label}: there is no driver {driver!r}; expected one of {', '.join(sorted(known))}"
            ) from None

    def check_driver(self, old: str, new: str, /) -> None:
        if old != new:
            raise ConflictError(f"{self.label} has the driver {old!r}; it cannot become {new!r}")

    def make(self, cls: type[ResourceManager], after: State, /) -> ResourceManager:
        make: Any = cls
        given = {key: after[key] for key in (*OF_NAMES, "next", "maxnum") if after[key] is not None}
        made: ResourceManager = make(self.name, **given, attributes=after["attributes"], session=self.session)
        return made

    def change(self, entity: ResourceManager, before: State, after: State, /) -> None:
        if changes := {key: after[key] for key in (*OF_NAMES, "next", "maxnum") if before[key] != after[key]}:
            entity.set_up(**changes)
