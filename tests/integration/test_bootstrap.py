# SPDX-License-Identifier: BSD-2-Clause
"""What clusto needs in NetBox: made once, repaired where it is damaged, left alone otherwise.

These tests damage what all others stand on, so they have a NetBox of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest

from clusto.core.errors import ConflictError, NotBootstrappedError, RefusedError
from clusto.netbox.blueprint import CUSTOM_FIELDS, DEVICE_TYPES, PROFILES, ROLES, TEMPLATES, needed
from clusto.netbox.client import Client, Settings
from clusto.netbox.schema import Change, bootstrap, require
from tools.lab.instance import Instance, NetBoxServer

Unique = Callable[[str], str]
CONTEXTS = "extras/config-contexts"


@dataclass(frozen=True)
class First:
    """An empty NetBox, and what the first rehearsal and the first run said of it."""

    server: NetBoxServer
    forecast: list[Change]
    made: list[Change]


@pytest.fixture(scope="module")
def first(netbox_instance: Callable[[], Instance]) -> First:
    server = netbox_instance().server
    with Client(Settings(server.api_url, server.token)) as client:
        return First(server, bootstrap(client, apply=False), bootstrap(client))


@pytest.fixture(scope="module")
def netbox_server(first: First) -> NetBoxServer:
    return first.server


@pytest.fixture
def damaged(client: Client) -> Iterator[Client]:
    yield client
    bootstrap(client)


def names(changes: list[Any]) -> set[tuple[str, str, bool]]:
    """Kind, name, whether it was made."""
    return {(change.kind, change.name, change.before is None) for change in changes}


def remove(client: Client, endpoint: str, **filters: Any) -> None:
    client.delete_many(endpoint, [record["id"] for record in client.list(endpoint, **filters)])


def test_the_first_run_makes_all_of_it_as_forecast(first: First) -> None:
    assert names(first.made) == names(first.forecast) == {(one.kind, one.name, True) for one in needed()}


def test_a_second_run_changes_nothing(client: Client) -> None:
    assert bootstrap(client) == []
    assert bootstrap(client, apply=False) == []
    require(client)


def test_check_then_apply_then_repeat_on_what_was_partly_deleted(damaged: Client) -> None:
    client = damaged
    model = client.one(DEVICE_TYPES, slug="penguinserver2u")
    assert model is not None
    remove(client, DEVICE_TYPES, slug="penguinserver2u")
    remove(client, TEMPLATES[0], name="eth1", device_type_id=client.one(DEVICE_TYPES, slug="basicserver")["id"])
    field = client.one(CUSTOM_FIELDS, name="clusto_driver")
    client.update(CUSTOM_FIELDS, field["id"], {"object_types": ["dcim.rack", "dcim.platform"]})
    remove(client, ROLES, slug="loadbalancer")
    expected = {
        ("custom field", "clusto_driver", False),
        ("device role", "loadbalancer", True),
        ("device type", "penguinserver2u", True),
        ("interface template", "basicserver eth1", True),
        *(
            (one.kind, one.name, True)
            for one in needed()
            if one.endpoint in TEMPLATES and one.name.startswith("penguinserver2u ")
        ),
    }
    assert names(bootstrap(client, apply=False)) == expected
    assert names(bootstrap(client, apply=False)) == expected, "a check must not change anything"
    with pytest.raises(
        NotBootstrappedError, match=r"lacks device role loadbalancer; run clusto\.datacenter\.bootstrap"
    ):
        require(client)
    assert names(bootstrap(client)) == expected
    assert bootstrap(client) == []
    require(client)
    # What others added to it stays
    assert "dcim.platform" in client.one(CUSTOM_FIELDS, name="clusto_driver")["object_types"]
    client.update(CUSTOM_FIELDS, field["id"], {"object_types": ["dcim.site", "dcim.location", "dcim.rack"]})


def test_a_change_shows_what_differs_before_and_after(damaged: Client) -> None:
    profile = damaged.one(PROFILES, name="clusto name manager")
    damaged.update(PROFILES, profile["id"], {"schema": {"type": "object"}, "description": "ours"})
    (change,) = bootstrap(damaged)
    assert change.before == {"schema": {"type": "object"}}
    assert change.after["schema"]["required"] == ["next"]
    assert damaged.one(PROFILES, name="clusto name manager")["description"] == "ours"


def test_a_role_that_others_made_is_taken_over(damaged: Client) -> None:
    remove(damaged, ROLES, slug="loadbalancer")
    damaged.create(ROLES, {"name": "Load balancers", "slug": "loadbalancer", "color": "ff0000"})
    assert bootstrap(damaged) == []
    remove(damaged, ROLES, slug="loadbalancer")


def test_what_is_in_the_way_is_named(damaged: Client, unique: Unique) -> None:
    remove(damaged, ROLES, slug="loadbalancer")
    other = damaged.create(ROLES, {"name": "loadbalancer", "slug": unique("lb")})
    with pytest.raises(ConflictError) as caught:
        bootstrap(damaged)
    for part in ("device role 'loadbalancer'", other["slug"], "needs 'loadbalancer'", f"/{other['id']}/"):
        assert part in str(caught.value)
    damaged.delete(ROLES, other["id"])


def test_an_object_of_another_make_is_not_overwritten(damaged: Client) -> None:
    remove(damaged, DEVICE_TYPES, slug="penguinserver2u")
    maker = {"slug": "clusto"}
    damaged.create(DEVICE_TYPES, {"manufacturer": maker, "model": "mine", "slug": "penguinserver2u", "u_height": 4})
    with pytest.raises(ConflictError, match=r"'penguinserver2u' exists with u_height 4\.0, clusto needs 2"):
        bootstrap(damaged, apply=False)
    remove(damaged, DEVICE_TYPES, slug="penguinserver2u")


def test_two_may_bootstrap_at_once(damaged: Client) -> None:
    for slug in ("basicserver", "penguinserver", "penguinserver2u"):
        remove(damaged, DEVICE_TYPES, slug=slug)
    remove(damaged, ROLES, slug=["loadbalancer", "firewall"])
    with ThreadPoolExecutor(3) as pool:
        done = [change for changes in pool.map(lambda _: bootstrap(damaged), range(3)) for change in changes]
    assert len(names(done)) == len(done), "each is made once"
    assert bootstrap(damaged) == []


# What the schemas refuse


@pytest.fixture
def context(client: Client, unique: Unique) -> Iterator[Callable[..., dict[str, Any]]]:
    made: list[int] = []

    def make(profile: str, data: dict[str, Any]) -> dict[str, Any]:
        body = {"name": unique(f"context{len(made)}"), "profile": {"name": profile}, "data": data, "is_active": False}
        made.append(client.create(CONTEXTS, body)["id"])
        return body

    yield make
    client.delete_many(CONTEXTS, made)


@pytest.mark.parametrize("profile", ["clusto pool", "clusto unique pool", "clusto exclusive pool", "clusto attributes"])
def test_a_misspelt_dhcp_option_is_refused_by_netbox(context, profile: str) -> None:
    with pytest.raises(RefusedError, match="'tftp_srever' was unexpected") as caught:
        context(profile, {"dhcp": {"enabled": 1, "tftp_srever": "192.168.1.1"}})
    assert len(str(caught.value)) < 300, "the message does not print the schema"
    with pytest.raises(RefusedError, match="'1st key' does not match"):
        context(profile, {"1st key": 1})
    seed = {"enabled": 1, "tftp_server": "192.168.1.1", "tftp_filename": "/pxelinux.0", "domain": "example.org"}
    context(profile, {"dhcp": seed, "_contains": [1], "snmp": {"discovery": 1}, "disk": {"1": {"size": 4}}})


def test_users_options_are_allowed_when_named_and_kept_until_named_otherwise(damaged: Client, context) -> None:
    data = {"dhcp": {"rack_colour": "blue"}}
    with pytest.raises(RefusedError, match="rack_colour"):
        context("clusto pool", data)
    assert {change.kind for change in bootstrap(damaged, dhcp_options=["rack_colour"])} == {
        "custom field",
        "config context profile",
    }
    context("clusto pool", data)
    assert bootstrap(damaged) == []
    assert bootstrap(damaged, dhcp_options=["rack_colour"]) == []
    assert len(bootstrap(damaged, dhcp_options=[])) == 5
    with pytest.raises(RefusedError, match="rack_colour"):
        context("clusto pool", data)


def test_rack_attributes_are_checked_alike(client: Client, unique: Unique) -> None:
    name = unique("schema")
    site = client.create("dcim/sites", {"name": name, "slug": name})
    rack = {"name": name, "site": site["id"]}
    with pytest.raises(RefusedError, match=r"clusto_attributes.*tftp_srever"):
        client.create("dcim/racks", {**rack, "custom_fields": {"clusto_attributes": {"dhcp": {"tftp_srever": 1}}}})
    good = {"racklayout": "201001", "dhcp": {"enabled": 1}}
    made = client.create("dcim/racks", {**rack, "custom_fields": {"clusto_attributes": good, "clusto_driver": "x"}})
    assert made["custom_fields"].items() >= {"clusto_attributes": good, "clusto_driver": "x"}.items()
    client.delete("dcim/racks", made["id"])
    client.delete("dcim/sites", site["id"])


def test_a_name_managers_counter_is_checked(context) -> None:
    context("clusto name manager", {"basename": "s", "digits": 4, "leading_zeros": True, "next": 0})
    for wrong in ({"basename": "s"}, {"next": -1}, {"next": 1, "digts": 4}, {"next": 1, "digits": 0}):
        with pytest.raises(RefusedError, match="does not conform to profile schema"):
            context("clusto name manager", wrong)


def test_the_name_of_an_ip_manager_is_unique(client: Client, unique: Unique) -> None:
    fields = {"custom_fields": {"clusto_name": unique("subnet")}}
    first = client.create("ipam/prefixes", {"prefix": "203.0.113.0/25", **fields})
    try:
        with pytest.raises(RefusedError, match=r"clusto_name.*unique value"):
            client.create("ipam/prefixes", {"prefix": "203.0.113.128/25", **fields})
    finally:
        client.delete("ipam/prefixes", first["id"])
