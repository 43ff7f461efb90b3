# SPDX-License-Identifier: BSD-2-Clause
"""Which config contexts are pools, which tag is each one's own, and which pool is in which.

NetBox knows no nesting of tags: the context of an outer pool is assigned to the tags of all pools inside it. What is
directly in what is the transitive reduction of that.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from .fields import Record

PROFILES: Final = {
    "clusto pool": "pool",
    "clusto unique pool": "unique_pool",
    "clusto exclusive pool": "exclusive_pool",
}
"""Profile of the config context -> driver name."""


@dataclass(frozen=True)
class Pool:
    """A pool. Other pools are given by the slugs of their tags."""

    id: int
    """Of its config context."""
    name: str
    driver: str
    slug: str
    """Of its own tag."""
    weight: int
    rank: int
    depth: int
    """0 for one that is in no other, else one more than its deepest parent's."""
    outer: frozenset[str]
    """All pools that it is in, at any depth."""
    parents: frozenset[str]
    """Those that it is directly in."""


class Pools:
    """All pools of a NetBox. Assignments that run in a circle, which clusto refuses to write, count as no nesting."""

    def __init__(self, contexts: Iterable[Record], tags: Iterable[Record] = ()) -> None:
        """contexts: all config contexts, in NetBox's order. tags: for pools whose own tag only its name tells."""
        self._ranked = {
            record["id"]: (rank, record) for rank, record in enumerate(contexts) if driver(record) is not None
        }
        slugs = {tag["name"]: tag["slug"] for tag in tags}
        self._owners = owners((record for _, record in self._ranked.values()), slugs)
        self._tagged: dict[str, set[str]] = {}
        for slug, pool_id in self._owners.items():
            for inner in self._ranked[pool_id][1]["tags"]:
                self._tagged.setdefault(inner, set()).add(slug)
        self._outer: dict[str, frozenset[str]] = {}
        self._depth: dict[str, int] = {}

    @cached_property
    def by_slug(self) -> Mapping[str, Pool]:
        return {slug: self._pool(slug) for slug in self._owners}

    @cached_property
    def by_id(self) -> Mapping[int, Pool]:
        """By the id of the config context."""
        return {pool.id: pool for pool in self.by_slug.values()}

    def __iter__(self) -> Iterator[Pool]:
        return iter(self.by_slug.values())

    def of(self, tags: Iterable[str]) -> list[Pool]:
        """List the pools that something with these tags (slugs) is in, at any depth, innermost first."""
        direct = {slug for slug in tags if slug in self._owners}
        slugs = direct.union(*(self._around(slug) for slug in direct))
        return sorted((self.by_slug[s] for s in slugs), key=lambda p: (-p.depth, -p.weight, -p.rank))

    def _pool(self, slug: str) -> Pool:
        rank, record = self._ranked[self._owners[slug]]
        return Pool(
            id=record["id"],
            name=record["name"],
            driver=driver(record) or "",
            slug=slug,
            weight=record["weight"],
            rank=rank,
            depth=self._depth_of(slug),
            outer=self._around(slug),
            parents=self._parents(slug),
        )

    def _around(self, slug: str) -> frozenset[str]:
        """Everything that one or more assignments lead out to, but for what they lead back from."""
        if slug not in self._outer:
            reached = self._reached(slug)
            self._outer[slug] = frozenset(outer for outer in reached if slug not in self._reached(outer))
        return self._outer[slug]

    def _reached(self, slug: str) -> set[str]:
        found: set[str] = set()
        edge = {slug}
        while edge:
            edge = {outer for inner in edge for outer in self._tagged.get(inner, ()) if outer != inner} - found
            found |= edge
        return found

    def _parents(self, slug: str) -> frozenset[str]:
        outer = self._around(slug)
        return outer.difference(*(self._around(other) for other in outer))

    def _depth_of(self, slug: str) -> int:
        if slug not in self._depth:
            self._depth[slug] = max((self._depth_of(outer) + 1 for outer in self._parents(slug)), default=0)
        return self._depth[slug]


def driver(context: Record) -> str | None:
    """Tell the driver name of a pool's config context; None for any other context."""
    return PROFILES.get((context["profile"] or {}).get("name", ""))


def owners(contexts: Iterable[Record], slugs: Mapping[str, str]) -> dict[str, int]:
    """Slug of a tag -> id of the context whose own tag that is; its other tags are those of the pools inside it.

    A pool's own tag is the one of its name (`slugs`: name of a tag -> slug). Where somebody renamed one of the two, it
    is the only one that is no other pool's own.
    """
    found: dict[str, int] = {}
    waiting = []
    for context in contexts:
        own = slugs.get(context["name"])
        if own is not None and own in context["tags"]:
            found[own] = context["id"]
        else:
            waiting.append(context)
    while sure := next((c for c in waiting if len(set(c["tags"]) - found.keys()) == 1), None):
        found[(set(sure["tags"]) - found.keys()).pop()] = sure["id"]
        waiting.remove(sure)
    return found
