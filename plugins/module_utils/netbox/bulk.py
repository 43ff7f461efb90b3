# SPDX-License-Identifier: BSD-2-Clause
"""Bulk reads: every record that matches, in few large pages, several at a time.

Pages are cut by id (NetBox's cursor, `start`), not by offset: an id never changes, so a record that is there all the
while is read once, however many others come and go meanwhile. Only the first page of a list is asked for by offset:
NetBox then says how many there are, and whether that was all, without a request more.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from math import ceil
from typing import Any, NamedTuple, TypeVar
from urllib.parse import parse_qs, urlencode, urlsplit

from ..core.errors import InvalidError, UnavailableError

Scalar = str | int | float | bool | None
Filter = Scalar | Iterable[Scalar]
Params = tuple[tuple[str, str], ...]
Record = dict[str, Any]
Key = TypeVar("Key")

PAGE = 1000  # NetBox's own upper limit unless configured otherwise; it answers with fewer if so
LONGEST_QUERY = 3500  # characters; gunicorn takes a request line of 4094
RESERVED = {"start", "limit", "offset"}  # ours
REREADS = 5  # of what changes while it is read in order
JOINED = {"fields", "omit", "ordering"}  # these are comma-separated; any other list repeats its parameter


class Query(NamedTuple):
    endpoint: str
    filters: Mapping[str, Filter] = {}
    short: bool = False
    """Whether few records answer it, and most likely some: NetBox's quicker way for such is taken (`short`)."""


@dataclass
class Part:
    """A stretch of ids of one query, from `start` to `last` (None: to the end); without `start` the first page."""

    endpoint: str
    params: Params
    short: Query | None = None
    """What it may be asked as, all at once."""
    start: int | None = None
    last: int | None = None
    records: list[Record] = field(default_factory=list)


class Reader:
    """`get(endpoint, params)` answers with one page, decoded; `get_short(query)` with all of a list, or None."""

    def __init__(
        self,
        get: Callable[[str, Params], Any],
        workers: int,
        get_short: Callable[[Query], list[Record] | None] = lambda _: None,
    ) -> None:
        self._get = get
        self._get_short = get_short
        self._workers = workers
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="netbox")

    def close(self) -> None:
        self._pool.shutdown(cancel_futures=True)

    def read(self, queries: Mapping[Key, Query]) -> dict[Key, list[Record]]:
        """Read the first page of each, and as soon as one is there, what follows it, cut into stretches."""
        parts = [(key, part) for key, query in queries.items() for part in first_parts(query)]
        if len(parts) == 1:  # most often one page, which needs no thread
            [(key, first)] = parts
            parts += [(key, part) for part in self._part(first)]
            self._all(parts[1:])
        else:
            parts += self._all(parts)
        found: dict[Key, list[Part]] = {key: [] for key in queries}
        for key, part in parts:
            found[key].append(part)
        return {key: merged(of_one) for key, of_one in found.items()}

    def _all(self, parts: list[tuple[Key, Part]]) -> list[tuple[Key, Part]]:
        """Read all of these and what follows them; returns the latter.

        What follows goes first: such lists are known to be long, and what takes longest should not begin last.
        """
        following: list[tuple[Key, Part]] = []
        waiting = deque(parts)
        pending: dict[Future[list[Part]], Key] = {}
        try:
            while waiting or pending:
                while waiting and len(pending) < self._workers:
                    key, part = waiting.popleft()
                    pending[self._pool.submit(self._part, part)] = key
                for done in wait(pending, return_when=FIRST_COMPLETED).done:
                    key = pending.pop(done)
                    found = [(key, part) for part in done.result()]
                    following += found
                    waiting.extendleft(reversed(found))
        finally:
            for future in pending:
                future.cancel()
        return following

    def _part(self, part: Part) -> list[Part]:
        """Read it, the first page of a list or a stretch; returns the stretches that are to be read besides."""
        if part.short and (found := self._get_short(part.short)) is not None:
            part.records = found
        elif part.start is not None:
            self._walk(part)
        elif any(name == "ordering" for name, _ in part.params):
            self._ordered(part)
        else:
            return self._first(part)
        return []

    def _first(self, part: Part) -> list[Part]:
        window = (("ordering", "id"), ("offset", "0"), ("limit", str(PAGE)))
        answer = self._get(part.endpoint, part.params + window)
        if isinstance(answer, list):  # an action such as available-ips, which has no pages
            part.records = answer
            return []
        part.records = answer["results"]
        return self._stretches(part, answer["count"]) if answer["next"] else []

    def _stretches(self, first: Part, count: int) -> list[Part]:
        """Cut what follows the first page into equal stretches, if ids lie as close there as on that page.

        The last one is open, for what comes meanwhile and for what lies wider apart.
        """
        page = len(first.records)
        low, high = first.records[0]["id"], first.records[-1]["id"]
        stretches = min(self._workers, ceil((count - page) / page)) or 1
        width = ceil((high + 1 - low) / page * (count - page) / stretches)
        starts = [high + 1 + width * number for number in range(stretches)]
        lasts = [*(start - 1 for start in starts[1:]), None]
        return [Part(first.endpoint, first.params, None, *ends) for ends in zip(starts, lasts, strict=True)]

    def _walk(self, part: Part) -> None:
        upper = () if part.last is None else (("id__lte", str(part.last)),)
        start = part.start
        while start is not None and (part.last is None or start <= part.last):
            window = (("start", str(start)), ("limit", str(PAGE)))
            answer = self._get(part.endpoint, (*part.params, *window, *upper))
            part.records += answer["results"]
            start = int(parse_qs(urlsplit(answer["next"]).query)["start"][0]) if answer["next"] else None

    def _ordered(self, part: Part) -> None:
        """Read pages by offset, for NetBox's cursor knows no order but that of ids; twice, since offsets may shift."""
        before: list[int] = []
        for _ in range(REREADS):
            part.records, pages = self._in_order(part)
            now = [record["id"] for record in part.records]
            if pages == 1 or now == before:
                return
            before = now
        raise UnavailableError(f"{part.endpoint} changed during each of {REREADS} attempts to read it in order")

    def _in_order(self, part: Part) -> tuple[list[Record], int]:
        records: list[Record] = []
        pages = 0
        more: Any = True
        while more:
            window = (("offset", str(len(records))), ("limit", str(PAGE)))
            answer = self._get(part.endpoint, part.params + window)
            records += answer["results"]
            pages += 1
            more = answer["next"]
        return records, pages


