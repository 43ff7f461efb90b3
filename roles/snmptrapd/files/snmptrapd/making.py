# SPDX-License-Identifier: BSD-2-Clause
"""As many servers as can be made, together: what is refused holds no other up."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from ..core.errors import BatchError, ClustoError, ExhaustedError, NetBoxError, RefusedError
from ..ensure.task import Outcome
from ..racks import Arrival
from ..service.log import Log

Why = Exception | None
"""Why a server was not made."""


class Factory(Protocol):
    """A rack's factory."""

    def build(self, servers: Sequence[Arrival], *, devices: bool, rehearse: bool, describe: bool) -> Outcome:
        """Make all or none; BatchError tells which are refused, by their places."""


class Maker:
    def __init__(self, log: Log, *, dry_run: bool) -> None:
        self._log = log
        self._dry_run = dry_run

    def make(self, factory: Factory, arrivals: Sequence[Arrival]) -> list[Why]:
        """Make all that can be made; gives for each why not. Raises NetBoxError for what concerns them all."""
        if not arrivals:
            return []
        try:
            self._tell(factory.build(arrivals, devices=False, rehearse=self._dry_run, describe=False))
        except BatchError as error:
            return self._make_others(factory, arrivals, {place: why for place, _, why in error.refused})
        except ClustoError as error:
            if isinstance(error, NetBoxError) and not isinstance(error, RefusedError):
                raise  # NetBox is away, or the token may not
            return [error] * len(arrivals)
        return [None] * len(arrivals)

    def _make_others(self, factory: Factory, arrivals: Sequence[Arrival], refused: dict[int, Exception]) -> list[Why]:
        """Make those that were not refused; of those for whom together there was not enough, as many as there is."""
        found: dict[int, Why] = dict(refused)
        self._add(found, factory, arrivals, [place for place in range(len(arrivals)) if place not in refused])
        short = [place for place, why in refused.items() if isinstance(why, ExhaustedError)]
        if len(short) > 1:
            half = len(short) // 2
            self._add(found, factory, arrivals, short[:half])
            if any(found[place] is None for place in short[:half]):
                self._add(found, factory, arrivals, short[half:])
        return [found[place] for place in range(len(arrivals))]

    def _add(self, found: dict[int, Why], factory: Factory, arrivals: Sequence[Arrival], places: Sequence[int]) -> None:
        made = self.make(factory, [arrivals[place] for place in places])
        found.update(zip(places, made, strict=True))

    def _tell(self, built: Outcome) -> None:
        """Log each server that was made or completed, or would be."""
        before, after = built.before or {}, built.after or {}
        new = {one["name"] for one in built.result["devices"]}
        would = "would be " if self._dry_run else ""
        for name in built.result["servers"]:
            state = after.get(name, {})
            if name not in new and before.get(name) == state:
                continue
            self._log.info(
                f"server {would}{'made' if name in new else 'completed'}",
                server=name,
                driver=state.get("driver"),
                rack=state.get("rack"),
                units=state.get("units"),
                ips=[ip["ip"] for ip in state.get("ips", ())],
                macs=state.get("macs"),
                connections=state.get("connections"),
                pools=state.get("pools"),
            )
