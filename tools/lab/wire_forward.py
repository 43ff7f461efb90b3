# SPDX-License-Identifier: BSD-2-Clause
"""TCP from a namespace to a server of the machine, for as long as it shall be reachable."""

from __future__ import annotations

import socket
from contextlib import suppress
from threading import Thread
from types import TracebackType
from typing import Self


def listening(port: int) -> socket.socket:
    """Open a TCP socket on loopback; it stays in the namespace of the thread that opens it."""
    return socket.create_server(("127.0.0.1", port))


class Forward:
    """Connects whoever comes to `entrance` with `target`, until closed; then they are cut off and refused."""

    def __init__(self, entrance: socket.socket, target: tuple[str, int]) -> None:
        self._entrance = entrance
        self._target = target
        self._open: set[socket.socket] = set()
        Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        for one in (self._entrance, *self._open):
            with suppress(OSError):  # closed by its other end already
                one.shutdown(socket.SHUT_RDWR)
        self._entrance.close()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._entrance.accept()
            except OSError:  # closed
                return
            far = socket.create_connection(self._target)
            self._open |= {near, far}
            for source, sink in ((near, far), (far, near)):
                Thread(target=self._pump, args=(source, sink), daemon=True).start()

    def _pump(self, source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):  # the other end went away
            while data := source.recv(65536):
                sink.sendall(data)
        with suppress(OSError):
            sink.shutdown(socket.SHUT_RDWR)
        self._open.discard(source)
        source.close()
