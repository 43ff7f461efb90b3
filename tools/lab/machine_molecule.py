# SPDX-License-Identifier: BSD-2-Clause
"""Running molecule's scenarios: what they need around them, made before and gone afterwards.

The scenarios run in an installed copy of the collection, made from the same tarball that users get: what works there
works for them. Everything is in one temporary directory, but the images, which are kept (XDG cache).
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from . import debian
from .commands import run
from .errors import LabError
from .instance import Instance, database_dump
from .lock import exclusive
from .machine_image import image
from .places import ROOT, TEST, cache
from .private import private_instances
from .quickstart import given_netbox, netbox_packages
from .software import netbox_python
from .terminal import Step, say

SCENARIOS = ROOT / "extensions/molecule"
CGROUPS = Path("/sys/fs/cgroup")
STATE = Path("/run/clusto-machine")
RELEASE = re.compile(r'machine_release: "(\d+)"')
PACKAGES = ("podman", "crun", "slirp4netns", "debootstrap", "openssh-client", "iproute2", "util-linux")
_INSIDE = "CLUSTO_MACHINE_NAMESPACE"
_RUN = "CLUSTO_MACHINE_RUN"
DUMP = "CLUSTO_DUMP"

SSH_CONFIG = """\
Host *
    User root
    ProxyCommand podman exec --interactive %h /usr/sbin/sshd -i
    IdentityFile {run}/key
    IdentitiesOnly yes
    StrictHostKeyChecking no
    UserKnownHostsFile /dev/null
    LogLevel ERROR
"""
# A container engine beside the machine's own: other storage, other state, nothing shared. It notes these paths in its
# storage and holds on to them: they are the same for every run, and their state is gone after a reboot, as it must be.
STORAGE = """\
[storage]
driver = "overlay"
graphroot = "{images}/podman"
runroot = "{state}/podman"
"""
ENGINE = """\
[engine]
tmp_dir = "{state}/libpod"
lock_type = "file"
cgroup_manager = "cgroupfs"
events_logger = "none"
[containers]
log_driver = "k8s-file"
"""


def images() -> Path:
    return cache() / "images"


def run_directory() -> Path:
    if _RUN not in os.environ:
        raise LabError("this command is for the playbooks of a scenario; run `python -m tools.lab.machine molecule`")
    return Path(os.environ[_RUN])


def main(names: Sequence[str]) -> int:
    """Run scenarios one after the other, each to its end, whatever became of those before; 0 when all passed."""
    known = sorted(path.parent.name for path in SCENARIOS.glob("*/molecule.yml"))
    if unknown := set(names) - set(known):
        raise LabError(f"no scenario {', '.join(sorted(unknown))}; there are {', '.join(known)}")
    chosen = names or known
    with private_instances() as start, surroundings() as environment:
        for release in sorted({release for name in chosen for release in RELEASE.findall(hosts(name))}):
            image(release, images(), environment)
        lead_to_netbox(environment, start)
        failed = [name for name in chosen if not scenario(name, environment)]
    say(f"molecule: {len(chosen) - len(failed)} passed, {len(failed)} failed{': ' * bool(failed)}{' '.join(failed)}")
    return 1 if failed else 0


def shell() -> int:
    """Start a shell in which `molecule converge -s SCENARIO`, `molecule verify …` work, for whoever writes a role."""
    with private_instances() as start, surroundings() as environment:
        lead_to_netbox(environment, start)
        return subprocess.run(["bash"], cwd=collection(environment), env=environment, check=False).returncode


def lead_to_netbox(environment: dict[str, str], start: Callable[[], Instance]) -> None:
    """To one that the scenarios may use, and to a dump that role netbox can start from: migrations take minutes.

    CLUSTO_DUMP is that dump; the role starts from nothing where it is set to the empty string.
    """
    if (server := given_netbox()) is None:
        environment.setdefault(DUMP, str(database_dump(netbox_python())))
        server = start().server
    environment |= {"NETBOX_API": server.api_url, "NETBOX_TOKEN": server.token}


def hosts(name: str) -> str:
    """Read a scenario's inventory, which shows what it needs."""
    return (SCENARIOS / name / "inventory/hosts.yml").read_text()


