# SPDX-License-Identifier: BSD-2-Clause
"""The sockets, and what is done at once with what they receive. For one thread, but for `dropped`."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from selectors import EVENT_READ, BaseSelector
from typing import Final, NamedTuple

from ..service.config import Address
from .intake import Arrival
from .listener import Datagram, Listener
from .reception import Reception, Refused
from .report import Report

DRAIN: Final = 100_000  # datagrams of one socket still accepted at the end: what waited then, not what goes on coming

Put = Callable[[Sequence[Arrival]], None]


class _Moment(NamedTuple):
    at: float
    """Seconds since the epoch."""
    now: float
    """Seconds of the engine's clock."""


class Front:
    """`listen` first, then `receive_by`, then `take` what the selector has."""

    def __init__(self, selector: BaseSelector, report: Report) -> None:
        self._selector = selector
        self._report = report
        self._listeners: dict[Address, Listener] = {}
        self._gone = 0  # datagrams that sockets have dropped which are closed now

    def receive_by(self, reception: Reception, put: Put) -> None:
        """Judge by this, and put there what is accepted."""
        self._reception = reception
        self._put = put

    def listen(self, addresses: Iterable[Address]) -> None:
        """Open what is not open. Raises BindError."""
        for address in addresses:
            if address not in self._listeners:
                listener = self._listeners[address] = Listener(address)
                self._selector.register(listener.udp, EVENT_READ, listener)

    def keep(self, addresses: Iterable[Address]) -> None:
        """Close all others."""
        for address in set(self._listeners).difference(addresses):
            listener = self._listeners.pop(address)
            self._selector.unregister(listener.udp)
            self._gone += listener.drops
            listener.close()

    def close(self) -> None:
        self.keep(())

    def drain(self) -> None:
        """Take all that has been received."""
        for listener in self._listeners.values():
            self.take(listener, DRAIN)

    @property
    def dropped(self) -> int:
        """How many datagrams the kernel had no room for."""
        return self._gone + sum(listener.drops for listener in tuple(self._listeners.values()))

    def take(self, listener: Listener, most: int) -> None:
        """Accept up to `most` datagrams that wait."""
        arrivals: list[Arrival] = []
        moment = _Moment(time.time(), time.monotonic())
        for _ in range(most):
            try:
                datagram = listener.receive()
            except OSError as exc:
                self._report.broken(str(listener.address), "receiving", exc)
                break
            if datagram is None:
                break
            self._receive(listener, datagram, moment, arrivals)
        if arrivals:
            self._put(arrivals)

    def _receive(self, listener: Listener, datagram: Datagram, moment: _Moment, arrivals: list[Arrival]) -> None:
        answer = partial(self._answer, listener, datagram)
        verdict = self._reception.receive(datagram.octets, datagram.sender, moment.now)
        if isinstance(verdict, Refused):
            self._report.refuse(datagram.sender, verdict)
            if verdict.report:
                answer(verdict.report)
        else:
            self._report.accept(datagram.sender, verdict)
            arrivals.append(Arrival(moment.at, verdict, answer))

    def _answer(self, listener: Listener, datagram: Datagram, octets: bytes) -> None:
        try:
            listener.send(octets, datagram.peer, datagram.local)
        except OSError as exc:
            self._report.broken(str(listener.address), "answering", exc)
