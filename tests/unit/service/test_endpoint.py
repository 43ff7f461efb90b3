# SPDX-License-Identifier: BSD-2-Clause
"""The endpoint on a socket of its own, asked as Prometheus and kubelets ask."""

from __future__ import annotations

import http.client
import json
import socket
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from prometheus_client import Metric
from prometheus_client.core import CounterMetricFamily
from prometheus_client.parser import text_string_to_metric_families

from clusto.core.errors import ClustoError
from clusto.service.config import Address
from clusto.service.endpoint import AT_ONCE, Endpoint, Readiness

OPENMETRICS = "application/openmetrics-text; version=1.0.0"


@dataclass
class Daemon:
    lives: bool = True
    lack: str | None = None
    broken: bool = False

    def alive(self) -> bool:
        return self.lives

    def readiness(self) -> Readiness:
        return Readiness(self.lack, {"source": "netbox"})

    def collect(self) -> Iterator[Metric]:
        if self.broken:
            raise RuntimeError("a fault of ours")
        yield CounterMetricFamily("clusto_things", "Things.", 3)


@pytest.fixture
def daemon() -> Daemon:
    return Daemon()


@pytest.fixture
def endpoint(daemon: Daemon) -> Iterator[Endpoint]:
    made = Endpoint(Address("127.0.0.1", 0), daemon)
    made.start()
    yield made
    made.stop()


def ask(endpoint: Endpoint, path: str, method: str = "GET", accept: str = "") -> tuple[int, str, str]:
    connection = http.client.HTTPConnection("127.0.0.1", endpoint.port, timeout=30)
    connection.request(method, path, headers={"Accept": accept})
    answer = connection.getresponse()
    body = answer.read().decode()
    connection.close()
    return answer.status, answer.getheader("Content-Type", ""), body


def test_metrics(endpoint: Endpoint) -> None:
    status, kind, body = ask(endpoint, "/metrics")
    assert (status, kind.split(";")[0]) == (200, "text/plain")
    (family,) = text_string_to_metric_families(body)
    assert [(sample.name, sample.value) for sample in family.samples] == [("clusto_things_total", 3)]


def test_metrics_as_prometheus_asks(endpoint: Endpoint) -> None:
    _, kind, body = ask(endpoint, "/metrics?x=1", accept=OPENMETRICS)
    assert kind.startswith("application/openmetrics-text")
    assert body.endswith("# EOF\n")


def test_health(endpoint: Endpoint, daemon: Daemon) -> None:
    assert ask(endpoint, "/healthz")[::2] == (200, "alive\n")
    daemon.lives = False
    assert ask(endpoint, "/healthz")[::2] == (503, "the main loop does not answer\n")


def test_readiness(endpoint: Endpoint, daemon: Daemon) -> None:
    status, kind, body = ask(endpoint, "/readyz")
    assert (status, kind, json.loads(body)) == (200, "application/json", {"ready": True, "source": "netbox"})
    daemon.lack = "no inventory"
    status, _, body = ask(endpoint, "/readyz")
    assert (status, json.loads(body)) == (503, {"ready": False, "lack": "no inventory", "source": "netbox"})


def test_other_paths_and_methods(endpoint: Endpoint) -> None:
    assert ask(endpoint, "/")[0] == 404
    assert ask(endpoint, "/metrics", "POST")[0] == 501
    assert ask(endpoint, "/metrics", "HEAD")[::2] == (200, "")


def test_an_address_that_is_taken(endpoint: Endpoint, daemon: Daemon) -> None:
    taken = Address("127.0.0.1", endpoint.port)
    with pytest.raises(ClustoError, match=rf"metrics_address 127.0.0.1:{endpoint.port}: Address already in use"):
        Endpoint(taken, daemon)


def test_an_address_of_another_machine(daemon: Daemon) -> None:
    with pytest.raises(ClustoError, match=r"metrics_address 192.0.2.1:1: Cannot assign requested address"):
        Endpoint(Address("192.0.2.1", 1), daemon)


def test_all_addresses(daemon: Daemon) -> None:
    endpoint = Endpoint(Address("", 0), daemon)
    endpoint.start()
    assert ask(endpoint, "/healthz")[0] == 200
    endpoint.stop()


def test_clients_that_say_nothing_keep_nobody_else_away_for_ever(endpoint: Endpoint) -> None:
    idle = [socket.create_connection(("127.0.0.1", endpoint.port)) for _ in range(AT_ONCE)]
    with pytest.raises((http.client.RemoteDisconnected, ConnectionResetError)):
        ask(endpoint, "/healthz")
    for one in idle:
        one.close()
    status = None
    while status != 200:
        try:
            status = ask(endpoint, "/healthz")[0]
        except (http.client.RemoteDisconnected, ConnectionResetError):
            continue


def test_a_fault_of_ours_is_logged_and_ends_nothing(
    endpoint: Endpoint, daemon: Daemon, caplog: pytest.LogCaptureFixture
) -> None:
    daemon.broken = True
    with pytest.raises(http.client.RemoteDisconnected):
        ask(endpoint, "/metrics")
    assert "RuntimeError: a fault of ours" in caplog.text
    assert ask(endpoint, "/healthz")[0] == 200
