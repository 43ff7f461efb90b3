# SPDX-License-Identifier: BSD-2-Clause
"""The inventory of N devices with NICs, MACs and addresses: ours beside netbox.netbox's nb_inventory, on one NetBox.

    NETBOX_API=… NETBOX_TOKEN=… tests/bench/bench_inventory.py [--hosts 1000] [--rounds 3]

Fills a site of that NetBox up to N devices (about 0.2 s each, the first time only), then runs the programs in turn and
prints for each the best of its rounds: seconds, seconds of its own CPU, most memory. nb_inventory gets interfaces and
config contexts too, as ours does, and a Python environment of its own that is kept in the cache directory.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from clusto.netbox.client import Client, Settings
from clusto.netbox.schema import bootstrap

ROOT = Path(__file__).parents[2]
PEER = ("ansible==12.3.0", "pynetbox==7.8.0", "packaging==26.3", "pytz==2026.6", "requests==2.34.2")  # for Python 3.11
SITE = "bench-inventory"
RACKFUL = 40  # devices of a rack, one unit each
BATCH = 50
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
    seconds: float
    cpu: float
    megabytes: float


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--hosts", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with Client(Settings.from_environment()) as client:
        bootstrap(client)
        fill(client, options.hosts)
        total = client.extent("dcim/devices").count
    with tempfile.TemporaryDirectory() as directory:
        best = compare(Path(directory), options.rounds)
    report(total, best)


def fill(client: Client, hosts: int) -> None:
    """Bring the site to this many devices; what an earlier run made is kept."""
    site = client.one("dcim/sites", slug=SITE) or prepare(client)
    there = client.extent("dcim/devices", site_id=site["id"]).count
    for start in range(there, hosts, BATCH):
        say(f"{start} of {hosts} devices")
        add(client, site["id"], range(start, min(start + BATCH, hosts)))


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


def add(client: Client, site: int, numbers: range) -> None:
    """Devices with a MAC on each NIC, and an address on the first."""
    racks = {number: rack(client, site, number // RACKFUL) for number in numbers}
    made = client.create(
        "dcim/devices",
        [
            {
                "name": f"{SITE}-{number:06}",
                "site": site,
                "rack": racks[number],
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


def compare(directory: Path, rounds: int) -> dict[str, Figures]:
    """Run all in turn, so that what else the machine does hits each alike."""
    collections = directory / "ours/ansible_collections/clusto"
    collections.mkdir(parents=True)
    (collections / "datacenter").symlink_to(ROOT)
    address, token = os.environ["NETBOX_API"], os.environ["NETBOX_TOKEN"]
    ours, peer = directory / "ours.clusto.yml", directory / "peer.yml"
    ours.write_text("plugin: clusto.datacenter.inventory\n")
    peer.write_text(
        "plugin: netbox.netbox.nb_inventory\nconfig_context: true\ninterfaces: true\nvalidate_certs: false\n"
        "group_by: [sites, device_roles, device_types, racks, tags]\n"
    )
    peer_bin = peer_environment() / "bin"
    listing = ("--list", "--output", str(directory / "out.json"))
    commands = {
        "our load() alone": ([sys.executable, "-c", LOAD], {}),
        "our inventory": (
            [str(Path(sys.executable).parent / "ansible-inventory"), "-i", str(ours), *listing],
            {"ANSIBLE_COLLECTIONS_PATH": str(directory / "ours")},
        ),
        "nb_inventory": (
            [str(peer_bin / "ansible-inventory"), "-i", str(peer), *listing],
            {"NETBOX_API": address, "NETBOX_TOKEN": token},
        ),
    }
    found: dict[str, list[Figures]] = {name: [] for name in commands}
    for number in range(rounds):
        for name, (command, environ) in commands.items():
            say(f"round {number + 1} of {rounds}: {name}")
            found[name].append(measured(command, environ))
    return {
        name: Figures(min(f.seconds for f in all_), min(f.cpu for f in all_), min(f.megabytes for f in all_))
        for name, all_ in found.items()
    }


def peer_environment() -> Path:
    where = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "clusto-datacenter/bench-nb_inventory"
    complete = where / "complete"
    if not complete.exists() or complete.read_text() != str(PEER):
        say(f"making {where}")
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(where)], check=True)
        subprocess.run([str(where / "bin/pip"), "install", "--quiet", *PEER], check=True)
        complete.write_text(str(PEER))
    return where


def measured(command: list[str], environ: Mapping[str, str]) -> Figures:
    """Run a program that must succeed; its own use of the machine, NetBox's is not in it."""
    started = time.monotonic()
    process = subprocess.Popen(
        command,
        env={**os.environ, "ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED": "1", **environ},
        stdout=subprocess.DEVNULL,
    )
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{command[0]} ended with {process.returncode}")
    return Figures(time.monotonic() - started, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def report(devices: int, best: Mapping[str, Figures]) -> None:
    peer = best["nb_inventory"]
    lines = [
        f"{name:18}{figures.seconds:8.2f} s ({figures.seconds / peer.seconds:4.0%})"
        f"{figures.cpu:9.2f} s ({figures.cpu / peer.cpu:4.0%})"
        f"{figures.megabytes:7.0f} MB ({figures.megabytes / peer.megabytes:4.0%})"
        for name, figures in best.items()
    ]
    sys.stdout.write("\n".join([f"{devices} devices: seconds, own CPU, memory (share of nb_inventory's)", *lines, ""]))


def say(text: str) -> None:
    sys.stderr.write(f"{text}\n")


if __name__ == "__main__":
    main()
