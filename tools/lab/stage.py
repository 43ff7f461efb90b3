# SPDX-License-Identifier: BSD-2-Clause
"""The network of the quickstart, which stays when that ends: clusto-dhcpd and clusto-snmptrapd, a client, a switch.

A daemon (`python -m tools.lab.stage`) holds it; it ends on SIGTERM, and when one of the two programs ends.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import urlsplit

from . import places
from .commands import mortal
from .errors import LabError
from .processes import Daemon, stop_together
from .wire import PORT, Namespace, Wire
from .wire_forward import Forward

GATEWAY = "192.168.1.1"  # where the DHCP server is
MANAGER = "192.168.2.1"  # where switches send their traps to
MANAGEMENT = "eth1"
COMMUNITY = "quickstart"
READY = 120.0  # seconds for both programs to read the inventory
PATIENCE = 15.0  # seconds for both to end what they are doing
SERVING = '"message": "serving"'  # what either says in its log then
PROGRAMS = Path(sys.executable).parent


@dataclass(frozen=True)
class Stage:
    """The names of its network namespaces."""

    server: str
    client: str
    switch: str
    segment: str
    management: str


def daemons(home: Path) -> tuple[Daemon, Daemon]:
    return Daemon("dhcpd", home), Daemon("snmptrapd", home)


def current(home: Path) -> Stage:
    """The one that runs; LabError when none does."""
    if not all(daemon.running for daemon in daemons(home)):
        raise LabError("no DHCP server and trap listener run here; ./quickstart starts them")
    return Stage(**json.loads(_state(home).read_text()))


def start(home: Path, environment: Mapping[str, str]) -> Stage:
    """Start it anew, serving what NETBOX_API of `environment` says, and wait until it serves."""
    stop(home)
    holder = _holder(home)
    for one in (holder, *daemons(home)):
        one.log.parent.mkdir(parents=True, exist_ok=True)
        one.log.write_text("")
    process = holder.start([sys.executable, "-m", "tools.lab.stage"], environment)
    deadline = time.monotonic() + READY
    while mute := [one for one in daemons(home) if SERVING not in one.log.read_text()]:
        if not process.alive or time.monotonic() > deadline:
            stop(home)
            raise (holder if holder.log.read_text() else mute[0]).failure("does not serve")
        time.sleep(0.1)
    return current(home)


def stop(home: Path) -> list[str]:
    """End it, and remove what one that was killed has left; the names of what ran."""
    running = [daemon.name for daemon in daemons(home) if daemon.running]
    stop_together([_holder(home)])
    stop_together(daemons(home))
    if _state(home).exists():
        for name in json.loads(_state(home).read_text()).values():
            if Path("/run/netns", name).exists():
                subprocess.run(["ip", "netns", "delete", name], check=True, capture_output=True)
        _state(home).unlink()
    return running


def main() -> int:
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        hold(places.QUICKSTART)
    except KeyboardInterrupt:
        return 0
    return 1


def hold(home: Path) -> None:
    """Make the network and keep it until one of the programs ends."""
    with Wire() as wire:
        servers, management = wire.segment(), wire.segment()
        server = wire.host("server", servers, address=f"{GATEWAY}/24")
        wire.plug(server, management, MANAGEMENT, address=f"{MANAGER}/24")
        client, switch = wire.host("client", servers), wire.host("switch", management)
        names = (server.name, client.name, switch.name, servers.namespace.name, management.namespace.name)
        fresh = _state(home).with_suffix(".new")
        fresh.write_text(json.dumps(asdict(Stage(*names))))
        fresh.rename(_state(home))
        with netbox_here(wire, server):
            try:
                for daemon, config in zip(daemons(home), configurations(wire.directory), strict=True):
                    path = wire.directory / f"{daemon.name}.toml"
                    path.write_text("".join(f"{key} = {json.dumps(value)}\n" for key, value in config.items()))
                    daemon.start(inside(wire, server, PROGRAMS / f"clusto-{daemon.name}", "--config", path), os.environ)
                os.wait()
            finally:
                stop_together(daemons(home), PATIENCE)


def configurations(directory: Path) -> tuple[dict[str, object], dict[str, object]]:
    """What clusto-dhcpd and clusto-snmptrapd run with; what they keep goes with the network."""
    dhcpd: dict[str, object] = {"interfaces": [PORT], "snapshot_path": str(directory / "inventory")}
    snmptrapd: dict[str, object] = {
        "listen": [f"{MANAGER}:162"],
        "communities": [COMMUNITY],
        "journal_path": str(directory / "journal"),
        "snapshot_path": str(directory / "racks"),
        "warning_interval": 0.01,  # whoever plays the same trap again is told again
    }
    return dhcpd, snmptrapd


def inside(wire: Wire, host: Namespace, *command: str | Path) -> list[str]:
    """The command in the namespace, from where NetBox is as near as from here; it ends when we are killed."""
    # A namespace's program has mounts of its own; elsewhere the name still leads to where it always does.
    near = ("sh", "-c", 'mount --bind "$0" /etc/hosts && exec "$@"', wire.directory / "hosts")
    return host.command(*mortal([*map(str, (*near, *command))]))


def netbox_here(wire: Wire, host: Namespace) -> Forward:
    """Let the namespace, which is connected to nothing else, reach NetBox by the same URL as everybody."""
    url = urlsplit(os.environ["NETBOX_API"])
    name, port = url.hostname or "", url.port or {"http": 80, "https": 443}[url.scheme]
    address = socket.getaddrinfo(name, port, socket.AF_INET, socket.SOCK_STREAM)[0][4][0]
    host.run("ip", "address", "replace", f"{address}/32", "dev", "lo")
    (wire.directory / "hosts").write_text(f"127.0.0.1 localhost\n{address} {name}\n")
    entrance = host.call(lambda: socket.create_server((str(address), port)))
    return Forward(entrance, (str(address), port))


def _holder(home: Path) -> Daemon:
    return Daemon("stage", home)


def _state(home: Path) -> Path:
    return home / "stage.json"


if __name__ == "__main__":
    sys.exit(main())
