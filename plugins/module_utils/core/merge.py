# SPDX-License-Identifier: BSD-2-Clause
"""Which attributes an entity has when those of its containers are merged in, the more specific winning.

The order is NetBox's: config contexts by weight, then by name, later ones win, then the entity's own. Between them
stands what NetBox cannot express, the **rack level**: the pools that the site is in, those that each location is in
(outer to inner), those that the rack is in, then the rack's own attributes. Where there is none of it, `merged` is
`rendered`, and `rendered` is what NetBox answers as `config_context`.

| weight | what |
|---|---|
| 2000 | datacenter |
| 3000 + 10 per level of depth | location |
| 4000 | rack level |
| 5000 + 10 per level of nesting | pool |
| last | the entity's own |
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

Document = Mapping[str, Any]
"""Results share their parts with each other and with what went in: nobody changes a document, only makes another."""

Ids = frozenset[int]
Tags = frozenset[str]  # slugs: what NetBox's config contexts are assigned to
NO_IDS: Final[Ids] = frozenset()
NO_TAGS: Final[Tags] = frozenset()
OWN: Final = "own"
EMPTY: Final = "_empty"
"""NetBox refuses a config context without data: one that holds no attributes has this key, which is none."""


class Weight:
    """The weights that clusto gives. Any other is a user's and stands."""

    DATACENTER: Final = 2000
    RACK: Final = 4000

    @staticmethod
    def location(depth: int) -> int:
        """0 for a location that is in no other."""
        return 3000 + 10 * depth

    @staticmethod
    def pool(depth: int) -> int:
        """0 for a pool that is in no other, else one more than its deepest parent's."""
        return 5000 + 10 * depth


@dataclass(frozen=True, eq=False)
class Place:
    """A site, a location or a rack, as what lies in it sees it: what its pools give, and what it gives itself.

    `attributes` are a rack's; those of sites and locations are config contexts. A place equals itself alone, so that
    what lies in it is found again fast: make one for each.
    """

    origin: str
    """How `explain` names it: `rack:sv3-001`."""
    tags: Tags = NO_TAGS
    attributes: Document = field(default_factory=dict)


class Scope(NamedTuple):
    """What decides which contexts apply to an entity: NetBox's ids (of trees with those of all ancestors), tags' slugs.

    Equal scopes have equal contexts. `places` are outer to inner.
    """

    regions: Ids = NO_IDS
    site_groups: Ids = NO_IDS
    sites: Ids = NO_IDS
    locations: Ids = NO_IDS
    device_types: Ids = NO_IDS
    roles: Ids = NO_IDS
    platforms: Ids = NO_IDS
    cluster_types: Ids = NO_IDS
    cluster_groups: Ids = NO_IDS
    clusters: Ids = NO_IDS
    tenant_groups: Ids = NO_IDS
    tenants: Ids = NO_IDS
    tags: Tags = NO_TAGS
    places: tuple[Place, ...] = ()
    own: int | None = None
    """Id of the context that holds the entity's own attributes (pools, sites, locations): it is merged last."""
    pools_only: bool = False
    """Of the contexts only those of pools count: for pools, which lie nowhere."""


CRITERIA: Final = Scope._fields[: Scope._fields.index("places")]
"""The assignments of a config context, under NetBox's names."""
# Those that few entities share stand first: a context is looked for under the first that it has.
SELECTIVE: Final = ("tags", "locations", "clusters", "tenants", "sites", *CRITERIA)


@dataclass(frozen=True, eq=False)
class Context:
    """One config context.

    rank: its place in NetBox's own order, by weight and then by name in the database's collation.
    criteria: what it is assigned to, of those CRITERIA only that it has; all must be met, each by any of its ids.
    origin: how `explain` names it, such as `pool:web`, `datacenter:eqix-sv3`, or `context:NAME` for others' own.
    depth: of nesting; None for what is no pool.
    """

    id: int
    name: str
    weight: int
    rank: int
    data: Document
    criteria: Mapping[str, Ids | Tags] = field(default_factory=dict)
    active: bool = True
    origin: str = ""
    depth: int | None = None

    @property
    def attributes(self) -> Document:
        return {k: v for k, v in self.data.items() if k != EMPTY} if EMPTY in self.data else self.data

    def applies(self, scope: Scope) -> bool:
        return self.active and not any(
            ids.isdisjoint(getattr(scope, criterion)) for criterion, ids in self.criteria.items()
        )


