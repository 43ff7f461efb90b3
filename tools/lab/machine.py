# SPDX-License-Identifier: BSD-2-Clause
"""Test hosts with a real systemd, without Docker: `python -m tools.lab.machine molecule [SCENARIO…]`.

The hosts are podman containers of debootstrap images. They are reached by ssh, as any host is, through the container
engine instead of a network; their own network is a user-mode one (10.0.2.2 is this machine's loopback), besides what
cables a scenario lays between them.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from . import machine_molecule, machine_pip
from .commands import run
from .errors import LabError
from .machine_image import CODENAMES, image

# systemd in a container wants to be told so, and a limit that the container may not exceed stops it on some machines.
OPTIONS = (
    *("--detach", "--systemd=always", "--privileged", "--pids-limit=0"),
    *("--ulimit=nofile=1024:4096", "--ulimit=nproc=4096:4096", "--network=slirp4netns:allow_host_loopback=true"),
)


def up(name: str, release: str, public_key: str, scratch: Path) -> None:
    """Start a host and wait until it has booted; whoever has the key may log in as root."""
    pip = machine_pip.settings()
    mounts = [f"--volume={path}:{path}:ro" for path in sorted(machine_pip.directories(pip))]
    options = [f"--name={name}", f"--hostname={name}", *OPTIONS, *mounts]
    run(["podman", "run", *options, image(release, scratch), "/sbin/init"], what=f"starting {name}")
    await_boot(name)
    put(name, "/root/.ssh/authorized_keys", public_key)
    put(name, "/etc/pip.conf", machine_pip.as_file(pip))
    for certificate in sorted(machine_pip.LOCAL_CAS.glob("*.crt")):
        put(name, str(certificate), certificate.read_text())
    run(["podman", "exec", name, "update-ca-certificates"], what=f"certificates of {name}")


def restart(name: str) -> None:
    """Reboot, as containers do: every process ends, what is on disk stays. Cables laid by `link` are gone."""
    run(["podman", "restart", "--time=60", name], what=f"restarting {name}")
    await_boot(name)


def link(end: str, other: str) -> None:
    """Lay a cable (a veth pair) between two hosts; each end is given as HOST:INTERFACE."""
    (host_a, interface_a), (host_b, interface_b) = (text.split(":") for text in (end, other))
    pid_a, pid_b = (_pid(host) for host in (host_a, host_b))
    peer = ["peer", "name", interface_b, "netns", pid_b]
    run(["ip", "link", "add", interface_a, "netns", pid_a, "type", "veth", *peer], what=f"cable {end} to {other}")


def down(names: Sequence[str]) -> None:
    run(["podman", "rm", "--force", "--ignore", "--time=2", *names], what=f"removing {', '.join(names)}")


def put(name: str, path: str, text: str) -> None:
    """Write a file in a host, for its owner alone unless it is public by nature."""
    mode = "600" if "/.ssh/" in path else "644"
    script = 'mkdir -p "$(dirname "$0")" && cat > "$0" && chmod "$1" "$0"'
    run(["podman", "exec", "--interactive", name, "sh", "-c", script, path, mode], what=f"{path} in {name}", stdin=text)


def await_boot(name: str, patience: float = 180) -> None:
    """Systemd answers a moment after it starts; then it knows itself when it has finished booting."""
    deadline = time.monotonic() + patience
    while True:
        try:
            run(["podman", "exec", name, "systemctl", "is-system-running", "--wait"], what=f"boot of {name}")
        except LabError as error:
            if time.monotonic() > deadline:
                raise LabError(f"{name} has not booted after {patience:.0f} s: {error}") from error
            time.sleep(0.2)
        else:
            return


def _pid(name: str) -> str:
    return run(["podman", "inspect", "--format={{.State.Pid}}", name], what=f"looking for {name}").strip()


def arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tools.lab.machine", description=__doc__.split("\n")[0])
    commands = parser.add_subparsers(dest="command", required=True)
    molecule = commands.add_parser("molecule", help="run molecule scenarios, all of them if none is named")
    molecule.add_argument("scenarios", nargs="*", metavar="SCENARIO")
    commands.add_parser("shell", help="a shell in which molecule's own commands work, for whoever writes a role")
    inner = "(for the scenarios' playbooks)"
    start = commands.add_parser("up", help=f"start a host {inner}")
    start.add_argument("name")
    start.add_argument("--release", choices=CODENAMES, required=True)
    for command, what in (("restart", "reboot a host"), ("down", "remove hosts")):
        commands.add_parser(command, help=f"{what} {inner}").add_argument("names", nargs="+")
    cable = commands.add_parser("link", help=f"lay a cable between two hosts {inner}")
    cable.add_argument("ends", nargs=2, metavar="HOST:INTERFACE")
    return parser


def main() -> int:
    options = arguments().parse_args()
    try:
        match options.command:
            case "molecule":
                return machine_molecule.main(options.scenarios)
            case "shell":
                return machine_molecule.shell()
            case "up":
                run_directory = machine_molecule.run_directory()
                up(options.name, options.release, (run_directory / "key.pub").read_text(), machine_molecule.images())
            case "restart":
                for name in options.names:
                    restart(name)
            case "down":
                down(options.names)
            case "link":
                link(*options.ends)
    except LabError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    os.umask(0o022)
    sys.exit(main())
