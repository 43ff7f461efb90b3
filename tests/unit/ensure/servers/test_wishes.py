# SPDX-License-Identifier: BSD-2-Clause
from __future__ import annotations

from typing import Any

from clusto.ensure.servers.wishes import wishes

TASK: dict[str, Any] = {"name": None, "name_manager": None, "state": "present", "rack": "r1", "pools": ["web"]}


def test_one_alone_is_a_list_of_one() -> None:
    [wish] = wishes("server", TASK | {"name": "s1", "ru": [3]}, None)
    assert (wish.name, wish.ru, wish.rack, wish.state, wish.ips_mode) == ("s1", [3], "r1", "present", "add")
    assert wish.label == "server 's1'"


def test_what_stands_beside_a_list_holds_for_items_that_do_not_say_otherwise() -> None:
    items = [{"name": "s1"}, {"name": "s2", "rack": "", "pools": ["db"], "state": "absent", "ru": None}]
    first, second = wishes("server", TASK | {"attributes_mode": "exact"}, items)
    assert (first.rack, first.pools, first.state, first.attributes_mode) == ("r1", ["web"], "present", "exact")
    assert (second.rack, second.pools, second.state, second.ru) == ("", ["db"], "absent", None)
    assert [wish.index for wish in (first, second)] == [0, 1]


def test_a_name_manager_names_the_items_without_a_name() -> None:
    named, unnamed = wishes("server", TASK | {"name_manager": "names"}, [{"name": "s1"}, {"ru": [1]}])
    assert (named.name, named.name_manager) == ("s1", None)
    assert (unnamed.name, unnamed.name_manager, unnamed.title) == (None, "names", "names #1")


def test_ports_and_addresses_have_all_their_keys() -> None:
    ports = [{"number": 1, "mac": "02-00-00-00-00-0A"}, {"name": "psu1", "connected_to": {"entity": "p", "name": "o1"}}]
    [wish] = wishes("server", {"name": "s1", "ports": ports, "ips": [{"ip": "10.0.0.1", "osport": "eth0"}]}, None)
    assert wish.macs == ["02:00:00:00:00:0a"]
    assert [link["connected_to"] for link in wish.links] == [
        {"entity": "p", "type": None, "number": None, "name": "o1", "cable": {}}
    ]
    [ip] = wish.ips or ()
    assert ip == {"ip": "10.0.0.1", "ip_manager": None, "osport": "eth0", "type": "nic-eth", "number": None}
