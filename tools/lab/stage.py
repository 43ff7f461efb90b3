# SPDX-License-Identifier: BSD-2-Clause
"""The network of the quickstart, which stays when that ends: clusto-dhcpd on an Ethernet with a place for a client.

A daemon (`python -m tools.lab.stage`) holds it; it ends on SIGTERM, and when the DHCP server ends.
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
from .processes import Daemon
from .wire import PORT, Namespace, Wire
from .wire_forward import Forward

MAC, GATEWAY = "00:11:22:33:44:55", "192.168.1.1/24"
READY = 120.0  # seconds for the DHCP server to read the inventory
PROGRAM = Path(sys.executable).parent / "clusto-dhcpd"


@dataclass(frozen=True)
class Stage:
    """The names of its network namespaces."""

    server: str
    client: str
    segment: str


def daemon(home: Path) -> Daemon:
    return Daemon("dhcpd", home)


def current(home: Path) -> Stage:
    """The one that runs; LabError when none does."""
    if not daemon(home).running:
        raise LabError("no DHCP server runs here; ./quickstart starts it")
    return Stage(**json.loads(_state(home).read_text()))


def start(home: Path, environment: Mapping[str, str]) -> Stage:
    """Start it anew, serving what NETBOX_API of `environment` says, and wait until it serves."""
    stop(home)
    holder = daemon(home)
    holder.log.parent.mkdir(parents=True, exist_ok=True)
    holder.log.write_text("")
    process = holder.start([sys.executable, "-m", "tools.lab.stage"], environment)
    deadline = time.monotonic() + READY
    while '"message": "serving"' not in holder.log.read_text():
        if not process.alive or time.monotonic() > deadline:
            stop(home)
            raise holder.failure("does not serve")
        time.sleep(0.1)
    return current(home)


def stop(home: Path) -> bool:
    """End it, and remove what one that was killed has left; False when none ran."""
    ended = daemon(home).stop()
    if _state(home).exists():
        for name in asdict(Stage(**json.loads(_state(home).read_text()))).values():
            if Path("/run/netns", name).exists():
                subprocess.run(["ip", "netns", "delete", name], check=True, capture_output=True)
        _state(home).unlink()
    return ended


def main() -> int:
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        return hold(places.QUICKSTART)
    except KeyboardInterrupt:
        return 0


def hold(home: Path) -> int:
    """Make the network and keep it until the DHCP server ends; the exit status of that."""
    with Wire() as wire:
        segment = wire.segment()
        server = wire.host("server", segment, address=GATEWAY)
        client = wire.host("client", segment, mac=MAC)
        fresh = _state(home).with_suffix(".new")
        fresh.write_text(json.dumps(asdict(Stage(server.name, client.name, segment.namespace.name))))
        fresh.rename(_state(home))
        with netbox_here(wire, server):
            return serve(wire, server, daemon(home).log).wait()


def serve(wire: Wire, host: Namespace, log: Path) -> subprocess.Popen[bytes]:
    """Start clusto-dhcpd in the namespace, from where NetBox is as near as from here."""
    config = wire.directory / "dhcpd.toml"
    config.write_text(f'interfaces = ["{PORT}"]\nsnapshot_path = "{wire.directory / "inventory"}"\n')
    # A namespace's program has mounts of its own; elsewhere the name still leads to where it always does.
    inside = ["sh", "-c", 'mount --bind "$0" /etc/hosts && exec "$@"', str(wire.directory / "hosts")]
    return wire.start(host, mortal([*inside, str(PROGRAM), "--config", str(config)]), output=log)


def netbox_here(wire: Wire, host: Namespace) -> Forward:
    """Let the namespace, which is connected to nothing else, reach NetBox by the same URL as everybody."""
    url = urlsplit(os.environ["NETBOX_API"])
    name, port = url.hostname or "", url.port or {"http": 80, "https": 443}[url.scheme]
    address = socket.getaddrinfo(name, port, socket.AF_INET, socket.SOCK_STREAM)[0][4][0]
    host.run("ip", "address", "replace", f"{address}/32", "dev", "lo")
    (wire.directory / "hosts").write_text(f"127.0.0.1 localhost\n{address} {name}\n")
    entrance = host.call(lambda: socket.create_server((str(address), port)))
    return Forward(entrance, (str(address), port))


def _state(home: Path) -> Path:
    return home / "stage.json"


if __name__ == "__main__":
    sys.exit(main())
