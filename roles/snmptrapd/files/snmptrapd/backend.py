# SPDX-License-Identifier: BSD-2-Clause
"""What one configuration makes besides sockets and journal: inventory, and who acts on events."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from prometheus_client import Metric
from prometheus_client.core import CounterMetricFamily

from ..drivers import extensions
from ..mirror.inventory import Inventory
from ..mirror.mirror import Mirror
from ..netbox.client import Client
from ..netbox.kept import Kept
from ..service import freshness
from ..service.log import Log
from .config import Config
from .discovery import Discovery, Ports, Unread
from .events import Event, Handler, Outcome
from .findings import Findings
from .judgement import Kind
from .newcomers import KEPT, Newcomers
from .observer import Observer
from .outside import Outside


class Backend:
    """Acts on events from `start` to `stop`. on_change: is told that NetBox answered with something new."""

    def __init__(self, config: Config, log: Log, on_change: Callable[[], None], *, snapshot: bool = True) -> None:
        self._log = log
        self._on_change = on_change
        self._drivers_path = config.drivers_path
        self._client = Client(config.netbox)
        self._mirror = Mirror(
            self._client, config.snapshot_path if snapshot else None, interval=config.refresh_interval
        )
        self._kept = Kept(KEPT)
        self._mirror.on_news(self._kept.hold)
        self._findings = Findings(self._client, log)
        self._discovery = Discovery(self._mirror, ports(config, log), self._handler(config))

    @property
    def inventory(self) -> Inventory:
        return self._mirror.current

    def start(self) -> None:
        """Load users' drivers, take the snapshot or load the inventory, and keep it fresh.

        Raises InvalidError for a driver that cannot be loaded. Without a snapshot raises UnavailableError when NetBox
        is away, AccessError when it refuses the token.
        """
        extensions.load(self._drivers_path)
        self._mirror.start()
        self._mirror.on_change(self._learn)
        self._mirror.follow()

    def stop(self) -> None:
        self._mirror.stop()
        self._client.close()

    def act(self, switch: str, events: Sequence[Event]) -> Sequence[Outcome]:
        with self._mirror.precedence.taken():  # a server that is being made is waited for
            return self._discovery.act(switch, events)

    def readiness(self) -> dict[str, Any]:
        """What /readyz tells of the inventory."""
        return freshness.told(self._mirror.freshness, time.time())

    def metrics(self) -> Iterator[Metric]:
        hosts = len(self._mirror.current.hosts)
        yield from freshness.metrics(self._mirror.freshness, hosts, time.time())
        what = "MAC addresses seen where people have to look, by what is wrong."
        found = CounterMetricFamily("clusto_snmp_findings", what, labels=("kind",))
        for kind in Kind:
            found.add_metric((kind.value,), self._findings.counts[kind.value])
        yield found

    def _handler(self, config: Config) -> Handler:
        if not config.make_servers:
            return Observer(self._log)
        newcomers = Newcomers(
            self._client,
            self._log,
            self._findings,
            self._kept,
            lambda: self._mirror.world(KEPT),
            name_manager=config.name_manager,
            dry_run=config.dry_run,
        )
        outside = Outside(newcomers, self._catch_up)
        self._mirror.on_news(lambda _, changed: outside.hold(changed))
        return outside

    def _catch_up(self) -> bool:
        self._mirror.refresh()
        return self._mirror.freshness.error is None

    def _learn(self, inventory: Inventory) -> None:
        state = self._mirror.freshness
        self._log.info(
            "inventory",
            hosts=len(inventory.hosts),
            source=state.source,
            changes=state.changes,
            reloads=state.reloads,
        )
        self._log.flush()
        self._on_change()


def ports(config: Config, log: Log) -> Ports:
    """Give what knows the interfaces behind base ports."""
    if not config.read:
        return Unread()
    from .ports import PortMaps  # noqa: PLC0415 - pysnmp is loaded only where switches are read

    return PortMaps(config.read, log)
