# SPDX-License-Identifier: BSD-2-Clause
"""Reading for many what is asked for one: code that describes one entity in some requests describes a thousand so."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any, NoReturn, TypeVar

from ..core.errors import InvalidError, NotFoundError
from ..netbox.client import Client, Filter, Query, Record, Versioned
from ..netbox.transport import Request
from .session import Record as Known

Records = list[Record]
Key = TypeVar("Key")
Asked = tuple[str, tuple[tuple[str, Any], ...]]
"""Endpoint and filters."""
ALL = 0
"""No object's id: the group of all records of an answer that is not about one of many."""


class ReadAhead(Client):
    """A client for reading only. A question about one of many objects is asked for all of them at once.

    `of`: filter (`device_id`) -> the ids that will be asked about. `records`: endpoint -> what was read already. All
    answers are as of the first question of their kind.
    """

    def __init__(
        self, client: Client, of: Mapping[str, Collection[int]], records: Mapping[str, Iterable[Known]]
    ) -> None:
        super().__init__(client.settings)
        self._behind = client
        self._of = {name: sorted(ids) for name, ids in of.items()}
        self._objects = {endpoint: {r["id"]: dict(r) for r in found} for endpoint, found in records.items()}
        self._answers: dict[Asked, dict[int, Records]] = {}

    def get(self, endpoint: str, object_id: int) -> Versioned:
        known = self._objects.setdefault(endpoint, {})
        if object_id not in known:
            wanted = {object_id, *self._of.get(endpoint, ())} - known.keys()
            known.update((record["id"], record) for record in self._behind.list(endpoint, id=sorted(wanted)))
        if object_id not in known:
            raise NotFoundError(f"{endpoint}/{object_id} is not in NetBox (any more)")
        return Versioned(known[object_id], None)

    def one(self, endpoint: str, **filters: Filter) -> Record | None:
        return self._behind.one(endpoint, **filters)

    def graphql(self, query: str, variables: Mapping[str, Any] | None = None) -> Record:
        return self._behind.graphql(query, variables)

    def _send(self, request: Request) -> NoReturn:
        raise InvalidError(f"{request.method} {request.endpoint}: this client only reads what is read for many")

    def list(self, endpoint: str, **filters: Filter) -> Records:
        return self.ask(Query(endpoint, filters))

    def ask(self, query: Query) -> Records:
        return self.fetch({"": query})[""]

    def fetch(self, queries: Mapping[Key, Query]) -> dict[Key, Records]:
        """Answer from what is known; what is not is read now, side by side."""
        unknown = {}
        for query in queries.values():
            for_all, name, _ = self._widened(query)
            if frozen(for_all) not in self._answers and not self._objects.get(query.endpoint, {}).get(one_id(query)):
                unknown[frozen(for_all)] = for_all, name
        found = self._behind.fetch({asked: query for asked, (query, _) in unknown.items()})
        for asked, (_, name) in unknown.items():
            self._answers[asked] = grouped(found[asked], name)
        return {key: self._told(query) for key, query in queries.items()}

    def _widened(self, query: Query) -> tuple[Query, str | None, int]:
        """The question about all that this one asks about one of; the filter that names them, and which one that is."""
        for name, value in query.filters.items():
            if isinstance(value, int) and value in self._of.get(name, ()):
                return Query(query.endpoint, {**query.filters, name: self._of[name]}), name, value
        return query, None, ALL

    def _told(self, query: Query) -> Records:
        if record := self._objects.get(query.endpoint, {}).get(one_id(query)):
            return [record]
        for_all, _, one = self._widened(query)
        return self._answers[frozen(for_all)].get(one, [])


def one_id(query: Query) -> int:
    """The id that a question asks for, 0 for any other question."""
    id_ = query.filters.get("id")
    return id_ if isinstance(id_, int) else 0


def frozen(query: Query) -> Asked:
    """The same for equal questions."""
    pairs = (
        (n, tuple(v) if isinstance(v, Iterable) and not isinstance(v, str) else v) for n, v in query.filters.items()
    )
    return query.endpoint, tuple(sorted(pairs, key=lambda pair: pair[0]))


def grouped(records: Records, name: str | None) -> dict[int, Records]:
    """Records by what the filter `name` asks for: `device_id` -> the id of their `device`, at whatever they hang."""
    if name is None:
        return {ALL: records}
    found: dict[int, Records] = {}
    for record in records:
        for owner in owners(record, name):
            found.setdefault(owner, []).append(record)
    return found


def owners(record: Mapping[str, Any], name: str) -> Collection[int]:
    stem = name.removesuffix("_id")
    if isinstance(direct := record.get(name), int):
        return [direct]
    if isinstance(several := record.get(f"{stem}s"), list):
        return [one["id"] for one in several]
    ends = [end["object"] for side in ("a_terminations", "b_terminations") for end in record.get(side) or ()]
    holders = (record, record.get("assigned_object") or {}, *ends)
    return {one["id"] for holder in holders if isinstance(one := holder.get(stem), Mapping)}
