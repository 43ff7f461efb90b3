# SPDX-License-Identifier: BSD-2-Clause
"""What NetBox's answers become: values and errors, one row each."""

from __future__ import annotations

import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from clusto.core.errors import (
    AccessError,
    AmbiguousError,
    ClustoError,
    NetBoxError,
    NotFoundError,
    RefusedError,
    StaleError,
    UnavailableError,
)
from clusto.netbox.answers import readable
from clusto.netbox.client import SWAPS, Extent, Query

TOKENS = ("0123456789abcdef0123456789abcdef01234567", "nbt_4F9DAouzURLb.zjebxBPzICiPbWz0Wtx0fTL7bCKXKGTYhNzkgC2S")
SITE = {"name": "a"}

# status, body, error, parts of its message
ERRORS: list[tuple[int, Any, type[ClustoError], list[str]]] = [
    (
        400,
        {"name": ["Required."], "slug": ["Bad.", "Worse."]},
        RefusedError,
        ["name: Required; slug: Bad; slug: Worse."],
    ),
    (400, {"custom_fields": {"clusto_name": ["Taken."]}}, RefusedError, ["custom_fields.clusto_name: Taken."]),
    (400, {"__all__": ["Both."]}, RefusedError, ["/api/dcim/sites/: Both."]),
    (400, {"data": ["No.\n\nFailed validating 'type' in schema:\n    {}"]}, RefusedError, ["data: No."]),
    (400, [], RefusedError, ["no reason given"]),
    (401, {"detail": "Invalid token"}, AccessError, ["Invalid token"]),
    (403, {"detail": "Token expired"}, AccessError, ["POST http://127.0.0.1", "/api/dcim/sites/: Token expired"]),
    (
        403,
        {"detail": "You do not have permission to perform this action."},
        AccessError,
        ["permission to add dcim/sites", "enabled for writing"],
    ),
    (404, {"detail": "No Site matches the given query."}, NotFoundError, ["No Site matches"]),
    (409, {"detail": "1 dependent objects were found"}, RefusedError, ["1 dependent objects"]),
    (412, {"detail": "Precondition failed."}, StaleError, ["changed since"]),
    (500, {"error": "boom", "exception": "KeyError"}, UnavailableError, ["500 Internal Server Error", "boom"]),
    (500, {"error": "duplicate key", "exception": "IntegrityError"}, RefusedError, ["duplicate key"]),
    (500, "<html>", UnavailableError, ["500 Internal Server Error, text/html in place of JSON"]),
    (404, "<html>", UnavailableError, ["404 Not Found, text/html in place of JSON", "api_url"]),
    (200, "<html>", UnavailableError, ["200 OK, text/html in place of JSON; is api_url the address of a NetBox?"]),
    (200, "", UnavailableError, ["in place of JSON"]),
]


@pytest.mark.parametrize("row", ERRORS, ids=lambda row: f"{row[0]} {row[2].__name__}")
def test_answers_become_errors(netbox, connect, answer, row: tuple[int, Any, type[ClustoError], list[str]]) -> None:
    status, body, error, parts = row
    server = netbox(answer(status, body))
    with pytest.raises(error) as caught:
        connect(server.url).create("dcim/sites", SITE)
    message = str(caught.value)
    assert [part for part in parts if part not in message] == []
    assert f"POST {server.url}/api/dcim/sites/" in message
    assert "Failed validating" not in message
    if isinstance(caught.value, RefusedError):
        assert caught.value.details == body


BULK = {"detail": "2 of 3 objects failed.", "errors": [{"index": 1, "errors": {"name": ["Taken."]}}]}


@pytest.mark.parametrize(
    ("answered", "sent", "text"),
    [
        (BULK, [{"name": "a"}, {"name": "b"}], "2 of 3 objects failed; item 1 (b): name: Taken."),
        (BULK, [{"address": "192.0.2.1/24"}], "item 1: name: Taken."),
        ([{}, {"name": ["Taken."]}], [{"name": "a"}, {"name": "b"}], "item 1 (b): name: Taken."),
    ],
)
def test_bulk_errors_name_the_item(answered: Any, sent: Any, text: str) -> None:
    assert readable(answered, sent).endswith(text)


