# SPDX-License-Identifier: BSD-2-Clause
"""Bringing about what was planned for pools: in bulk, all or none."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from typing import TYPE_CHECKING

from ..core.merge import same
from ..drivers import Entity, Session
from ..drivers.bulk_documents import change_documents
from ..drivers.membership import Retag, batches, retag
from ..drivers.pool_making import NewPool, make_contexts, make_tags
from ..drivers.pool_map import CONTEXTS
from .batch import Step, all_or_none, blaming, blaming_one, progress
from .pool_plan import Crowd, Nest
from .task import State

if TYPE_CHECKING:
    from .pool import Draft

Change = Callable[[State], State]


class PoolWriter:
    """Interrupted anywhere, it leaves what the same call completes: tags, contexts, nesting from outside, members."""

    def __init__(self, session: Session, drafts: Sequence[Draft], nest: Nest, crowd: Crowd, option: str | None) -> None:
        self._session, self._drafts, self._nest, self._crowd, self._option = session, drafts, nest, crowd, option

    def write(self, documents: Mapping[str, Change]) -> None:
        with all_or_none() as undo:
            self._make(undo)
            self._change(documents, undo)
            self._arrange(undo)
            self._weigh(undo)
            self._fill(undo)

    def _blame(self, drafts: Sequence[Draft]) -> AbstractContextManager[None]:
        """For a request with one body for each of these."""
        if self._option is None:
            return nullcontext()
        names, owners = [draft.name for draft in self._drafts], [self._drafts.index(draft) for draft in drafts]
        return blaming_one(self._option, names, owners[0]) if len(owners) == 1 else blaming(self._option, names, owners)

    def _make(self, undo: Callable[[Step], None]) -> None:
        new = [draft for draft in self._drafts if not draft.found and draft.after]
        if not new:
            return
        slugs, untag = make_tags(self._session, [draft.name for draft in new])
        wanted = []
        for draft in new:
            after = draft.after or {}
            # Those that are there already follow with the nesting: it knows their weights by where they lie until then
            inside = frozenset(slugs[name] for name in self._nest.all_inside(draft.name) if name in slugs)
            wanted.append(NewPool(draft.name, draft.cls, after["weight"], after["attributes"], inside))
        with self._blame(new):
            made = make_contexts(self._session, wanted, slugs, untag, undo)
        for draft, pool in zip(new, made, strict=True):
            draft.found = pool

    def _change(self, documents: Mapping[str, Change], undo: Callable[[Step], None]) -> None:
        changing: dict[Entity, Draft] = {
            draft.found: draft
            for draft in self._drafts
            if draft.found and draft.after and draft.before and not same(draft.before, draft.after)
        }
        changes: dict[Entity, Change] = {
            pool: documents[draft.name]
            for pool, draft in changing.items()
            if draft.described and draft.after and not same(draft.described["attributes"], draft.after["attributes"])
        }
        change_documents(
            self._session, changes, undo, lambda entities: self._blame([changing[entity] for entity in entities])
        )

    def _arrange(self, undo: Callable[[Step], None]) -> None:
        """Nest them. If somebody nested two of them the other way round meanwhile, all is taken back."""
        pools = self._session.pool_map()
        slugs = {pool.name: pool.slug for pool in pools.by_slug.values()}
        edges = {
            slugs[name]: frozenset(slugs[outer] for outer in self._nest.parents[name])
            for name in self._nest.parents
            if name in slugs
        }
        changes = pools.nesting.arranged(edges)
        for change in changes:
            undo(partial(pools.write, [change.undone()]))
            pools.write([change])
        if changes:
            self._session.pool_map().check_nesting(edges)

    def _weigh(self, undo: Callable[[Step], None]) -> None:
        """Weights that are given; the default ones went with the nesting."""
        given = [d for d in self._drafts if d.found and d.after and d.option["weight"] is not None and d.before]
        bodies = [
            ({"id": d.found.id, "weight": d.after["weight"]}, {"id": d.found.id, "weight": d.now["weight"]})
            for d in given
            if d.found and d.after and d.now["weight"] != d.after["weight"]
        ]
        self._session.client.update_many(CONTEXTS, [new for new, _ in bodies])
        undo(lambda: self._session.client.update_many(CONTEXTS, [old for _, old in bodies]))

    def _fill(self, undo: Callable[[Step], None]) -> None:
        """Put members in and take them out; the rules are checked once more against what NetBox then says."""
        pools = self._session.pool_map()
        slugs = {pool.name: pool.slug for pool in pools.by_slug.values()}
        changes = [
            Retag(entity, frozenset(slugs[name] for name in into), frozenset(slugs[name] for name in out))
            for entity, into, out in self._crowd.changes()
        ]
        done = 0
        for batch in batches(changes):
            done += len(batch)
            with self._blame([self._first(change.entity) for change in batch]):
                borne = retag(self._session, batch)
            undo(partial(retag, self._session, [change.undone() for change in batch]))
            for change in batch:
                self._check(change, [pool.name for pool in pools.direct(borne[change.entity])])
            progress(f"{done} of {len(changes)} members are in their pools", len(changes))

    def _first(self, entity: Entity) -> Draft:
        """The first item of the list that says something of the entity."""
        then, now = self._crowd.pools_of(entity), self._crowd.now.get(entity, frozenset())
        return next(draft for draft in self._drafts if draft.name in then ^ now)

    def _check(self, change: Retag, names: Sequence[str]) -> None:
        """ConflictError when somebody else put it into a pool at the same moment that forbids ours."""
        now = self._crowd.now.get(change.entity, frozenset())
        for name in names:
            if name in self._crowd.pools_of(change.entity) - now:
                self._nest.check_admission(name, change.entity.label, [n for n in names if n in self._nest.drivers])
