# SPDX-License-Identifier: BSD-2-Clause
"""What is asked through GraphQL in place of REST: the same is told, and what GraphQL hides REST says."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from clusto.core.errors import AccessError
from clusto.netbox.client import Client, Query, Settings
from clusto.netbox.short import FIELDS, question

from .cabling import Workshop
from .proxy import GRAPHQL, Answer, Fault, Proxy, Seen, refuse

TIMES = {"created", "last_updated"}
ENDPOINTS = {f"dcim/{kind.replace('_', '-')}s": kind for kind in FIELDS}


class Rack:
    """A rack with all that ports and devices may have: cables, marks, addresses, tags, documents, no name."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.shop = shop = Workshop(client)
        gear = shop.gear(2)
        place: dict[str, Any] = {"name": f"row-{shop.run}", "slug": f"row-{shop.run}", "site": shop.site}
        row = client.create("dcim/locations", place)["id"]
        self.rack = client.create("dcim/racks", {"name": f"rack-{shop.run}", "site": shop.site, "location": row})["id"]
        tag = client.create("extras/tags", {"name": f"tag-{shop.run}", "slug": f"tag-{shop.run}"})
        self.devices = client.list("dcim/devices", site_id=shop.site)
        self.ids_of_all = [device["id"] for device in self.devices]
        self.ids = {device["name"]: device["id"] for device in self.devices}
        for unit, device in enumerate(self.devices, 1):
            where = {"rack": self.rack, "location": row, "face": "front", "position": 3 * unit}
            client.update("dcim/devices", device["id"], where if unit != 2 else {**where, "position": 3 * unit + 0.5})
        server, other = (self.ids[name] for name in gear.servers)
        client.update(
            "dcim/devices", server, {"tags": [tag["id"]], "local_context_data": {"id": "7", "a": [{"id": 1}]}}
        )
        client.update("dcim/devices", other, {"name": None, "description": "without a name"})
        nic, far = self.port(server, "enp3s0f0"), self.port(self.ids[gear.switch], "GigabitEthernet1/0/1")
        self.cable(nic, far)
        card = self.port(server, "iDRAC")
        mac = {"mac_address": f"02:{bytes.fromhex(shop.run).hex(':')}:00:01"}
        mac |= {"assigned_object_type": "dcim.interface", "assigned_object_id": card}
        mac_id = client.create("dcim/mac-addresses", mac)["id"]
        client.update("dcim/interfaces", card, {"primary_mac_address": mac_id})
        assigned = {"assigned_object_type": "dcim.interface", "assigned_object_id": card}
        self.address = client.create("ipam/ip-addresses", {"address": "10.254.254.1/32", **assigned})["id"]
        client.update("dcim/devices", server, {"oob_ip": self.address})
        marked = {"mark_connected": True, "label": "left", "custom_fields": {"clusto_attributes": {"id": "5"}}}
        client.update("dcim/interfaces", self.port(server, "enp3s0f1"), marked)
        air = [
            client.create("dcim/interfaces", {"device": d, "name": "wlan0", "type": "ieee802.11ac"})
            for d in (server, other)
        ]
        client.create(
            "wireless/wireless-links", {f"interface_{ab}": one["id"] for ab, one in zip("ab", air, strict=True)}
        )

    def port(self, device: int, name: str) -> int:
        return int(self.client.list("dcim/interfaces", device_id=device, name=name)[0]["id"])

    def cable(self, a: int, b: int) -> None:
        ends = [[{"object_type": "dcim.interface", "object_id": one}] for one in (a, b)]
        self.client.create("dcim/cables", {"a_terminations": ends[0], "b_terminations": ends[1]})


@pytest.fixture(scope="module")
def rack(netbox_server: Any) -> Iterator[Rack]:
    with Client(Settings(netbox_server.api_url, netbox_server.token)) as client:
        rack = Rack(client)
        yield rack
        client.delete("ipam/ip-addresses", rack.address)


@pytest.fixture
def proxy(rack: Rack) -> Iterator[Proxy]:
    with Proxy(rack.client.settings.api_url) as proxy:
        yield proxy


def query(endpoint: str, **filters: Any) -> Query:
    return Query(endpoint, {**filters, "fields": sorted(FIELDS[ENDPOINTS[endpoint]])}, short=True)


def queries(rack: Rack) -> Iterator[Query]:
    yield query("dcim/devices", rack_id=rack.rack)
    yield query("dcim/devices", id=rack.ids_of_all[:2])
    yield query("dcim/devices", name=[device["name"] for device in rack.devices[:3]])
    for endpoint in ENDPOINTS.keys() - {"dcim/devices"}:
        yield query(endpoint, device_id=rack.ids_of_all)


