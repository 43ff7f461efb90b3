# SPDX-License-Identifier: BSD-2-Clause
"""One NetBox with all it needs, in one directory: PostgreSQL, Redis, NetBox, its worker.

`python -m tools.lab.instance` makes what all start from, for those that will.
"""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
from dataclasses import dataclass, field
from pathlib import Path

from . import netbox, places, postgres, redis
from .cache import once
from .commands import give
from .errors import LabError
from .netbox import NetBox, Secrets
from .ports import require_free
from .postgres import Cluster
from .processes import Daemon, stop_together
from .redis import Redis
from .software import netbox_python, netbox_version, requirements_digest
from .terminal import Step, say

# unix(7): 108 bytes with the closing zero.
SOCKET_PATH_MAX = 107
LONGEST_SOCKET = "/.s.PGSQL.5432.lock"
RUN = Path("/run")
DUMP = "netbox.dump"


@dataclass(frozen=True)
class NetBoxServer:
    """Where a NetBox answers and what opens it."""

    api_url: str
    token: str = field(repr=False)
    password: str = field(default="", repr=False)  # of its user admin, where that is ours to know


@dataclass(frozen=True)
class Instance:
    home: Path

    @property
    def daemons(self) -> tuple[Daemon, ...]:
        return (*netbox.daemons(self.home), redis.daemon(self.home), postgres.daemon(self.home))

    @property
    def port(self) -> int | None:
        """The one of its last start."""
        return int(text) if (text := _content(self.home / "port")) else None

    @property
    def secrets(self) -> Secrets | None:
        """None before the first start."""
        return Secrets.read(self._secrets)

    @property
    def server(self) -> NetBoxServer:
        """Raises LabError before the first start."""
        if self.secrets is None:
            raise LabError(f"no NetBox was ever started in {self.home}")
        return NetBoxServer(f"http://127.0.0.1:{self.port}", self.secrets.token, self.secrets.password)

    def start(self, port: int) -> bool:
        """False when it runs already. Raises LabError, with the reason, when it cannot."""
        web, _ = netbox.daemons(self.home)
        if web.running and port != self.port:
            raise LabError(f"NetBox runs already, on port {self.port}; stop it first to have it on port {port}")
        if all(daemon.running for daemon in self.daemons):
            return False
        if not web.running:
            require_free(port)
        self.home.mkdir(parents=True, exist_ok=True)
        self._start(port, netbox_python())
        return True

    def stop(self) -> list[str]:
        """Ends what runs, and only what this directory's pid files name. Returns what was ended."""
        using, used = netbox.daemons(self.home), (redis.daemon(self.home), postgres.daemon(self.home))
        ended = [daemon.name for daemon in (*stop_together(using), *stop_together(used))]
        _forget_sockets(self.home)
        return ended

    def beside(self, port: int, name: str) -> NetBox:
        """One more NetBox on the same database; it is its maker's to start and stop."""
        sockets = socket_directory(self.home)
        cluster = Cluster(postgres.Server.installed(), self.home, sockets)
        return NetBox(netbox_python(), self.home, cluster, Redis(self.home, sockets), port, name)

    @property
    def _secrets(self) -> Path:
        return self.home / "secrets.json"

    def _start(self, port: int, python: Path) -> None:
        database = migrated_database(python)
        sockets = give(socket_directory(self.home))
        cluster = Cluster(postgres.Server.installed(), self.home, sockets)
        cache = Redis(self.home, sockets)
        web = NetBox(python, self.home, cluster, cache, port)
        secrets = Secrets.kept_in(self._secrets)
        with Step(f"NetBox on port {port}"):
            if not cluster.data.exists():
                cluster.clone(database)
            cluster.start()
            cache.start()
            web.configure(secrets)
            (self.home / "port").write_text(str(port))
            web.start()
            has_admin = self.home / "has-admin"
            if not has_admin.exists():
                web.add_admin(secrets)
                has_admin.touch()
            web.await_ready(secrets.token)


def _content(path: Path) -> str:
    return path.read_text().strip() if path.exists() else ""


def socket_directory(home: Path) -> Path:
    """Below `home`; where that is too long for a socket's path, a directory of /run that is gone after a stop."""
    near = home / "run"
    if len(os.fsencode(near)) + len(LONGEST_SOCKET) <= SOCKET_PATH_MAX:
        return near
    return RUN / f"clusto-{hashlib.sha256(os.fsencode(home)).hexdigest()[:12]}"


def _forget_sockets(home: Path) -> None:
    """What is in the checkout may stay; what is in /run goes."""
    if (sockets := socket_directory(home)).parent == RUN:
        shutil.rmtree(sockets, ignore_errors=True)


def migrated_database(python: Path) -> Path:
    """The data directory of an empty NetBox, from the cache: made once per version of NetBox and PostgreSQL."""
    server = postgres.Server.installed()
    name = f"database-{netbox_version()}-{requirements_digest()}-pg{server.major}-{platform.machine()}"

    def make(directory: Path) -> None:
        _require_space(directory)
        sockets = give(socket_directory(directory))
        cluster, cache = Cluster(server, directory, sockets), Redis(directory, sockets)
        web = NetBox(python, directory, cluster, cache, port=0)
        try:
            cluster.create()
            # Nothing of it is worth keeping before it is whole: no need to wait for the disk.
            cluster.start("fsync=off", "full_page_writes=off", mortal=True)
            cache.start(mortal=True)
            cluster.create_database()
            web.configure(Secrets())
            web.migrate()
        except LabError as error:
            # PostgreSQL's own word for it is in a log that goes with the directory; the migration's is another one.
            _require_space(directory, megabytes=64, cause=error)
            raise
        finally:
            cache.daemon.stop()
            cluster.daemon.stop()
            _forget_sockets(directory)
        os.sync()
        _leave_only(directory / "pg")

    return once(places.cache() / name, make) / "pg"


def database_dump(python: Path) -> Path:
    """The same in pg_dump's custom format, for a PostgreSQL of another machine, which may be a later one."""
    template = migrated_database(python)

    def make(directory: Path) -> None:
        sockets = give(socket_directory(directory))
        cluster = Cluster(postgres.Server.installed(), directory, sockets)
        try:
            cluster.clone(template)
            cluster.start(mortal=True)
            cluster.dump(sockets / DUMP)
            shutil.copyfile(sockets / DUMP, directory / DUMP)
        finally:
            cluster.daemon.stop()
            _forget_sockets(directory)
        _leave_only(directory / DUMP)

    return once(template.parent.with_name(f"dump-of-{template.parent.name}"), make) / DUMP


def _leave_only(kept: Path) -> None:
    for left in kept.parent.iterdir():
        if left != kept:
            shutil.rmtree(left) if left.is_dir() else left.unlink()


def _require_space(directory: Path, megabytes: int = 600, cause: LabError | None = None) -> None:
    free = shutil.disk_usage(directory).free // 2**20
    if free < megabytes:
        raise LabError(
            f"{directory.parent} has {free} MB free; the migration of NetBox's database needs 600 MB"
        ) from cause


if __name__ == "__main__":
    say(f"{migrated_database(netbox_python())} is there")
