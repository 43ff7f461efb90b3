# SPDX-License-Identifier: BSD-2-Clause
"""Which pools something is directly in, and is to be in. Pools are given by name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import cast

from ..core.errors import NotFoundError
from ..drivers import Entity, Pool, Session
from ..drivers.pool_map import PoolMap
from ..netbox.records import pools as records
from . import wanted


class Memberships:
    def __init__(self, session: Session, pools: PoolMap | None = None) -> None:
        self._session = session
        self._map = pools or PoolMap(session)
        self._by_name = {pool.name: pool for pool in self._map.by_slug.values()}

    def __getitem__(self, name: str) -> records.Pool:
        try:
            return self._by_name[name]
        except KeyError:
            raise NotFoundError(f"there is no pool {name!r}") from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_name)

    def parents(self, name: str) -> list[str]:
        """The pools that a pool is directly in."""
        return sorted(self._map.by_slug[slug].name for slug in self[name].parents)

    def direct(self, entity: Entity) -> list[str]:
        """The pools that an entity, as last read, is directly in."""
        if isinstance(entity, Pool):
            return self.parents(entity.name)
        return sorted(pool.name for pool in self._map.direct(tag["slug"] for tag in entity.record["tags"]))

    def around(self, names: Iterable[str]) -> list[str]:
        """These pools and all that they are in; innermost first."""
        return [pool.name for pool in self._map.around(self[name].slug for name in names)]

    def wanted(self, label: str, now: Sequence[str], names: Sequence[str], mode: str) -> list[str]:
        """The pools to be in. Raises what contradicts, with `label` as the name of what is to go into them."""
        for name in names:
            self[name]
        after = wanted.names(now, names, mode)
        for name in sorted({*after} - {*now}):
            self.pool(name).check_admission(name, label, (self[other] for other in after if other != name))
        return after

    def bring_about(self, entity: Entity, before: Iterable[str], after: Iterable[str]) -> None:
        """Out of the one, then into the others: a unique pool may be left for another."""
        for name in sorted({*before} - {*after}):
            self.pool(name).remove(entity)
        for name in sorted({*after} - {*before}):
            self.pool(name).insert(entity)

    def pool(self, name: str) -> Pool:
        [pool] = self._map.entities([self[name].slug])
        return cast("Pool", pool)
