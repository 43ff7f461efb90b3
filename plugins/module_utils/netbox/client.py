# SPDX-License-Identifier: BSD-2-Clause
"""The client of NetBox's REST and GraphQL API. Endpoints are strings such as `"dcim/devices"`; records plain dicts."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, NamedTuple, Self, TypeVar, overload

import requests

from ..core.errors import (
    AccessError,
    AmbiguousError,
    NetBoxError,
    NotFoundError,
    RefusedError,
    StaleError,
    UnavailableError,
)
from . import short
from .answers import OLDEST, read
from .bulk import Filter, Params, Query, Reader, encode
from .kept import Kept, Once
from .settings import Settings, token_file
from .transport import Request, Sender, Transport

__all__ = ["Client", "Extent", "Filter", "Query", "Record", "Settings", "Versioned", "token_file"]

Record = dict[str, Any]
Records = list[Record]  # within Client, `list` is the method
Key = TypeVar("Key")

WORKERS = 4
SWAPS = 30  # attempts of compare_and_swap before it gives up
WIDEST = 4  # times as long as an attempt took, it waits at most before the next
CANDIDATES = 10  # that an AmbiguousError lists at most


class Versioned(NamedTuple):
    """A record as it was at one moment; `etag` makes an update conditional on its not having changed since."""

    record: Record
    etag: str | None


@dataclass(frozen=True)
class Extent:
    """How many records match, and the highest id among them (0 when there is none)."""

    count: int
    newest: int


class Client:
    """Thread-safe: one client serves any number of threads; `workers` bounds what its bulk reads ask at a time.

    Its methods raise UnavailableError, AccessError, NotFoundError, RefusedError or StaleError (core.errors), with
    method, URL and NetBox's own words in the message, and NetBoxError when NetBox is too old.
    """

    def __init__(self, settings: Settings, workers: int = WORKERS, transport: Sender | None = None) -> None:
        self.settings = settings
        self._transport: Sender = transport or Transport(settings)
        self._reader = Reader(self._read, workers, self._read_short)
        self._known = False  # to be a NetBox that is not too old
        self._version: str | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._reader.close()
        self._transport.close()

    def once(self, kept: Kept) -> Client:
        """Make a client for one piece of work, which asks nothing twice until it writes (`kept`). Close it."""
        return Client(self.settings, transport=Once(self._transport, kept))

    # Reading

    def get(self, endpoint: str, object_id: int) -> Versioned:
        response, record = self._send(Request("GET", endpoint, str(object_id), repeatable=True))
        return Versioned(record, response.headers.get("ETag"))

    def list(self, endpoint: str, **filters: Filter) -> Records:
        """Return all matching records, ordered by id unless `ordering` is given.

        A list value means any of these, an empty one none. `fields` names what each record shall hold (besides `id`).
        """
        return self._reader.read({"": Query(endpoint, filters)})[""]

    def ask(self, query: Query) -> Records:
        """Do the same by a query."""
        return self._reader.read({"": query})[""]

    def one(self, endpoint: str, **filters: Filter) -> Record | None:
        """Return the matching record or None. Raises AmbiguousError when there are several."""
        found = self._read(endpoint, encode({**filters, "limit": CANDIDATES}))["results"]
        if len(found) > 1:
            given = ", ".join(f"{name}={value}" for name, value in filters.items())
            names = [str(record.get("display") or record["id"]) for record in found]
            raise AmbiguousError(f"{endpoint} with {given}: expected one, found {', '.join(names)}", names)
        return found[0] if found else None

    def extent(self, endpoint: str, **filters: Filter) -> Extent:
        """One small request, cheap enough to be repeated every few seconds."""
        answer = self._read(endpoint, encode({**filters, "fields": "id", "ordering": "-id", "limit": 1}))
        return Extent(answer["count"], max((record["id"] for record in answer["results"]), default=0))

    def fetch(self, queries: Mapping[Key, Query]) -> dict[Key, Records]:
        """Several `list` queries side by side."""
        return self._reader.read(queries)

    def graphql(self, query: str, variables: Mapping[str, Any] | None = None) -> Record:
        """Return the `data` of the answer. Raises RefusedError with all errors that NetBox reports."""
        body = {"query": query, "variables": dict(variables or {})}
        response, answer = self._send(Request("POST", "graphql", body=body, repeatable=True))
        if errors := answer.get("errors"):
            texts = "; ".join(str(error.get("message", error)) for error in errors)
            raise RefusedError(f"POST {response.url}: {texts}", errors)
        return dict(answer["data"])

    def read(self, path: str, **filters: Filter) -> Any:
        """The answer of an action below an object, such as `ipam/prefixes/7/available-ips`."""
        return self._read(path, encode(filters))

    # Writing

    @overload
    def create(self, endpoint: str, body: Mapping[str, Any]) -> Record: ...
    @overload
    def create(self, endpoint: str, body: Sequence[Mapping[str, Any]]) -> Records: ...
    def create(self, endpoint: str, body: Mapping[str, Any] | Sequence[Mapping[str, Any]]) -> Record | Records:
        """Create an object, or of a sequence all of them or, if one is refused, none."""
        if isinstance(body, Mapping):
            return dict(self._answer(Request("POST", endpoint, body=dict(body))))
        bodies = Records(dict(one) for one in body)
        return Records(self._answer(Request("POST", endpoint, body=bodies))) if bodies else []

    def update(self, endpoint: str, object_id: int, changes: Mapping[str, Any], etag: str | None = None) -> Record:
        """Set the given fields. With `etag`, raises StaleError if the object has changed since it was read."""
        headers = if_match(etag)
        # A conditional update whose answer was lost is not repeated: had it been done, NetBox would now refuse it.
        request = Request(
            "PATCH", endpoint, str(object_id), body=dict(changes), headers=headers, repeatable=not headers
        )
        return dict(self._answer(request))

    def update_many(
        self, endpoint: str, bodies: Iterable[Mapping[str, Any]], unchanged: Iterable[Mapping[str, Any]] = ()
    ) -> Records:
        """Set fields of several objects, each given with its `id`: of all of them or none.

        With `unchanged`, their records as they were read, raises StaleError if one of them has changed since. NetBox
        takes a list of ETags; it must fit into one header, so no more than a hundred or so.
        """
        changes = Records(dict(body) for body in bodies)
        headers = if_match(", ".join(map(etag, unchanged)))
        request = Request("PATCH", endpoint, body=changes, headers=headers, repeatable=not headers)
        return Records(self._answer(request)) if changes else []

    def delete(self, endpoint: str, object_id: int, etag: str | None = None) -> None:
        """Raise NotFoundError when it is gone already; with `etag`, StaleError if it has changed since it was read."""
        headers = if_match(etag)
        request = Request("DELETE", endpoint, str(object_id), headers=headers, repeatable=not headers)
        response, attempts = self._transport.send(request)
        if attempts > 1 and response.status_code == requests.codes.not_found:
            return  # done by an attempt whose answer was lost
        self._check_version(request, response)
        read(response, request)

    def delete_many(self, endpoint: str, object_ids: Iterable[int]) -> None:
        """Delete all of them or none. Raises RefusedError when one of them is gone already."""
        if bodies := Records({"id": object_id} for object_id in object_ids):
            self._answer(Request("DELETE", endpoint, body=bodies))

    def post(self, path: str, body: Any) -> Any:
        """Do an action below an object, such as `ipam/prefixes/7/available-ips`."""
        return self._answer(Request("POST", path, body=body))

    def compare_and_swap(
        self, endpoint: str, object_id: int, change: Callable[[Record], Mapping[str, Any] | None]
    ) -> Record:
        """Update by what `change` makes of the record as it is; no update that others make in between is lost.

        `change` is called again whenever somebody else came first; nothing is written when it returns nothing. Raises
        StaleError after SWAPS attempts.
        """
        for attempt in range(SWAPS):
            begun = time.monotonic()
            record, etag = self.get(endpoint, object_id)
            if not (changes := change(record)):
                return record
            try:
                return self.update(endpoint, object_id, changes, etag)
            except StaleError:
                # As long as such an attempt takes with that many others about: then one of them comes through each time
                widest = (time.monotonic() - begun) * min(2**attempt, WIDEST)
                self._transport.sleep(random.uniform(0, widest))  # noqa: S311 - spreads load, guards nothing
        raise StaleError(f"{endpoint}/{object_id}: changed by others {SWAPS} times while it was to be updated")

    # About NetBox

    def status(self) -> Record:
        """Return NetBox's own account of itself; any valid token may ask."""
        return dict(self._answer(Request("GET", "status", repeatable=True)))

    @property
    def version(self) -> str:
        """NetBox's version, such as `4.7.3`; asked once."""
        if self._version is None:
            status = self.status()
            if "netbox-version" not in status:
                raise UnavailableError(f"{self.settings.api_url} answers, but not as NetBox; is it the right api_url?")
            self._version = str(status["netbox-version"])
        return self._version

    def _read(self, endpoint: str, params: Params) -> Any:
        return self._answer(Request("GET", endpoint, params=params, repeatable=True))

    def _read_short(self, query: Query) -> Records | None:
        if (asked := short.question(query)) is None:
            return None
        try:
            data = self.graphql(*asked)
        except (AccessError, NotFoundError, RefusedError):  # whatever it is, REST says it by name
            return None
        return short.records(query, data, self.settings.api_url)

    def _answer(self, request: Request) -> Any:
        return self._send(request)[1]

    def _send(self, request: Request) -> tuple[requests.Response, Any]:
        response = self._transport.send(request).response
        self._check_version(request, response)
        return response, read(response, request)

    def _check_version(self, request: Request, response: requests.Response) -> None:
        """Look once at the header that NetBox adds to every answer of its REST API, where a proxy lets it through."""
        if self._known or request.endpoint == "graphql":
            return
        version = response.headers.get("API-Version")
        if not version:
            if request.endpoint == "status" or not response.ok:
                return
            version = self.version
        if numbers(version) < numbers(OLDEST):
            raise NetBoxError(f"{self.settings.api_url} is NetBox {version}; expected {OLDEST} or later")
        self._known = True


def numbers(version: str) -> tuple[int, ...]:
    """Return major and minor, to compare."""
    return tuple(int(part) for part in re.findall(r"\d+", version)[:2])


def etag(record: Mapping[str, Any]) -> str:
    """Return the ETag of a record that came in a list: NetBox makes it of the time of the last change, in UTC."""
    changed = datetime.fromisoformat(record["last_updated"] or record["created"])
    return f'W/"{changed.astimezone(UTC).isoformat()}"'


def if_match(etag: str | None) -> dict[str, str]:
    return {"If-Match": etag} if etag else {}
