# SPDX-License-Identifier: BSD-2-Clause
"""What NetBox's answer means: its JSON, or the error that a caller can react to, in NetBox's own words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import requests

from ..core.errors import AccessError, NetBoxError, NotFoundError, RefusedError, StaleError, UnavailableError

OLDEST = (4, 6)  # the first with ETags that are checked again under a row lock

ACTIONS = {"GET": "view", "POST": "add", "PUT": "change", "PATCH": "change", "DELETE": "delete"}


def read(response: requests.Response, method: str, endpoint: str, body: Any = None) -> Any:
    """Return the decoded JSON of a good answer (None for 204). Raises a NetBoxError or NotFoundError for any other."""
    status = response.status_code
    what = f"{method} {shown(response)}"
    if status == requests.codes.no_content:
        return None
    if location := response.headers.get("Location") if 300 <= status < 400 else None:
        raise UnavailableError(f"{what}: redirected to {location}; set api_url to where NetBox's API is")
    try:
        answer = response.json()
    except ValueError as exc:
        kind = response.headers.get("Content-Type", "no type").partition(";")[0]
        raise UnavailableError(
            f"{what}: {status} {response.reason} with {kind} in place of JSON; "
            + ("the server failed" if status >= 500 else "is api_url the address of a NetBox?")
        ) from exc
    if status < 300:
        return answer
    raise error(response, what, ACTIONS.get(method, method), endpoint, answer, body)


def error(
    response: requests.Response, what: str, action: str, endpoint: str, answer: Any, body: Any
) -> NetBoxError | NotFoundError:
    status = response.status_code
    text = readable(answer, body)
    if status in {401, 403}:
        lacking = ""
        if "permission" in text:  # NetBox says no more, be it the user or a read-only token that lacks it
            write = "" if action == "view" else " and a token with write enabled"
            lacking = f" The token's user needs the permission to {action} {endpoint}{write}."
        return AccessError(f"{what}: {status} {text}{lacking}")
    if status == 404:
        return NotFoundError(f"{what}: {text}")
    if status == 412:
        return StaleError(f"{what}: it has changed since it was read")
    if status >= 500 or status == 429:
        return UnavailableError(f"{what}: {status} {response.reason}: {text}")
    return RefusedError(f"{what}: {text}", answer)


def shown(response: requests.Response) -> str:
    """Return the URL, its query cut where it grows long."""
    url = response.url
    return url if len(url) <= 200 else f"{url[:200]}…"


def readable(answer: Any, body: Any = None) -> str:
    """NetBox's messages in one line: `field: text; field: text`, for bulk calls with the item that each is about."""
    return "; ".join(messages(answer, body)) or "no reason given"


def messages(answer: Any, body: Any = None, path: str = "") -> Iterator[str]:
    if isinstance(answer, Mapping):
        if isinstance(answer.get("errors"), list) and not path:
            yield from messages(answer.get("detail", ""))
            for entry in answer["errors"]:
                yield from messages(entry.get("errors"), path=item(entry, body))
            return
        for key, value in answer.items():
            silent = key in {"detail", "error", "non_field_errors", "__all__"}
            yield from messages(value, path=path if silent else joined(path, str(key)))
    elif isinstance(answer, Sequence) and not isinstance(answer, str):
        for index, value in enumerate(answer):
            nested = isinstance(value, Mapping | list)
            yield from messages(value, path=joined(path, item({"index": index}, body)) if nested else path)
    elif answer not in (None, ""):
        yield f"{path}: {answer}" if path else str(answer)


def joined(path: str, key: str) -> str:
    if path.endswith(")") or (path.startswith("item ") and "." not in path and ":" not in path):
        return f"{path}: {key}"
    return f"{path}.{key}" if path else key


def item(entry: Mapping[str, Any], body: Any) -> str:
    """`item 3 (ex0003)`: which one of the bulk request an error is about, by its place (from 0) and name."""
    bodies = body if isinstance(body, list) else []
    index, wanted = entry.get("index"), entry.get("id")
    if index is None:
        index = next((n for n, b in enumerate(bodies) if isinstance(b, Mapping) and b.get("id") == wanted), None)
    one = bodies[index] if isinstance(index, int) and index < len(bodies) else None
    name = one.get("name") or one.get("address") or one.get("id") if isinstance(one, Mapping) else wanted
    return f"item {index}" + (f" ({name})" if name is not None else "")