class Source(NamedTuple):
    """One step of a merge."""

    origin: str
    data: Document
    weight: int | None = None
    depth: int | None = None
    through: str | None = None
    """The place whose pool that is, when it stands at the rack level."""


class Contexts:
    """All config contexts of one NetBox, and what is merged from them; one value per state of NetBox."""

    def __init__(self, contexts: Iterable[Context] = ()) -> None:
        self._all = tuple(sorted(contexts, key=lambda c: c.rank))
        self._by_id = {context.id: context for context in self._all}
        self._everywhere: list[Context] = []
        self._by_criterion: dict[tuple[str, int | str], list[Context]] = {}
        for context in self._all:
            self._enter(context)
        self._merged: dict[Scope, Document] = {}

    def __iter__(self) -> Iterator[Context]:
        return iter(self._all)

    def __len__(self) -> int:
        return len(self._all)

    def get(self, context_id: int) -> Context | None:
        return self._by_id.get(context_id)

    def _enter(self, context: Context) -> None:
        criterion = next((name for name in SELECTIVE if name in context.criteria), None)
        if criterion is None:
            self._everywhere.append(context)
            return
        for one in context.criteria[criterion]:
            self._by_criterion.setdefault((criterion, one), []).append(context)

    def applying(self, scope: Scope) -> list[Context]:
        """Choose what NetBox applies to an entity, in its order."""
        return sorted(self._candidates(scope, CRITERIA), key=lambda c: c.rank)

    def pools(self, scope: Scope) -> list[Context]:
        """Choose the pools' contexts among those, outer to inner."""
        pools = (c for c in self._candidates(scope, ("tags",)) if c.depth is not None)
        return sorted(pools, key=lambda c: (c.weight, c.rank))

    def _candidates(self, scope: Scope, criteria: Iterable[str]) -> set[Context]:
        entered = (
            context
            for criterion in criteria
            for one in getattr(scope, criterion)
            for context in self._by_criterion.get((criterion, one), ())
        )
        return {c for c in (*self._everywhere, *entered) if c.applies(scope)}

    def base(self, scope: Scope) -> Document:
        """Merge everything but the local data; done once for each scope."""
        found = self._merged.get(scope)
        if found is None:
            found = self._merged[scope] = merge_all(source.data for source in sources(scope, self))
        return found


def deepmerge(old: Document, new: Document) -> dict[str, Any]:
    """Merge new into old as NetBox does (utilities/data.py): objects deeply, an empty one replaces like all else."""
    result = dict(old)
    for key, value in new.items():
        there = result.get(key)
        if value and isinstance(value, dict) and isinstance(there, dict):
            result[key] = deepmerge(there, value)
        else:
            result[key] = value
    return result


