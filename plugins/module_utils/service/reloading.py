# SPDX-License-Identifier: BSD-2-Clause
"""A daemon that goes over to another configuration while it serves, or says why not and stays as it is."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Collection
from typing import Any, Generic, Protocol, TypeVar

from ..core.errors import ClustoError
from .config import Common
from .log import Log
from .loop import Looping


class Startable(Protocol):
    """What one configuration makes besides sockets; it works from `start` to `stop`."""

    def start(self) -> None:
        """Raises ClustoError."""

    def stop(self) -> None:
        """Also after a `start` that failed."""


C = TypeVar("C", bound=Common)
B = TypeVar("B", bound=Startable)


class Reloading(Looping, Generic[C, B]):
    """reread: gives the configuration anew. A daemon's `startup` calls `_begin`."""

    _backend: B
    _listening: Collection[Any]

    def __init__(self, config: C, log: Log, reread: Callable[[], C]) -> None:
        super().__init__()
        self._config = config
        self._log = log
        self._reread = reread

    @abstractmethod
    def _listen(self, config: C) -> Collection[Any]:
        """Open the sockets that are lacking; gives what `_keep` knows all of this configuration by. ClustoError."""

    @abstractmethod
    def _keep(self, listening: Collection[Any]) -> None:
        """Close all other sockets."""

    @abstractmethod
    def _make_backend(self, config: C) -> B: ...

    @abstractmethod
    def _adopt(self) -> None:
        """Change what else a new configuration changes, and tell that it is in force."""

    def _bind(self) -> None:
        """Take all addresses. Raises ClustoError."""
        self._listening = self._listen(self._config)
        self.endpoint = self._open(self._config.metrics_address)

    def _begin(self, config: C) -> B:
        """Start what a configuration makes. Raises ClustoError."""
        backend = self._make_backend(config)
        try:
            backend.start()
        except ClustoError:
            backend.stop()
            raise
        return backend

    def _go_over(self) -> None:
        """Read the configuration anew and live by it; datagrams wait meanwhile in their sockets."""
        endpoint = self.endpoint
        try:
            config = self._reread()
            listening = self._listen(config)
            if config.metrics_address != self._config.metrics_address:
                endpoint = self._open(config.metrics_address)
            backend = self._begin(config)
        except ClustoError as exc:
            self._keep(self._listening)
            if endpoint and endpoint is not self.endpoint:
                endpoint.stop()
            self._log.error(f"not reloaded, the old configuration stays: {exc}")
            return
        self._keep(listening)
        old, self._backend, self._config, self._listening = self._backend, backend, config, listening
        old.stop()
        self._tell_at(endpoint)
        self._log.form = config.log_format
        self._adopt()
        self._log.flush()
