# SPDX-License-Identifier: BSD-2-Clause
"""A NetBox that follows a script, on a real socket: each request gets the next answer, the last one again and again."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from clusto.netbox.client import Client, Settings
from clusto.netbox.transport import Transport

TOKEN = "0123456789abcdef0123456789abcdef01234567"


@dataclass(frozen=True)
class Answer:
    """`declared` is the Content-Length when it shall be a lie; `hang` keeps the client waiting."""

    status: int = 200
    body: Any = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    declared: int | None = None
    hang: bool = False
    silent: bool = False

    @property
    def content(self) -> bytes:
        return self.body.encode() if isinstance(self.body, str) else json.dumps(self.body).encode()

    @property
    def type(self) -> str:
        return "text/html" if isinstance(self.body, str) else "application/json"


@dataclass(frozen=True)
class Asked:
    method: str
    path: str
    headers: dict[str, str]
    body: Any


class ScriptedNetBox(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, *answers: Answer) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers = list(answers)
        self.asked: list[Asked] = []
        self.released = threading.Event()
        self.lock = threading.Lock()
        self.scheme = "http"

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.server_port}"

    def next(self, asked: Asked) -> Answer:
        with self.lock:
            self.asked.append(asked)
            return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    def wrap(self, certificate: str) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        self.socket = context.wrap_socket(self.socket, server_side=True)
        self.scheme = "https"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up on us is what these tests are about."""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: ScriptedNetBox

    def answer(self) -> None:
        content = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        answer = self.server.next(
            Asked(self.command, self.path, dict(self.headers), json.loads(content) if content else None)
        )
        if answer.hang:
            self.server.released.wait()
        if answer.silent:
            self.close_connection = True
            return
        self.send_response_only(answer.status)
        date = self.date_time_string()
        headers = {"Content-Type": answer.type, "API-Version": "4.7", "Date": date, **answer.headers}
        length = answer.declared or len(answer.content)
        for name, value in {**headers, "Content-Length": str(length)}.items():
            if value:
                self.send_header(name, value)
        self.end_headers()
        self.wfile.write(answer.content)
        self.close_connection = answer.declared is not None

    def __getattr__(self, name: str) -> Any:
        """Every method is answered alike: the base class looks for do_GET, do_POST and so on."""
        if name.startswith("do_"):
            return self.answer
        raise AttributeError(name)

    def log_message(self, *args: object) -> None:
        """Nothing to the terminal."""


Start = Callable[..., ScriptedNetBox]


@pytest.fixture
def netbox() -> Iterator[Start]:
    started: list[ScriptedNetBox] = []

    def start(*answers: Answer, certificate: str | None = None) -> ScriptedNetBox:
        server = ScriptedNetBox(*answers)
        if certificate:
            server.wrap(certificate)
        started.append(server)
        # The poll interval is how long shutdown() waits
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return server

    yield start
    for server in started:
        server.released.set()
        server.shutdown()
        server.server_close()


class Watch:
    """A clock that only sleeping moves, and what was slept."""

    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def connect(watch: Watch) -> Iterator[Callable[..., Client]]:
    clients: list[Client] = []

    def client(url: str, **options: Any) -> Client:
        settings = Settings(url, **{"token": TOKEN, **options})
        clients.append(Client(settings, transport=Transport(settings, clock=watch.clock, sleep=watch.sleep)))
        return clients[-1]

    yield client
    for one in clients:
        one.close()


@pytest.fixture
def answer() -> type[Answer]:
    return Answer
