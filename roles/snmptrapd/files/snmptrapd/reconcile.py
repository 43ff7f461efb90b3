# SPDX-License-Identifier: BSD-2-Clause
"""One reading of a switch's forwarding table, treated as if its traps had been missed."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence

from ..core.errors import ClustoError, InvalidError, NotFoundError
from ..mirror.inventory import Inventory
from ..mirror.model import DEVICE, Host
from ..service.log import Log
from .backend import Backend
from .config import Config
from .events import Event, Outcome, Verdict


class Reconcile:
    """Lives like a server, but serves once. `name` is the switch's name, or an address of it."""

    def __init__(self, config: Config, log: Log, name: str) -> None:
        self._config = config
        self._log = log
        self._name = name
        self._backend = Backend(config, log, lambda: None, snapshot=False)

    def startup(self) -> None:
        self._backend.start()

    def serve(self) -> None:
        """Raises ClustoError for what cannot be found, read or done."""
        from .ports import chosen  # noqa: PLC0415 - as below
        from .reading import Switch  # noqa: PLC0415 - pysnmp is loaded only where switches are read

        switch = find(self._backend.inventory, self._name)
        address = address_of(switch)
        credentials = self._config.read.get(chosen(switch))
        if credentials is None:
            raise NotFoundError(f"{switch}: the configuration has no [read.{chosen(switch)}] to read it by")
        events = [Event(time.time(), address, change) for change in Switch(address, credentials).forwarding()]
        outcomes = self._act(address, events)
        for event, outcome in zip(events, outcomes, strict=True):
            if outcome.reason:
                self._log.warning(f"{outcome.verdict.value}: {outcome.reason}", **event.fields())
        counts = Counter(outcome.verdict for outcome in outcomes)
        told = {verdict.value: counts[verdict] for verdict in Verdict}
        self._log.info("reconciled", switch=str(switch), addresses=len(events), **told)
        if counts[Verdict.RETRY]:
            raise ClustoError(f"{switch}: {counts[Verdict.RETRY]} of {len(events)} addresses could not be dealt with")

    def _act(self, address: str, events: Sequence[Event]) -> Sequence[Outcome]:
        """Act twice on what cannot be done at once: somebody else may be at it."""
        outcomes = list(self._backend.act(address, events))
        again = [n for n, outcome in enumerate(outcomes) if outcome.verdict is Verdict.RETRY]
        if again:
            for n, outcome in zip(again, self._backend.act(address, [events[n] for n in again]), strict=True):
                outcomes[n] = outcome
        return outcomes

    def shutdown(self) -> None:
        self._backend.stop()
        self._log.flush()

    def stop(self) -> None:
        """End it: what was done stays."""
        raise SystemExit(1)

    def reload(self) -> None:
        """There is nothing to change."""


def find(inventory: Inventory, name: str) -> Host:
    """Find a device by name or address. Raises NotFoundError, InvalidError."""
    found = [host for host in inventory.by_name(name) if host.kind == DEVICE]
    if len(found) > 1:
        sites = ", ".join(sorted(str(host.site.name if host.site else None) for host in found))
        raise InvalidError(f"{name!r} is the name of {len(found)} devices, in {sites}; give an address")
    if found:
        return found[0]
    try:
        by_ip = inventory.by_ip(name)
    except InvalidError:
        by_ip = None
    if by_ip is None or by_ip.host.kind != DEVICE:
        raise NotFoundError(f"{name!r}: no device in NetBox has that name or address")
    return by_ip.host


def address_of(switch: Host) -> str:
    """Give the address that it is reached by: the primary one, else its first. Raises NotFoundError."""
    for address in (switch.primary_ip4, switch.primary_ip6, *(address for _, address in switch.addresses())):
        if address is not None:
            return address.ip
    raise NotFoundError(f"{switch} has no address in NetBox")
