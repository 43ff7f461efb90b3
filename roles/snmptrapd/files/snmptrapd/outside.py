# SPDX-License-Identifier: BSD-2-Clause
"""Ports at which no server is to be made, such as uplinks, which tell of every address behind them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from threading import Lock
from typing import Final

from ..mirror.inventory import Inventory
from ..mirror.model import Host
from ..netbox.kept import SELDOM
from ..snmp.macnotify import Operation
from .events import Handler, Outcome, Sighting, SwitchPort

DECIDING: Final = frozenset({*SELDOM, "dcim.device", "dcim.interface", "dcim.cable"})
"""The types of the objects that may end it."""
MOST: Final = 10_000
"""Ports that are remembered."""


class Outside:
    """Hands on what was learnt elsewhere, and remembers at which ports whatever is learnt is ignored.

    That holds until NetBox logs a change of something that it follows from. For several threads.
    caught_up: asks NetBox what has changed, has `hold` told, and says whether NetBox answered.
    """

    def __init__(self, behind: Handler, caught_up: Callable[[], bool]) -> None:
        self._behind = behind
        self._caught_up = caught_up
        self._lock = Lock()
        self._known: dict[tuple[int, SwitchPort], Outcome] = {}
        self._news = 0
        """How often something changed: what was looked at before is not remembered."""

    def hold(self, changed: Collection[str] | None) -> None:
        """NetBox has logged changes of these object types, and no others; None if that is not known."""
        if changed is None or not DECIDING.isdisjoint(changed):
            with self._lock:
                self._news += 1
                self._known = {}

    def handle(self, inventory: Inventory, switch: Host, sightings: Sequence[Sighting]) -> Sequence[Outcome]:
        found = self._ignored(switch, sightings)
        rest = [n for n in range(len(sightings)) if n not in found]
        news = self._news
        outcomes = self._behind.handle(inventory, switch, [sightings[n] for n in rest]) if rest else ()
        looked = dict(zip(rest, outcomes, strict=True))
        lasting = {(switch.id, sightings[n].port): one for n, one in looked.items() if one.is_lasting}
        with self._lock:
            if news == self._news and len(self._known) < MOST:
                self._known |= lasting
        found |= looked
        return [found[n] for n in range(len(sightings))]

    def _ignored(self, switch: Host, sightings: Sequence[Sighting]) -> dict[int, Outcome]:
        """What is known of these, by their places; NetBox is asked for changes before it is believed."""
        learnt = {n: one for n, one in enumerate(sightings) if one.change.operation is Operation.LEARNT}
        if not self._find(switch, learnt) or not self._caught_up():
            return {}
        return self._find(switch, learnt)

    def _find(self, switch: Host, sightings: Mapping[int, Sighting]) -> dict[int, Outcome]:
        with self._lock:
            places = {n: (switch.id, one.port) for n, one in sightings.items()}
            return {n: self._known[place] for n, place in places.items() if place in self._known}
