# SPDX-License-Identifier: BSD-2-Clause
"""What a subnet gives, out of what NetBox says of it: asked as little as possible."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import ip_address, ip_network
from typing import Any

import pytest

from clusto.core.errors import ConflictError, InvalidError, NotFoundError
from clusto.drivers.subnet import Subnet

NET = "10.0.0.0/24"


class Manager:
    id = 1
    label = "ipmanager 'servers'"
    url = "http://netbox/ipam/prefixes/1/"


class Client:
    """A NetBox that knows some addresses; its `available-ips` offers free ones from everywhere in the prefix."""

    def __init__(self, taken: Sequence[str]) -> None:
        self.taken = {ip_address(ip) for ip in taken}
        self.asked: list[str] = []

    def read(self, path: str, *, limit: int) -> list[dict[str, str]]:
        self.asked.append(path)
        free = [ip for ip in ip_network(NET).hosts() if ip not in self.taken]
        return [{"address": f"{ip}/24"} for ip in free[:limit]]

    def list(self, path: str, *, parent: Sequence[str], vrf_id: None, fields: Sequence[str]) -> list[dict[str, str]]:
        assert (vrf_id, fields) == (None, ("address",))
        self.asked.append(path)
        blocks = [ip_network(block) for block in parent]
        return [{"address": f"{ip}/24"} for ip in self.taken if any(ip in block for block in blocks)]


def prefix(number: int, net: str, **fields: Any) -> dict[str, Any]:
    status = {"value": fields.pop("status", "active")}
    flags = {"is_pool": False, "mark_utilized": False, "vrf": None}
    custom = {"clusto_name": fields.pop("name", None), "clusto_gateway": fields.pop("gateway", None)}
    ranges = {"clusto_ranges": fields.pop("ranges", None)}
    return {"id": number, "prefix": net, "status": status, **flags, **fields, "custom_fields": {**custom, **ranges}}


def ip_range(first: str, last: str, *, populated: bool = False) -> dict[str, Any]:
    ends = {"start_address": f"{first}/24", "end_address": f"{last}/24"}
    return {"display": f"{first}-{last}", **ends, "mark_populated": populated}


def subnet(client: Client, *inner: dict[str, Any], ip_ranges: Sequence[Any] = (), **own: Any) -> Subnet:
    return Subnet(client, Manager(), [prefix(1, NET, **{"name": "servers"} | own), *inner], ip_ranges)  # type: ignore[arg-type]  # all that it uses


def found(of: Subnet, count: int, *but: str) -> list[str]:
    return [str(ip) for ip in of.free(count, [ip_address(ip) for ip in but])]


def test_netbox_is_asked_for_no_more_than_the_next_ones() -> None:
    client = Client(["10.0.0.2"])
    assert found(subnet(client, gateway="10.0.0.254"), 3, "10.0.0.3") == ["10.0.0.1", "10.0.0.4", "10.0.0.5"]
    assert client.asked == ["ipam/prefixes/1/available-ips"]
    assert found(subnet(client), 0) == []


def test_what_netbox_offers_and_may_not_be_chosen_is_passed_by() -> None:
    client = Client(["10.0.0.20"])
    there = subnet(
        client,
        prefix(2, "10.0.0.0/28", name="others"),
        ip_ranges=[
            ip_range("10.0.0.16", "10.0.0.18"),
            ip_range("10.0.9.1", "10.0.9.9"),
            ip_range("fd00::1", "fd00::2"),
        ],
    )
    assert found(there, 2) == ["10.0.0.19", "10.0.0.21"]
    assert client.asked == ["ipam/prefixes/1/available-ips", "ipam/ip-addresses"]


def test_ranges_are_read_at_once() -> None:
    client = Client(["10.0.0.30", "10.0.0.41"])
    there = subnet(client, ranges=["10.0.0.30-10.0.0.31", "10.0.0.40-10.0.0.42"], gateway="10.0.0.40")
    assert found(there, 5) == ["10.0.0.31", "10.0.0.42"]
    assert client.asked == ["ipam/ip-addresses"]
    full = "no free address in 10.0.0.0/24 (ranges 10.0.0.30-10.0.0.31, 10.0.0.40-10.0.0.42)"
    assert str(there.exhausted(1, 0)) == f"{Manager.label}: {full}"


@pytest.mark.parametrize(
    ("own", "why"),
    [
        ({"status": "container"}, "no free address in 10.0.0.0/24; the prefix is container"),
        ({"status": "deprecated"}, "no free address in 10.0.0.0/24; the prefix is deprecated"),
        ({"mark_utilized": True}, "no free address in 10.0.0.0/24; the prefix is marked as utilized"),
    ],
)
def test_a_prefix_that_is_closed(own: dict[str, Any], why: str) -> None:
    there = subnet(Client([]), **own)
    assert found(there, 1) == []
    assert str(there.exhausted(1, 0)) == f"{Manager.label}: {why}"


def test_the_length_is_that_of_the_innermost_prefix() -> None:
    there = subnet(Client([]), prefix(2, "10.0.0.64/26"), prefix(3, "10.0.0.128/30", is_pool=True))
    lengths = {ip: there.with_length(ip_address(ip)) for ip in ("10.0.0.1", "10.0.0.65", "10.0.0.128", "10.0.0.129")}
    assert [text.partition("/")[2] for text in lengths.values()] == ["24", "26", "32", "30"]


@pytest.mark.parametrize(
    ("ip", "error", "message"),
    [
        ("10.0.0.255", InvalidError, "is not in 10.0.0.0/24; expected 10.0.0.1 to 10.0.0.254"),
        ("10.0.0.64", InvalidError, "is not in 10.0.0.64/26; expected 10.0.0.65 to 10.0.0.126"),
        ("10.0.0.9", ConflictError, "belongs to IP manager 'others' (10.0.0.8/29)"),
        ("10.0.0.1", ConflictError, "is its gateway"),
        ("10.0.0.33", ConflictError, "is in the IP range 10.0.0.32-10.0.0.35, which NetBox keeps for others"),
    ],
)
def test_addresses_that_nobody_may_name(ip: str, error: type[Exception], message: str) -> None:
    ranges = [ip_range("10.0.0.32", "10.0.0.35", populated=True), ip_range("10.0.0.36", "10.0.0.39")]
    inner = [prefix(2, "10.0.0.64/26"), prefix(3, "10.0.0.8/29", name="others")]
    there = subnet(Client([]), *inner, ip_ranges=ranges, gateway="10.0.0.1")
    with pytest.raises(error) as caught:
        there.check(ip)
    assert str(caught.value).startswith(f"{Manager.label}: IP address {ip} {message}")
    assert there.check("10.0.0.36") == ip_address("10.0.0.36")


def test_what_somebody_wrote_into_the_field_is_told_with_the_manager() -> None:
    with pytest.raises(InvalidError, match=r"ipmanager 'servers': range '10\.0\.1\.1': 10\.0\.1\.1 is not in 10\.0"):
        found(subnet(Client([]), ranges=["10.0.1.1"]), 1)


def test_a_manager_that_is_gone() -> None:
    with pytest.raises(NotFoundError, match="ipmanager 'servers' is no longer in NetBox"):
        Subnet(Client([]), Manager(), [prefix(2, NET)], [])  # type: ignore[arg-type]  # all that it uses
