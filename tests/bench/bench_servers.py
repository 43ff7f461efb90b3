# SPDX-License-Identifier: BSD-2-Clause
"""N servers with NIC, MAC address, address, rack unit, three cables and pool: ours beside netbox.netbox's modules.

    NETBOX_API=… NETBOX_TOKEN=… python -m tests.bench.bench_servers [--servers 40] [--without-peer] [--once]

Ours is one task, theirs are the modules netbox_device, netbox_mac_address, netbox_device_interface, netbox_ip_address
and netbox_cable in loops, each in a playbook of its own on the same NetBox, with racks of their own. Printed are the
seconds of ansible-playbook: made, and run again when nothing is to be done (the best of three), with the memory of its
largest process; what ansible-playbook takes for one task of its own that does nothing; and ours within one process,
with its requests. What was made is deleted again. `--once` leaves out making them a second time, within one process.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from clusto.drivers import Datacenter, IPManager, Pool, Rack, Session
from clusto.ensure.servers import EnsureServer
from clusto.ensure.task import perform
from clusto.netbox.client import Client, Settings
from clusto.netbox.schema import bootstrap
from clusto.netbox.transport import Request, Sent, Transport

from .peer import environment

ROOT = Path(__file__).parents[2]
RACKFUL = 40
AGAIN = 3  # times that ours is run again; theirs takes minutes
ENDS = {  # role -> component, template, type of the ports that servers are connected to
    "networkswitch": ("interface", "Gi1/0/{}", "1000base-t"),
    "powerstrip": ("power-outlet", "out{}", "nema-5-15r"),
    "consoleserver": ("console-server-port", "con{}", "rj-45"),
}
Item = dict[str, Any]


class Counting(Transport):
    requests = 0

    def send(self, request: Request) -> Sent:
        self.requests += 1
        return super().send(request)


@dataclass
class Site:
    """Racks with all that the servers are connected to, an empty subnet and a pool."""

    session: Session
    servers: int
    octet: int
    name: str = field(default_factory=lambda: f"bench-{uuid.uuid4().hex[:6]}")

    def __post_init__(self) -> None:
        client, self.datacenter = self.session.client, Datacenter(self.name, session=self.session)
        self.pool = Pool(self.name, session=self.session)
        self.manager = IPManager(self.name, prefix=f"10.{self.octet}.0.0/16", session=self.session)
        self.racks = [
            Rack(f"{self.name}-{n}", datacenter=self.datacenter, session=self.session)
            for n in range((self.servers - 1) // RACKFUL + 1)
        ]
        [maker] = client.list("dcim/manufacturers", slug="clusto")
        for role, (component, name, type_) in ENDS.items():
            slug = f"{role}-{self.name}"
            model = {"manufacturer": maker["id"], "model": slug, "slug": slug, "u_height": 0}
            made = client.create("dcim/device-types", model)
            ports = [{"device_type": made["id"], "name": name.format(n + 1), "type": type_} for n in range(RACKFUL)]
            client.create(f"dcim/{component}-templates", ports)
            body = {"role": {"slug": role}, "device_type": made["id"], "site": self.datacenter.id}
            client.create("dcim/devices", [{**body, "name": f"{role}-{rack.name}"} for rack in self.racks])

    def far(self, number: int, role: str) -> Item:
        name = ENDS[role][1].format(number % RACKFUL + 1)
        return {"entity": f"{role}-{self.racks[number // RACKFUL].name}", "name": name}

    def item(self, number: int) -> Item:
        return {
            "name": f"{self.name}-{number:04}",
            "rack": self.racks[number // RACKFUL].name,
            "ru": [number % RACKFUL + 1],
            "ports": [
                {"number": 1, "mac": self.mac(number), "connected_to": self.far(number, "networkswitch")},
                {"type": "pwr-nema-5", "number": 1, "connected_to": self.far(number, "powerstrip")},
                {"type": "console-serial", "number": 1, "connected_to": self.far(number, "consoleserver")},
            ],
            "ips": [{"ip": self.ip(number), "ip_manager": self.name, "osport": "eth0"}],
        }

    def mac(self, number: int) -> str:
        return f"02:be:{self.octet:02x}:00:{number // 256:02x}:{number % 256:02x}"

    def ip(self, number: int) -> str:
        return f"10.{self.octet}.{number // 250}.{number % 250 + 1}"

    def ours(self) -> Item:
        return {"pools": [self.name], "servers": [self.item(number) for number in range(self.servers)]}

    def theirs(self) -> list[Item]:
        """The tasks that make the same of one variable, `servers`."""
        eth0 = {"device": "{{ item.name }}", "name": "eth0"}
        device = {
            "name": "{{ item.name }}",
            "device_type": "basicserver",
            "device_role": "server",
            "face": "Front",
            "site": self.name,
            "rack": "{{ item.rack }}",
            "position": "{{ item.ru[0] }}",
            "tags": [self.pool.name],
        }
        interface = {**eth0, "primary_mac_address": "{{ item.ports[0].mac }}"}
        ends = (("interface", "interface", "eth0"), ("powerport", "poweroutlet", "psu1"))
        cables = [
            {
                "termination_a_type": f"dcim.{near}",
                "termination_a": {"device": "{{ item.name }}", "name": name},
                "termination_b_type": f"dcim.{far}",
                "termination_b": {
                    "device": f"{{{{ item.ports[{port}].connected_to.entity }}}}",
                    "name": f"{{{{ item.ports[{port}].connected_to.name }}}}",
                },
            }
            for port, (near, far, name) in enumerate((*ends, ("consoleport", "consoleserverport", "console1")))
        ]
        tasks = [
            ("device", device),
            ("mac_address", {"mac_address": "{{ item.ports[0].mac }}", "assigned_object": eth0}),
            ("device_interface", interface),
            ("ip_address", {"address": "{{ item.ips[0].ip }}/16", "assigned_object": eth0}),
            *(("cable", cable) for cable in cables),
        ]
        return [
            {f"netbox.netbox.netbox_{module}": {"data": data}, "loop": "{{ servers }}", "loop_control": {"label": ""}}
            for module, data in tasks
        ]

    def delete(self) -> None:
        client = self.session.client
        ids = [r["id"] for r in client.list("dcim/devices", site_id=self.datacenter.id, fields=("id",))]
        for start in range(0, len(ids), RACKFUL):
            client.delete_many("dcim/devices", ids[start : start + RACKFUL])
        left = client.list("ipam/ip-addresses", parent=self.manager.prefix, fields=("id",))
        client.delete_many("ipam/ip-addresses", [r["id"] for r in left])
        for entity in (self.manager, *self.racks, self.pool, self.datacenter):
            entity.delete(cascade=True)
        client.delete_many("dcim/device-types", [r["id"] for r in client.list("dcim/device-types", slug=self.types)])

    @property
    def types(self) -> list[str]:
        return [f"{role}-{self.name}" for role in ENDS]


@contextmanager
def site(servers: int) -> Iterator[Site]:
    with Session(Client(replace(Settings.from_environment(), timeout=600))) as session:
        octets = {r["prefix"].split(".")[1] for r in session.client.list("ipam/prefixes", fields=("prefix",))}
        made = Site(session, servers, next(n for n in range(100, 256) if str(n) not in octets))
        yield made
        made.delete()


class Ansible:
    """Runs playbooks of one environment; `collections` are ours, or none where Ansible has them."""

    def __init__(self, directory: Path, program: Path, collections: Path | None) -> None:
        self._directory, self._program = directory, program
        self._environ = {"ANSIBLE_COLLECTIONS_PATH": str(collections)} if collections else {}

    def run(self, tasks: list[Item], **variables: Any) -> tuple[float, bool]:
        """Seconds, and whether anything was changed."""
        play = {"hosts": "localhost", "connection": "local", "gather_facts": False, "tasks": tasks, "vars": variables}
        path = self._directory / "play.json"
        path.write_text(json.dumps([play]))
        started = time.monotonic()
        environ = {**os.environ, **self._environ, "ANSIBLE_PYTHON_INTERPRETER": str(self._program.parent / "python")}
        command = [str(self._program), "-i", "localhost,", str(path)]
        done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
        if done.returncode:
            raise SystemExit(done.stdout + done.stderr)
        return time.monotonic() - started, "changed=0 " not in done.stdout


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--servers", type=int, default=40)
    parser.add_argument("--without-peer", action="store_true")
    parser.add_argument("--once", action="store_true")
    options = parser.parse_args()
    with Client(Settings.from_environment()) as client:
        bootstrap(client)
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        ours = measure_ours(directory, options.servers, once=options.once)
        theirs = {} if options.without_peer else measure_theirs(directory, options.servers)
    report(options.servers, ours, theirs)


def measure_ours(directory: Path, servers: int, *, once: bool) -> dict[str, str | float]:
    collections = directory / "ansible_collections/clusto"
    collections.mkdir(parents=True)
    (collections / "datacenter").symlink_to(ROOT)
    ansible = Ansible(directory, Path(sys.executable).parent / "ansible-playbook", directory)
    with site(servers) as there:
        floor = min(ansible.run([{"ansible.builtin.ping": {}}])[0] for _ in range(AGAIN))
        found = measured(ansible, [{"clusto.datacenter.server": there.ours()}], "ours")
        found["ours, largest process"] = f"{resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024:.0f} MB"
        steps = in_process(there, ["again", "deleted"] if once else ["again", "deleted", "made"])
    return {**found, "Ansible's own task": floor, **steps}


def in_process(there: Site, steps: list[str]) -> dict[str, str | float]:
    found: dict[str, str | float] = {}
    absent = {"state": "absent", "servers": [{"name": item["name"]} for item in there.ours()["servers"]]}
    for what in steps:
        settings = Settings.from_environment()
        transport = Counting(settings)
        with Session(Client(settings, transport=transport)) as session:
            started = time.monotonic()
            perform(EnsureServer(session=session, **(absent if what == "deleted" else there.ours())))
            seconds = time.monotonic() - started
            found[f"in one process, {what}"] = f"{seconds:.1f} s, {transport.requests} requests"
    return found


def measure_theirs(directory: Path, servers: int) -> dict[str, str | float]:
    ansible = Ansible(directory, environment() / "bin/ansible-playbook", None)
    settings = Settings.from_environment()
    connection = {"netbox_url": settings.api_url, "netbox_token": os.environ["NETBOX_TOKEN"]}
    with site(servers) as there:
        tasks = [
            {key: {**connection, **value} if key.startswith("netbox.") else value for key, value in task.items()}
            for task in there.theirs()
        ]
        return measured(ansible, tasks, "netbox.netbox", servers=there.ours()["servers"])


def measured(ansible: Ansible, tasks: list[Item], whose: str, **variables: Any) -> dict[str, str | float]:
    say(f"{whose}: making them")
    made, changed = ansible.run(tasks, **variables)
    say(f"{made:.1f} s; again")
    runs = [ansible.run(tasks, **variables) for _ in range(AGAIN if whose == "ours" else 1)]
    again, changed_again = min(seconds for seconds, _ in runs), any(changed for _, changed in runs)
    say(f"{again:.1f} s")
    if not changed:
        raise SystemExit(f"{whose}: nothing was made")
    note = {f"{whose}, again": "changed something"} if changed_again else {}
    return {f"{whose}, made": made, f"{whose}, again": again, **note}


def report(servers: int, ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> None:
    lines = [f"{servers} servers with NIC, MAC address, address, rack unit, three cables and pool"]
    for what, figure in {**ours, **theirs}.items():
        lines.append(f"{what:28}{figure:8.1f} s" if isinstance(figure, float) else f"{what:28}  {figure}")
    if theirs:
        lines.append(f"{'ours is faster by':28}{theirs['netbox.netbox, made'] / ours['ours, made']:8.1f} times")
    sys.stdout.write("\n".join([*lines, ""]))


def say(text: str) -> None:
    sys.stderr.write(f"{text}\n")


if __name__ == "__main__":
    main()
