# SPDX-License-Identifier: BSD-2-Clause
"""NetBox on our own PostgreSQL and Redis: its environment, its migrated database (both made once), its processes."""

from __future__ import annotations

import json
import secrets
import signal
import string
import time
import urllib.error
import urllib.request
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from .commands import clean_environment, give, run, unprivileged
from .files import write_private
from .places import ROOT
from .postgres import OWNER, Cluster
from .processes import Daemon
from .redis import Redis
from .terminal import Step

WEB = "netbox"
ALPHABET = string.ascii_letters + string.digits

CONFIGURATION = """\
ALLOWED_HOSTS = ["127.0.0.1", "localhost"]
DATABASES = {{"default": {{"ENGINE": "django.db.backends.postgresql", "NAME": {name!r}, "USER": {name!r},
             "HOST": {sockets!r}, "CONN_MAX_AGE": 300}}}}
REDIS = {{"tasks": {{"URL": "unix://{redis}?db=0", "HOST": "", "PORT": 0}},
         "caching": {{"URL": "unix://{redis}?db=1"}}}}
SECRET_KEY = {secrets.secret_key!r}
API_TOKEN_PEPPERS = {{1: {secrets.pepper!r}}}
ISOLATED_DEPLOYMENT = True
CENSUS_REPORTING_ENABLED = False
"""

# Elsewhere a web server in front of NetBox hands out its style sheets and scripts; here it does so itself.
# The style of rack elevations is read from where the static files would have been collected.
WSGI = """\
from django.conf import settings
from django.contrib.staticfiles.handlers import StaticFilesHandler
from netbox.wsgi import application as netbox

application = StaticFilesHandler(netbox)
settings.STATIC_ROOT = settings.STATICFILES_DIRS[0]
"""

# One process instead of two commands: loading NetBox takes as long as a hundred of its migrations.
MIGRATE = """\
import gc
import django
django.setup()
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
executor = MigrationExecutor(connection)
print("migrations:", len(executor.migration_plan(executor.loader.graph.leaf_nodes())), flush=True)
gc.set_threshold(100_000, 20, 50)  # each migration builds all models anew: the default looks through them too often
call_command("upgrade", no_input=True, skip_static=True)
"""

ADMIN = """\
import json, sys
import django
django.setup()
from django.db import transaction
from users.models import Token, User
given = json.load(sys.stdin)
key, secret = given["token"].removeprefix("nbt_").split(".")
with transaction.atomic():
    if not User.objects.filter(username="admin").exists():
        user = User.objects.create_superuser("admin", "admin@example.org", given["password"])
        Token.objects.create(user=user, version=2, key=key, token=secret, description="made by quickstart")
"""


def daemons(home: Path) -> tuple[Daemon, Daemon]:
    return _web(home, WEB), Daemon("rqworker", home)


def _web(home: Path, name: str) -> Daemon:
    # SIGQUIT is gunicorn's quick shutdown; the graceful one waits for browsers to close their connections.
    return Daemon(name, home, signal.SIGQUIT)


def ask_status(api_url: str, token: str) -> None:
    """Raises urllib's HTTPError, other OSErrors where nobody answers, ValueError where that is no URL."""
    scheme = "Bearer" if token.startswith("nbt_") else "Token"
    url = f"{api_url}/api/status/"
    if not url.startswith(("http://", "https://")):
        raise ValueError("expected a URL that begins with http:// or https://")
    request = urllib.request.Request(url, headers={"Authorization": f"{scheme} {token}"})  # noqa: S310 - checked above
    urllib.request.urlopen(request, timeout=30).close()  # noqa: S310 - likewise


def _random(length: int) -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(length))


@dataclass(frozen=True)
class Secrets:
    """Of one instance; kept in a file that only root reads."""

    secret_key: str = field(default_factory=lambda: _random(60), repr=False)
    pepper: str = field(default_factory=lambda: _random(60), repr=False)
    password: str = field(default_factory=lambda: _random(16), repr=False)
    # A v2 token as it is sent: `Authorization: Bearer nbt_<key>.<token>`.
    token: str = field(default_factory=lambda: f"nbt_{_random(12)}.{_random(40)}", repr=False)

    @classmethod
    def read(cls, path: Path) -> Secrets | None:
        return cls(**json.loads(path.read_text())) if path.exists() else None

    @classmethod
    def kept_in(cls, path: Path) -> Secrets:
        """Made when first asked for."""
        if kept := cls.read(path):
            return kept
        made = cls()
        write_private(path, json.dumps(asdict(made)))
        return made


