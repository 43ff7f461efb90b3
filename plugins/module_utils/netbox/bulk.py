# SPDX-License-Identifier: BSD-2-Clause
"""Bulk reads: every record that matches, in few large pages, several at a time.

Pages are cut by id (NetBox's cursor, `start`), not by offset: an id never changes, so a record that is there all the
while is read once, however many others come and go meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
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
Item = TypeVar("Item")
Result = TypeVar("Result")

PAGE = 1000  # NetBox's own upper limit unless configured otherwise; it answers with fewer if so
LONGEST_QUERY = 3500  # characters; gunicorn takes a request line of 4094
RESERVED = {"start", "limit", "offset"}  # ours
REREADS = 5  # of what changes while it is read in order
JOINED = {"fields", "omit", "ordering"}  # these are comma-separated; any other list repeats its parameter


class Query(NamedTuple):
    endpoint: str
    filters: Mapping[str, Filter] = {}


@dataclass
class Part:
    """A stretch of ids of one query: from `start` to `last` (None: to the end)."""

    endpoint: str
    params: Params
    start: int = 0
    last: int | None = None
    records: list[Record] = field(default_factory=list)


class Reader:
    """`get(endpoint, params)` answers with one page, decoded."""

    def __init__(self, get: Callable[[str, Params], Any], workers: int) -> None:
        self._get = get
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="netbox")

    def close(self) -> None:
        self._pool.shutdown(cancel_futures=True)

    def read(self, queries: Mapping[Key, Query]) -> dict[Key, list[Record]]:
        """In three rounds: the first page of each; the extent of those that have more; the rest, cut into stretches."""
        parts = [(key, Part(query.endpoint, params)) for key, query in queries.items() for params in split(query)]
        following = self._each(self._first, [part for _, part in parts])
        longer = [(key, part, start) for (key, part), start in zip(parts, following, strict=True) if start]
        stretches = self._each(self._stretches, [(part, start) for _, part, start in longer])
        rest = [(key, part) for (key, _, _), cut in zip(longer, stretches, strict=True) for part in cut]
        self._each(self._walk, [part for _, part in rest])
        found: dict[Key, list[Part]] = {key: [] for key in queries}
        for key, part in parts + rest:
            found[key].append(part)
        return {key: merged(of_one) for key, of_one in found.items()}

    def _each(self, work: Callable[[Item], Result], items: list[Item]) -> list[Result]:
        return [work(items[0])] if len(items) == 1 else list(self._pool.map(work, items))

    def _first(self, part: Part) -> int | None:
        """Read the first page, or all of it if an order is wanted; the id at which the next page begins."""
        if any(name == "ordering" for name, _ in part.params):
            self._ordered(part)
            return None
        return self._page(part)

    def _page(self, part: Part) -> int | None:
        upper = () if part.last is None else (("id__lte", str(part.last)),)
        answer = self._get(part.endpoint, (*part.params, ("start", str(part.start)), ("limit", str(PAGE)), *upper))
        if isinstance(answer, list):  # an action such as available-ips, which has no pages
            part.records += answer
            return None
        part.records += answer["results"]
        return int(parse_qs(urlsplit(answer["next"]).query)["start"][0]) if answer["next"] else None

    def _walk(self, part: Part) -> None:
        start: int | None = part.start
        while start is not None and (part.last is None or start <= part.last):
            part.start = start
            start = self._page(part)

    def _stretches(self, extent: tuple[Part, int]) -> list[Part]:
        """Cut what follows the first page into stretches of equal width, the last one open for what comes meanwhile."""
        part, start = extent
        answer = self._get(part.endpoint, (*part.params, ("ordering", "-id"), ("limit", "1"), ("fields", "id")))
        newest = max([start, *(record["id"] for record in answer["results"])])
        pages = ceil(answer["count"] / PAGE)
        bounds = range(start, newest + 1, ceil((newest + 1 - start) / max(1, pages - 1)))
        lasts = [*(bound - 1 for bound in bounds[1:]), None]
        return [Part(part.endpoint, part.params, *ends) for ends in zip(bounds, lasts, strict=True)]

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
