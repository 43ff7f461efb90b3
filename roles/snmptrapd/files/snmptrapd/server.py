# SPDX-License-Identifier: BSD-2-Clause
"""The life of the server: startup, serve, shutdown; and reload in between."""

from __future__ import annotations

import secrets
import socket
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from selectors import EVENT_READ, DefaultSelector
from typing import Final, Protocol

from ..core.errors import ClustoError
from ..service.config import Address
from ..service.log import Log
from ..snmp.engine import Clock, Engine
from . import state
from .backend import Backend
from .config import Config
from .dispatcher import Dispatcher
from .events import Event, Outcome
from .intake import Arrival, Intake
from .journal import Journal, JournalError
from .listener import Datagram, Listener
from .recent import Recent
from .reception import Reception, Refused
from .report import Report

BATCH: Final = 256  # datagrams taken from one socket before the others have their turn
DRAIN: Final = 100_000  # datagrams of one socket still accepted at the end: what waited then, not what goes on coming
WORKERS: Final = 4  # switches that are acted for at once
SAVE: Final = 60.0  # seconds between two savings of the other engines' time
PATIENCE: Final = 30.0  # seconds that what is being done at the end may take


class Acting(Protocol):
    """What acts on events while it is started: the backend."""

    def start(self) -> None:
        """Raises ClustoError."""

    def stop(self) -> None: ...

    def act(self, switch: str, events: Sequence[Event]) -> Sequence[Outcome]: ...


Make = Callable[[Config, Log, Callable[[], None]], Acting]
"""(configuration, log, what to call when NetBox has something new) -> a backend."""


