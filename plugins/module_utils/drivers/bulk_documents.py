# SPDX-License-Identifier: BSD-2-Clause
"""Changing the attributes of many entities in few requests, while nothing that others write meanwhile is lost."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from typing import NamedTuple

from ..core.errors import StaleError
from ..core.merge import same
from .documents import Change, Document, FieldDocument
from .entity import Entity
from .session import Session

BATCH = 100
"""Objects in one request: NetBox takes the ETags of all of them in one header, of 8 kB at most."""
ATTEMPTS = 5
"""In bulk; then one by one, for then others write all the time."""

Blame = Callable[[Sequence[Entity]], AbstractContextManager[None]]
Undo = Callable[[Callable[[], object]], None]


class Changed(NamedTuple):
    """What an entity's document was at the moment of its change, and became."""

    entity: Entity
    old: Document
    new: Document

    def take_back(self) -> None:
        """Give the keys that were changed their old values; what others wrote since stays."""

        def step(now: Document) -> Document:
            keys = {k for k in {*self.old, *self.new} if not same(self.old.get(k), self.new.get(k))}
            rest = {key: value for key, value in now.items() if key not in keys}
            return rest | {key: self.old[key] for key in keys & self.old.keys()}

        self.entity.change_document(step)


def change_documents(
    session: Session, changes: Mapping[Entity, Change], undo: Undo, blame: Blame = lambda _: nullcontext()
) -> dict[Entity, Document]:
    """Replace each entity's document by its change of it, as it is at the moment of the change; return the new ones.

    `undo` is told how to take each request's changes back. `blame` is entered with the entities of each request.
    """
    found: dict[Entity, Document] = {}
    for batch in _batches(changes):
        done = _in_bulk(session, batch, changes, blame) if len(batch) > 1 else None
        for one in done or ():
            undo(one.take_back)
            found[one.entity] = one.new
        for entity in () if done is not None else batch:
            with blame([entity]):
                one = _alone(entity, changes[entity])
            undo(one.take_back)
            found[entity] = one.new
    return found


def _batches(entities: Iterable[Entity]) -> list[list[Entity]]:
    """Those whose documents lie in objects of one endpoint together; one by one those that may have none yet."""
    together: dict[str, list[Entity]] = {}
    alone: list[list[Entity]] = []
    for entity in entities:
        if isinstance(entity.documents, FieldDocument):
            together.setdefault(entity.endpoint, []).append(entity)
        else:
            alone.append([entity])
    return [of[at : at + BATCH] for of in together.values() for at in range(0, len(of), BATCH)] + alone


def _alone(entity: Entity, change: Change) -> Changed:
    """Compare and swap; `change` is called again when somebody else came first."""
    last: list[Document] = []

    def step(old: Document) -> Document:
        last[:] = [old, change(old)]
        return last[1]

    entity.change_document(step)
    return Changed(entity, *last)


def _in_bulk(
    session: Session, entities: Sequence[Entity], changes: Mapping[Entity, Change], blame: Blame
) -> list[Changed] | None:
    """Compare and swap all of them at once; None when others were faster again and again."""
    kind, endpoint = type(entities[0]), entities[0].endpoint
    for _ in range(ATTEMPTS):
        query = kind.ask(id=sorted(entity.id for entity in entities))
        records = {record["id"]: record for record in session.client.list(endpoint, **query.filters)}
        done = []
        bodies = {}
        for entity in entities:
            record, lies = records.get(entity.id, entity.record), entity.documents
            if not isinstance(lies, FieldDocument):
                return None
            old = lies.of(record)
            done.append(Changed(entity, old, changes[entity](old)))
            if not same(old, done[-1].new):
                bodies[entity] = {"id": entity.id, **lies.body(done[-1].new, record)}
        write = partial(session.client.update_many, endpoint, bodies.values())
        try:
            with blame(list(bodies)):
                write([records.get(entity.id, entity.record) for entity in bodies])
        except StaleError:
            continue
        return done
    return None
