# SPDX-License-Identifier: BSD-2-Clause
"""What pools are to be like together: which is in which, and what may be in which. No I/O."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter

from ..core.errors import ConflictError, NotFoundError
from ..core.merge import Weight
from ..drivers.entity import Entity
from ..drivers.pool import Pool
from ..netbox.records import pools as records


@dataclass
class Nest:
    """All pools by name: those that NetBox has, and those that are to be made."""

    drivers: dict[str, type[Pool]]
    parents: dict[str, set[str]]

    def check(self, name: str) -> None:
        if name not in self.drivers:
            raise NotFoundError(f"there is no pool {name!r}")

    def put(self, outer: str, inner: str) -> None:
        """ConflictError when they would contain each other, or for the rules of unique and exclusive pools."""
        self.check(outer)
        if outer in self.parents[inner]:
            return
        self.parents[inner].add(outer)
        try:
            TopologicalSorter(self.parents).prepare()
        except CycleError as exc:
            self.parents[inner].discard(outer)
            raise ConflictError(
                f"pool {inner!r} cannot go into pool {outer!r}: pools cannot contain each other,"
                f" {' > '.join(exc.args[1])}"
            ) from exc

    def take_out(self, outer: str, inner: str) -> None:
        self.check(outer)
        self.parents[inner].discard(outer)

    def remove(self, name: str) -> None:
        """What was inside is then in nothing that it was in through it."""
        del self.drivers[name], self.parents[name]
        for around in self.parents.values():
            around.discard(name)

    def around(self, name: str) -> set[str]:
        """All pools that it is in, at any depth."""
        return self.parents[name].union(*(self.around(outer) for outer in self.parents[name]))

    def direct(self, name: str) -> set[str]:
        """Those that it is in, but for those around them: what NetBox is told of nesting says no more."""
        return self.parents[name].difference(*(self.around(outer) for outer in self.parents[name]))

    def inside(self, name: str) -> set[str]:
        return {inner for inner in self.parents if name in self.direct(inner)}

    def all_inside(self, name: str) -> set[str]:
        return {inner for inner in self.parents if name in self.around(inner)}

    def depth(self, name: str) -> int:
        return max((self.depth(outer) + 1 for outer in self.parents[name]), default=0)

    def weight(self, name: str, now: int, depth_now: int, wanted: int | None) -> int:
        """The default goes with the depth of nesting; a weight that somebody gave stands."""
        if wanted is not None:
            return wanted
        return Weight.pool(self.depth(name)) if now == Weight.pool(depth_now) else now

    def check_admission(self, name: str, label: str, others: Iterable[str]) -> None:
        """ConflictError when what is in `others` too cannot be in this pool."""
        known = (stand_in(other, self.drivers[other]) for other in sorted(others) if other != name)
        self.drivers[name].check_admission(name, label, known)


def stand_in(name: str, driver: type[Pool]) -> records.Pool:
    """A pool as the rules see it, whether it is made yet or not."""
    return records.Pool(
        id=0, name=name, driver=driver.driver_name(), slug="", weight=0, rank=0, depth=0,
        outer=frozenset(), parents=frozenset(),
    )  # fmt: skip


@dataclass
class Crowd:
    """Who is directly in which pools, by name: of all entities that the wishes name or that are in the pools now."""

    now: Mapping[Entity, frozenset[str]]
    then: dict[Entity, set[str]] = field(default_factory=dict)

    def pools_of(self, entity: Entity) -> set[str]:
        return self.then.setdefault(entity, set(self.now.get(entity, ())))

    def of(self, pool: str) -> list[Entity]:
        """In the order in which they were met."""
        return [e for e in dict.fromkeys([*self.now, *self.then]) if pool in self.pools_of(e)]

    def changes(self) -> Iterable[tuple[Entity, set[str], set[str]]]:
        """(entity, pools that it goes into, pools that it leaves)."""
        for entity, then in self.then.items():
            now = self.now.get(entity, frozenset())
            if now != then:
                yield entity, then - now, {*now} - then
