# SPDX-License-Identifier: BSD-2-Clause
"""What has to be written so that one pool is in another.

NetBox knows no nesting of tags. So the context of an outer pool is assigned to the tags of all pools inside it, at any
depth (`netbox.records.pools` reads that back). No I/O here; pools are given by the slugs of their own tags.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ..core.errors import ConflictError
from ..core.merge import Weight
from ..netbox.records.pools import Pool

Edges = Mapping[str, frozenset[str]]


@dataclass(frozen=True)
class Change:
    """What changes in one pool's config context. A weight changes from `weight[0]` to `weight[1]`."""

    context: int
    add: frozenset[str]
    remove: frozenset[str]
    weight: tuple[int, int]

    def __bool__(self) -> bool:
        return bool(self.add or self.remove or self.weight[0] != self.weight[1])

    def undone(self) -> Change:
        """What takes this back, where nobody changed the same since."""
        return Change(self.context, add=self.remove, remove=self.add, weight=(self.weight[1], self.weight[0]))


class Nesting:
    """`tags`: slug of a pool -> slugs of all tags that its context is assigned to."""

    def __init__(self, pools: Mapping[str, Pool], tags: Edges) -> None:
        self._pools = pools
        self._tags = tags
        self._parents: Edges = {slug: pool.parents for slug, pool in pools.items()}

    def children(self, slug: str) -> frozenset[str]:
        """The pools directly inside."""
        return frozenset(inner for inner, parents in self._parents.items() if slug in parents)

    def inner(self, slug: str) -> frozenset[str]:
        """All pools inside, at any depth."""
        return frozenset(inner for inner, pool in self._pools.items() if slug in pool.outer)

    def joined(self, outer: str, inner: str) -> list[Change]:
        """What to write when `inner` goes directly into `outer`; ConflictError for a cycle."""
        if outer == inner or inner in self._pools[outer].outer:
            way = " > ".join([self._name(outer), *self._path(inner, outer)])
            raise ConflictError(f"pool {self._name(inner)!r} cannot go into pool {self._name(outer)!r}: a cycle, {way}")
        return self._changes({**self._parents, inner: self._parents[inner] | {outer}})

    def parted(self, outer: str, inner: str) -> list[Change]:
        """What to write when `inner` is no longer directly in `outer`."""
        return self._changes({**self._parents, inner: self._parents[inner] - {outer}})

    def arranged(self, parents: Edges) -> list[Change]:
        """What to write when all these are in just those; what is not named stays where it is."""
        return self._changes({**self._parents, **parents})

    def circular(self, outer: str, inner: str) -> bool:
        """Whether what is assigned leads from inside `inner` back to `outer`, as when two write at the same moment."""
        found: set[str] = set()
        edge = {inner}
        while edge:
            found |= edge
            edge = {tag for slug in edge for tag in self._tags.get(slug, ()) if tag in self._pools} - found
        return outer in found

    def _name(self, slug: str) -> str:
        return self._pools[slug].name

    def _path(self, outer: str, inner: str) -> list[str]:
        """Names along one way from a pool down to one inside it, both included."""
        if outer == inner:
            return [self._name(outer)]
        step = min(c for c in self.children(outer) if c == inner or c in self._pools[inner].outer)
        return [self._name(outer), *self._path(step, inner)]

    def _changes(self, parents: Edges) -> list[Change]:
        """Outermost first: interrupted anywhere, that leaves a state that the same call completes."""
        outer: dict[str, frozenset[str]] = {}
        depth: dict[str, int] = {}
        for slug in parents:
            _enter(slug, parents, outer, depth)
        ordered = sorted(parents, key=lambda s: (depth[s], s))
        return [change for slug in ordered if (change := self._change(slug, outer, depth[slug]))]

    def _change(self, slug: str, outer: Edges, depth: int) -> Change:
        pool = self._pools[slug]
        inner = frozenset(s for s, around in outer.items() if slug in around)
        by_default = pool.weight == Weight.pool(pool.depth)  # any other weight is a user's and stands
        return Change(
            context=pool.id,
            add=(inner | {slug}) - self._tags[slug],
            remove=(self.inner(slug) - inner) & self._tags[slug],
            weight=(pool.weight, Weight.pool(depth) if by_default else pool.weight),
        )


def _enter(slug: str, parents: Edges, outer: dict[str, frozenset[str]], depth: dict[str, int]) -> None:
    """Work out the pools around one, and how deep it is, after those of its parents."""
    if slug in outer:
        return
    above: Iterable[str] = parents[slug]
    for parent in above:
        _enter(parent, parents, outer, depth)
    outer[slug] = parents[slug].union(*(outer[parent] for parent in above))
    depth[slug] = max((depth[parent] + 1 for parent in above), default=0)
