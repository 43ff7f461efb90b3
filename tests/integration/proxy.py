# SPDX-License-Identifier: BSD-2-Clause
"""A way to NetBox that fails where a test wants it to.

    with Proxy(netbox_server.api_url) as proxy:
        through = connect(proxy.url, token)
        proxy.on(refuse(500), "POST", "dcim/devices")        # the next creation of a device
        proxy.on(cut, "PATCH", nth=3)                        # the third PATCH from now
        proxy.on(lose)                                       # the very next request
        proxy.on(first(lambda: client.delete(TAGS, 7)), "GET", "extras/config-contexts")
        …
        assert proxy.waiting == 0                            # all that was ordered has happened

What happens to a request is a **fault**: a function of what would forward it (and gives NetBox's answer); it returns an
answer, or None to close the connection without one. `proxy.seen` lists what came by: method, path below /api/, status.
What is asked through GraphQL, which only reads, goes by as GET of `graphql`.
"""

from __future__ import annotations

import contextlib
import http.client
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple, Self
from urllib.parse import urlsplit


class Answer(NamedTuple):
    status: int
    headers: Mapping[str, str]
    body: bytes


WRITE = "WRITE"
GRAPHQL = "graphql"
QUIET = 0.4  # seconds
Forward = Callable[[], Answer]
Fault = Callable[[Forward], Answer | None]


def cut(_: Forward) -> None:
    """The request never arrives; the connection ends."""


def lose(forward: Forward) -> None:
    """NetBox does what was asked; its answer is lost."""
    forward()


def refuse(status: int, text: str = "made up by a test") -> Fault:
    """NetBox does nothing and answers so."""
    body = f'{{"detail": "{text}"}}'.encode()
    return lambda _: Answer(status, {"Content-Type": "application/json", "API-Version": "4.7"}, body)


def first(act: Callable[[], Any]) -> Fault:
    """Something happens behind the program's back right before the request, which goes on."""

    def fault(forward: Forward) -> Answer:
        act()
        return forward()

    return fault


def twice(forward: Forward) -> Answer:
    """NetBox has done it before (for another program, or for one that was killed), and is asked to once more."""
    forward()
    return forward()


def late(seconds: float, done: threading.Event) -> Fault:
    """The connection ends at once; NetBox gets the request so much later, and then it is `done`."""

    def fault(forward: Forward) -> None:
        def arrive() -> None:
            forward()
            done.set()

        threading.Timer(seconds, arrive).start()

    return fault


def slow(seconds: float) -> Fault:
    return first(lambda: time.sleep(seconds))


@dataclass
class Order:
    fault: Fault
    method: str | None
    path: str
    left: int | None
    """So many requests that match it, this one too, are still to come; None for a fault of all that match."""


class Seen(NamedTuple):
    method: str
    path: str
    status: int | None
    """None when no answer was given."""


@dataclass
class Proxy:
    target: str
    seen: list[Seen] = field(default_factory=list)
    _orders: list[Order] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _busy: int = 0

    def __post_init__(self) -> None:
        there = urlsplit(self.target)
        self._address = there.hostname or "", there.port or 80
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self._server.server_port}{there.path}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def on(self, fault: Fault, method: str | None = None, path: str = "", *, nth: int = 1) -> None:
        """Order a fault, once, for the nth request from now of that method whose path below /api/ begins so.

        The method `WRITE` is any that is no GET.
        """
        with self._lock:
            self._orders.append(Order(fault, method, path, nth))

    @contextlib.contextmanager
    def always(self, fault: Fault, method: str | None = None, path: str = "") -> Iterator[None]:
        """Let a fault happen to all such requests meanwhile, also to those of an earlier attempt that come late."""
        order = Order(fault, method, path, None)
        with self._lock:
            self._orders.append(order)
        try:
            yield
        finally:
            with self._lock:
                self._orders.remove(order)

    @property
    def waiting(self) -> int:
        """The number of ordered faults that have not happened yet."""
        return len(self._orders)

    def settle(self) -> None:
        """Wait until nothing has come by for a while: a program that was killed may have sent several requests."""
        last = time.monotonic()
        while time.monotonic() < last + QUIET:
            time.sleep(QUIET / 20)
            if self._busy:
                last = time.monotonic()

    @contextlib.contextmanager
    def _working(self) -> Iterator[None]:
        with self._lock:
            self._busy += 1
        try:
            yield
        finally:
            with self._lock:
                self._busy -= 1

    def written(self) -> list[Seen]:
        """What came by that was no read."""
        return [one for one in self.seen if one.method != "GET"]

    def _due(self, method: str, path: str) -> Fault | None:
        with self._lock:
            for order in self._orders:
                methods = (None, method) if method == "GET" else (None, method, WRITE)
                if order.method in methods and path.startswith(order.path):
                    if order.left is None:
                        return order.fault
                    order.left -= 1
                    if order.left == 0:
                        self._orders.remove(order)
                        return order.fault
        return None

    def _exchange(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer | None:
        def forward() -> Answer:
            with contextlib.closing(http.client.HTTPConnection(*self._address, timeout=300)) as netbox:
                netbox.request(method, path, body, dict(headers))
                response = netbox.getresponse()
                return Answer(response.status, dict(response.getheaders()), response.read())

        told = ("GET", GRAPHQL) if path.endswith(f"/{GRAPHQL}/") else (method, path.partition("/api/")[2])
        fault = self._due(*told)
        answer = fault(forward) if fault else forward()
        self.seen.append(Seen(*told, answer.status if answer else None))
        return answer

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        exchange, working = self._exchange, self._working

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_one_request(self) -> None:
                with contextlib.suppress(ConnectionError), working():  # the client may go; that is its right
                    super().handle_one_request()
                    return
                self.close_connection = True

            def do_GET(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                kept = {name: value for name, value in self.headers.items() if name != "Connection"}
                answer = exchange(self.command, self.path, kept, body)
                self.close_connection = True
                if answer is None:
                    return
                self.send_response(answer.status)
                for name, value in answer.headers.items():
                    if name.lower() not in ("connection", "content-length", "transfer-encoding", "server", "date"):
                        self.send_header(name, value)
                self.send_header("Content-Length", str(len(answer.body)))
                self.send_header("Connection", "close")
                self.end_headers()
                self.wfile.write(answer.body)

            do_POST = do_PATCH = do_PUT = do_DELETE = do_GET  # noqa: N815 - the names that http.server looks for

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        return Handler
