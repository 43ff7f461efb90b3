# SPDX-License-Identifier: BSD-2-Clause
"""The client against the real NetBox: tokens and rights, races, pages under change, bulk errors."""

from __future__ import annotations

import datetime as dt
import threading
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from clusto.core.errors import AccessError, NotFoundError, RefusedError, StaleError, UnavailableError
from clusto.netbox import bulk
from clusto.netbox.client import Client, Query, Settings

Unique = Callable[[str], str]
TAGS = "extras/tags"


class Users:
    """Makes tokens as an administrator would, and clients that use them.

    There are two users for all tests, since NetBox takes seconds to hash a password: one may read and add sites, the
    other nothing.
    """

    def __init__(self, admin: Client, suffix: str) -> None:
        self.admin = admin
        self._made: list[tuple[str, int]] = []
        self._clients: list[Client] = []
        self.nobody, self.somebody = (self._user(f"{name}-{suffix}") for name in ("nobody", "somebody"))
        rights = {"object_types": ["dcim.site"], "actions": ["view", "add"], "users": [self.somebody]}
        self._make("users/permissions", {"name": f"sites-{suffix}", **rights})

    def client(self, user: int, **options: Any) -> Client:
        """A client with a new token of the user's."""
        token = self._make("users/tokens", {"user": user, "version": 2, **options})
        return self.with_text(token["token"] if token["version"] == 1 else f"nbt_{token['key']}.{token['token']}")

    def with_text(self, token: str) -> Client:
        self._clients.append(Client(Settings(self.admin.settings.api_url, token)))
        return self._clients[-1]

    def close(self) -> None:
        for client in self._clients:
            client.close()
        for endpoint, number in reversed(self._made):
            self.admin.delete(endpoint, number)

    def _user(self, name: str) -> int:
        return int(self._make("users/users", {"username": name, "password": "correct-Horse-7"})["id"])

    def _make(self, endpoint: str, body: dict[str, Any]) -> dict[str, Any]:
        record = self.admin.create(endpoint, body)
        self._made.append((endpoint, record["id"]))
        return record


@pytest.fixture(scope="module")
def users(netbox_server: Any) -> Iterator[Users]:
    with Client(Settings(netbox_server.api_url, netbox_server.token)) as admin:
        users = Users(admin, uuid.uuid4().hex[:6])
        yield users
        users.close()


@pytest.fixture
def tags(client: Client, unique: Unique) -> list[dict[str, Any]]:
    """Thirty tags that no other test knows. They stay: to delete one, NetBox asks all tables that might have it."""
    stem = unique("client")
    return client.create(TAGS, [{"name": f"{stem}-{n:03}", "slug": f"{stem}-{n:03}"} for n in range(30)])


# Tokens and rights


@pytest.mark.parametrize("version", [1, 2])
def test_both_kinds_of_tokens_are_let_in(users: Users, version: int) -> None:
    client = users.client(users.somebody, version=version)
    assert client.version.startswith("4.")
    assert isinstance(client.list("dcim/sites", fields="name"), list)


def test_a_read_only_token_reads_and_says_what_it_lacks_to_write(users: Users, unique: Unique) -> None:
    client = users.client(users.somebody, write_enabled=False)
    client.list("dcim/sites", fields="name")
    with pytest.raises(AccessError, match=r"POST .*/api/dcim/sites/: .*enabled for writing") as caught:
        client.create("dcim/sites", {"name": unique("site"), "slug": unique("site")})
    assert "You do not have permission" in str(caught.value)


def test_an_expired_token_is_said_to_be(users: Users) -> None:
    soon = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=1)
    client = users.client(users.somebody, expires=soon.isoformat())

    def ask_until_refused() -> None:
        while True:
            client.status()

    with pytest.raises(AccessError, match="Token expired"):
        ask_until_refused()


def test_a_disabled_token_is_said_to_be(users: Users) -> None:
    with pytest.raises(AccessError, match="Token disabled"):
        users.client(users.somebody, enabled=False).status()


@pytest.mark.parametrize("token", ["f" * 40, "nbt_AAAAAAAAAAAA.BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB"])
def test_a_wrong_token_is_said_to_be_and_not_shown(users: Users, token: str) -> None:
    client = users.with_text(token)
    for ask in (client.status, lambda: client.list("dcim/sites"), lambda: client.graphql("{site_list{id}}")):
        with pytest.raises(AccessError, match=r"Invalid v[12] token") as caught:
            ask()
        assert token[-20:] not in str(caught.value)