@contextmanager
def surroundings() -> Iterator[dict[str, str]]:
    """Make what molecule needs around it, yield its environment, and take everything away again."""
    if os.geteuid():
        raise LabError("molecule's hosts are containers with a systemd of their own; that needs root")
    debian.install([*PACKAGES, *(() if given_netbox() else netbox_packages())], TEST / "log/molecule-apt.log")
    enter_namespace()
    # An ordinary exit, so that whatever is made is taken away again.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended by SIGTERM"))
    with ExitStack() as stack:
        stack.enter_context(exclusive(images()))  # the engine's storage is there
        environment = prepare(Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="clusto-machine-"))))
        # What a run that was killed left behind.
        remove_all(environment)
        for unfinished in images().glob("debian-*"):
            shutil.rmtree(unfinished)
        try:
            install_collection(environment)
            yield environment
        finally:
            remove_all(environment)


def enter_namespace() -> None:
    """Give the hosts' systemd the cgroups v2 that it wants: where the machine has v1 or both, in a mount namespace."""
    if os.environ.get(_INSIDE):
        run(["mount", "-t", "cgroup2", "clusto", str(CGROUPS)], what="mounting cgroups v2")
        del os.environ[_INSIDE]
    elif not (CGROUPS / "cgroup.controllers").exists():
        os.environ[_INSIDE] = "1"
        os.execvp("unshare", ["unshare", "--mount", "--propagation=private", *sys.orig_argv])  # noqa: S606 - ourselves


def prepare(here: Path) -> dict[str, str]:
    """Write what configures the container engine and ssh; the environment leads molecule and all below it there."""
    (here / "ssh_config").write_text(SSH_CONFIG.format(run=here))
    (here / "storage.conf").write_text(STORAGE.format(state=STATE, images=images()))
    (here / "containers.conf").write_text(ENGINE.format(state=STATE))
    run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(here / "key")], what="ssh-keygen")
    scenarios = SCENARIOS.relative_to(ROOT)
    return os.environ | {
        _RUN: str(here),
        "PATH": f"{Path(sys.executable).parent}:{os.environ.get('PATH', os.defpath)}",
        "PYTHONPATH": str(ROOT),
        "CONTAINERS_CONF": str(here / "containers.conf"),
        "CONTAINERS_STORAGE_CONF": str(here / "storage.conf"),
        "ANSIBLE_HOME": str(here / "ansible"),
        "ANSIBLE_COLLECTIONS_PATH": str(here / "collections"),
        "ANSIBLE_SSH_ARGS": f"-F {here}/ssh_config -o ControlMaster=auto -o ControlPersist=60s",
        # An installed collection has no galaxy.yml, by which molecule would find these itself.
        "MOLECULE_GLOB": f"{scenarios}/*/molecule.yml",
        "MOLECULE_BASE_CONFIG": f"{scenarios}/config.yml",
        "MOLECULE_EPHEMERAL_DIRECTORY": str(here / "molecule"),
        "CLUSTO_MACHINE": f"{sys.executable} -m tools.lab.machine",
    }


def collection(environment: Mapping[str, str]) -> Path:
    return Path(environment["ANSIBLE_COLLECTIONS_PATH"]) / "ansible_collections/clusto/datacenter"


def install_collection(environment: Mapping[str, str]) -> None:
    here = environment[_RUN]
    with Step("collection, as users install it"):
        build = ["ansible-galaxy", "collection", "build", "--output-path", here, str(ROOT)]
        run(build, environment, what="ansible-galaxy collection build")
        tarballs = map(str, Path(here).glob("*.tar.gz"))
        # By force: it lies in the Python environment of ./test already, as a link to the checkout.
        install = ["ansible-galaxy", "collection", "install", "--offline", "--force", *tarballs]
        run(install, environment, what="ansible-galaxy collection install")


def remove_all(environment: Mapping[str, str]) -> None:
    run(["podman", "rm", "--all", "--force", "--time=2"], environment, what="removing the hosts")


def scenario(name: str, environment: Mapping[str, str]) -> bool:
    base = ["--base-config", environment["MOLECULE_BASE_CONFIG"]]
    command = ["molecule", *base, "test", "--destroy=always", "-s", name]
    with Step(f"molecule scenario {name}"):
        return _status(command, environment) == 0


def _status(command: Sequence[str], environment: Mapping[str, str]) -> int:
    """Run it; when that is interrupted, end what it has started too (it would leave ansible-playbook behind)."""
    with subprocess.Popen(command, cwd=collection(environment), env=environment, process_group=0) as process:
        try:
            return process.wait()
        except BaseException:
            os.killpg(process.pid, signal.SIGTERM)
            raise
