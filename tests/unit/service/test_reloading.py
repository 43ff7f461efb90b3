# SPDX-License-Identifier: BSD-2-Clause
from __future__ import annotations

import io
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from prometheus_client import Metric

from clusto.core.errors import ClustoError
from clusto.service.config import Address, Common
from clusto.service.endpoint import Readiness
from clusto.service.log import Log
from clusto.service.reloading import Reloading

AT_ANY_PORT = Address("127.0.0.1", 0)


@dataclass(frozen=True, kw_only=True)
class Config(Common):
    sockets: tuple[str, ...]
    works: bool = True


class Backend:
    lives = False

    def __init__(self, config: Config) -> None:
        self.config = config

    def start(self) -> None:
        self.lives = True
        if not self.config.works:
            raise ClustoError("no inventory")

    def stop(self) -> None:
        self.lives = False


class Daemon(Reloading[Config, Backend]):
    """Its sockets are names; one that is called "taken" cannot be had."""

    def __init__(self, config: Config) -> None:
        self.stream = io.StringIO()
        self.next = config
        super().__init__(config, Log(self.stream, "text"), lambda: self.next)
        self.opened: set[str] = set()
        self.backends: list[Backend] = []
        self._bind()
        self._backend = self._begin(config)

    def _listen(self, config: Config) -> Collection[str]:
        for name in config.sockets:
            if name == "taken":
                raise ClustoError("taken: Address already in use")
            self.opened.add(name)
        return config.sockets

    def _keep(self, listening: Collection[str]) -> None:
        self.opened &= set(listening)

    def _make_backend(self, config: Config) -> Backend:
        self.backends.append(Backend(config))
        return self.backends[-1]

    def _adopt(self) -> None:
        self._log.info("reloaded")

    def readiness(self) -> Readiness:
        return Readiness(None)

    def collect(self) -> Iterator[Metric]:
        return iter(())

    def reload_as(self, config: Config) -> None:
        self.next = config
        self._go_over()

    def close(self) -> None:
        self._close()


BASE = Config(api_url="http://n", token="t", snapshot_path=Path("/s"), metrics_address=AT_ANY_PORT, sockets=("a", "b"))


@pytest.fixture
def daemon() -> Iterator[Daemon]:
    made = Daemon(BASE)
    yield made
    made.close()


def test_another_configuration_replaces_all_that_it_changes(daemon: Daemon) -> None:
    before = daemon.endpoint
    daemon.reload_as(replace(BASE, sockets=("b", "c"), log_format="json"))
    assert daemon.opened == {"b", "c"}
    assert [one.lives for one in daemon.backends] == [False, True]
    assert daemon.endpoint is before
    daemon.reload_as(replace(BASE, metrics_address=None))
    assert (daemon.endpoint, daemon.opened) == (None, {"a", "b"})
    assert '"message": "reloaded"' in daemon.stream.getvalue().splitlines()[0]


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"sockets": ("c", "taken")}, "taken: Address already in use"),
        ({"sockets": ("c",), "metrics_address": Address("192.0.2.1", 1)}, "metrics_address 192.0.2.1:1: "),
        ({"sockets": ("c",), "metrics_address": None, "works": False}, "no inventory"),
    ],
)
def test_what_cannot_be_had_leaves_all_as_it_was(daemon: Daemon, changes: dict[str, object], why: str) -> None:
    before = daemon.endpoint
    daemon.reload_as(replace(BASE, **changes))
    assert (daemon.opened, daemon.endpoint) == ({"a", "b"}, before)
    assert [one.lives for one in daemon.backends] == [True, False][: len(daemon.backends)]
    assert f"not reloaded, the old configuration stays: {why}" in daemon.stream.getvalue()
    daemon.reload_as(BASE)
    assert daemon.backends[-1].lives
