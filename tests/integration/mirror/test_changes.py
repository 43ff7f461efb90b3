# SPDX-License-Identifier: BSD-2-Clause
"""Whatever is changed in the real NetBox, following its change log comes to the same as reading everything."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from clusto.mirror.changes import GapError
from clusto.mirror.replica import Replica
from clusto.netbox.client import Client
from tests.contents import contents

from .walk import DEVICES, Walk

BATCHES = 8
STEPS = 8


def replica(client: Client) -> Replica:
    return Replica(client, clock=lambda: 1.0)


def test_following_comes_to_the_same_as_reading_everything(client: Client) -> None:
    walk = Walk(client, uuid.uuid4().hex[:6], seed=1)
    follower = replica(client)
    held = follower.load()
    gaps = 0
    for _ in range(BATCHES):
        walk.done.clear()
        for _ in range(STEPS):
            walk.step()
        try:
            held, _ = follower.catch_up(held)
        except GapError:
            gaps += 1
            held = follower.load(held)
        everything = replica(client).load()
        assert contents(held.inventory) == contents(everything.inventory), walk.done
    assert gaps < BATCHES
    assert walk.refused < BATCHES * STEPS / 2
    assert follower.catch_up(held)[0].inventory is held.inventory


def test_bulk_creation_and_deletion_is_followed(client: Client, unique: Callable[[str], str]) -> None:
    walk = Walk(client, uuid.uuid4().hex[:6], seed=0)
    follower = replica(client)
    held = follower.load()
    device = client.get(DEVICES, walk.made[DEVICES][0]).record
    kind = {name: device[name]["id"] for name in ("device_type", "role", "site")}
    name = unique("bulk")
    made = client.create(DEVICES, [{**kind, "name": f"{name}-{number}"} for number in range(30)])
    held, changes = follower.catch_up(held)
    assert [change.object_type for change in changes].count("dcim.device") == len(made)
    assert [held.inventory.by_name(f"{name}-{number}")[0].id for number in range(30)] == [one["id"] for one in made]
    client.delete_many(DEVICES, [one["id"] for one in made])
    held, _ = follower.catch_up(held)
    assert [held.inventory.host("device", one["id"]) for one in made] == [None] * len(made)
    assert contents(held.inventory) == contents(replica(client).load().inventory)
