# SPDX-License-Identifier: BSD-2-Clause
"""What a daemon tells of itself over HTTP: `/metrics` for Prometheus, `/healthz` (it lives), `/readyz` (it serves)."""

from __future__ import annotations

import json
import logging
import socket
import sys
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from threading import BoundedSemaphore, Thread
from typing import Any, Final, NamedTuple, Protocol
from urllib.parse import urlsplit

from prometheus_client import Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from ..core.errors import ClustoError
from .config import Address

log = logging.getLogger(__name__)

AT_ONCE: Final = 16  # requests; further ones are turned away, so that nobody fills the process with threads
PATIENCE: Final = 10.0  # seconds that a client may take to say what it wants
PLAIN: Final = "text/plain; charset=utf-8"
JSON: Final = "application/json"


class Readiness(NamedTuple):
    lack: str | None
    """Why it does not serve; None when it does."""
    told: Mapping[str, Any] = {}
    """What to know besides, as JSON."""


class Watched(Protocol):
    """Asked from threads of the endpoint's."""

    def alive(self) -> bool: ...

    def readiness(self) -> Readiness: ...

    def collect(self) -> Iterable[Metric]: ...


class Page(NamedTuple):
    status: HTTPStatus
    kind: str
    body: bytes


class Endpoint:
    """Listens at once and answers from `start` to `stop`. Raises ClustoError when the address cannot be had."""

    def __init__(self, address: Address, watched: Watched) -> None:
        self._server = _Server(address, watched)
        self._thread = Thread(target=self._server.serve_forever, args=(0.1,), name="endpoint", daemon=True)

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        if self._thread.is_alive():
            self._server.shutdown()
        self._server.server_close()


def page(path: str, accept: str, watched: Watched) -> Page:
    """Give what a GET answers."""
    match urlsplit(path).path:
        case "/metrics":
            encode, kind = choose_encoder(accept)
            return Page(HTTPStatus.OK, kind, encode(_Collector(watched)))
        case "/healthz":
            return _verdict(watched.alive(), PLAIN, b"alive\n", b"the main loop does not answer\n")
        case "/readyz":
            lack, told = watched.readiness()
            body = json.dumps({"ready": lack is None, **({"lack": lack} if lack else {}), **told}).encode() + b"\n"
            return _verdict(lack is None, JSON, body, body)
        case _:
            return Page(HTTPStatus.NOT_FOUND, PLAIN, b"expected /metrics, /healthz or /readyz\n")


def _verdict(fine: bool, kind: str, yes: bytes, no: bytes) -> Page:  # noqa: FBT001 - what it is about
    return Page(HTTPStatus.OK, kind, yes) if fine else Page(HTTPStatus.SERVICE_UNAVAILABLE, kind, no)


class _Collector(Collector):
    def __init__(self, watched: Watched) -> None:
        self._watched = watched

    def collect(self) -> Iterable[Metric]:
        return self._watched.collect()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False  # whoever is slow to ask does not keep us from ending

    def __init__(self, address: Address, watched: Watched) -> None:
        self.watched = watched
        self._places = BoundedSemaphore(AT_ONCE)
        # On all addresses: IPv6 and IPv4, or IPv4 alone where there is no IPv6.
        both = not address.host and socket.has_dualstack_ipv6()
        self.address_family = socket.AF_INET6 if both or ":" in address.host else socket.AF_INET
        try:
            super().__init__((address.host, address.port), _Handler)
        except OSError as exc:
            raise ClustoError(f"metrics_address {address}: {exc.strerror}") from exc

    def server_bind(self) -> None:
        if self.address_family == socket.AF_INET6:
            self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        TCPServer.server_bind(self)  # HTTPServer's asks the DNS for a name that nobody reads

    def process_request(self, request: Any, client_address: Any) -> None:
        if self._places.acquire(blocking=False):
            super().process_request(request, client_address)
        else:
            self.shutdown_request(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._places.release()

    def handle_error(self, *_: object) -> None:
        """A client that goes away, or dawdles, is no news; a fault of ours is."""
        if not isinstance(sys.exception(), OSError):
            log.exception("a request could not be answered")  # noqa: LOG004 - called from within one


class _Handler(BaseHTTPRequestHandler):
    timeout = PATIENCE
    server: _Server

    def do_GET(self) -> None:
        status, kind, body = page(self.path, self.headers.get("Accept", ""), self.server.watched)
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_HEAD = do_GET  # noqa: N815 - the name that http.server looks for

    def version_string(self) -> str:
        return "clusto"

    def log_message(self, *_: object) -> None:
        """Say nothing: the log is about what the daemon does."""