def agrees(told: Any, rest: Any, field: str = "") -> bool:
    """Whether all that is told is what REST tells, which may tell more of what a record leads to."""
    if field in TIMES:
        return datetime.fromisoformat(told) == datetime.fromisoformat(rest)
    if isinstance(told, dict) and isinstance(rest, dict):
        return told.keys() <= rest.keys() and all(agrees(one, rest[key], key) for key, one in told.items())
    if isinstance(told, list) and isinstance(rest, list):
        return len(told) == len(rest) and all(map(agrees, told, rest))
    return bool(told == rest)


def test_the_same_is_told_as_by_rest(rack: Rack, proxy: Proxy) -> None:
    asked = list(queries(rack))
    assert all(map(question, asked))
    with Client(Settings(proxy.url, rack.client.settings.token)) as through:
        by_graphql = [through.ask(one) for one in asked]
    assert set(proxy.seen) == {Seen("GET", GRAPHQL, 200)}
    for one, told in zip(asked, by_graphql, strict=True):
        rest = rack.client.ask(one._replace(short=False))
        shown = [{**record, **page(record, proxy, rack)} for record in told]
        assert [record.keys() for record in shown] == [record.keys() for record in rest], one
        for ours, theirs in zip(shown, rest, strict=True):
            wrong = {key: (ours[key], theirs[key]) for key in ours if not agrees(ours[key], theirs[key], key)}
            assert not wrong, (one.endpoint, theirs["id"])


def page(record: dict[str, Any], proxy: Proxy, rack: Rack) -> dict[str, str]:
    """Its page lies where the client has NetBox."""
    url = record.get("display_url")
    return {"display_url": url.replace(proxy.url, rack.client.settings.api_url)} if url else {}


@pytest.mark.parametrize("fault", [refuse(404), lambda _: Answer(404, {"Content-Type": "text/html"}, b"<html>")])
def test_without_graphql_rest_answers(rack: Rack, proxy: Proxy, fault: Fault) -> None:
    one = query("dcim/devices", rack_id=rack.rack)
    with proxy.always(fault, "GET", GRAPHQL), Client(Settings(proxy.url, rack.client.settings.token)) as through:
        told = through.ask(one)
    assert [record["id"] for record in told] == [record["id"] for record in rack.client.ask(one)]
    assert {seen.path.partition("?")[0] for seen in proxy.seen} == {GRAPHQL, "dcim/devices/"}


@pytest.fixture
def token(rack: Rack) -> Iterator[str]:
    """One that may see devices and interfaces, and nothing that these lead to."""
    client, name = rack.client, f"short-{rack.shop.run}"
    user = client.create("users/users", {"username": name, "password": f"Long-{name}-1"})["id"]
    rights = {"object_types": ["dcim.device", "dcim.interface"], "actions": ["view"], "users": [user]}
    permission = client.create("users/permissions", {"name": name, **rights})["id"]
    yield client.create("users/tokens", {"user": user, "version": 1})["token"]
    client.delete("users/permissions", permission)
    client.delete("users/users", user)


@pytest.mark.parametrize("endpoint", ["dcim/devices", "dcim/interfaces"])
def test_what_is_hidden_from_a_token_rest_tells(rack: Rack, proxy: Proxy, token: str, endpoint: str) -> None:
    """GraphQL would tell that there is no cable, no wireless link, no rack."""
    one = query(endpoint, **({"rack_id": rack.rack} if endpoint == "dcim/devices" else {"device_id": rack.ids_of_all}))
    with Client(Settings(proxy.url, token)) as through:
        told = through.ask(one)
    assert {seen.path.partition("?")[0] for seen in proxy.seen} == {GRAPHQL, f"{endpoint}/"}
    assert len(told) == len(rack.client.ask(one))
    if endpoint == "dcim/interfaces":
        assert (
            len([port for port in told if port["cable"]]) == len([port for port in told if port["wireless_link"]]) == 2
        )
    else:
        assert all(device["rack"] for device in told)


def test_what_a_token_may_not_see_at_all_rest_refuses_by_name(rack: Rack, token: str) -> None:
    """GraphQL would tell that there is nothing."""
    settings = Settings(rack.client.settings.api_url, token)
    with Client(settings) as limited, pytest.raises(AccessError, match="permission to view dcim/power-outlets"):
        limited.ask(query("dcim/power-outlets", device_id=rack.ids_of_all))
