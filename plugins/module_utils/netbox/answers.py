# SPDX-License-Identifier: BSD-2-Clause
"""What NetBox's answer means: its JSON, or the error that a caller can react to, in NetBox's own words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import requests

from ..core.errors import AccessError, NetBoxError, NotFoundError, RefusedError, StaleError, UnavailableError
from .transport import Request

OLDEST = "4.6"  # the first with ETags that are checked again under a row lock, and with cursors for pages
ACTIONS = {"GET": "view", "POST": "add", "PUT": "change", "PATCH": "change", "DELETE": "delete"}
UNNAMED = {"detail", "error", "non_field_errors", "__all__"}  # keys of messages that are about no field
LONGEST_URL = 200


def read(response: requests.Response, request: Request) -> Any:
    """Return the decoded JSON of a good answer (None for 204). Raises NetBoxError or NotFoundError for any other."""
    status = response.status_code
    if status == requests.codes.no_content:
        return None
    what = f"{request.method} {shown(response.url)}"
    if response.is_redirect:
        raise UnavailableError(
            f"{what}: redirected to {response.headers['Location']}; is that where api_url should lead?"
        )
    try:
        answer = response.json()
    except ValueError as exc:
        raise no_json(response, request, what) from exc
    if status < 300:
        return answer
    raise error(response, request, what, answer)


def error(response: requests.Response, request: Request, what: str, answer: Any) -> NetBoxError | NotFoundError:
    """Return the error for an answer that is not a success (RFC 9110 section 15)."""
    status = response.status_code
    text = readable(answer, request.body)
    if status in {401, 403}:
        return AccessError(f"{what}: {text}{lacking(request, text)}")
    if status == requests.codes.not_found:
        return NotFoundError(f"{what}: {text}")
    if status == requests.codes.precondition_failed:
        return StaleError(f"{what}: it has changed since it was read")
    if isinstance(answer, Mapping) and answer.get("exception") == "IntegrityError":  # another writer was first
        return RefusedError(f"{what}: {text}", answer)
    if status == requests.codes.too_many_requests or status >= 500:
        return UnavailableError(f"{what}: {status} {response.reason}: {text}")
    if "Related object not found" in text:
        text = f"{text.rstrip('.')}; it has been deleted since it was looked up"
    return RefusedError(f"{what}: {text}", answer, by_item(answer, request.body))


def no_json(response: requests.Response, request: Request, what: str) -> NetBoxError:
    """Return the error for an answer that is not NetBox's API's: of a proxy, another program, another path."""
    status = f"{response.status_code} {response.reason}"
    if request.endpoint == "graphql" and response.status_code == requests.codes.not_found:
        return RefusedError(
            f"{what}: {status}; GraphQL is switched off in this NetBox (GRAPHQL_ENABLED)", response.text
        )
    if request.endpoint == "graphql" and response.status_code == requests.codes.forbidden:
        return AccessError(f"{what}: {response.text[:LONGEST_URL]}")
    kind = response.headers.get("Content-Type", "something of no type").partition(";")[0]
    advice = "" if response.status_code >= 500 else "; is api_url the address of a NetBox?"
    return UnavailableError(f"{what}: {status}, {kind} in place of JSON{advice}")


def lacking(request: Request, text: str) -> str:
    """Say what the token would need. NetBox words the lack of a permission and a read-only token alike."""
    if "permission" not in text:
        return ""
    action = ACTIONS.get(request.method, request.method)
    write = "" if action == "view" else ", and the token must be enabled for writing"
    return f" The token's user needs the permission to {action} {request.endpoint}{write}."


def shown(url: str) -> str:
    return url if len(url) <= LONGEST_URL else f"{url[:LONGEST_URL]}…"


def readable(answer: Any, body: Any = None) -> str:
    """Put NetBox's messages in one line: `name: text; slug: text`; for bulk requests `item 3 (ex0003): name: text`."""
    found = list(messages(answer, body))
    return "; ".join([*(text.rstrip(".") for text in found[:-1]), *found[-1:]]) or "no reason given"


def messages(answer: Any, body: Any) -> Iterator[str]:
    """Yield each message, with the item of a bulk request that it is about."""
    found = list(entries(answer, body))
    if not found:
        yield from fields(answer)
    elif isinstance(answer, Mapping):
        yield from fields(answer.get("detail"))
    for entry in found:
        yield from (f"{item(entry, body)}: {text}" for text in fields(entry["errors"]))


def entries(answer: Any, body: Any) -> Iterator[Mapping[str, Any]]:
    """Yield what NetBox says of single items of a bulk request: their `index` or `id`, and `errors`."""
    told = answer.get("errors") if isinstance(answer, Mapping) else None
    if isinstance(told, list):
        yield from ({**entry, "errors": entry.get("errors")} for entry in told)
    elif isinstance(answer, list) and isinstance(body, list):
        yield from ({"index": index, "errors": errors} for index, errors in enumerate(answer) if errors)


def by_item(answer: Any, body: Any) -> dict[int, str]:
    """Return what is wrong with each item of a bulk request that is blamed, by its place in the request (from 0)."""
    found = ((place(entry, body), "; ".join(fields(entry["errors"]))) for entry in entries(answer, body))
    return {index: text for index, text in found if index is not None}


def place(entry: Mapping[str, Any], body: Any) -> int | None:
    """Return an item's place in the request: as NetBox tells it, else that of its id."""
    if entry.get("index") is not None:
        return int(entry["index"])
    bodies = body if isinstance(body, list) else []
    return next((n for n, one in enumerate(bodies) if one.get("id") == entry.get("id")), None)


def fields(answer: Any, path: str = "") -> Iterator[str]:
    """Yield `custom_fields.clusto_name: text` from what may be nested lists and objects of texts."""
    if isinstance(answer, Mapping):
        for key, value in answer.items():
            yield from fields(value, path if key in UNNAMED else f"{path}.{key}" if path else str(key))
    elif isinstance(answer, list):
        for value in answer:
            yield from fields(value, path)
    elif answer not in {None, ""}:
        # A schema's refusal goes on to print the schema, by the hundred lines
        text = str(answer).partition("\n\nFailed validating")[0]
        yield f"{path}: {text}" if path else text


def item(entry: Mapping[str, Any], body: Any) -> str:
    """Return `item 3 (ex0003)`: which one of the request's, by its place (from 0) and name."""
    bodies = body if isinstance(body, list) else []
    index = place(entry, body)
    one = bodies[index] if index is not None and index < len(bodies) else entry
    name = next((one[key] for key in ("name", "address", "prefix", "id") if one.get(key) is not None), None)
    return " ".join(
        ["item", *([str(index)] if index is not None else []), *([f"({name})"] if name is not None else [])]
    )