def test_a_user_without_rights_is_told_which_are_needed(users: Users, tags) -> None:
    client = users.client(users.nobody)
    tag = tags[0]["id"]
    for attempt, action in {
        lambda: client.list(TAGS): "view",
        lambda: client.create(TAGS, {"name": "x", "slug": "x"}): "add",
        lambda: client.update(TAGS, tag, {"description": "x"}): "change",
        lambda: client.delete(TAGS, tag): "delete",
        lambda: client.delete_many(TAGS, [tag]): "delete",
    }.items():
        with pytest.raises(AccessError, match=f"permission to {action} extras/tags"):
            attempt()


# Errors


def test_bulk_errors_name_each_item_and_nothing_is_half_done(client: Client, unique: Unique, tags) -> None:
    free = unique("free")
    with pytest.raises(RefusedError) as caught:
        client.create(TAGS, [{"name": free, "slug": free}, {"name": tags[0]["name"], "slug": "x y"}, {"slug": "z"}])
    message = str(caught.value)
    assert f"item 1 ({tags[0]['name']}): name: " in message
    assert f"item 1 ({tags[0]['name']}): slug: " in message
    assert "item 2: name: This field is required." in message
    assert [error["index"] for error in caught.value.details["errors"]] == [1, 2]
    assert client.one(TAGS, name=free) is None


def test_bulk_updates_and_deletes_do_too(client: Client, tags) -> None:
    first, second, third = (tag["id"] for tag in tags[:3])
    client.delete(TAGS, third)
    with pytest.raises(RefusedError, match=rf"item 1 \({second}\): slug: "):
        client.update_many(TAGS, [{"id": first, "description": "new"}, {"id": second, "slug": "x y"}])
    assert client.get(TAGS, first).record["description"] == ""
    with pytest.raises(RefusedError, match=rf"item 1 \({third}\): .*does not exist"):
        client.delete_many(TAGS, [first, third])
    client.get(TAGS, first)


def test_what_is_not_there_is_not_found(client: Client) -> None:
    with pytest.raises(NotFoundError, match=r"/api/dcim/sites/987654321/: No Site matches"):
        client.get("dcim/sites", 987654321)


def test_what_others_depend_on_is_not_deleted(client: Client, unique: Unique) -> None:
    name = unique("maker")
    maker = client.create("dcim/manufacturers", {"name": name, "slug": name})
    model = client.create("dcim/device-types", {"manufacturer": maker["id"], "model": name, "slug": name})
    with pytest.raises(RefusedError, match=f"dependent objects were found: .*{name}"):
        client.delete("dcim/manufacturers", maker["id"])
    client.delete("dcim/device-types", model["id"])
    client.delete("dcim/manufacturers", maker["id"])


def test_a_path_that_netbox_does_not_have_is_named(client: Client) -> None:
    with pytest.raises(UnavailableError, match=r"/api/dcim/cities/.*text/html in place of JSON"):
        client.list("dcim/cities")


def test_a_filter_that_is_refused_keeps_netboxs_words(client: Client) -> None:
    with pytest.raises(RefusedError, match="manufacturer: Select a valid choice"):
        client.list("dcim/device-types", manufacturer="nobody-at-all")


def test_writers_that_race_for_a_name_are_refused_not_broken(client: Client, unique: Unique) -> None:
    name = unique("race")
    start = threading.Barrier(4)

    def make(_: int) -> bool:
        start.wait()
        try:
            client.create(TAGS, {"name": name, "slug": name})
        except RefusedError:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(make, range(4))) == [False, False, False, True]
    client.delete(TAGS, client.list(TAGS, name=name)[0]["id"])


# Compare and swap


def test_a_stale_update_is_refused(client: Client, tags) -> None:
    tag, etag = client.get(TAGS, tags[0]["id"])
    client.update(TAGS, tag["id"], {"description": "theirs"})
    with pytest.raises(StaleError, match=f"/api/extras/tags/{tag['id']}/"):
        client.update(TAGS, tag["id"], {"description": "ours"}, etag=etag)
    with pytest.raises(StaleError):
        client.delete(TAGS, tag["id"], etag=etag)
    assert client.get(TAGS, tag["id"]).record["description"] == "theirs"


