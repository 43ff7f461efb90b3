# SPDX-License-Identifier: BSD-2-Clause
from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings

from clusto.mirror.document import SnapshotError, from_document, to_document
from clusto.mirror.inventory import Inventory
from clusto.mirror.model import Address, Host, Port

from .inventories import inventories

URL = "http://netbox.example.com"
SHARED = {"dhcp": {"enabled": 1}}


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])  # a busy machine is no fault
@given(inventories())
def test_round_trip(inventory: Inventory) -> None:
    through_json = json.loads(json.dumps(to_document(inventory)))
    assert from_document(through_json, URL) == inventory


def test_what_hosts_share_is_written_once_and_shared_again() -> None:
    address = Address(7, "10.0.0.1", 24, "active")
    hosts = [
        Host("device", n, f"web{n}", "server", "x", "active", pools=("web",), attributes=SHARED,
             ports=(Port(n, "eth0", "1000base-t", addresses=(address,)),), primary_ip4=address)
        for n in (1, 2)
    ]  # fmt: skip
    document = json.loads(json.dumps(to_document(Inventory(api_url=URL, loaded_at=0.0, hosts=hosts))))
    assert document["documents"].count(SHARED) == 1
    one, other = from_document(document, URL).hosts
    assert one.attributes is other.attributes
    assert one.pools is other.pools
    assert one.type is other.type
    assert one.primary_ip4 is one.ports[0].addresses[0]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"version": 0}, "version 0, expected 2"),
        ({"version": None}, "version None, expected 2"),
        ({"api_url": "http://other"}, "it is of http://other, expected http://netbox.example.com"),
        ({"hosts": [[]]}, "damaged"),
        ({"hosts": None}, "damaged"),
        ({"managers": [[1, "a", "not-a-network", None, None, 0]], "documents": [{}]}, "damaged"),
        ({"locations": [[1, "a", "a"]]}, "damaged"),
    ],
)
def test_refused(change: dict[str, object], message: str) -> None:
    document = {**to_document(Inventory(api_url=URL, loaded_at=0.0)), **change}
    with pytest.raises(SnapshotError, match=message):
        from_document(document, URL)


@pytest.mark.parametrize("document", [None, [], "text", {}, 7])
def test_what_is_no_document_is_refused(document: object) -> None:
    with pytest.raises(SnapshotError, match="damaged"):
        from_document(document, URL)