def first_parts(query: Query) -> list[Part]:
    """What a query begins with. One that is too long for a URL is not short."""
    several = split(query)
    return [Part(query.endpoint, params, query if query.short and len(several) == 1 else None) for params in several]


def merged(parts: list[Part]) -> list[Record]:
    """Return each record once, by id: several parts of one filter may match the same record."""
    if len(parts) == 1:
        return parts[0].records
    by_id = {record["id"]: record for part in parts for record in part.records}
    return [by_id[number] for number in sorted(by_id)]


def encode(filters: Mapping[str, Filter]) -> Params:
    """Write filters as the pairs of a query string."""
    pairs: list[tuple[str, str]] = []
    for name, value in filters.items():
        values = [written(v) for v in listed(value)]
        pairs += [(name, ",".join(values))] if name in JOINED else [(name, v) for v in values]
    return tuple(pairs)


def listed(value: Filter) -> list[Scalar]:
    return list(value) if isinstance(value, Iterable) and not isinstance(value, str) else [value]


def written(value: Scalar) -> str:
    if value is None:
        return "null"
    return str(value).lower() if isinstance(value, bool) else str(value)


def split(query: Query) -> list[Params]:
    """Return the query's parameters: several sets where a list is too long for a URL, none where a list is empty."""
    if given := RESERVED & set(query.filters):
        raise InvalidError(f"{query.endpoint}: all pages are read, {', '.join(sorted(given))} cannot be given")
    filters: dict[str, Filter] = {name: listed(value) for name, value in query.filters.items()}
    if [] in filters.values():
        return []
    if "fields" in filters:
        filters["fields"] = ["id", *(name for name in listed(filters["fields"]) if name != "id")]
    if len(urlencode(encode(filters))) <= LONGEST_QUERY:
        return [encode(filters)]
    name = max((n for n in filters if may_cut(n)), key=lambda n: len(urlencode(encode({n: filters[n]}))), default="")
    values = listed(filters.get(name))
    if len(values) == 1 or "ordering" in filters:  # what comes in several answers comes in no order
        raise InvalidError(f"{query.endpoint}: the filter {name or ', '.join(filters)} is too long for a URL")
    halves = values[: len(values) // 2], values[len(values) // 2 :]
    return [params for half in halves for params in split(Query(query.endpoint, {**filters, name: half}))]


def may_cut(name: str) -> bool:
    """Whether several values of a filter mean any of them. Negations mean none of them, `tag` means all of them."""
    lookup = name.partition("__")[2]
    return name not in JOINED | {"tag", "tag_id"} and not lookup.startswith("n")
