# SPDX-License-Identifier: BSD-2-Clause
"""Busy beside what others made, clusto changes nothing of it: every object is whole as it was, to its last_updated."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from clusto.netbox.client import Client

from ..modules.conftest import Modules
from .world import Others

Unique = Callable[[str], str]


@pytest.fixture
def untouched(others: Others) -> Iterator[None]:
    before = others.dump()
    yield
    after = others.dump()
    for endpoint, records in before.items():
        for old, new in zip(records, after[endpoint], strict=True):
            assert counted_out(new) == counted_out(old), endpoint


def counted_out(record: dict[str, Any]) -> dict[str, Any]:
    """What NetBox counts of others (`device_count` of a site) is no change of the object."""
    return {key: value for key, value in record.items() if not key.endswith("_count")}


@pytest.mark.usefixtures("untouched")
def test_a_busy_playbook(modules: Modules, others: Others, unique: Unique) -> None:
    """All in the midst of theirs: in their site, location, rack and pools' tags, on addresses beside theirs."""
    site, rack = others.made["dcim/sites"]["one"]["name"], f"{others.name('one')}/{others.name('plain')}"
    pool, inner, server, net = (unique(stem) for stem in ("pool", "inner", "ex", "net"))
    done: list[tuple[str, dict[str, Any]]] = []

    def do(module: str, **options: Any) -> dict[str, Any]:
        answer = modules.run(module, **options)
        assert "msg" not in answer, answer["msg"]
        done.append((module, options))
        return answer

    do("pool", name=pool, attributes={"vlan": 7})
    do("pool", name=inner, parents=[pool], attributes={"dhcp": {"enabled": 1}}, driver="unique_pool")
    do("rack", name=unique("own"), datacenter=site, location=others.name("level2"), max_u=10, pools=[pool])
    do("ip_manager", name=net, prefix="198.18.1.64/27", gateway="198.18.1.65")
    ports = [{"type": "nic-eth", "number": 1, "mac": f"02:00:{others.mark[:2]}:{others.mark[2:4]}:00:01"}]
    ips = [{"ip_manager": net, "osport": "eth0"}, {"ip": "198.18.1.70", "osport": "vlan7"}]
    in_rack = {"rack": rack, "ru": 30, "pools": [inner]}
    answer = do("server", name=server, driver="basicserver", ports=ports, ips=ips, **in_rack)
    assert answer["entity"]["locations"][-1] == others.name("level4")
    do("attribute", entity=server, key="owner", subkey="team", value="ops")
    do("ip_binding", entity=server, ip_manager=net, osport="eth1")
    do("pool", name=unique("third"), members=[server], members_mode="add", weight=4700)
    values = modules.run("attribute_info", entity=server, merged=True)
    assert "msg" not in values
    for module, options in reversed(done):
        if module in {"server", "ip_manager", "rack", "pool"}:
            where = {"datacenter": site} if module == "rack" else {}
            gone = modules.run(module, name=options["name"], state="absent", **where)
            assert "msg" not in gone, gone["msg"]


def test_a_field_that_another_tool_requires(modules: Modules, client: Client, unique: Unique) -> None:
    """Ours cannot know its value: NetBox says which field, and nothing is half made."""
    field = unique("asset").replace("-", "_")
    body = {"name": field, "type": "text", "required": True, "object_types": ["dcim.rack"]}
    made = client.create("extras/custom-fields", body)
    site, rack = unique("dc"), unique("rack")
    modules.do("datacenter", name=site)
    try:
        answer = modules.run("rack", name=rack, datacenter=site, attributes={"tier": 1})
        assert field in answer["msg"]
        assert "required" in answer["msg"].lower()
        assert client.list("dcim/racks", name=rack) == []
    finally:
        client.delete("extras/custom-fields", made["id"])
    modules.do("rack", name=rack, datacenter=site, attributes={"tier": 1})
