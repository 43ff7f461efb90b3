# SPDX-License-Identifier: BSD-2-Clause
"""The main loop of a daemon: waits for its sockets, and can be roused by signals and by other threads."""

from __future__ import annotations

import socket
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from contextlib import suppress
from selectors import EVENT_READ, DefaultSelector
from threading import Event
from typing import Any, Final

from prometheus_client import Metric

from .config import Address
from .endpoint import Endpoint, Readiness

ROUND: Final = 5.0  # seconds that a round of the loop may take


class Looping(ABC):
    """What daemons inherit. `stop` and `reload` may be called from signal handlers and threads."""

    def __init__(self) -> None:
        self._selector = DefaultSelector()
        self._wake, self._woken = socket.socketpair()
        for end in (self._wake, self._woken):
            end.setblocking(False)
        self._selector.register(self._woken, EVENT_READ)
        self._started = self._stop_wanted = self._reload_wanted = False
        self._turned = Event()
        self.endpoint: Endpoint | None = None

    def stop(self) -> None:
        self._stop_wanted = True
        self._rouse()

    def reload(self) -> None:
        self._reload_wanted = True
        self._rouse()

    def _rouse(self) -> None:
        with suppress(OSError):  # closed: a second signal while the server shuts down; full: it was roused already
            self._wake.send(b"\0")

    def _ready(self, timeout: float | None = None) -> Iterator[Any]:
        """Wait for something to happen; gives what was registered with each socket that can be read."""
        for key, _ in self._selector.select(timeout):
            if key.fileobj is self._woken:
                self._woken.recv(64)
                self._turned.set()
            else:
                yield key.data

    def _shall_reload(self) -> bool:
        """Whether `reload` was called since the last time."""
        wanted, self._reload_wanted = self._reload_wanted, False
        return wanted

    def _close(self) -> None:
        """End what is told over HTTP, then the loop itself."""
        if self.endpoint:
            self.endpoint.stop()
        self._selector.close()
        self._wake.close()
        self._woken.close()

    # What the endpoint asks, from threads of its own

    def alive(self) -> bool:
        """Whether the loop comes round."""
        if not self._started:
            return True
        self._turned.clear()
        self._rouse()
        return self._turned.wait(ROUND)

    @abstractmethod
    def readiness(self) -> Readiness: ...

    @abstractmethod
    def collect(self) -> Iterable[Metric]: ...

    def _open(self, address: Address | None) -> Endpoint | None:
        """Begin to tell over HTTP; nothing for no address. Raises ClustoError."""
        if address is None:
            return None
        endpoint = Endpoint(address, self)
        endpoint.start()
        return endpoint

    def _tell_at(self, endpoint: Endpoint | None) -> None:
        """Tell there from now on, and no longer where it was told before."""
        if self.endpoint and self.endpoint is not endpoint:
            self.endpoint.stop()
        self.endpoint = endpoint
