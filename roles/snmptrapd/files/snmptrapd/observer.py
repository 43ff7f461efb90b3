# SPDX-License-Identifier: BSD-2-Clause
"""A handler that changes nothing: it tells what was seen."""

from __future__ import annotations

from collections.abc import Sequence

from ..mirror.inventory import Inventory
from ..mirror.model import Host
from ..service.log import Log
from .events import DONE, Outcome, Sighting


class Observer:
    def __init__(self, log: Log) -> None:
        self._log = log

    def handle(self, inventory: Inventory, switch: Host, sightings: Sequence[Sighting]) -> Sequence[Outcome]:
        for sighting in sightings:
            change = sighting.change
            known = inventory.by_mac(change.mac)
            self._log.info(
                f"MAC address {change.operation.name.lower()}",
                switch=str(switch),
                port=str(sighting.port),
                vlan=change.vlan,
                mac=change.mac,
                host=str(known.host) if known else None,
            )
        return [DONE] * len(sightings)
