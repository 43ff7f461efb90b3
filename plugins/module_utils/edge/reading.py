# SPDX-License-Identifier: GPL-3.0-or-later
"""What the inventory plugin reads of NetBox: all of it, or what has changed since a snapshot."""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import TIMEOUT_MAX
from typing import NamedTuple

from ..core.errors import InvalidError, UnavailableError
from ..core.ports import Component
from ..mirror.inventory import Inventory
from ..mirror.listing import Connection, Connections
from ..mirror.load import load
from ..mirror.mirror import Freshness, Mirror
from ..netbox.client import Client, Settings

Say = Callable[[str], None]


class Reading(NamedTuple):
    inventory: Inventory
    connections: Connections
    """Empty where they were not asked for."""


@dataclass(frozen=True)
class Snapshots:
    """Where snapshots are kept. max_age: seconds since NetBox was last asked, for one to stand in for NetBox."""

    directory: str
    max_age: int | None = None

    def path(self, connection: Settings) -> Path:
        """Tokens may see different things, so each has a file of its own; what it is called does not give it away.

        Makes the directory. Raises InvalidError if that cannot be.
        """
        digest = hashlib.sha256(f"{connection.api_url} {connection.token}".encode()).hexdigest()
        directory = Path(self.directory)
        try:
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise InvalidError(f"snapshot_dir {self.directory!r} cannot be made: {error.strerror}") from error
        return directory / f"{digest[:16]}.snapshot"


def read(connection: Settings, kept: Snapshots | None, say: Say, *, fresh: bool, connections: bool) -> Reading:
    """Read the inventory. fresh: what was kept does not count. say: called with each warning.

    Raises ClustoError: NetBox is away and there is no snapshot that may stand in for it, refuses the token, is too old.
    """
    with Client(connection) as client:
        if kept is None:
            return Reading(load(client, time.time()), _connections(client) if connections else {})
        path = kept.path(connection)
        # Read anew beside it: if NetBox is away, what was kept is still there for the next time.
        working = path.with_suffix(".fresh") if fresh else path
        with _heard(say):
            mirror = Mirror(client, working, patience=TIMEOUT_MAX)  # as long as the client takes to give up
            mirror.start()
        _check(mirror.freshness, kept)
        if fresh and working.exists():  # it may not be writable, which was said
            working.replace(path)
        if not connections or mirror.freshness.error is None:
            return Reading(mirror.current, _connections(client) if connections else {})
        say("the snapshot does not hold what ports are connected to; `connected_to` is null")
        return Reading(mirror.current, {})


def _connections(client: Client) -> Connections:
    """A list of its own, since NetBox takes as long to tell the end of a connection as all else of two interfaces."""
    from ..drivers.port import Port  # noqa: PLC0415 - takes long to import, and few ask for it

    fields = ("id", "type", "connected_endpoints", "connected_endpoints_type")
    found = client.list("dcim/interfaces", connected=True, fields=fields)
    ends = {record["id"]: next(iter(Port(Component.INTERFACE, record).ends()), None) for record in found}
    return {
        interface: Connection(end.record["device"]["id"] if end.device else None, end.device, end.porttype, end.name)
        for interface, end in ends.items()
        if end is not None
    }


def _check(freshness: Freshness, kept: Snapshots) -> None:
    age = time.time() - (freshness.checked_at or freshness.loaded_at)
    if freshness.error is not None and kept.max_age is not None and age > kept.max_age:
        raise UnavailableError(
            f"{freshness.error}; and the snapshot is {age:.0f} s old, more than snapshot_max_age {kept.max_age}"
        )


class _Speaker(logging.Handler):
    def __init__(self, say: Say) -> None:
        super().__init__(logging.WARNING)
        self._say = say

    def emit(self, record: logging.LogRecord) -> None:
        self._say(record.getMessage())


@contextmanager
def _heard(say: Say) -> Iterator[None]:
    """Have said what the mirror logs: that NetBox is away, that the snapshot cannot be written."""
    speaker = _Speaker(say)
    log = logging.getLogger(Mirror.__module__.rpartition(".")[0])
    log.addHandler(speaker)
    try:
        yield
    finally:
        log.removeHandler(speaker)
