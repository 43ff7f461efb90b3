# SPDX-License-Identifier: BSD-2-Clause
"""The client of NetBox's REST and GraphQL API. Endpoints are strings such as `"dcim/devices"`; records plain dicts."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import TracebackType
from typing import Any, NamedTuple, Self, TypeVar, overload

import requests

from ..core.errors import AmbiguousError, NetBoxError, RefusedError, StaleError
from .answers import OLDEST, read
from .bulk import Filter, Query, Reader, encode
from .settings import Settings, token_file
from .transport import Request, Transport

__all__ = ["Client", "Extent", "Filter", "Query", "Record", "Settings", "Versioned", "token_file"]

Record = dict[str, Any]
Records = list[Record]  # within Client, `list` is the method
Key = TypeVar("Key")

SWAPS = 30  # attempts of compare_and_swap before it gives up
PER_OBJECT = 1.0  # seconds that NetBox may take for each object of a bulk request (about 0.15 are usual)


class Versioned(NamedTuple):
    """A record as it was at one moment; `etag` makes an update conditional on its not having changed since."""

    record: Record
    etag: str | None


class Extent(NamedTuple):
    """How many records match, and the highest id among them (0 when there is none)."""

    count: int
    newest: int


class Client:
    """Thread-safe: one client serves any number of threads; `workers` bounds what one bulk read asks at a time.

    Every method raises UnavailableError, AccessError, NotFoundError, RefusedError or StaleError (core.errors), with
    method, URL and NetBox's own words in the message, and NetBoxError when NetBox is too old.
    """

    def __init__(self, settings: Settings, workers: int = 4) -> None:
        self.settings = settings
        self._transport = Transport(settings, connections=max(workers, 8))
        self._reader = Reader(self._read, workers)
        self._checked = False
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

    # Reading

    def get(self, endpoint: str, object_id: int) -> Versioned:
        response, record = self._send("GET", endpoint, f"{endpoint}/{object_id}", repeatable=True)
        return Versioned(record, response.headers.get("ETag"))

    def list(self, endpoint: str, **filters: Filter) -> Records:
        """All matching records, ordered by id unless `ordering` is given.

        A list value means any of these. `fields` names what each record shall hold (besides `id`).
        """
        return self._reader.read({"": Query(endpoint, filters)})[""]

    def one(self, endpoint: str, **filters: Filter) -> Record | None:
        """Return the matching record or None. Raises AmbiguousError when there are several."""
        found = self._read(endpoint, encode({**filters, "limit": 10}))["results"]
        if len(found) > 1:
            given = ", ".join(f"{name}={value}" for name, value in filters.items())
            names = [str(record.get("display") or record["id"]) for record in found]
            raise AmbiguousError(
                f"{endpoint} with {given}: {len(found)} match, expected one: {', '.join(names)}", names
            )
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
        request = Request("POST", "graphql/", body={"query": query, "variables": variables or {}}, repeatable=True)
        answer = read(self._transport.send(request), "POST", "graphql")
        if errors := answer.get("errors"):
            texts = "; ".join(str(error.get("message", error)) for error in errors)
            raise RefusedError(f"GraphQL at {self._transport.url(request)}: {texts}", errors)
        return dict(answer["data"])

    # Writing

    @overload
    def create(self, endpoint: str, body: Mapping[str, Any]) -> Record: ...
    @overload
    def create(self, endpoint: str, body: Sequence[Mapping[str, Any]]) -> Records: ...
    def create(self, endpoint: str, body: Mapping[str, Any] | Sequence[Mapping[str, Any]]) -> Record | Records:
        """Create an object, or of a sequence all of them or, if one is refused, none."""
        if not body and not isinstance(body, Mapping):
            return []
        created: Record | Records = self._send("POST", endpoint, endpoint, body=body)[1]
        return created

    def update(self, endpoint: str, object_id: int, changes: Mapping[str, Any], etag: str | None = None) -> Record:
        """With `etag`, raises StaleError if the object has changed since it was read."""
        headers = {"If-Match": etag} if etag else None
        # A conditional update whose answer was lost cannot be repeated: had it been done, NetBox would now refuse it.
        return dict(
            self._send("PATCH", endpoint, f"{endpoint}/{object_id}", changes, headers=headers, repeatable=not etag)[1]
        )

    def update_many(self, endpoint: str, bodies: Sequence[Mapping[str, Any]]) -> Records:
        """Bodies with `id` each; all of them or none."""
        return Records(self._send("PATCH", endpoint, endpoint, bodies, repeatable=True)[1]) if bodies else []

    def delete(self, endpoint: str, object_id: int, etag: str | None = None) -> None:
        headers = {"If-Match": etag} if etag else None
        self._send("DELETE", endpoint, f"{endpoint}/{object_id}", headers=headers)

    def delete_many(self, endpoint: str, object_ids: Iterable[int]) -> None:
        """All of them or none."""
        if bodies := [{"id": object_id} for object_id in object_ids]:
            self._send("DELETE", endpoint, endpoint, bodies)

    def post(self, path: str, body: Any) -> Any:
        """Do an action below an object, such as `ipam/prefixes/7/available-ips`."""
        return self._send("POST", path, path, body)[1]

    def compare_and_swap(
        self, endpoint: str, object_id: int, change: Callable[[Record], Mapping[str, Any] | None]
    ) -> Record:
        """Update by what `change` makes of the record as it is; nobody else's update in between is lost.

        `change` is called again whenever somebody else came first; nothing is written when it returns nothing. Raises
        StaleError after SWAPS attempts.
        """
        for attempt in range(SWAPS):
            record, etag = self.get(endpoint, object_id)
            if not (changes := change(record)):
                return record
            try:
                return self.update(endpoint, object_id, changes, etag)
            except StaleError:
                time.sleep(random.uniform(0, 0.01 * 2 ** min(attempt, 6)))  # noqa: S311 - spreads load, guards nothing
        raise StaleError(f"{endpoint}/{object_id} was changed by others {SWAPS} times while it was to be updated")

    # About NetBox

    def status(self) -> Record:
        return dict(self._send("GET", "status", "status", repeatable=True)[1])

    @property
    def version(self) -> str:
        """NetBox's version, such as `4.7.3`; asked once."""
        if self._version is None:
            self._version = str(self.status()["netbox-version"])
        return self._version

    def _read(self, endpoint: str, params: tuple[tuple[str, str], ...]) -> Any:
        return self._send("GET", endpoint, endpoint, params=params, repeatable=True)[1]

    def _send(
        self,
        method: str,
        endpoint: str,
        path: str,
        body: Any = None,
        *,
        params: tuple[tuple[str, str], ...] = (),
        headers: Mapping[str, str] | None = None,
        repeatable: bool = False,
    ) -> Any:
        patience = PER_OBJECT * len(body) if isinstance(body, Sequence) else 0
        request = Request(method, f"api/{path.strip('/')}/", params, body, headers, repeatable, patience)
        response = self._transport.send(request)
        self._check_version(response)
        return response, read(response, method, endpoint, body)

    def _check_version(self, response: requests.Response) -> None:
        """Once, by the header that NetBox adds to every answer of its API."""
        if self._checked or not (version := response.headers.get("API-Version")):
            return
        if tuple(int(part) for part in version.split(".")[:2]) < OLDEST:
            raise NetBoxError(
                f"{self.settings.api_url} is NetBox {version}; expected {'.'.join(map(str, OLDEST))} or later"
            )
        self._checked = True
