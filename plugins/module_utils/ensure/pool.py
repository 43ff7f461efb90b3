# SPDX-License-Identifier: BSD-2-Clause
"""Pools, what is in them, and what they are in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from graphlib import CycleError, TopologicalSorter

from ..core.errors import ConflictError
from ..core.merge import Weight
from ..drivers import Entity, Pool
from . import wanted
from .entity import EntityTask
from .finding import driver_class, find
from .task import State


@dataclass(kw_only=True)
class EnsurePool(EntityTask[Pool]):
    kind = Pool
    default_driver = "pool"
    keys = ("name", "driver", "weight", "parents", "members", "attributes")

    members: Sequence[str] | None = None
    members_mode: str = "add"
    parents: Sequence[str] | None = None
    parents_mode: str = "add"
    weight: int | None = None

    def find(self) -> Pool | None:
        return find(self.session, Pool, self.name)

    def new(self) -> State:
        return {
            "name": self.name,
            "driver": self.default_driver,
            "weight": Weight.pool(0),
            "parents": [],
            "members": [],
            "attributes": {},
        }

    @cached_property
    def _named(self) -> dict[str, Entity]:
        """The entities that the option `members` names, by what the state calls them."""
        entities = [self.session.get_by_name(name) for name in self.members or ()]
        return {entity.reference: entity for entity in entities}

    def wanted(self, now: State, /) -> State:
        members = wanted.names(now["members"], None if self.members is None else self._named, self.members_mode)
        parents = self.memberships.wanted(self.label, now["parents"], self.parents or (), self._mode_of_parents)
        self._check_members({*members} - {*now["members"]})
        self._check_nesting(members, parents)
        return {"members": members, "parents": parents, "weight": self._weight(now, parents)}

    @property
    def _mode_of_parents(self) -> str:
        return "add" if self.parents is None else self.parents_mode

    def check_driver(self, old: str, new: str, /) -> None:
        if old != new:
            raise ConflictError(f"{self.label} has the driver {old!r}; it cannot become {new!r}")

    def _check_members(self, added: set[str]) -> None:
        cls = type(self.found) if self.found else driver_class(Pool, self.driver or self.default_driver, self.name)
        for reference in sorted(added):
            entity = self._named[reference]
            others = (self.memberships[name] for name in self.memberships.direct(entity))
            cls.check_admission(self.name, entity.label, others)

    def _check_nesting(self, members: Sequence[str], parents: Sequence[str]) -> None:
        """ConflictError when pools would contain each other."""
        mark = f"{Pool.clusto_type()}:"
        inside = {reference.removeprefix(mark) for reference in members if reference.startswith(mark)}
        edges = {name: {*self.memberships.parents(name)} - {self.name} for name in self.memberships}
        for name in inside:
            edges[name].add(self.name)
        edges[self.name] = {*parents}
        try:
            TopologicalSorter(edges).prepare()
        except CycleError as exc:
            raise ConflictError(f"{self.label}: pools cannot contain each other, {' > '.join(exc.args[1])}") from exc

    def _weight(self, now: State, parents: Sequence[str]) -> int:
        """The default goes with the depth of nesting; a weight that somebody gave stands."""
        if self.weight is not None:
            return self.weight
        depth = self.memberships[self.name].depth if self.found else 0
        if now["weight"] != Weight.pool(depth):
            return int(now["weight"])
        return Weight.pool(max((self.memberships[name].depth + 1 for name in parents), default=0))

    def make(self, cls: type[Pool], after: State, /) -> Pool:
        return cls(self.name, attributes=after["attributes"], session=self.session)

    def bare(self, after: State, /) -> State:
        return {**super().bare(after), "parents": [], "members": []}

    def change(self, entity: Pool, before: State, after: State, /) -> None:
        self.memberships.bring_about(entity, before["parents"], after["parents"])
        for reference in sorted({*before["members"]} - {*after["members"]}):
            entity.remove(self.session.get_by_name(reference))
        for reference in sorted({*after["members"]} - {*before["members"]}):
            entity.insert(self._named[reference])
        if entity.weight != after["weight"]:
            entity.weight = after["weight"]