def test_bulk_errors_by_id_name_the_item_too(netbox, connect, answer) -> None:
    answered = {"detail": "One failed.", "errors": [{"id": 9, "errors": {"name": ["Taken."]}}]}
    client = connect(netbox(answer(400, answered)).url)
    with pytest.raises(RefusedError, match=r"item 1 \(b\): name: Taken") as caught:
        client.update_many("dcim/sites", [{"id": 4}, {"id": 9, "name": "b"}])
    assert caught.value.items == {1: "name: Taken."}
    with pytest.raises(RefusedError, match=r"item \(9\): name: Taken"):
        client.delete_many("dcim/sites", [1])


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_redirects_are_not_followed_with_the_token(netbox, connect, answer, status: int) -> None:
    elsewhere = netbox(answer())
    server = netbox(answer(status, headers={"Location": f"{elsewhere.url}/api/status/"}))
    with pytest.raises(UnavailableError, match=f"redirected to {elsewhere.url}"):
        connect(server.url).status()
    assert elsewhere.asked == []


@pytest.mark.parametrize("version", ["3.7", "4.5", "4.5.9-Docker"])
def test_a_netbox_that_is_too_old_is_refused(netbox, connect, answer, version: str) -> None:
    server = netbox(answer(headers={"API-Version": version}))
    with pytest.raises(NetBoxError, match=rf"{server.url} is NetBox {version}; expected 4\.6 or later"):
        connect(server.url).get("dcim/sites", 1)


@pytest.mark.parametrize("version", ["4.6", "4.10", "5.0"])
def test_a_newer_one_is_not(netbox, connect, answer, version: str) -> None:
    connect(netbox(answer(headers={"API-Version": version})).url).get("dcim/sites", 1)


def test_the_version_is_asked_for_where_a_proxy_drops_the_header(netbox, connect, answer) -> None:
    bare = {"API-Version": ""}
    server = netbox(answer(headers=bare), answer(body={"netbox-version": "4.7.3"}, headers=bare), answer(headers=bare))
    client = connect(server.url)
    client.get("dcim/sites", 1)
    client.get("dcim/sites", 1)
    assert client.version == "4.7.3"
    assert [asked.path for asked in server.asked] == ["/api/dcim/sites/1/", "/api/status/", "/api/dcim/sites/1/"]


def test_another_json_server_is_not_taken_for_netbox(netbox, connect, answer) -> None:
    server = netbox(answer(body={"hello": "world"}, headers={"API-Version": ""}))
    with pytest.raises(UnavailableError, match="not as NetBox"):
        connect(server.url).get("dcim/sites", 1)


def test_graphql_reports_all_errors(netbox, connect, answer) -> None:
    errors = [{"message": "One."}, {"message": "Two."}]
    client = connect(netbox(answer(body={"data": None, "errors": errors})).url)
    with pytest.raises(RefusedError, match=r"One\.; Two\.") as caught:
        client.graphql("{x}")
    assert caught.value.details == errors


def test_graphql_that_is_switched_off_is_said_to_be(netbox, connect, answer) -> None:
    server = netbox(answer(404, "The GraphQL API is not enabled."), answer(403, "Invalid v2 token"))
    client = connect(server.url)
    with pytest.raises(RefusedError, match="GRAPHQL_ENABLED"):
        client.graphql("{x}")
    with pytest.raises(AccessError, match="Invalid v2 token"):
        client.graphql("{x}")
    assert server.asked[0].path == "/graphql/"


def test_one_of_several_is_ambiguous(netbox, connect, answer) -> None:
    page = {"results": [{"id": 1, "display": "r1"}, {"id": 2, "display": "r2"}]}
    with pytest.raises(AmbiguousError, match=r"dcim/racks with name=r: expected one, found r1, r2") as caught:
        connect(netbox(answer(body=page)).url).one("dcim/racks", name="r")
    assert caught.value.candidates == ("r1", "r2")


