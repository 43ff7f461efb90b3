# SPDX-License-Identifier: BSD-2-Clause
"""Tokens that end while a task runs, and tokens that may not do all of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from clusto.netbox.client import Client

from ..modules.conftest import Modules
from ..proxy import WRITE, Proxy, first

Unique = Callable[[str], str]
TOKENS = "users/tokens"
LONG_AGO = "2020-01-01T00:00:00Z"


@pytest.fixture
def token(client: Client) -> Iterator[dict[str, Any]]:
    """Another token of the administrator's."""
    user = client.list("users/users", is_superuser=True)[0]
    made = client.create(TOKENS, {"user": user["id"], "version": 1})
    yield made
    for left in client.list(TOKENS, id=made["id"]):
        client.delete(TOKENS, left["id"])


@pytest.mark.parametrize("end", ["expires", "is deleted"])
def test_a_token_that_ends_in_the_middle(  # noqa: PLR0913, PLR0917 - fixtures
    end: str, client: Client, proxy: Proxy, through: Modules, modules: Modules, token: dict[str, Any], unique: Unique
) -> None:
    def act() -> None:
        if end == "expires":
            client.update(TOKENS, token["id"], {"expires": LONG_AGO})
        else:
            client.delete(TOKENS, token["id"])

    outer, inner = unique("outer"), unique("inner")
    modules.run("pool", name=outer)
    proxy.on(first(act), WRITE, nth=3)
    ending = replace(through, connection={**through.connection, "token": token["token"]})
    message = ending.run("pool", name=inner, parents=[outer], attributes={"tier": 1})["msg"]
    assert proxy.waiting == 0
    assert ("expired" if end == "expires" else "Invalid") in message
    assert "token" in message.lower()
    assert token["token"] not in message
    completed = modules.run("pool", name=inner, parents=[outer], attributes={"tier": 1})
    assert completed["entity"]["parents"] == [outer]
    assert not modules.run("pool", check=True, name=inner, parents=[outer], attributes={"tier": 1})["changed"]


@pytest.fixture
def limited(client: Client, modules: Modules, unique: Unique) -> Iterator[Callable[..., Modules]]:
    """Modules with a token that may view all but these object types, and write nothing."""
    name = unique("limited")
    user = client.create("users/users", {"username": name, "password": f"Long-{name}-1"})
    made = client.create(TOKENS, {"user": user["id"], "version": 1})
    types = sorted(
        f"{one['app_label']}.{one['model']}"
        for one in client.list("core/object-types")
        if one["app_label"] in {"dcim", "ipam", "extras", "virtualization", "tenancy", "core"}
    )

    def but(*hidden: str) -> Modules:
        seen = [type_ for type_ in types if type_ not in hidden]
        body = {"name": unique("view"), "object_types": seen, "actions": ["view"], "users": [user["id"]]}
        client.create("users/permissions", body)
        return replace(modules, connection={**modules.connection, "token": made["token"]})

    yield but
    for permission in client.list("users/permissions", user_id=user["id"]):
        client.delete("users/permissions", permission["id"])
    client.delete("users/users", user["id"])


def test_what_a_token_may_not_see_is_named(limited: Callable[..., Modules], modules: Modules, unique: Unique) -> None:
    pool = unique("pool")
    modules.run("pool", name=pool)
    reader = limited("dcim.rack")
    assert "permission to view dcim/racks" in reader.run("entity_info", types=["rack"])["msg"]
    message = limited().run("attribute", entity=f"pool:{pool}", key="tier", value=1)["msg"]
    assert "permission to change extras/config-contexts" in message
