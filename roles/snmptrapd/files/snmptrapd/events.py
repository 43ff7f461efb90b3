# SPDX-License-Identifier: BSD-2-Clause
"""What happened on a switch, from the message to whoever acts on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final, NamedTuple, Protocol

from ..mirror.inventory import Inventory
from ..mirror.model import Host, Port
from ..snmp.macnotify import MacChange


class Message(NamedTuple):
    """One accepted notification, as the journal keeps it."""

    at: float
    """When it arrived, in seconds since the epoch."""
    switch: str
    """The address of the switch that it tells of."""
    key: bytes
    """16 octets; the same message, sent again, has the same."""
    changes: tuple[MacChange, ...]


class Event(NamedTuple):
    """One MAC address that a switch learnt or forgot."""

    at: float
    switch: str
    change: MacChange

    def fields(self) -> dict[str, Any]:
        """For the log."""
        _, vlan, mac, base_port = self.change
        learnt = self.change.operation.name.lower()
        return {"switch": self.switch, "base_port": base_port, "vlan": vlan, "mac": mac, "operation": learnt}


class SwitchPort(NamedTuple):
    """Where on the switch. Without an interface the layout's numbering is all there is to go by."""

    base_port: int
    """dot1dBasePort: the bridge's own number."""
    name: str | None = None
    """ifName, where the switch could be read."""
    interface: Port | None = None
    """NetBox's interface of that name."""

    def __str__(self) -> str:
        return self.interface.name if self.interface else self.name or f"base port {self.base_port}"


@dataclass(frozen=True)
class Sighting:
    """An event of a switch that is known and takes part in discovery."""

    at: float
    port: SwitchPort
    change: MacChange


class Verdict(Enum):
    DONE = "done"
    IGNORED = "ignored"
    RETRY = "retry"


class Outcome(NamedTuple):
    """What became of an event; `reason` is told where it is not done."""

    verdict: Verdict
    reason: str = ""
    is_lasting: bool = False
    """Whether it holds for all that is learnt at that port, until something changes in NetBox."""


DONE: Final = Outcome(Verdict.DONE)


def ignored(reason: str, *, is_lasting: bool = False) -> Outcome:
    """Nothing is to be done, now or later."""
    return Outcome(Verdict.IGNORED, reason, is_lasting)


def retry(reason: str) -> Outcome:
    """It could not be done now: NetBox is away, somebody else is writing. It is handed over again."""
    return Outcome(Verdict.RETRY, reason)


class Handler(Protocol):
    """What an event means for NetBox."""

    def handle(self, inventory: Inventory, switch: Host, sightings: Sequence[Sighting]) -> Sequence[Outcome]:
        """Act on what happened on one switch, in order; gives an outcome for each, in the same order.

        Called from one thread for each switch at a time, from several for several. What was done may come again (after
        a crash, or sent again by the switch), so it must be idempotent. ClustoError, or any other, is a retry of all.
        """
