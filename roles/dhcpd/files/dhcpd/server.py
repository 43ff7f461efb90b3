# SPDX-License-Identifier: BSD-2-Clause
"""The life of the server: startup, serve, shutdown."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Iterator
from selectors import EVENT_READ
from typing import Final

from prometheus_client import Metric

from ..service import freshness
from ..service.endpoint import Readiness
from ..service.log import Log
from ..service.reloading import Reloading
from . import interfaces
from .backend import Backend
from .config import Config
from .journal import Arrival, Journal
from .listener import BindError, Listener, Ports
from .service import Reply
from .tally import Tally, metrics

BATCH: Final = 64  # datagrams taken from one interface before the others have their turn
DRAIN: Final = 4096  # datagrams of one interface still answered at the end: what waited then, not what goes on coming
LOOPBACK: Final = "lo"


class Server(Reloading[Config, Backend]):
    def __init__(self, config: Config, log: Log, reread: Callable[[], Config], ports: Ports | None = None) -> None:
        super().__init__(config, log, reread)
        self._ports = ports or Ports()
        self._tallies = Tally(), Tally()
        self.listeners: dict[str, Listener] = {}

    def startup(self) -> None:
        """Bind all interfaces, then load the inventory. Raises ClustoError."""
        self._bind()
        self._backend = self._begin(self._config)
        self._started = True
        self._log.info("serving", interfaces=sorted(self.listeners))
        self._log.flush()

    def serve(self) -> None:
        """Answer until `stop`."""
        while not self._stop_wanted:
            for listener in self._ready():
                self._take(listener, BATCH)
            self._log.flush()
            if self._shall_reload():
                self._go_over()

    def shutdown(self) -> None:
        """Answer what has been received, then close everything."""
        if self._started:
            for listener in self.listeners.values():
                self._take(listener, DRAIN)
            self._backend.stop()
            self._log.info("stopped")
        self._keep(())
        self._close()
        self._log.flush()

    # What the endpoint asks, from threads of its own

    def readiness(self) -> Readiness:
        if not self._started:
            return Readiness("the inventory is not there yet")
        told = freshness.told(self._backend.freshness, time.time())
        return Readiness("it is being stopped" if self._stop_wanted else None, told)

    def collect(self) -> Iterator[Metric]:
        yield from metrics(self._tallies)
        if self._started:
            yield from self._backend.metrics()

    def _take(self, listener: Listener, most: int) -> None:
        """Answer up to `most` datagrams that wait."""
        for _ in range(most):
            try:
                arrival = listener.receive()
            except OSError as exc:
                self._backend.journal.broken(listener.interface, "receiving", exc)
                return
            if arrival is None:
                return
            reply = self._backend.handle(arrival)
            if reply is not None:
                self._send(arrival, reply, self._backend.journal)

    def _send(self, arrival: Arrival, reply: Reply, journal: Journal) -> None:
        listener = self.listeners.get(arrival.interface)
        if listener is not None:
            try:
                listener.send(reply)
            except OSError as exc:
                journal.broken(arrival.interface, "sending", exc)

    def _make_backend(self, config: Config) -> Backend:
        own = {address for listener in self.listeners.values() for address in listener.addresses}
        return Backend(config, self._log, own, self._send, self._tallies)

    def _adopt(self) -> None:
        self._log.info("reloaded", interfaces=sorted(self.listeners))

    def _listen(self, config: Config) -> Collection[str]:
        names = wanted(config.interfaces)
        for name, addresses in names.items():
            if name in self.listeners:
                self.listeners[name].addresses = addresses
                continue
            listener = self.listeners[name] = Listener(name, addresses, self._ports)
            self._selector.register(listener.udp, EVENT_READ, listener)
        return names

    def _keep(self, listening: Collection[str]) -> None:
        for name in set(self.listeners).difference(listening):
            listener = self.listeners.pop(name)
            self._selector.unregister(listener.udp)
            listener.close()


def wanted(names: Iterable[str]) -> dict[str, tuple[bytes, ...]]:
    """Give the interfaces to serve with their addresses: those named, else all but loopback. Raises BindError."""
    present = interfaces.addresses()
    chosen = {name: present.get(name, ()) for name in names} or {n: a for n, a in present.items() if n != LOOPBACK}
    for name, addresses in chosen.items():
        if not addresses:
            raise BindError(f"interface {name}: has no IPv4 address or does not exist; expected one that has")
    if not chosen:
        raise BindError("no interface but loopback has an IPv4 address; expected one to serve")
    return chosen