@dataclass(frozen=True)
class NetBox:
    """`home/netbox` is NETBOX_ROOT; `python` the interpreter of NetBox's environment."""

    python: Path
    home: Path
    cluster: Cluster
    redis: Redis
    port: int
    name: str = WEB
    """Of the process that answers; several may share all the rest."""

    @property
    def root(self) -> Path:
        return self.home / "netbox"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def web(self) -> Daemon:
        return _web(self.home, self.name)

    def configure(self, given: Secrets) -> None:
        give(self.root)
        for directory in ("conf", "media", "reports", "scripts"):
            give(self.root / directory)
        text = CONFIGURATION.format(
            name=OWNER, sockets=str(self.cluster.sockets), redis=self.redis.socket, secrets=given
        )
        owner = self.root.stat().st_uid
        write_private(self.root / "conf/configuration.py", text, owner)
        write_private(self.root / "conf/__init__.py", "", owner)
        write_private(self.root / "lab_wsgi.py", WSGI, owner)
        write_private(self._gunicorn, (ROOT / "roles/netbox/files/gunicorn.conf.py").read_text(), owner)

    def migrate(self) -> None:
        """Minutes of one core: several hundred migrations, counted as they go."""
        done = total = 0
        with Step("NetBox's database migrations, once for this version") as step:

            def line(text: str) -> None:
                nonlocal done, total
                if text.startswith("migrations:"):
                    total = int(text.split()[1])
                elif text.strip() == "OK":
                    done += 1
                    step.progress(done, total)

            self.within(MIGRATE, what="NetBox's database migration", line=line)

    def add_admin(self, given: Secrets) -> None:
        """The user `admin` and a token that may do everything."""
        self.within(ADMIN, what="adding NetBox's admin", stdin=json.dumps(asdict(given)))

    def within(self, program: str, *, what: str, **options: Any) -> str:
        """What a program of NetBox's own environment prints; `options` are those of run()."""
        return run(self._program("-c", program), self.environment, what=what, **options)

    def start(self) -> None:
        _, worker = daemons(self.home)
        if not self.web.running:
            self.serve()
        if not worker.running:
            # Nearly every change is a job (search, rendered contexts). A worker that forks for each, as rq's own does,
            # takes a quarter of a second each time, thousands of times in a run of ./test; this one does them itself.
            rqworker = ("rqworker", "--worker-class", "rq.SimpleWorker", "high", "default", "low")
            worker.start(self._program("-m", "netbox", *rqworker), self.environment)

    def serve(self, *, mortal: bool = False) -> None:
        gunicorn = ("-m", "gunicorn", "--config", str(self._gunicorn), "--bind", f"127.0.0.1:{self.port}")
        more = ("--workers", "2", "--threads", "3", "--timeout", "300", "--no-control-socket")
        wsgi = ("--pythonpath", str(self.root), "lab_wsgi")
        self.web.start(self._program(*gunicorn, *more, *wsgi), self.environment, mortal=mortal)

    def await_ready(self, token: str, patience: float = 120) -> None:
        """Until it answers an authorised request."""
        deadline = time.monotonic() + patience
        web = self.web
        while True:
            if not web.running:
                raise web.failure("ended while it started")
            try:
                return ask_status(self.url, token)
            except urllib.error.HTTPError as error:
                raise web.failure(f"answers its own token with {error.code} {error.reason}") from error
            except OSError:
                if time.monotonic() > deadline:
                    raise web.failure(f"does not answer after {patience:.0f} s") from None
                time.sleep(0.2)

    @property
    def _gunicorn(self) -> Path:
        return self.root / "gunicorn.conf.py"

    @property
    def environment(self) -> dict[str, str]:
        return clean_environment(
            NETBOX_ROOT=str(self.root),
            HOME=str(self.root),
            DJANGO_SETTINGS_MODULE="netbox.settings",
            PYTHONUNBUFFERED="1",
            PYTHONDONTWRITEBYTECODE="1",
        )

    def _program(self, *arguments: str) -> list[str]:
        return unprivileged((self.python, self.root, self.cluster.sockets), [str(self.python), *arguments])
