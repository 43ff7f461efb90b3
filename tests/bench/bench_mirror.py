# SPDX-License-Identifier: BSD-2-Clause
"""The mirror: how soon a change in NetBox is in it, what following costs NetBox, and a snapshot of 100,000 servers.

    NETBOX_API=… NETBOX_TOKEN=… tests/bench/bench_mirror.py [--servers 100000] [--changes 20]

Makes and deletes one site and one tag in that NetBox. The servers of the snapshot are made up: three NICs with a MAC
each, one address, in racks of 40 and in one of 50 pools. Each figure of theirs is of a process of its own.
"""

from __future__ import annotations

import argparse
import gc
import os
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import timeit
import tracemalloc
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from clusto.mirror.feed import LATE, REVIEW, Feed, Position
from clusto.mirror.inventory import Inventory
from clusto.mirror.load import HOSTS, QUERIES
from clusto.mirror.mirror import INTERVAL, Mirror
from clusto.mirror.patch import renew
from clusto.mirror.snapshot import Saved, restore, save
from clusto.netbox.client import Client, Settings
from clusto.netbox.transport import Request, Sent, Transport

URL = "http://netbox.example.com"
RACKFUL = 40
SITES = 20
POOLS = 50
NICS = ("eth0", "eth1", "ipmi")
LOOK_UPS = 100_000
BATCH = 500
IDLE = 20.0  # seconds of following while nothing changes
Record = dict[str, Any]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--servers", type=int, default=100_000)
    parser.add_argument("--changes", type=int, default=20)
    parser.add_argument("--part", choices=PARTS, help=argparse.SUPPRESS)
    parser.add_argument("--path", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.part:
        PARTS[options.part](options.path, options.servers)
        return
    with tempfile.TemporaryDirectory() as directory:
        for part in PARTS:
            arguments = ("--part", part, "--path", f"{directory}/mirror", "--servers", str(options.servers))
            subprocess.run([sys.executable, __file__, *arguments], check=True)
    follow(options.changes)


def say(what: str, figure: str) -> None:
    sys.stdout.write(f"{what:52}{figure}\n")
    sys.stdout.flush()


# Following the real NetBox


class Counting(Transport):
    """Counts requests, and how many are under way at once."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self.requests = self.under_way = self.most = 0
        self._lock = threading.Lock()

    def send(self, request: Request) -> Sent:
        with self._lock:
            self.requests += 1
            self.under_way += 1
            self.most = max(self.most, self.under_way)
        try:
            return super().send(request)
        finally:
            with self._lock:
                self.under_way -= 1


def follow(changes: int) -> None:
    settings = Settings.from_environment()
    transport = Counting(settings)
    with Client(settings, transport=transport) as client, Client(settings) as writer:
        mirror = Mirror(client)
        mirror.start()
        freshness = mirror.freshness
        say(f"reading everything, {len(mirror.current.hosts)} hosts", f"{freshness.reload_seconds or 0:.2f} s")
        mirror.follow()
        try:
            idle(mirror, transport)
            latency(mirror, writer, changes)
        finally:
            mirror.stop()
        looks(client)
        say("most requests at once", f"{transport.most}")
        say("changes followed, everything read", f"{mirror.freshness.changes}, {mirror.freshness.reloads} times")


def idle(mirror: Mirror, transport: Counting) -> None:
    before, began = transport.requests, time.monotonic()
    time.sleep(IDLE)
    rate = (transport.requests - before) / (time.monotonic() - began)
    say(f"requests while nothing changes, every {INTERVAL:g} s", f"{rate:.2f} /s")
    spent = [timeit.timeit(mirror.refresh, number=1) for _ in range(20)]
    say("one of them", f"{statistics.median(spent) * 1000:.0f} ms")


def looks(client: Client) -> None:
    """What it takes to ask whether the change log has grown, in a log as long as this NetBox's."""
    now = 0.0
    feed = Feed(client, lambda: now)
    position = feed.end()

    def look(after: float) -> float:
        nonlocal now
        now += after
        return timeit.timeit(lambda: feed.news(position, 1), number=1)

    all_ = f"of {len(position.seen)} entries"
    say(f"  one every {REVIEW:g} s, {all_}", f"{statistics.median(look(REVIEW) for _ in range(5)) * 1000:.0f} ms")
    look(LATE)  # what was missing at the first is missing for long from then on
    say("  the others", f"{statistics.median(look(0) for _ in range(20)) * 1000:.0f} ms")


def latency(mirror: Mirror, writer: Client, changes: int) -> None:
    """From NetBox's answer to whoever made the change, to the callback."""
    name = f"bench-{uuid.uuid4().hex[:8]}"
    site = writer.create("dcim/sites", {"name": name, "slug": name})
    seen, wanted = threading.Event(), [name]

    def watch(inventory: Inventory) -> None:
        found = inventory.sites.get(site["id"])
        if found and found.name == wanted[0]:
            seen.set()

    mirror.on_change(watch)
    spent = []
    try:
        for number in range(changes):
            time.sleep(random.uniform(0, INTERVAL))
            seen.clear()
            wanted[0] = f"{name}-{number}"
            writer.update("dcim/sites", site["id"], {"name": wanted[0]})
            began = time.monotonic()
            if not seen.wait(60):
                raise SystemExit(f"change {number} did not arrive in 60 s: {mirror.freshness}")
            spent.append(time.monotonic() - began)
    finally:
        writer.delete("dcim/sites", site["id"])
    say(f"a change is there after ({changes} of them), median", f"{statistics.median(spent):.2f} s")
    say("  the longest (at most 2 s)", f"{max(spent):.2f} s")


# A snapshot of many servers


def make(path: Path, servers: int) -> None:
    new = renew(None, records(servers), URL, 1.0)
    began = time.monotonic()
    save(Saved(new.inventory, Position(1, "mark", frozenset(range(10_000)))), path)
    say(f"saving {servers} servers, {path.stat().st_size / 1e6:.0f} MB", f"{time.monotonic() - began:.2f} s")


def load(path: Path, servers: int) -> None:
    before = resident()
    began, cpu = time.monotonic(), time.process_time()
    inventory = restore(path, URL).inventory
    spent = time.monotonic() - began
    say("loading it (at most 3 s)", f"{spent:.2f} s, {time.process_time() - cpu:.2f} s of CPU")
    gc.collect()
    say("memory for each server, of the process", f"{(resident() - before) / servers:.0f} bytes")
    macs = [port.macs[0] for host in inventory.hosts for port in host.ports]
    chosen = random.Random(1).choices(macs, k=LOOK_UPS)
    say("look-up by MAC (at most 2000 ns)", f"{statistics.median(look_ups(inventory, chosen)):.0f} ns")


def look_ups(inventory: Inventory, macs: list[str]) -> Iterator[float]:
    """Nanoseconds of each, in batches so short that other programs disturb few of them."""
    for start in range(0, len(macs), BATCH):
        batch = macs[start : start + BATCH]
        began = time.perf_counter_ns()
        for mac in batch:
            inventory.by_mac(mac)
        yield (time.perf_counter_ns() - began) / len(batch)


def trace(path: Path, servers: int) -> None:
    tracemalloc.start()
    saved = restore(path, URL)
    gc.collect()
    held, most = tracemalloc.get_traced_memory()
    say("  of its objects (at most 1500 bytes)", f"{held / len(saved.inventory.hosts):.0f} bytes")
    say("  of its objects while it is loaded", f"{most / servers:.0f} bytes")


PARTS: dict[str, Callable[[Path, int], None]] = {"make": make, "load": load, "trace": trace}


def resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def records(servers: int) -> dict[str, list[Record]]:
    """As NetBox gives them."""
    racks = servers // RACKFUL + 1
    return {
        **{kind: [] for kind in (*QUERIES, *HOSTS)},
        "sites": [{**named(n, "site"), **dict.fromkeys(("region", "group", "tenant"))} for n in range(1, SITES + 1)],
        "racks": [
            {**named(n, "rack"), "site": {"id": n % SITES + 1}, "location": None, "tenant": None, "custom_fields": {}}
            for n in range(1, racks + 1)
        ],
        "tags": [named(n, "pool") for n in range(POOLS)],
        "contexts": [context(n) for n in range(POOLS)],
        "devices": [device(n) for n in range(1, servers + 1)],
        "interfaces": [interface(n, nic) for n in range(1, servers + 1) for nic in range(len(NICS))],
        "mac_addresses": [
            {"id": n, "mac_address": mac_address(n), "assigned_object_type": "dcim.interface", "assigned_object_id": n}
            for n in range(1, servers * len(NICS) + 1)
        ],
        "ip_addresses": [*addresses(servers)],
    }


def named(number: int, kind: str) -> Record:
    return {"id": number, "name": f"{kind}-{number:05}", "slug": f"{kind}-{number:05}", "tags": []}


def context(number: int) -> Record:
    data = {"dhcp": {"enabled": 1, "domain": f"pool{number}.example.org", "filename": "pxelinux.0"}}
    slug = f"pool-{number:05}"
    criteria = ("regions", "site_groups", "sites", "locations", "device_types", "roles", "platforms")
    more = ("cluster_types", "cluster_groups", "clusters", "tenant_groups", "tenants")
    pool = {"profile": {"name": "clusto pool"}, "weight": 5000, "is_active": True, "tags": [slug], "data": data}
    return {**dict.fromkeys((*criteria, *more), ()), "id": number, "name": slug, **pool}


def device(number: int) -> Record:
    rack = number // RACKFUL + 1
    nothing = ("platform", "tenant", "location", "cluster", "local_context_data", "primary_ip6", "oob_ip")
    return {
        **dict.fromkeys(nothing),
        "id": number,
        "name": f"server{number:06}.example.org",
        "device_type": {"id": 1, "model": "BasicServer"},
        "role": {"id": 1, "slug": "server"},
        "status": {"value": "active"},
        "site": {"id": rack % SITES + 1},
        "rack": {"id": rack},
        "position": number % RACKFUL + 1.0,
        "tags": [{"slug": f"pool-{rack % POOLS:05}"}],
        "primary_ip4": {"id": number, "address": "", "family": 4},
    }


def interface(number: int, nic: int) -> Record:
    return {
        **dict.fromkeys(("lag", "bridge", "parent")),
        "id": (number - 1) * len(NICS) + nic + 1,
        "device": {"id": number},
        "name": NICS[nic],
        "type": {"value": "1000base-t"},
        "label": "",
        "enabled": True,
        "mgmt_only": NICS[nic] == "ipmi",
        "primary_mac_address": {"mac_address": mac_address((number - 1) * len(NICS) + nic + 1)},
    }


def addresses(servers: int) -> Iterator[Record]:
    for number in range(1, servers + 1):
        ip = ".".join(map(str, (10, *number.to_bytes(3, "big"))))
        yield {
            **dict.fromkeys(("role", "vrf")),
            "id": number,
            "address": f"{ip}/8",
            "status": {"value": "active"},
            "dns_name": "",
            "assigned_object_type": "dcim.interface",
            "assigned_object_id": (number - 1) * len(NICS) + 1,
        }


def mac_address(number: int) -> str:
    return "02:00:" + number.to_bytes(4, "big").hex(":").upper()


if __name__ == "__main__":
    main()
