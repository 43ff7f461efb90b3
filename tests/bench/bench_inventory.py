# SPDX-License-Identifier: BSD-2-Clause
"""The inventory of N devices with NICs, MACs and addresses: ours beside netbox.netbox's nb_inventory, on one NetBox.

    python -m tests.bench.bench_inventory [--hosts 1000 5000] [--rounds 3] [--netbox-pid PID]

Fills a site of that NetBox up to N devices (about 0.2 s each, the first time only), then runs the programs in turn and
prints for each the best of its rounds: seconds, seconds of its own CPU, most memory; with the process id of NetBox's
gunicorn also the CPU that NetBox took. Ours runs afresh, from Ansible's cache and from a snapshot. nb_inventory gets
interfaces and config contexts too, as ours does, and a Python environment of its own that is kept in the cache
directory. A second number of hosts tells how all of it grows.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any

from clusto.netbox.client import Client, Settings
from clusto.netbox.schema import bootstrap

from .peer import CACHE, environment

ROOT = Path(__file__).parents[2]
SITE = "bench-inventory"
PROGRAM = "ansible-inventory"
COMPILED = CACHE / "bench-compiled"
PATIENCE = 300  # seconds that either waits for an answer, on however busy a machine
WIDTH = 36  # of the names in the tables
RACKFUL = 40  # devices of a rack, one unit each
BATCH = 50
WRITERS = 2  # batches that are written at a time
NICS = ("eth0", "eth1", "ipmi")
POOLS = 5
LOAD = """
import time
from clusto.mirror.load import load
from clusto.netbox.client import Client, Settings
with Client(Settings.from_environment()) as client:
    load(client, time.time())
