# SPDX-License-Identifier: BSD-2-Clause
"""NetBox fails at each single write of a task, in every way it can: the next run completes it and doubles nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ..modules.conftest import Modules
from ..proxy import WRITE, Proxy, cut, lose, refuse

Unique = Callable[[str], str]
FAULTS = {"answers 500": refuse(500), "is cut off": cut, "does it, and the answer is lost": lose}

ATTRIBUTES = {"dhcp": {"enabled": 1}, "tier": "gold"}
TASKS: dict[str, dict[str, Any]] = {
    "pool": {"parents": ["{outer}"], "members": ["rack:{rack}"], "attributes": ATTRIBUTES},
    "location": {"parent": "{dc}", "driver": "cage", "attributes": ATTRIBUTES},
    "ip_manager": {"prefix": "100.101.{n}.0/29", "gateway": "100.101.{n}.1", "attributes": ATTRIBUTES},
    "server": {
        "driver": "basicserver",
        "rack": "{rack}",
        "ru": "{n}",
        "pools": ["{outer}"],
        "ports": [{"type": "nic-eth", "number": 1, "mac": "02:0a:{mark}:{n}"}],
        "ips": [{"ip_manager": "{net}", "osport": "eth0"}],
    },
}


@pytest.mark.parametrize("module", TASKS)
def test_each_write(module: str, proxy: Proxy, through: Modules, modules: Modules, unique: Unique) -> None:
    mark = unique("")[1:]
    names = {stem: f"{stem}-{module}-{mark}" for stem in ("dc", "rack", "outer", "net")}
    octets = bytes.fromhex(mark)
    names["mark"] = octets.hex(":")
    base = octets[0]
    for one, options in (
        ("datacenter", {"name": names["dc"]}),
        ("rack", {"name": names["rack"], "datacenter": names["dc"], "max_u": 99}),
        ("pool", {"name": names["outer"]}),
        ("ip_manager", {"name": names["net"], "prefix": f"{11 + base % 80}.{octets[1]}.{octets[2]}.0/26"}),
    ):
        assert "msg" not in modules.run(one, **options)

    def task(n: int) -> dict[str, Any]:
        return {"name": f"{module}-{n}-{mark}", **filled(TASKS[module], {**names, "n": f"{(base + n) % 90 + 10}"})}

    ways = list(FAULTS.values())
    plain = through.run(module, **task(0))
    assert "msg" not in plain, plain["msg"]
    for n in range(1, len(proxy.written()) + 1):
        proxy.on(ways[n % len(ways)], WRITE, nth=n)
        first = through.run(module, **task(n))
        assert proxy.waiting == 0
        assert proxy.url in first.get("msg", proxy.url)
        second = modules.run(module, **task(n))
        assert "msg" not in second, second["msg"]
        third = modules.run(module, check=True, **task(n))
        assert not third["changed"], third["diff"]
        assert shape(second["entity"]) == shape(plain["entity"])


def filled(value: Any, names: dict[str, str]) -> Any:
    """The options with the names in them; a number where one was meant."""
    if isinstance(value, str):
        text = value.format(**names)
        return int(text) if text.isdecimal() and value == "{n}" else text
    if isinstance(value, list):
        return [filled(one, names) for one in value]
    return {key: filled(one, names) for key, one in value.items()} if isinstance(value, dict) else value


def shape(entity: dict[str, Any]) -> dict[str, Any]:
    """What must be alike of two entities of one description: everything but names, addresses and places in a row."""
    alike = {key: value for key, value in entity.items() if key in {"type", "driver", "pools", "parents", "attributes"}}
    return {**alike, "counts": {key: len(value) for key, value in entity.items() if isinstance(value, list)}}