def test_no_update_is_lost_among_racing_writers(client: Client, tags) -> None:
    number = tags[0]["id"]
    seen: list[int] = []

    def increment(_: int) -> None:
        changed = client.compare_and_swap(
            TAGS, number, lambda record: {"description": str(int(record["description"] or 0) + 1)}
        )
        seen.append(int(changed["description"]))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(increment, range(12)))
    assert sorted(seen) == list(range(1, 13))


# Bulk reads


@pytest.fixture
def small_pages(monkeypatch) -> None:
    monkeypatch.setattr(bulk, "PAGE", 4)


@pytest.mark.usefixtures("small_pages")
def test_all_pages_are_read(client: Client, tags) -> None:
    stem = tags[0]["name"][:-4]
    names = [tag["name"] for tag in tags]
    assert [tag["name"] for tag in client.list(TAGS, name__isw=stem)] == names
    assert [tag["name"] for tag in client.list(TAGS, name__isw=stem, ordering="-name")] == names[::-1]
    assert client.list(TAGS, name__isw=stem, fields="name")[0] == {"id": tags[0]["id"], "name": names[0]}


@pytest.mark.usefixtures("small_pages")
def test_what_stays_is_read_once_while_others_come_and_go(client: Client, tags, unique: Unique) -> None:
    stem = tags[0]["name"][:-4]
    leaving = tags[::4]
    staying = {tag["id"] for tag in tags} - {tag["id"] for tag in leaving}
    done = threading.Event()

    def write() -> None:
        for number, tag in enumerate(leaving):
            client.delete(TAGS, tag["id"])
            client.create(TAGS, {"name": f"{stem}-new-{number}", "slug": f"{stem}-new-{number}"})
        done.set()

    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(write)
        reads = 0
        while not done.is_set() or not reads:
            found = [tag["id"] for tag in client.list(TAGS, name__isw=stem, fields="id")]
            assert len(found) == len(set(found))
            assert staying <= set(found)
            reads += 1
        writing.result()
    assert len(client.list(TAGS, name__isw=stem)) == 30


def test_filters_longer_than_a_url_are_asked_in_parts(client: Client, tags) -> None:
    wanted = [tag["name"] for tag in tags]
    absent = [f"absent-{n:05}" for n in range(400)]
    assert [tag["name"] for tag in client.list(TAGS, name=[*wanted, *absent], fields="name")] == wanted


def test_several_queries_run_side_by_side(client: Client, tags) -> None:
    found = client.fetch(
        {
            "tags": Query(TAGS, {"id": [tag["id"] for tag in tags[:5]]}),
            "none": Query("dcim/sites", {"name": []}),
            "profiles": Query("extras/config-context-profiles", {"name": ["clusto pool"], "fields": "name"}),
        }
    )
    assert [tag["name"] for tag in found["tags"]] == [tag["name"] for tag in tags[:5]]
    assert found["none"] == []
    assert [profile["name"] for profile in found["profiles"]] == ["clusto pool"]


def test_extent_notices_changes(client: Client, tags) -> None:
    changes = "core/object-changes"
    before = client.extent(changes)
    client.update(TAGS, tags[0]["id"], {"description": "new"})
    after = client.extent(changes, id__gt=before.newest)
    assert after.count >= 1
    assert after.newest > before.newest


@pytest.fixture
def prefix(client: Client) -> Iterator[dict[str, Any]]:
    container = client.create("ipam/prefixes", {"prefix": "198.51.100.0/29"})
    yield container
    client.delete_many(
        "ipam/ip-addresses", [ip["id"] for ip in client.list("ipam/ip-addresses", parent="198.51.100.0/29")]
    )
    client.delete("ipam/prefixes", container["id"])


def test_actions_below_an_object(client: Client, prefix) -> None:
    path = f"ipam/prefixes/{prefix['id']}/available-ips"
    assert client.post(path, {})["address"] == "198.51.100.1/29"
    assert [free["address"] for free in client.list(path)] == [f"198.51.100.{n}/29" for n in range(2, 7)]


def test_graphql_answers_and_refuses(client: Client, tags) -> None:
    query = "query($name: String!) {tag_list(filters: {name: {exact: $name}}) {id name}}"
    name = tags[3]["name"]
    assert client.graphql(query, {"name": name}) == {"tag_list": [{"id": str(tags[3]["id"]), "name": name}]}
    with pytest.raises(RefusedError, match="Cannot query field"):
        client.graphql("{tag_list {colour}}")