"""
Record = dict[str, Any]


@dataclass(frozen=True)
class Figures:
    """The best of several rounds; `netbox` is the CPU that NetBox took, 0 where its process is not known."""

    seconds: float
    cpu: float
    megabytes: float
    netbox: float


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--hosts", type=int, nargs="+", default=[1000])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--netbox-pid", type=int, help="of NetBox's gunicorn, if it runs on this machine")
    options = parser.parse_args()
    before: tuple[int, dict[str, Figures]] | None = None
    for hosts in sorted(options.hosts):
        with Client(Settings.from_environment()) as client:
            bootstrap(client)
            fill(client, hosts)
            total = client.extent("dcim/devices").count
        with tempfile.TemporaryDirectory() as directory:
            best = compare(Path(directory), options.rounds, options.netbox_pid)
        report(total, best)
        if before:
            report_growth(*before, total, best)
        before = total, best


def fill(client: Client, hosts: int) -> None:
    """Bring the site to this many devices; what an earlier run made is kept."""
    site = client.one("dcim/sites", slug=SITE) or prepare(client)
    there = client.extent("dcim/devices", site_id=site["id"]).count
    racks = [rack(client, site["id"], number) for number in range(there // RACKFUL, -(-hosts // RACKFUL))]
    first = there // RACKFUL

    def batch(start: int) -> None:
        say(f"{start} of {hosts} devices")
        add(client, site["id"], range(start, min(start + BATCH, hosts)), racks, first)

    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(batch, range(there, hosts, BATCH)))


def prepare(client: Client) -> Record:
    """The site with its attributes, the device type with its NICs, and the pools."""
    site = client.create("dcim/sites", {"name": SITE, "slug": SITE})
    [maker] = client.list("dcim/manufacturers", slug="clusto")
    body = {"manufacturer": maker["id"], "model": SITE, "slug": SITE}
    device_type = client.create("dcim/device-types", body)
    templates = [{"device_type": device_type["id"], "name": nic, "type": "1000base-t"} for nic in NICS]
    client.create("dcim/interface-templates", [{**body, "mgmt_only": body["name"] == "ipmi"} for body in templates])
    profiles = {record["name"]: record["id"] for record in client.list("extras/config-context-profiles")}
    own = {"name": f"datacenter:{SITE}", "weight": 2000, "profile": profiles["clusto attributes"]}
    client.create("extras/config-contexts", {**own, "sites": [site["id"]], "data": {"ntp": ["10.0.0.1", "10.0.0.2"]}})
    for number in range(POOLS):
        name = f"{SITE}-{number}"
        client.create("extras/tags", {"name": name, "slug": name})
        pool = {"name": name, "weight": 5000, "profile": profiles["clusto pool"], "tags": [name]}
        data = {"dhcp": {"enabled": 1, "domain": f"pool{number}.example.org"}, f"pool{number}": True}
        client.create("extras/config-contexts", {**pool, "data": data})
    return site


def add(client: Client, site: int, numbers: range, racks: Sequence[int], first: int) -> None:
    """Devices with a MAC on each NIC, and an address on the first. racks: ids of rack `first` and those after it."""
    made = client.create(
        "dcim/devices",
        [
            {
                "name": f"{SITE}-{number:06}",
                "site": site,
                "rack": racks[number // RACKFUL - first],
                "position": number % RACKFUL + 1,
                "face": "front",
                "role": {"slug": "server"},
                "device_type": {"slug": SITE},
                "tags": [{"slug": f"{SITE}-{number % POOLS}"}],
                "local_context_data": {"number": number},
            }
            for number in numbers
        ],
    )
    nics = client.list("dcim/interfaces", device_id=[device["id"] for device in made], fields="id,name")
    assigned = [{"assigned_object_type": "dcim.interface", "assigned_object_id": nic["id"]} for nic in nics]
    octets = [nic["id"].to_bytes(3, "big") for nic in nics]
    macs = [{"mac_address": "02:0c:02:" + three.hex(":"), **to} for three, to in zip(octets, assigned, strict=True)]
    client.create("dcim/mac-addresses", macs)
    bound = zip(nics, octets, assigned, strict=True)
    client.create(
        "ipam/ip-addresses",
        [{"address": f"10.{a}.{b}.{c}/8", **to} for nic, (a, b, c), to in bound if nic["name"] == "eth0"],
    )


def rack(client: Client, site: int, number: int) -> int:
    name = f"{SITE}-{number:04}"
    found = client.one("dcim/racks", name=name, site_id=site)
    found = found or client.create("dcim/racks", {"name": name, "site": site, "u_height": 45})
    return int(found["id"])


def compare(directory: Path, rounds: int, netbox: int | None) -> dict[str, Figures]:
    """Run all in turn, so that what else the machine does hits each alike; the first round is not counted."""
    found: dict[str, list[Figures]] = {}
    for number in range(rounds + 1):
        for name, (command, environ) in commands(directory).items():
            say(f"round {number} of {rounds}: {name}")
            figures = measured(command, environ, netbox)
            if number:  # in the first one Python compiles what it imports, and the caches are made
                found.setdefault(name, []).append(figures)
    return {name: Figures(*map(min, zip(*map(astuple, all_), strict=True))) for name, all_ in found.items()}


def commands(directory: Path) -> dict[str, tuple[list[str], dict[str, str]]]:
    """The programs to be compared, each with its environment."""
    collections = directory / "collections"
    if not collections.exists():
        (collections / "ansible_collections/clusto").mkdir(parents=True)
        (collections / "ansible_collections/clusto/datacenter").symlink_to(ROOT)
    ours = {
        "fresh": "",
        "from Ansible's cache": "cache: true\ncache_plugin: ansible.builtin.jsonfile\n"
        f"cache_connection: {directory}/cache\n",
        "from the snapshot": f"snapshot_dir: {directory}/snapshots\n",
    }
    for name, options in ours.items():
        source(directory, name).write_text(f"plugin: clusto.datacenter.inventory\ntimeout: {PATIENCE}\n{options}")
    peer = directory / "peer.yml"
    peer.write_text(
        "plugin: netbox.netbox.nb_inventory\nconfig_context: true\ninterfaces: true\nvalidate_certs: false\n"
        f"timeout: {PATIENCE}\n"
        "group_by: [sites, device_roles, device_types, racks, tags]\n"
    )
    program, peer_program = Path(sys.executable).parent / PROGRAM, environment() / "bin" / PROGRAM
    listing = ["--list", "--output", str(directory / "out.json")]
    with_ours = {"ANSIBLE_COLLECTIONS_PATH": str(collections)}
    return {
        "our load() alone": ([sys.executable, "-c", LOAD], {}),
        **{f"ours, {name}": ([str(program), "-i", str(source(directory, name)), *listing], with_ours) for name in ours},
        "nb_inventory": ([str(peer_program), "-i", str(peer), *listing], {}),
    }


def source(directory: Path, name: str) -> Path:
    return directory / f"{name.replace(' ', '-')}.clusto.yml"


def measured(command: list[str], environ: Mapping[str, str], netbox: int | None) -> Figures:
    """Run a program that must succeed. Both write what Python compiles, as they do where they are installed."""
    common = {**os.environ, "ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED": "1", "PYTHONPYCACHEPREFIX": str(COMPILED)}
    common.pop("PYTHONDONTWRITEBYTECODE", None)
    before = cpu_of(netbox)
    started = time.monotonic()
    process = subprocess.Popen(command, env={**common, **environ}, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.monotonic() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{command[0]} ended with {process.returncode}")
    return Figures(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, cpu_of(netbox) - before)


def cpu_of(netbox: int | None) -> float:
    """Seconds of CPU that NetBox's gunicorn and its workers have taken so far."""
    if netbox is None:
        return 0
    workers = Path(f"/proc/{netbox}/task/{netbox}/children").read_text().split()
    fields = [Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split() for pid in [netbox, *workers]]
    return sum(int(stat[11]) + int(stat[12]) for stat in fields) / os.sysconf("SC_CLK_TCK")


def report(devices: int, best: Mapping[str, Figures]) -> None:
    peer = best["nb_inventory"]
    lines = [
        f"{devices} devices (share of nb_inventory's)".ljust(WIDTH) + "seconds      own CPU     NetBox's CPU    memory"
    ]
    for name, figures in best.items():
        of_netbox = f"{figures.netbox:6.2f} ({figures.netbox / peer.netbox:4.0%})" if peer.netbox else " " * 13
        lines.append(
            f"{name:{WIDTH}}{figures.seconds:6.2f} ({figures.seconds / peer.seconds:4.0%})"
            f"{figures.cpu:6.2f} ({figures.cpu / peer.cpu:4.0%}){of_netbox}"
            f"{figures.megabytes:5.0f} MB ({figures.megabytes / peer.megabytes:4.0%})"
        )
    sys.stdout.write("\n".join([*lines, ""]))


def report_growth(fewer: int, of_fewer: Mapping[str, Figures], more: int, of_more: Mapping[str, Figures]) -> None:
    lines = [f"from {fewer} to {more} devices, {more / fewer:.1f} times as many: seconds, own CPU, memory"]
    for name, figures in of_more.items():
        smaller = of_fewer[name]
        lines.append(
            f"{name:{WIDTH}}{figures.seconds / smaller.seconds:5.1f}{figures.cpu / smaller.cpu:5.1f}"
            f"{figures.megabytes / smaller.megabytes:5.1f} times"
        )
    sys.stdout.write("\n".join([*lines, ""]))


def say(text: str) -> None:
    sys.stderr.write(f"{text}\n")


if __name__ == "__main__":
    main()
