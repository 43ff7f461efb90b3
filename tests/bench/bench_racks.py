# SPDX-License-Identifier: BSD-2-Clause
"""An empty rack of the layout 201001 with its servers: ours, one task, beside netbox.netbox's modules.

    NETBOX_API=… NETBOX_TOKEN=… python -m tests.bench.bench_racks [--servers 30] [--without-peer]

Ours is rack_factory; theirs are the modules netbox_device, netbox_device_interface, netbox_ip_address and netbox_cable
in loops, told of the very objects that ours would make in a second rack. Printed are the seconds of ansible-playbook,
made and, of ours, run again; and ours within one process, with its requests. What was made is deleted again.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from clusto.drivers import Rack, Session
from clusto.ensure.task import Outcome, perform
from clusto.netbox.client import Client, Settings
from clusto.netbox.schema import bootstrap
from clusto.racks import Arrival, get_factory
from clusto.racks.task import EnsureRackFactory

from ..integration.racks.world import World
from .bench_servers import ROOT, Ansible, Counting, Item, measured, say
from .peer import environment

KINDS = {  # port type -> what serves others, what is served
    "nic-eth": ("interface", "interface"),
    "console-serial": ("consoleserverport", "consoleport"),
    "pwr-nema-5": ("poweroutlet", "powerport"),
}
SERVED = ("console", "psu")
"""How the ports are called that others serve."""


def ours(rack: str, servers: int) -> Item:
    return {"rack": rack, "servers": [{"switchport": str(port)} for port in range(1, servers + 1)]}


def theirs(site: str, outcome: Outcome, pool: str) -> dict[str, list[Item]]:
    """What a rehearsal of ours would make, as netbox.netbox's modules take it."""
    after, made = outcome.after or {}, outcome.result
    devices = [
        {
            "name": one["name"],
            "device_type": one["driver"],
            "device_role": one["type"],
            "site": site,
            "rack": one["rack"],
            "position": one["units"][0],
            "face": "Front",
            "tags": [pool] if "pools" in after[one["name"]] else [],
        }
        for one in made["devices"]
    ]
    states = [(one["name"], after[one["name"]]) for one in made["devices"]]
    labels = [
        {"device": name, "name": port, "label": label}
        for name, state in states
        for port, label in state.get("labels", {}).items()
    ]
    new = [{"device": name, "name": "Vlan442", "type": "Virtual"} for name, state in states if "sw1" in name]
    ips = [
        {"address": f"{ip['ip']}/22", "assigned_object": {"device": name, "name": ip["osport"]}}
        for name, state in states
        for ip in state["ips"]
    ]
    cables = [termination("a", cable["a"]) | termination("b", cable["b"]) for cable in made["cables"]]
    return {"devices": devices, "interfaces": [*labels, *new], "ips": ips, "cables": cables}


def termination(side: str, end: Item) -> Item:
    kind = KINDS[end["type"]][end["port"].startswith(SERVED)]
    return {
        f"termination_{side}_type": f"dcim.{kind}",
        f"termination_{side}": {"device": end["entity"], "name": end["port"]},
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--servers", type=int, default=30)
    parser.add_argument("--without-peer", action="store_true")
    options = parser.parse_args()
    with Client(replace(Settings.from_environment(), timeout=600)) as client, tempfile.TemporaryDirectory() as name:
        bootstrap(client)
        world = World(client)
        layout = world.layout("201001", world.example("201001")).name
        try:
            found = measure_ours(Path(name), ours(world.rack(layout).name, options.servers))
            found |= in_process(world.rack(layout), options.servers, f"02:{bytes.fromhex(world.run).hex(':')}:00:01")
            if not options.without_peer:
                found |= measure_theirs(Path(name), world, ours(world.rack(layout).name, options.servers))
        finally:
            world.delete()
    report(options.servers, found)


def measure_ours(directory: Path, task: Item) -> dict[str, str | float]:
    collections = directory / "ansible_collections/clusto"
    collections.mkdir(parents=True)
    (collections / "datacenter").symlink_to(ROOT)
    ansible = Ansible(directory, Path(sys.executable).parent / "ansible-playbook", directory)
    return measured(ansible, [{"clusto.datacenter.rack_factory": task}], "ours")


def in_process(rack: Rack, servers: int, mac: str) -> dict[str, str | float]:
    """In one process: the rack without servers, then one server, as whoever hears of it would add it, then all."""
    found: dict[str, str | float] = {}
    settings = Settings.from_environment()
    transport = Counting(settings)
    with Session(Client(settings, transport=transport)) as session:
        session.use()
        factory = get_factory(rack.name)
        all_of_them = [Arrival(switchport=port) for port in range(1, servers + 1)]
        for what, work in (
            ("the devices", factory.connect_ports),
            ("one server", lambda: factory.add_servers([Arrival(switchport=1, mac=mac, vlan=442)])),
            ("all servers", lambda: factory.add_servers(all_of_them)),
            ("nothing to do", lambda: factory.build(all_of_them)),
        ):
            transport.requests, started = 0, time.monotonic()
            work()
            found[f"in one process, {what}"] = f"{time.monotonic() - started:.1f} s, {transport.requests} requests"
    return found


def measure_theirs(directory: Path, world: World, task: Item) -> dict[str, str | float]:
    outcome = perform(EnsureRackFactory(session=world.session, **task), rehearse=True)
    connection = {"netbox_url": world.client.settings.api_url, "netbox_token": os.environ["NETBOX_TOKEN"]}
    tasks = [
        {
            f"netbox.netbox.netbox_{module}": {**connection, "data": "{{ item }}"},
            "loop": f"{{{{ {variable} }}}}",
            "loop_control": {"label": ""},
        }
        for module, variable in (
            ("device", "devices"),
            ("device_interface", "interfaces"),
            ("ip_address", "ips"),
            ("cable", "cables"),
        )
    ]
    ansible = Ansible(directory, environment() / "bin/ansible-playbook", None)
    say("netbox.netbox: making them")  # once: run again, its module of cables fails at consoles and power
    made, _ = ansible.run(tasks, **theirs(world.datacenter.name, outcome, world.pool.name))
    return {"netbox.netbox, made": made}


def report(servers: int, found: dict[str, Any]) -> None:
    lines = [f"A rack of 3 devices and {servers} servers, {servers + 3} addresses, {3 * servers + 6} cables"]
    for what, figure in found.items():
        lines.append(f"{what:32}{figure:8.1f} s" if isinstance(figure, float) else f"{what:32}  {figure}")
    if "netbox.netbox, made" in found:
        lines.append(f"{'ours is faster by':32}{found['netbox.netbox, made'] / found['ours, made']:8.1f} times")
    say("")
    sys.stdout.write("\n".join([*lines, ""]))


if __name__ == "__main__":
    main()
