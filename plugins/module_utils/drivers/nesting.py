# SPDX-License-Identifier: BSD-2-Clause
"""Which pool is in which, read from and written to the tags that the pools' config contexts are assigned to.

NetBox knows no nesting of tags. So the context of an outer pool is assigned to the tags of all pools inside it, at any
depth (the sets are **closed**), and what is directly in what is the transitive reduction of that. Pools are known here
by the slug of their own tag. No I/O: `joined` and `parted` say what has to be written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from graphlib import CycleError, TopologicalSorter

from ..core.errors import ConflictError
from ..core.merge import Weight
from .slugs import slug_of


@dataclass(frozen=True)
class PoolContext:
    """A pool's config context: `tags` are the slugs of the tags that it is assigned to."""

    id: int
    name: str
    driver: str
    weight: int
    tags: frozenset[str]


Edges = dict[str, frozenset[str]]


class Nesting:
    def __init__(self, contexts: Iterable[PoolContext]) -> None:
        self.pools = owners(contexts)
        """Slug of its own tag -> context, for every pool."""

    @cached_property
    def _inner(self) -> Edges:
        """Slug -> all pools inside. Closed here, even where a write was interrupted half-way."""
        return closure({slug: pool.tags & self.pools.keys() - {slug} for slug, pool in self.pools.items()}, self._name)

    def _name(self, slug: str) -> str:
        return self.pools[slug].name

    def inner(self, slug: str) -> frozenset[str]:
        """Find all pools inside, at any depth."""
        return self._inner[slug]

    def outer(self, slug: str) -> frozenset[str]:
        """Find all pools around, at any depth."""
        return frozenset(outer for outer, inside in self._inner.items() if slug in inside)

    def children(self, slug: str) -> frozenset[str]:
        """Find the pools directly inside."""
        return self._inner[slug].difference(*(self._inner[child] for child in self._inner[slug]))

    def parents(self, slug: str) -> frozenset[str]:
        """Find the pools directly around."""
        outer = self.outer(slug)
        return frozenset(p for p in outer if not self._inner[p] & outer)

    @cached_property
    def _depths(self) -> Mapping[str, int]:
        depths: dict[str, int] = {}
        for slug in TopologicalSorter({s: self.outer(s) for s in self.pools}).static_order():
            depths[slug] = max((depths[outer] + 1 for outer in self.outer(slug)), default=0)
        return depths

    def depth(self, slug: str) -> int:
        """Count from 0 for a pool that is in no other: one more than the deepest pool around."""
        return self._depths[slug]

    def innermost_first(self, slugs: Iterable[str]) -> list[str]:
        """Sort by precedence: deeper before shallower, heavier before lighter, then by name backwards."""
        return sorted(slugs, key=lambda s: (self.depth(s), self.pools[s].weight, self.pools[s].name), reverse=True)

    def path(self, outer: str, inner: str) -> list[str]:
        """Name the pools along one way from a pool down to one inside it, both included."""
        if outer == inner:
            return [self._name(outer)]
        step = min(c for c in self.children(outer) if c == inner or inner in self._inner[c])
        return [self._name(outer), *self.path(step, inner)]

    def joined(self, outer: str, inner: str) -> list[PoolContext]:
        """Tell the contexts that change when `inner` goes directly into `outer`; ConflictError for a cycle."""
        if outer == inner or outer in self._inner[inner]:
            way = " > ".join([self._name(outer), *self.path(inner, outer)])
            raise ConflictError(f"pool {self._name(inner)!r} cannot go into pool {self._name(outer)!r}: a cycle, {way}")
        edges = {slug: self.children(slug) for slug in self.pools}
        return self._changes({**edges, outer: edges[outer] | {inner}})

    def parted(self, outer: str, inner: str) -> list[PoolContext]:
        """Tell the contexts that change when `inner` is no longer directly in `outer`."""
        edges = {slug: self.children(slug) for slug in self.pools}
        return self._changes({**edges, outer: edges[outer] - {inner}})

    def _changes(self, edges: Edges) -> list[PoolContext]:
        """Tell what to write, outermost first: interrupted anywhere, that leaves the state that a repeat completes."""
        closed = closure(edges, self._name)
        wanted = [replace(pool, tags=pool.tags - self._inner[slug] | closed[slug]) for slug, pool in self.pools.items()]
        after = Nesting(wanted)
        weighted = {
            slug: replace(pool, weight=self._weight(slug, after.depth(slug))) for slug, pool in after.pools.items()
        }
        changed = [slug for slug, pool in weighted.items() if pool != self.pools[slug]]
        return [weighted[slug] for slug in sorted(changed, key=lambda s: (after.depth(s), s))]

    def _weight(self, slug: str, depth: int) -> int:
        """Give the default of the new depth; a weight that is not the default of the old one is a user's and stands."""
        weight = self.pools[slug].weight
        return Weight.pool(depth) if weight == Weight.pool(self.depth(slug)) else weight


def owners(contexts: Iterable[PoolContext]) -> dict[str, PoolContext]:
    """Find whose own tag each slug is: slug -> context. Its other tags are those of the pools inside it.

    A context with one tag owns it. Of the tags of the others all but one belong to pools inside. Where that does not
    settle it (somebody assigned the context to a tag of theirs too) the tag of the pool's name is its own.
    """
    found: dict[str, PoolContext] = {}
    waiting = sorted(contexts, key=lambda c: (len(c.tags), c.name))
    while waiting:
        free = {c.id: c.tags - found.keys() for c in waiting}
        sure = next((c for c in waiting if len(free[c.id]) == 1), None)
        chosen = sure or next((c for c in waiting if slug_of(c.name) in free[c.id]), None)
        if chosen is None:
            break
        found[next(iter(free[chosen.id])) if sure else slug_of(chosen.name)] = chosen
        waiting.remove(chosen)
    return found


def closure(edges: Mapping[str, Iterable[str]], name: Callable[[str], str]) -> Edges:
    """Collect everything that the edges of each slug lead to; ConflictError naming the pools of a cycle."""
    closed: Edges = {}
    try:
        for slug in TopologicalSorter(edges).static_order():
            inside = frozenset(edges[slug])
            closed[slug] = inside.union(*(closed[i] for i in inside))
    except CycleError as exc:
        way = " > ".join(name(slug) for slug in reversed(exc.args[1]))
        raise ConflictError(f"pools contain each other in a circle: {way}") from exc
    return closed
