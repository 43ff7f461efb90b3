# SPDX-License-Identifier: BSD-2-Clause
"""Lists of pools, bindings, attributes and connections, what NetBox has of each, and running one as a program."""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from ipaddress import IPv4Network
from pathlib import Path
from typing import Any

from clusto.drivers import BasicServer, Datacenter, IPManager, Session
from clusto.netbox.client import Client

from ..modules.conftest import Modules

Options = dict[str, Any]
RACKS, DEVICES, CABLES = "dcim/racks", "dcim/devices", "dcim/cables"
TAGS, CONTEXTS, ADDRESSES = "extras/tags", "extras/config-contexts", "ipam/ip-addresses"
TEN = 10
"""Items in a request, where a test has it so: a hundred take NetBox minutes."""
LONG = TEN + 1
"""Items of a list that needs two requests then."""
MIDDLE = {
    "pool": ("POST", CONTEXTS),
    "ip_binding": ("POST", ADDRESSES),
    "attribute": ("PATCH", RACKS),
    "connection": ("POST", CABLES),
}
"""Module -> a request of its list with others before it, where it makes any."""
WHOLE = {"pool": [2, 6], "ip_binding": [3], "attribute": [3], "connection": [3]}
"""Module -> what there is of a list that is complete: pools and members, addresses, attributes, cables."""


@dataclass
class World:
    """What the lists are about. Each list, by its number, makes objects of its own."""

    session: Session
    mark: str
    numbers: Iterator[int] = field(default_factory=itertools.count)

    def __post_init__(self) -> None:
        self.datacenter = Datacenter(f"dc-{self.mark}", session=self.session)
        self.racks = self.make_racks(3)
        self.servers = [BasicServer(f"s{n}-{self.mark}", session=self.session).name for n in range(6)]
        self.ends = [(name, 1) for name in self.servers]
        octets = bytes.fromhex(self.mark)
        self.net = IPv4Network((int.from_bytes([20 + octets[0] % 60, octets[1], octets[2] & 240, 0], "big"), 20))
        self.manager = IPManager(f"net-{self.mark}", prefix=str(self.net), session=self.session).name

    @property
    def client(self) -> Client:
        return self.session.client

    def make_racks(self, number: int) -> list[str]:
        names = [f"r{next(self.numbers)}-{self.mark}" for _ in range(number)]
        self.client.create(RACKS, [{"name": name, "site": self.datacenter.id} for name in names])
        return names

    @cached_property
    def many_racks(self) -> list[str]:
        return self.make_racks(LONG)

    @cached_property
    def many_ends(self) -> list[tuple[str, int]]:
        """The ports of two switches, in turn: a cable between each and the next."""
        [maker] = self.client.list("dcim/manufacturers", slug="clusto")
        model = {"manufacturer": maker["id"], "model": f"long-{self.mark}", "slug": f"long-{self.mark}"}
        made = self.client.create("dcim/device-types", model)["id"]
        ports = [{"device_type": made, "name": f"eth{n}", "type": "1000base-t"} for n in range(1, LONG + 1)]
        self.client.create("dcim/interface-templates", ports)
        names = [f"sw{n}-{self.mark}" for n in range(2)]
        body = {"role": {"slug": "networkswitch"}, "device_type": made, "site": self.datacenter.id}
        self.client.create(DEVICES, [{**body, "name": name} for name in names])
        return [(name, n) for n in range(1, LONG + 1) for name in names]

    # The lists, and how much of each is there

    def pool(self, n: int) -> Options:
        """One in the other, and members in both."""
        outer, inner = self.pools(n)
        members = [f"rack:{rack}" for rack in self.racks]
        return {"pools": [{"name": inner, "parents": [outer], "members": members}, {"name": outer, "members": members}]}

    def pools(self, n: int) -> list[str]:
        return [f"{name}-{n}-{self.mark}" for name in ("outer", "inner")]

    def count_pool(self, n: int) -> list[int]:
        names = self.pools(n)
        tagged = [self.client.list(RACKS, tag=tag["slug"], fields="id") for tag in self.client.list(TAGS, name=names)]
        return [len(self.client.list(CONTEXTS, name=names)), sum(map(len, tagged))]

    def ip_binding(self, n: int) -> Options:
        """The next addresses, on interfaces that are to be made."""
        each = {"ip_manager": self.manager, "osport": f"vlan{n}"}
        names = [self.servers[at % len(self.servers)] for at, _ in enumerate(self.racks)]
        return {"bindings": [{"entity": name, **each} for name in names]}

    def count_ip_binding(self, n: int) -> list[int]:
        found = self.client.list(ADDRESSES, parent=str(self.net))
        return [sum(one["assigned_object"]["name"] == f"vlan{n}" for one in found if one["assigned_object"])]

    def attribute(self, n: int) -> Options:
        """Each once more than before, which a repeat must not do again."""
        new = {"key": f"k{n}", "number": "next", "value": "new", "state": "added"}
        return {"attributes": [{"entity": f"rack:{rack}", **new} for rack in self.racks]}

    def count_attribute(self, n: int) -> list[int]:
        found = self.client.list(RACKS, name=self.racks, fields="custom_fields")
        documents = [one["custom_fields"]["clusto_attributes"] or {} for one in found]
        return [sum(document.get(f"k{n}") == {"0": "new"} for document in documents)]

    def connection(self, _: int) -> Options:
        ends = [{"entity": name, "type": "nic-eth", "number": number} for name, number in self.ends]
        return {"connections": [{"a": a, "b": b} for a, b in zip(ends[::2], ends[1::2], strict=True)]}

    def cables(self) -> list[int]:
        names = sorted({name for name, _ in self.ends})
        ids = [one["id"] for one in self.client.list(DEVICES, name=names, fields="id")]
        return [cable["id"] for cable in self.client.list(CABLES, device_id=ids, fields="id")]

    def count_connection(self, _: int) -> list[int]:
        return [len(self.cables())]

    def options(self, module: str, n: int) -> Options:
        return dict(getattr(self, module)(n))

    def count(self, module: str, n: int) -> list[int]:
        return list(getattr(self, f"count_{module}")(n))

    def clear(self, module: str, n: int) -> None:
        """What the next list has to be able to make again."""
        if module == "connection":
            self.client.delete_many(CABLES, self.cables())


def started(modules: Modules, module: str, options: Options) -> subprocess.Popen[bytes]:
    """A module as a program of its own."""
    given = json.dumps(modules.connection | options)
    command = [sys.executable, "-m", "tests.integration.faults.running", module, given]
    return subprocess.Popen(command, cwd=Path(__file__).parents[3], stdout=subprocess.PIPE)
