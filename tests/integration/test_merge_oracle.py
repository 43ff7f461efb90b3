# SPDX-License-Identifier: BSD-2-Clause
"""Our merge against NetBox's own rendering, on random inventories in the real NetBox.

CLUSTO_SEED repeats an inventory; every failure names the seed.
"""

from __future__ import annotations

import json
import os
import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from clusto.core.merge import CRITERIA, Scope, explain, merged, rendered
from clusto.netbox.client import Client, Settings
from clusto.netbox.records import FIELDS, QUERIES, World, attributes

from .merge_contexts import ContextDice, Reference
from .merge_inventory import Builder, ContextSpec, Dice, Inventory

DEVICES, MACHINES = 240, 60
SETS = 3
"""So many sets of contexts are laid over the same hosts, one after the other."""

CONTEXTS = "extras/config-contexts"
HOSTS = {"devices": "dcim/devices", "virtual_machines": "virtualization/virtual-machines"}


@dataclass(frozen=True)
class Oracle:
    client: Client
    inventory: Inventory
    seed: int


@pytest.fixture(scope="module")
def oracle(netbox_server: Any) -> Iterator[Oracle]:
    seed = int(os.environ.get("CLUSTO_SEED") or random.randrange(10**6))
    print(f"CLUSTO_SEED={seed}")  # noqa: T201 - pytest shows it when the fixture itself fails
    mark = f"{random.randrange(16**6):06x}"
    with Client(Settings(netbox_server.api_url, netbox_server.token)) as client:
        builder = Builder(client, lambda stem: f"{stem}-{mark}", Dice(seed))
        try:
            yield Oracle(client, builder.build(DEVICES, MACHINES), seed)
        finally:
            builder.remove()


@pytest.fixture
def contexts(
    oracle: Oracle, unique: Callable[[str], str], request: pytest.FixtureRequest
) -> Iterator[list[ContextSpec]]:
    """All contexts that may concern the inventory, one new set among them, as NetBox sorts them."""
    specs = ContextDice(oracle.inventory, unique, Dice(oracle.seed + request.param)).all()
    profiles = {record["name"]: record["id"] for record in oracle.client.list("extras/config-context-profiles")}
    made = oracle.client.create(
        CONTEXTS,
        [
            {
                "name": spec.name,
                "weight": spec.weight,
                "is_active": spec.active,
                "data": spec.data,
                "profile": profiles[spec.profile] if spec.profile else None,
                **spec.criteria,
            }
            for spec in specs
        ],
    )
    yield list(in_order(oracle.client, {spec.name: spec for spec in specs}))
    oracle.client.delete_many(CONTEXTS, [record["id"] for record in made])


def in_order(client: Client, ours: Mapping[str, ContextSpec]) -> Iterator[ContextSpec]:
    """Ours, and those of others that are assigned to nothing and so apply to every host."""
    for record in client.list(CONTEXTS, ordering=["weight", "name"]):
        if spec := ours.get(record["name"]):
            yield spec
        elif not any(record[criterion] for criterion in CRITERIA):
            yield ContextSpec(record["name"], record["weight"], record["data"], active=record["is_active"])


@pytest.mark.parametrize("contexts", range(SETS), indirect=True)
def test_merge_equals_netbox_and_the_reference(oracle: Oracle, contexts: list[ContextSpec]) -> None:
    world = World(oracle.client.fetch(QUERIES))
    reference = Reference(oracle.inventory, contexts)
    seen = plain = 0
    for record, scope, host, is_device in hosts(oracle, world):
        what = f"seed {oracle.seed}, {'device' if is_device else 'virtual machine'} {record['id']}"
        own = attributes(record)
        assert text(rendered(scope, world.contexts, own)) == text(record["config_context"]), what
        ours = merged(scope, world.contexts, own)
        assert text(ours) == text(reference.merged(host, is_device=is_device)), what
        assert text(told(explain(scope, world.contexts, own))) == text(ours), what
        seen += 1
        plain += text(ours) == text(record["config_context"])
    assert seen == DEVICES + MACHINES
    assert 0 < plain < seen, f"seed {oracle.seed}: the rack level is everywhere or nowhere"


def hosts(oracle: Oracle, world: World) -> Iterator[tuple[dict[str, Any], Scope, dict[str, Any], bool]]:
    """(NetBox's record, our scope, as generated, is it a device) of every host."""
    known = {"devices": oracle.inventory.devices, "virtual_machines": oracle.inventory.machines}
    scope_of = {"devices": world.device, "virtual_machines": world.virtual_machine}
    for kind, endpoint in HOSTS.items():
        fields = [*FIELDS[kind], "config_context"]
        for record in oracle.client.list(endpoint, fields=fields):
            if host := known[kind].get(record["id"]):
                yield record, scope_of[kind](record), host, kind == "devices"


def text(document: Mapping[str, Any]) -> str:
    """Equal only when JSON is: `true`, `1` and `1.0` are three values."""
    return json.dumps(document, sort_keys=True)


def told(entries: list[dict[str, Any]]) -> dict[str, Any]:
    """The document that an explanation explains, each value from the candidate that wins."""
    document: dict[str, Any] = {}
    for entry in json.loads(json.dumps(entries)):
        [winner] = [candidate for candidate in entry["candidates"] if candidate["wins"]]
        assert (winner["path"], winner["origin"]) == (entry["path"], entry["origin"])
        node = document
        for key in entry["path"][:-1]:
            node = node.setdefault(key, {})
        node[entry["path"][-1]] = winner["value"]
    return document