def test_extent_is_count_and_newest(netbox, connect, answer) -> None:
    server = netbox(answer(body={"count": 3, "results": [{"id": 8}]}), answer(body={"count": 0, "results": []}))
    client = connect(server.url)
    assert client.extent("core/object-changes", id__gt=5) == Extent(3, 8)
    assert client.extent("core/object-changes") == Extent(0, 0)
    assert "id__gt=5" in server.asked[0].path


def test_nothing_to_do_asks_nothing(netbox, connect, answer) -> None:
    server = netbox(answer())
    client = connect(server.url)
    assert client.create("dcim/sites", []) == []
    assert client.update_many("dcim/sites", []) == []
    client.delete_many("dcim/sites", [])
    assert client.list("dcim/sites", id=[]) == []
    assert client.fetch({"a": Query("dcim/sites", {"name": ()})}) == {"a": []}
    assert server.asked == []


def test_a_swap_goes_on_from_what_others_wrote(netbox, connect, answer) -> None:
    server = netbox(
        answer(body={"next": 4}, headers={"ETag": 'W/"1"'}),
        answer(412, {"detail": "Precondition failed."}),
        answer(body={"next": 5}, headers={"ETag": 'W/"2"'}),
        answer(body={"next": 6}),
    )
    swapped = connect(server.url).compare_and_swap("extras/config-contexts", 1, lambda old: {"next": old["next"] + 1})
    assert swapped == {"next": 6}
    assert [(a.method, a.headers.get("If-Match"), a.body) for a in server.asked] == [
        ("GET", None, None),
        ("PATCH", 'W/"1"', {"next": 5}),
        ("GET", None, None),
        ("PATCH", 'W/"2"', {"next": 6}),
    ]


def test_a_swap_that_changes_nothing_writes_nothing(netbox, connect, answer) -> None:
    server = netbox(answer(body={"next": 4}, headers={"ETag": 'W/"1"'}))
    assert connect(server.url).compare_and_swap("extras/config-contexts", 1, lambda old: None) == {"next": 4}
    assert len(server.asked) == 1


def test_a_swap_gives_up_in_the_end(netbox, connect, answer, watch) -> None:
    found = answer(body={"id": 1}, headers={"ETag": 'W/"1"'})
    server = netbox(*[found, answer(412, {"detail": "Precondition failed."})] * SWAPS)
    with pytest.raises(StaleError, match=f"extras/tags/1: changed by others {SWAPS} times"):
        connect(server.url).compare_and_swap("extras/tags", 1, lambda old: {"name": "a"})
    assert len(watch.slept) == SWAPS


@pytest.mark.parametrize("token", TOKENS)
def test_the_token_appears_nowhere(netbox, connect, answer, caplog, token: str) -> None:
    caplog.set_level(logging.DEBUG)
    secrets = token.removeprefix("nbt_").split(".")
    texts: list[str] = []
    for reply in [answer(400, {"a": ["b"]}), answer(403, {"detail": "no"}), answer(500, "x"), answer(silent=True)]:
        client = connect(netbox(reply).url, token=token)
        with pytest.raises(ClustoError) as caught:
            client.create("dcim/sites", SITE)
        error: BaseException | None = caught.value
        while error is not None:
            texts += [str(error), repr(error)]
            error = error.__cause__ or error.__context__
        texts += [repr(client), repr(client.settings), repr(vars(client._transport._session))]
    assert [secret for secret in secrets for text in [*texts, caplog.text] if secret in text] == []


def test_one_client_serves_many_threads(netbox, connect, answer) -> None:
    server = netbox(answer(body={"id": 1}))
    client = connect(server.url)
    start = threading.Barrier(16)

    def work(number: int) -> list[int]:
        start.wait()
        return [client.get("dcim/sites", number).record["id"] for _ in range(10)]

    with ThreadPoolExecutor(16) as pool:
        assert list(pool.map(work, range(16))) == [[1] * 10] * 16
    assert sorted({asked.path for asked in server.asked}) == sorted(f"/api/dcim/sites/{n}/" for n in range(16))
