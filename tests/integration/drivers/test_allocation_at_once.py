# SPDX-License-Identifier: BSD-2-Clause
"""Fifty who ask at once: nobody gets what another has, whether or not NetBox itself refuses duplicates."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import ip_address

import pytest

from clusto.drivers import IPManager, Session
from tools.lab.instance import NetBoxServer

from .askers import at_once

Unique = Callable[[str], str]
PROCESSES, EACH = 10, 5


@pytest.fixture(params=[True, False], ids=["netbox refuses duplicates", "netbox allows duplicates"])
def vrf(request: pytest.FixtureRequest, session: Session, unique: Unique) -> str:
    name = unique("vrf")
    session.client.create("ipam/vrfs", {"name": name, "enforce_unique": request.param})
    return name


def test_fifty_at_once(netbox_server: NetBoxServer, session: Session, unique: Unique, net: str, vrf: str) -> None:
    """First forty of fifty find a free one, in two ranges around the gateway; then one of fifty gets a given one."""
    ranges = [f"{net}.5-{net}.10", f"{net}.20-{net}.54"]
    manager = IPManager(unique("rush"), prefix=f"{net}.0/24", gateway=f"{net}.7", ranges=ranges, vrf=vrf)
    connection = (netbox_server.api_url, netbox_server.token)
    answers = at_once(connection, manager.record, None, PROCESSES, EACH)
    got = [ip for ip, _ in answers if ip]
    expected = {*(f"{net}.{n}" for n in range(5, 11)), *(f"{net}.{n}" for n in range(20, 55))} - {f"{net}.7"}
    assert sorted(got, key=ip_address) == sorted(expected, key=ip_address)
    reasons = {why for ip, why in answers if not ip}
    assert len(answers) - len(got) == PROCESSES * EACH - len(expected)
    assert all(f"no free address in {net}.0/24 in VRF '{vrf}' (ranges {', '.join(ranges)})" in why for why in reasons)

    answers = at_once(connection, manager.record, f"{net}.200", PROCESSES, EACH)
    assert [ip for ip, _ in answers if ip] == [f"{net}.200"]
    assert {why for ip, why in answers if not ip} == {
        f"{manager.label}: IP address {net}.200 is active in NetBox already"
    }
    found = session.client.list("ipam/ip-addresses", vrf_id=manager.vrf_id, fields="address")
    hosts = [record["address"].partition("/")[0] for record in found]
    assert sorted(hosts) == sorted([*expected, f"{net}.7", f"{net}.200"])
