# SPDX-License-Identifier: BSD-2-Clause
"""All that one configuration makes, but the sockets: inventory, packet path, second looks, IPMI recorder."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator

from prometheus_client import Metric
from prometheus_client.core import GaugeMetricFamily

from ..dhcp.options import OptionTable
from ..dhcp.packet import Packet
from ..mirror.inventory import Inventory
from ..mirror.mirror import Freshness, Mirror
from ..netbox.client import Client
from ..service import freshness
from ..service.log import Log
from ..service.notices import Notices
from .config import Config
from .directory import Directory, Known
from .ipmi import Recorder
from .journal import Arrival, Journal
from .recheck import Recheck
from .service import Reply, Service
from .tally import Tally


class Backend:
    """Answers what arrives from `start` to `stop`.

    addresses: the machine's own, by which clients name it. send: for replies that come later, from another thread.
    tallies: of the thread that calls `handle`, and of that other one.
    """

    def __init__(
        self,
        config: Config,
        log: Log,
        addresses: Iterable[bytes],
        send: Callable[[Arrival, Reply, Journal], None],
        tallies: tuple[Tally, Tally],
    ) -> None:
        self._log = log
        self._send = send
        self._client = Client(config.netbox)
        self._mirror = Mirror(self._client, config.snapshot_path, interval=config.refresh_interval)
        self._directory = Directory(OptionTable(config.extra_options), bootstrap=config.update_ipmi)
        self._recorder = Recorder(self._client, config.ipmi_hints, log) if config.update_ipmi else None
        self._recheck = Recheck(self._mirror.refresh, self._answer_late)
        notices, own = Notices(log, config.warning_interval), frozenset(addresses)
        self.journal, self._late_journal = (Journal(log, notices, tally) for tally in tallies)
        self._service, self._late_service = (
            Service(config, journal, own, lambda: self._directory, self)
            for journal in (self.journal, self._late_journal)
        )

    def start(self) -> None:
        """Take the snapshot or load the inventory, and keep it fresh.

        Without a snapshot raises UnavailableError when NetBox is away, AccessError when it refuses the token.
        """
        self._mirror.start()
        self._mirror.on_change(self._learn)
        self._mirror.follow()
        self._recheck.start()
        if self._recorder:
            self._recorder.start()

    def stop(self) -> None:
        if self._recorder:
            self._recorder.stop()
        self._recheck.stop()
        self._mirror.stop()
        self._client.close()

    def handle(self, arrival: Arrival) -> Reply | None:
        return self._service.handle(arrival)

    @property
    def freshness(self) -> Freshness:
        return self._mirror.freshness

    def metrics(self) -> Iterator[Metric]:
        yield from freshness.metrics(self._mirror.freshness, len(self._mirror.current.hosts), time.time())
        known = "MAC addresses that the inventory knows."
        yield GaugeMetricFamily("clusto_dhcp_macs", known, len(self._directory.by_mac))

    def recheck(self, arrival: Arrival) -> bool:
        return self._recheck.ask(arrival)

    def ipmi(self, known: Known, packet: Packet) -> bool:
        return self._recorder is not None and self._recorder.see(known, packet)

    def _learn(self, inventory: Inventory) -> None:
        self._directory, bad = self._directory.update(inventory)
        for attribute in bad:
            self._log.warning(str(attribute), key=attribute.key, hosts=attribute.hosts[:10])
        state = self._mirror.freshness
        self._log.info(
            "inventory",
            hosts=len(inventory.hosts),
            macs=len(self._directory.by_mac),
            source=state.source,
            changes=state.changes,
            reloads=state.reloads,
        )
        self._log.flush()

    def _answer_late(self, arrival: Arrival) -> None:
        reply = self._late_service.handle(arrival, final=True)
        if reply is not None:
            self._send(arrival, reply, self._late_journal)
        self._log.flush()