def same(one: Any, other: Any) -> bool:
    """Whether two JSON values are equal; unlike in Python, true is not 1."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return isinstance(one, bool) == isinstance(other, bool) and bool(one == other)


def merge_all(documents: Iterable[Document]) -> Document:
    """Merge in order, later ones winning."""
    result: Document = {}
    for document in documents:
        result = deepmerge(result, document)
    return result


def rendered(scope: Scope, contexts: Contexts, local: Document | None = None) -> Document:
    """Merge as NetBox does for `config_context`, of devices and virtual machines."""
    return merge_all([*(context.data for context in contexts.applying(scope)), local or {}])


def merged(scope: Scope, contexts: Contexts, local: Document | None = None) -> Document:
    """Merge with the rack level too. What is equal for many entities is made once and shared: see `Document`."""
    base = contexts.base(scope)
    return deepmerge(base, local) if local else base


def sources(scope: Scope, contexts: Contexts) -> list[Source]:
    """List what `merged` merges, in order, but for the local data."""
    own = contexts.get(scope.own) if scope.own is not None else None
    applying = [c for c in (contexts.pools(scope) if scope.pools_only else contexts.applying(scope)) if c is not own]
    steps = [(_at(c), _source(c)) for c in applying] + _rack_level(scope, contexts, {own, *applying})
    ordered = [source for _, source in sorted(steps, key=lambda step: step[0])]
    return [*ordered, Source(OWN, own.attributes)] if own else ordered


_At = tuple[int, ...]


def _at(context: Context) -> _At:
    """Where a context stands: NetBox's order is never changed, and the rack level comes before its own weight."""
    return context.weight, 1, context.rank


def _rack_level(scope: Scope, contexts: Contexts, seen: set[Context | None]) -> list[tuple[_At, Source]]:
    """Each context once, at the most specific place. One with a weight that a user gave stands at that weight."""
    steps: list[tuple[_At, Source]] = []
    for index, place in reversed(list(enumerate(scope.places))):
        pools = [c for c in contexts.pools(scope._replace(tags=place.tags)) if c not in seen]
        seen.update(pools)
        for nth, pool in enumerate(pools):
            by_default = pool.depth is not None and pool.weight == Weight.pool(pool.depth)
            at = (Weight.RACK, 0, index, nth) if by_default else _at(pool)
            steps.append((at, _source(pool, place.origin if by_default else None)))
        if place.attributes:
            at = (Weight.RACK, 0, index, len(pools))
            steps.append((at, Source(place.origin, place.attributes, Weight.RACK)))
    return steps


def _source(context: Context, through: str | None = None) -> Source:
    return Source(context.origin, context.attributes, context.weight, context.depth, through)


def explain(scope: Scope, contexts: Contexts, local: Document | None = None) -> list[dict[str, Any]]:
    """Tell for every value of `merged` where it came from, as plain JSON.

    Each entry has `path` (the keys down to the value), `value`, `origin` (whose value won), `tie` (pools of one depth
    disagree: only weight and name settled it) and `candidates`, the winner first: `origin`, `weight` (None for the
    entity's own), `through` (the site, location or rack whose pool it is, else None), `path` (shorter than the entry's
    where it gave another value to the whole of it), `value`, `wins`.
    """
    steps = [source for source in (*sources(scope, contexts), Source(OWN, local or {})) if source.data]
    return [_entry(path, value, steps) for path, value in _leaves(merge_all(s.data for s in steps))]


def _entry(path: tuple[str, ...], value: Any, steps: Iterable[Source]) -> dict[str, Any]:
    given = [(source, *held) for source in steps if (held := _held(source.data, path))]
    given.reverse()
    winner = given[0][0]
    tie = any(
        source.depth is not None and (source.depth, source.through) == (winner.depth, winner.through) and other != value
        for source, _, other in given
    )
    candidates = [
        {
            "origin": source.origin,
            "weight": source.weight,
            "through": source.through,
            "path": list(at),
            "value": other,
            "wins": source is winner,
        }
        for source, at, other in given
    ]
    return {"path": list(path), "value": value, "origin": winner.origin, "tie": tie, "candidates": candidates}


def _leaves(document: Document, above: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    for key in sorted(document):
        value = document[key]
        if value and isinstance(value, dict):
            yield from _leaves(value, (*above, key))
        else:
            yield (*above, key), value


def _held(document: Document, path: tuple[str, ...]) -> tuple[tuple[str, ...], Any] | None:
    """What a document says of a path, or of the whole that it is part of, with the path of that."""
    node: Any = document
    for depth, key in enumerate(path):
        if node and isinstance(node, dict):
            if key not in node:
                return None
            node = node[key]
        else:
            return path[:depth], node
    return path, node
