# SPDX-License-Identifier: BSD-2-Clause
"""Which switch and which port an event is about, and whether anybody wants to know."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any, Final, Protocol

from ..mirror.inventory import Inventory
from ..mirror.mirror import Freshness
from ..mirror.model import DEVICE, Host
from .events import Event, Handler, Outcome, Sighting, SwitchPort, ignored, retry

UNKNOWN: Final = "no device in NetBox has the address"
UNWANTED: Final = "snmp.discovery is not set on it or on what it is in"
LOOK_AGAIN: Final = 30.0  # seconds between two questions to NetBox whether a switch is not there after all


class Replica(Protocol):
    """The mirror, or what stands in for it."""

    @property
    def current(self) -> Inventory: ...

    @property
    def freshness(self) -> Freshness: ...

    def refresh(self) -> bool: ...


class Ports(Protocol):
    def resolve(self, switch: Host, address: str, vlan: int, base_port: int) -> SwitchPort:
        """Find the interface behind a base port. Raises nothing: without one the base port is all that is known."""


class Unread:
    """Of switches that nobody reads."""

    def resolve(self, switch: Host, address: str, vlan: int, base_port: int) -> SwitchPort:  # noqa: ARG002 - the protocol
        return SwitchPort(base_port)


class Discovery:
    """Takes the events of one address, tells the handler what they mean. For several threads."""

    def __init__(
        self, mirror: Replica, ports: Ports, handler: Handler, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._mirror = mirror
        self._ports = ports
        self._handler = handler
        self._clock = clock
        self._looked: dict[str, float] = {}

    def act(self, address: str, events: Sequence[Event]) -> Sequence[Outcome]:
        switch, lack = self._find(address)
        if switch is None:
            failure = self._mirror.freshness.error
            lacking = retry(f"{lack}, and NetBox cannot be asked: {failure}") if failure else ignored(lack)
            return [lacking] * len(events)
        sightings = [self._sighting(switch, event) for event in events]
        return self._handler.handle(self._mirror.current, switch, sightings)

    def _find(self, address: str) -> tuple[Host | None, str]:
        """Find the switch, or what is lacking; NetBox is asked again, now and then, before that is believed."""
        switch, lack = self._known(address)
        if switch is None and not self._mirror.freshness.error and self._may_look(address):
            self._mirror.refresh()
            switch, lack = self._known(address)
        return switch, lack

    def _may_look(self, address: str) -> bool:
        now = self._clock()
        if address in self._looked and now - self._looked[address] < LOOK_AGAIN:
            return False
        self._looked = {one: at for one, at in self._looked.items() if now - at < LOOK_AGAIN} | {address: now}
        return True

    def _known(self, address: str) -> tuple[Host | None, str]:
        found = self._mirror.current.by_ip(address)
        if found is None or found.host.kind != DEVICE:
            return None, UNKNOWN
        return (found.host, "") if wanted(found.host) else (None, f"{UNWANTED} ({found.host})")

    def _sighting(self, switch: Host, event: Event) -> Sighting:
        change = event.change
        return Sighting(event.at, self._ports.resolve(switch, event.switch, change.vlan, change.base_port), change)


def snmp(switch: Host) -> dict[str, Any]:
    """Give the merged `snmp` attributes of a switch."""
    found = (switch.attributes or {}).get("snmp")
    return found if isinstance(found, dict) else {}


def wanted(switch: Host) -> bool:
    """Whether snmp.discovery is set on the switch, its pools, rack, locations or datacenter (the seed: value=1)."""
    return snmp(switch).get("discovery") in (1, "1", True, "true")
