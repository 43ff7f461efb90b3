# SPDX-License-Identifier: BSD-2-Clause
"""The real NetBox behind a way that fails: what the client says, and that nothing is done twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from clusto.core.errors import UnavailableError
from clusto.netbox.client import Client, Settings

from .proxy import Proxy, lose

Unique = Callable[[str], str]
TAGS = "extras/tags"


@pytest.fixture
def proxy(client: Client) -> Iterator[Proxy]:
    with Proxy(client.settings.api_url) as proxy:
        yield proxy


@pytest.fixture
def through(client: Client, proxy: Proxy) -> Iterator[Client]:
    with Client(Settings(proxy.url, client.settings.token)) as through:
        yield through


def test_a_read_whose_answer_is_lost_is_repeated(through: Client, proxy: Proxy) -> None:
    proxy.on(lose)
    proxy.on(lose)
    assert through.status()["netbox-version"]


def test_a_creation_whose_answer_is_lost_is_not_repeated(
    client: Client, through: Client, proxy: Proxy, unique: Unique
) -> None:
    name = unique("lost")
    proxy.on(lose)
    with pytest.raises(UnavailableError, match=rf"POST {proxy.url}/api/extras/tags/: no connection"):
        through.create(TAGS, {"name": name, "slug": name})
    made = client.list(TAGS, name=name)
    assert len(made) == 1
    client.delete(TAGS, made[0]["id"])


def test_a_deletion_whose_answer_is_lost_is_done(client: Client, through: Client, proxy: Proxy, unique: Unique) -> None:
    name = unique("lost")
    made = client.create(TAGS, {"name": name, "slug": name})
    proxy.on(lose)
    through.delete(TAGS, made["id"])
    assert client.list(TAGS, name=name) == []


def test_a_swap_whose_answer_is_lost_is_not_done_twice(
    client: Client, through: Client, proxy: Proxy, unique: Unique
) -> None:
    name = unique("lost")
    made = client.create(TAGS, {"name": name, "slug": name, "description": "1"})
    calls = []

    def change(record: dict[str, str]) -> dict[str, str]:
        calls.append(record["description"])
        proxy.on(lose, "PATCH")
        return {"description": record["description"] + "1"}

    with pytest.raises(UnavailableError, match="PATCH"):
        through.compare_and_swap(TAGS, made["id"], change)
    assert calls == ["1"]
    assert client.get(TAGS, made["id"]).record["description"] == "11"
    client.delete(TAGS, made["id"])
