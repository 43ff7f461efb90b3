# SPDX-License-Identifier: BSD-2-Clause
"""The life of the server: startup, serve, shutdown."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any, Final, Protocol

from prometheus_client import Metric

from ..core.errors import ClustoError
from ..service.config import Address
from ..service.endpoint import Readiness
from ..service.log import Log
from ..service.reloading import Reloading, Startable
from ..snmp.engine import Clock, Engine
from . import state
from .backend import Backend
from .config import Config
from .dispatcher import Dispatcher
from .events import Event, Outcome
from .front import Front
from .intake import Intake
from .journal import Journal, JournalError
from .metrics import metrics
from .recent import Recent
from .reception import Reception
from .report import Report

BATCH: Final = 256  # datagrams taken from one socket before the others have their turn
WORKERS: Final = 4  # switches that are acted for at once
SAVE: Final = 60.0  # seconds between two savings of the other engines' time
PATIENCE: Final = 30.0  # seconds that what is being done at the end may take


class Acting(Startable, Protocol):
    """What acts on events while it is started."""

    def act(self, switch: str, events: Sequence[Event]) -> Sequence[Outcome]: ...

    def readiness(self) -> dict[str, Any]: ...

    def metrics(self) -> Iterator[Metric]: ...


Make = Callable[[Config, Log, Callable[[], None]], Acting]
"""(configuration, log, what to call when NetBox has something new) -> a backend."""


class Server(Reloading[Config, Acting]):
    def __init__(self, config: Config, log: Log, reread: Callable[[], Config], make: Make = Backend) -> None:
        super().__init__(config, log, lambda: _reloadable(self._config, reread()))
        self._make = make
        self._save_at = 0.0
        self._report = Report(log, config.warning_interval)
        self._journal = Journal(config.journal_path, config.journal_size)
        self._front = Front(self._selector, self._report)
        self._dispatcher = Dispatcher(
            self._act, self._journal.done, self._report, coalesce=config.coalesce_interval, workers=WORKERS
        )

    def startup(self) -> None:
        """Bind all addresses, read the journal, load the inventory; then accept. Raises ClustoError."""
        self._bind()
        restored = self._journal.open()
        now = time.monotonic()
        self._state = state.begin(self._config.journal_path, self._config.engine_id, now)
        self._begun = now
        self._engine = self._make_engine(self._config, self._state.clocks)
        self._backend = self._begin(self._config)
        self._intake = Intake(self._journal, Recent(restored.keys), self._dispatcher.put, self._report)
        self._front.receive_by(self._reception_of(self._config), self._intake.put)
        self._dispatcher.put(restored.messages.items())
        self._dispatcher.start()
        self._intake.start()
        self._started = True
        self._log.info(
            "serving",
            listen=[str(address) for address in self._config.listen],
            engine_id=self._state.engine_id.hex(),
            boots=self._state.boots,
            waiting=len(restored.messages),
        )
        self._log.flush()

    def serve(self) -> None:
        """Accept until `stop`."""
        while not self._stop_wanted:
            for listener in self._ready(SAVE):
                self._front.take(listener, BATCH)
            self._log.flush()
            self._save()
            if self._shall_reload():
                self._go_over()

    def shutdown(self) -> None:
        """Accept what has been received, keep and acknowledge it; what is not done then stays in the journal."""
        if self._started:
            self._front.drain()
            self._intake.stop()
            self._dispatcher.stop(PATIENCE)
            self._backend.stop()
            self._save(at_once=True)
            self._log.info("stopped", waiting=self._journal.waiting)
        self._journal.close()
        self._front.close()
        self._close()
        self._log.flush()

    # What the endpoint asks, from threads of its own

    def readiness(self) -> Readiness:
        if not self._started:
            return Readiness("the inventory is not there yet")
        lack = "it is being stopped" if self._stop_wanted else self._report.failure
        return Readiness(lack, self._backend.readiness() | {"waiting": self._journal.waiting})

    def collect(self) -> Iterator[Metric]:
        yield from metrics(self._report, self._journal, self._front.dropped)
        if self._started:
            yield from self._backend.metrics()

    def _act(self, switch: str, events: Sequence[Event]) -> Sequence[Outcome]:
        return self._backend.act(switch, events)

    def _reception_of(self, config: Config) -> Reception:
        return Reception(config.communities, self._engine, config.trusted_sources)

    def _make_engine(self, config: Config, clocks: Mapping[bytes, Clock]) -> Engine:
        return Engine(
            self._state.engine_id,
            self._state.boots,
            config.users,
            started=self._begun,
            salt=secrets.randbits(64),
            clocks=clocks,
        )

    def _make_backend(self, config: Config) -> Acting:
        return self._make(config, self._log, self._dispatcher.hurry)

    def _listen(self, config: Config) -> Collection[Address]:
        self._front.listen(config.listen)
        return config.listen

    def _keep(self, listening: Collection[Address]) -> None:
        self._front.keep(listening)

    def _adopt(self) -> None:
        config = self._config
        self._engine = self._make_engine(config, self._engine.clocks)
        self._front.receive_by(self._reception_of(config), self._intake.put)
        self._dispatcher.coalesce = config.coalesce_interval
        self._report.configure(config.warning_interval)
        self._log.info("reloaded", listen=[str(address) for address in config.listen])

    def _save(self, *, at_once: bool = False) -> None:
        """Save what was learnt of other engines' time, now and then."""
        now = time.monotonic()
        if now < self._save_at and not at_once:
            return
        self._save_at = now + SAVE
        newer = self._state._replace(clocks=dict(self._engine.clocks))
        if newer != self._state:
            try:
                state.save(self._config.journal_path, newer)
            except JournalError as exc:
                self._log.warning(str(exc))
            self._state = newer


def _reloadable(old: Config, new: Config) -> Config:
    """Give the new one. Raises ClustoError for what a running server cannot change."""
    for key in ("journal_path", "journal_size", "engine_id"):
        if getattr(old, key) != getattr(new, key):
            raise ClustoError(f"{key}: another one needs a restart")
    return new
