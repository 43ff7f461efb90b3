# SPDX-License-Identifier: BSD-2-Clause
"""The commands of ./quickstart."""

from __future__ import annotations

import os
import shlex
import urllib.error
from collections.abc import Sequence

from . import debian, places, stage
from .commands import attended
from .environment import make_venv
from .errors import LabError
from .files import write_private
from .instance import Instance, NetBoxServer
from .netbox import ask_status
from .postgres import MINIMUM, Server
from .redis import PROGRAM as REDIS
from .terminal import say

HOME = places.QUICKSTART
BASE = ("ca-certificates",)
WIRE = ("iproute2", "isc-dhcp-client", "udhcpc")  # what tools/lab/wire.py runs
BROWSER = ("chromium",)
TRAPS = ("snmp",)  # net-snmp's snmptrap
DEFAULT_PORT = 8000
PASSWORD = HOME / "admin-password"
ENV = """\
# Made by ./quickstart:  . .quickstart/env
export NETBOX_API={api_url}
export NETBOX_TOKEN={token}
"""

NEXT = """
NetBox, the DHCP server and the trap listener keep running. What to look at next:
  NetBox       {url}  {login}
  inventory    . .quickstart/env; .quickstart/venv/bin/ansible-inventory -i playbooks/files/quickstart.clusto.yml --list
  playbook     playbooks/quickstart.yml: change it, then . .quickstart/env; .quickstart/venv/bin/ansible-playbook it
  racks        ./quickstart plug 3 00:11:22:33:44:67: one more server, at port 3 of the switch of sv3-002
  DHCP         ./quickstart boot ex0000: the clients boot as that server, and get what NetBox says by then
  Python       . .quickstart/env; .quickstart/venv/bin/python -c 'import clusto; print(clusto.connect())'
  logs         .quickstart/log/ (dhcpd.log: every DHCP transaction; snmptrapd.log: what became of traps)
  the end      ./quickstart stop
"""


def netbox(port: int | None, packages: Sequence[str] = ()) -> NetBoxServer:
    """The user's NetBox if one is named, else our own, started; and `.quickstart/env` and `venv` to work with it.

    `packages` are Debian packages that are wanted besides.
    """
    server = given_netbox()
    debian.install([*BASE, *packages, *([] if server else netbox_packages())], HOME / "log/apt.log")
    make_venv(HOME / "venv", places.REQUIREMENTS / "ansible.txt")
    if server is None:
        server = _own_netbox(port)
    else:
        _require_answer(server)
        say(f"NetBox is yours, {server.api_url} (from NETBOX_API); none was installed.")
    write_env(server)
    return server


def story(port: int | None) -> None:
    """From nothing to a server that is plugged in and boots: NetBox, the playbook, the inventory, a real wire."""
    server = netbox(port, (*WIRE, *TRAPS))
    _run("story", server, "all", *_whose(server))
    say(NEXT.format(url=server.api_url, login=f"user admin, password in {PASSWORD}" if server.password else ""))


def boot(*server: str) -> None:
    """Let the DHCP clients boot, as this server or as the last one again."""
    _go_on("boot", *server)


def plug(port: str, mac: str) -> None:
    """Let the switch tell of a MAC address at one of its ports."""
    _go_on("plug", port, mac)


def picture(port: int | None) -> None:
    """Make the picture of a rack in the documentation anew."""
    server = netbox(port, BROWSER)
    _run("picture", server, *_whose(server))


def _go_on(*arguments: str) -> None:
    stage.current(HOME)
    _run("story", given_netbox() or Instance(HOME).server, *arguments)


def _whose(server: NetBoxServer) -> tuple[str, ...]:
    return () if server.password else ("theirs",)


def _run(part: str, server: NetBoxServer, *arguments: str) -> None:
    """Run a module in the environment that was made for it."""
    environment = os.environ | {"NETBOX_API": server.api_url, "NETBOX_TOKEN": server.token}
    command = [str(HOME / "venv/bin/python"), "-m", f"tools.lab.{part}", *arguments]
    if attended(command, places.ROOT, environment):
        raise LabError(f"the {part} ended early; the reason stands above")


def stop() -> None:
    ended = [*stage.stop(HOME), *Instance(HOME).stop()]
    say(f"Ended: {', '.join(ended)}." if ended else "Nothing was running.")


def status() -> None:
    for daemon in (*stage.daemons(HOME), *Instance(HOME).daemons):
        process = daemon.running
        say(f"{daemon.name:12} {f'process {process.pid}' if process else 'not running':16} {daemon.log}")


def given_netbox() -> NetBoxServer | None:
    """NETBOX_API and NETBOX_TOKEN, unless they come from the `.quickstart/env` of our own NetBox."""
    api_url, token = os.environ.get("NETBOX_API", ""), os.environ.get("NETBOX_TOKEN", "")
    if bool(api_url) != bool(token):
        unset = "NETBOX_TOKEN" if api_url else "NETBOX_API"
        raise LabError(f"{unset} is not set: set NETBOX_API and NETBOX_TOKEN to use your NetBox, or neither")
    own = Instance(HOME).secrets
    if not api_url or (own and own.token == token):
        return None
    return NetBoxServer(api_url.rstrip("/"), token)


def netbox_packages() -> list[str]:
    """What our own NetBox needs and the machine has not, from wherever."""
    packages = []
    if not any(server.major >= MINIMUM for server in Server.all_installed()):
        packages.append("postgresql")
    if not REDIS.exists():
        packages.append("redis-tools")
    return packages


def write_env(server: NetBoxServer) -> None:
    """For the owner of the checkout alone: root made it, but may have been asked to by sudo."""
    write_private(HOME / "env", env_text(server), places.ROOT.stat().st_uid)


def env_text(server: NetBoxServer) -> str:
    return ENV.format(api_url=shlex.quote(server.api_url), token=shlex.quote(server.token))


def _own_netbox(port: int | None) -> NetBoxServer:
    instance = Instance(HOME)
    fresh = instance.start(port or instance.port or DEFAULT_PORT)
    server = instance.server
    write_private(PASSWORD, f"{server.password}\n", places.ROOT.stat().st_uid)
    say(f"NetBox {'runs' if fresh else 'was already running'} at {server.api_url}; user admin, password in {PASSWORD}.")
    return server


def _require_answer(server: NetBoxServer) -> None:
    try:
        ask_status(server.api_url, server.token)
    except urllib.error.HTTPError as error:
        raise LabError(
            f"NETBOX_API={server.api_url} answers {error.code} {error.reason} to the token of NETBOX_TOKEN"
        ) from error
    except (OSError, ValueError) as error:
        raise LabError(f"no NetBox at NETBOX_API={server.api_url}: {error}") from error