class Server:
    """`reread` gives the configuration anew. `stop` and `reload` may be called from signal handlers and threads."""

    def __init__(self, config: Config, log: Log, reread: Callable[[], Config], make: Make = Backend) -> None:
        self._make = make
        self._config = config
        self._log = log
        self._reread = reread
        self._selector = DefaultSelector()
        self._wake, self._woken = socket.socketpair()
        self._woken.setblocking(False)
        self._selector.register(self._woken, EVENT_READ)
        self._started = self._stop_wanted = self._reload_wanted = False
        self._save_at = 0.0
        self.listeners: dict[Address, Listener] = {}
        self._report = Report(log, config.warning_interval)
        self._journal = Journal(config.journal_path, config.journal_size)
        self._dispatcher = Dispatcher(
            self._act, self._journal.done, self._report, coalesce=config.coalesce_interval, workers=WORKERS
        )

    def startup(self) -> None:
        """Bind all addresses, read the journal, load the inventory; then accept. Raises ClustoError."""
        self._listen(self._config.listen)
        restored = self._journal.open()
        now = time.monotonic()
        self._state = state.begin(self._config.journal_path, self._config.engine_id, now)
        self._begun = now
        self._engine = self._make_engine(self._config, self._state.clocks)
        self._reception = Reception(self._config.communities, self._engine, self._config.trusted_sources)
        self._backend = self._begin(self._config)
        self._intake = Intake(self._journal, Recent(restored.keys), self._dispatcher.put, self._report)
        self._dispatcher.put(restored.messages.items())
        self._dispatcher.start()
        self._intake.start()
        self._started = True
        self._log.info(
            "serving",
            listen=[str(address) for address in self.listeners],
            engine_id=self._state.engine_id.hex(),
            boots=self._state.boots,
            waiting=len(restored.messages),
        )
        self._log.flush()

    def serve(self) -> None:
        """Accept until `stop`."""
        while not self._stop_wanted:
            for key, _ in self._selector.select(SAVE):
                if isinstance(key.data, Listener):
                    self._take(key.data, BATCH)
                else:
                    self._woken.recv(64)
            self._log.flush()
            self._save()
            if self._reload_wanted:
                self._reload_wanted = False
                self._apply(self._reread)

    def shutdown(self) -> None:
        """Accept what has been received, keep and acknowledge it; what is not done then stays in the journal."""
        if self._started:
            for listener in self.listeners.values():
                self._take(listener, DRAIN)
            self._intake.stop()
            self._dispatcher.stop(PATIENCE)
            self._backend.stop()
            self._save(at_once=True)
            self._log.info("stopped", waiting=self._journal.waiting)
        self._journal.close()
        self._unlisten(list(self.listeners))
        self._selector.close()
        self._wake.close()
        self._woken.close()
        self._log.flush()

    def stop(self) -> None:
        self._stop_wanted = True
        self._rouse()

    def reload(self) -> None:
        self._reload_wanted = True
        self._rouse()

    def _rouse(self) -> None:
        with suppress(OSError):  # closed: a second signal while the server shuts down
            self._wake.send(b"\0")

    def _take(self, listener: Listener, most: int) -> None:
        """Accept up to `most` datagrams that wait."""
        arrivals: list[Arrival] = []
        at, now = time.time(), time.monotonic()
        for _ in range(most):
            try:
                datagram = listener.receive()
            except OSError as exc:
                self._report.broken(str(listener.address), "receiving", exc)
                break
            if datagram is None:
                break
            self._receive(listener, datagram, (at, now), arrivals)
        if arrivals:
            self._intake.put(arrivals)

    def _receive(
        self, listener: Listener, datagram: Datagram, times: tuple[float, float], arrivals: list[Arrival]
    ) -> None:
        at, now = times
        answer = partial(self._answer, listener, datagram)
        verdict = self._reception.receive(datagram.octets, datagram.sender, now)
        if isinstance(verdict, Refused):
            self._report.refuse(datagram.sender, verdict)
            if verdict.report:
                answer(verdict.report)
        else:
            self._report.accept(datagram.sender, verdict)
            arrivals.append(Arrival(at, verdict, answer))

    def _answer(self, listener: Listener, datagram: Datagram, octets: bytes) -> None:
        try:
            listener.send(octets, datagram.peer, datagram.local)
        except OSError as exc:
            self._report.broken(str(listener.address), "answering", exc)

    def _act(self, switch: str, events: Sequence[Event]) -> Sequence[Outcome]:
        return self._backend.act(switch, events)

    def _make_engine(self, config: Config, clocks: Mapping[bytes, Clock]) -> Engine:
        return Engine(
            self._state.engine_id,
            self._state.boots,
            config.users,
            started=self._begun,
            salt=secrets.randbits(64),
            clocks=clocks,
        )

    def _begin(self, config: Config) -> Acting:
        backend = self._make(config, self._log, self._dispatcher.hurry)
        try:
            backend.start()
        except ClustoError:
            backend.stop()
            raise
        return backend

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

    def _apply(self, reread: Callable[[], Config]) -> None:
        """Go over to a new configuration, or tell why not and stay; datagrams wait meanwhile in their sockets."""
        before = list(self.listeners)
        try:
            config = reread()
            _check_kept(self._config, config)
            self._listen(config.listen)
            backend = self._begin(config)
        except ClustoError as exc:
            self._unlisten(set(self.listeners).difference(before))
            self._log.error(f"not reloaded, the old configuration stays: {exc}")
            return
        self._unlisten(set(before).difference(config.listen))
        old, self._backend, self._config = self._backend, backend, config
        old.stop()
        self._engine = self._make_engine(config, self._engine.clocks)
        self._reception = Reception(config.communities, self._engine, config.trusted_sources)
        self._dispatcher.coalesce = config.coalesce_interval
        self._report.configure(config.warning_interval)
        self._log.form = config.log_format
        self._log.info("reloaded", listen=[str(address) for address in self.listeners])
        self._log.flush()

    def _listen(self, addresses: Iterable[Address]) -> None:
        for address in addresses:
            if address not in self.listeners:
                listener = self.listeners[address] = Listener(address)
                self._selector.register(listener.udp, EVENT_READ, listener)

    def _unlisten(self, addresses: Iterable[Address]) -> None:
        for address in addresses:
            listener = self.listeners.pop(address)
            self._selector.unregister(listener.udp)
            listener.close()


def _check_kept(old: Config, new: Config) -> None:
    """Raise ClustoError for what a running server cannot change."""
    for key in ("journal_path", "journal_size", "engine_id"):
        if getattr(old, key) != getattr(new, key):
            raise ClustoError(f"{key}: another one needs a restart")
