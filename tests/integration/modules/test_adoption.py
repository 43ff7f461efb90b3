# SPDX-License-Identifier: BSD-2-Clause
"""Prefixes that others made become IP managers, and are theirs again afterwards."""

from __future__ import annotations

import random
from typing import Any

import pytest

from clusto.drivers import Session
from clusto.ensure.ip_manager import EnsureIPManager
from clusto.ensure.task import perform
from clusto.netbox.client import Client

from .conftest import Modules

ADDRESSES = "ipam/ip-addresses"
PREFIXES = "ipam/prefixes"
CHANGING = {"last_updated", "custom_fields", "children", "_depth"}


@pytest.fixture
def net() -> str:
    """The first three octets of a /24 that no other test has taken, but for one chance in a million."""
    return f"10.{random.randrange(256)}.{random.randrange(256)}"


@pytest.fixture
def theirs(client: Client, unique, net: str) -> dict[str, Any]:
    """A prefix with a router at the gateway's place, a printer, and a tag."""
    tag, tenant = unique("office"), unique("tenant")
    client.create("extras/tags", {"name": tag, "slug": tag})
    client.create("tenancy/tenants", {"name": tenant, "slug": tenant})
    made = client.create(
        PREFIXES,
        {
            "prefix": f"{net}.0/24",
            "description": "printers",
            "tenant": {"name": tenant},
            "tags": [{"name": tag}],
            "status": "active",
        },
    )
    client.create(ADDRESSES, {"address": f"{net}.1/24", "description": "router", "status": "reserved"})
    client.create(ADDRESSES, {"address": f"{net}.2/24", "description": "printer"})
    return made


def like(record: dict[str, Any]) -> dict[str, Any]:
    kept = {key: value for key, value in record.items() if key not in CHANGING}
    return kept | {"custom_fields": {k: v for k, v in record["custom_fields"].items() if v is not None}}


def test_a_prefix_is_adopted_and_given_back(modules: Modules, client: Client, unique, net: str, theirs) -> None:
    name, pool, prefix = unique("subnet"), unique("pool"), f"{net}.0/24"
    refusal = modules.refuse("ip_manager", name=name, prefix=prefix)
    for part in (prefix, theirs["tenant"]["name"], "'printers'", theirs["display_url"], "set adopt to true"):
        assert part in refusal
    addresses = client.list(ADDRESSES, parent=prefix)
    options = {"name": name, "prefix": prefix, "gateway": f"{net}.1", "attributes": {"a": 1}}
    made = modules.do("ip_manager", **options, adopt=True, ranges=[f"{net}.2-{net}.9"])
    before, after = made["diff"]["before"], made["diff"]["after"]
    assert (before["name"], before["prefix"], before["adopted"]) == (None, prefix, False)
    assert (after["name"], after["gateway"], after["adopted"]) == (name, f"{net}.1", True)
    assert client.list(ADDRESSES, parent=prefix) == addresses
    modules.run("pool", name=pool, members=[f"ipmanager:{name}"], members_mode="add")
    adopted = client.get(PREFIXES, theirs["id"]).record
    assert {tag["name"] for tag in adopted["tags"]} == {theirs["tags"][0]["name"], pool}
    assert adopted["tenant"] == theirs["tenant"]
    other = unique("other")
    assert f"is that of IP manager {name!r}" in modules.refuse("ip_manager", name=other, prefix=prefix, adopt=True)
    server = unique("ex")
    modules.run("server", name=server)
    bound = modules.run("ip_binding", entity=server, ip_manager=name, osport="eth0")
    assert bound["ips"] == [f"{net}.3"]
    modules.do("ip_manager", name=name, gateway=f"{net}.254")  # that of others stays, ours comes and goes
    modules.do("ip_manager", name=name, state="absent")
    left = client.list(ADDRESSES, parent=prefix)
    assert [one["address"] for one in left] == [f"{net}.{n}/24" for n in (1, 2, 3)]
    assert left[:2] == addresses
    assert like(client.get(PREFIXES, theirs["id"]).record) == like(theirs)
    assert modules.do("ip_manager", **options, adopt=True)["entity"]["adopted"]
    assert modules.do("ip_manager", name=name, state="absent")["changed"]


def test_what_is_at_the_gateway_is_named(client: Client, unique, net: str, theirs) -> None:
    options = {"name": unique("s"), "prefix": theirs["prefix"], "gateway": f"{net}.1", "adopt": True}
    outcome = perform(EnsureIPManager(session=Session(client), **options), rehearse=True)
    [warning] = outcome.result["warnings"]
    assert f"gateway {net}.1 is in NetBox already, reserved (router); it is left as it is" in warning


def test_where_there_is_nothing_to_adopt_a_prefix_is_made_and_deleted(
    modules: Modules, client: Client, unique, net: str
) -> None:
    name = unique("subnet")
    made = modules.do("ip_manager", name=name, prefix=f"{net}.0/24", gateway=f"{net}.1", adopt=True)
    assert made["entity"]["adopted"] is False
    modules.do("ip_manager", name=name, state="absent")
    assert (client.list(PREFIXES, prefix=f"{net}.0/24"), client.list(ADDRESSES, parent=f"{net}.0/24")) == ([], [])


def test_several_of_one_prefix_are_not_chosen_from(modules: Modules, client: Client, unique, net: str) -> None:
    vrf = client.create("ipam/vrfs", {"name": unique("vrf"), "enforce_unique": False})
    body = {"prefix": f"{net}.0/24", "vrf": vrf["id"]}
    both = client.create(PREFIXES, [body, {**body, "description": "the other"}])
    refusal = modules.refuse("ip_manager", name=unique("s"), prefix=f"{net}.0/24", vrf=vrf["name"], adopt=True)
    assert "is in NetBox 2 times" in refusal
    assert all(one["display_url"] in refusal for one in both)
