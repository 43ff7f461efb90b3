# SPDX-License-Identifier: BSD-2-Clause
"""The handler that puts servers into NetBox when they are plugged in.

Everything is decided from what NetBox says now, never from the inventory, which may be a second old; but what seldom
changes (layouts, types, pools, subnets) is read once for all who come within some seconds (`netbox.kept` says why
nothing goes wrong), and again before anything is ignored, told or refused. All newcomers of one handling are made
together, all or none; a repeat completes what was interrupted.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from threading import Lock
from typing import Protocol

from ..core.errors import ExhaustedError, NotFoundError
from ..drivers import Session
from ..mirror.inventory import Inventory
from ..mirror.model import Host
from ..netbox.client import Client
from ..netbox.kept import Kept
from ..netbox.records import World
from ..racks import Arrival
from ..service.log import Log
from ..snmp.macnotify import Operation
from .events import DONE, Outcome, Sighting, SwitchPort, Verdict, ignored, retry
from .findings import Findings, Home
from .judgement import Bearer, Finding, Judgement, Newcomer, Place, Settled, judge
from .making import Maker, Why
from .scene import Scene

KEPT = 10.0
"""Seconds for which what seldom changes is used again, from when NetBox was last known to have it so."""

Key = tuple[int, str, str]
"""A switch's id, a port, a MAC address."""


class Surroundings(Protocol):
    """What a judgement needs of a scene."""

    def place(self, told: SwitchPort) -> Place: ...

    def bearer(self, mac: str) -> Bearer | None: ...


class Newcomers:
    """For several threads.

    kept: what is used again. world: what surrounds the switches, if somebody has known it for no longer than KEPT.
    name_manager: names servers where the layout names no other.
    """

    def __init__(  # noqa: PLR0913 - by keyword what is not obvious
        self,
        client: Client,
        log: Log,
        findings: Findings,
        kept: Kept,
        world: Callable[[], World | None],
        *,
        name_manager: str,
        dry_run: bool,
    ) -> None:
        self._client = client
        self._world = world
        self._log = log
        self._findings = findings
        self._name_manager = name_manager
        self._dry_run = dry_run
        self._maker = Maker(log, dry_run=dry_run)
        self._kept = kept
        self._turns: defaultdict[int, Lock] = defaultdict(Lock)
        self._doubted: set[Key] = set()
        """What was refused once: somebody else may have been at it, so all is read again before it is believed."""

    def handle(self, inventory: Inventory, switch: Host, sightings: Sequence[Sighting]) -> Sequence[Outcome]:  # noqa: ARG002 - the protocol
        learnt = {n: one for n, one in enumerate(sightings) if one.change.operation is Operation.LEARNT}
        outcomes = dict.fromkeys(range(len(sightings)), DONE)
        with self._turns[switch.rack.id if switch.rack else 0]:  # two switches of a rack may have the same server
            if learnt:
                outcomes |= self._handle(switch, learnt)
        return [outcomes[n] for n in range(len(sightings))]

    def _handle(self, switch: Host, sightings: Mapping[int, Sighting]) -> dict[int, Outcome]:
        doubted = any(key_of(switch, one) in self._doubted for one in sightings.values())
        reused, world = self._kept.reused, None if doubted else self._world()
        with self._client.once(self._kept) as client:
            try:
                scene, judgements = self._judged(client, switch, sightings, world)
                is_final = any(map(ends, judgements.values()))
            except LookupError:  # what was known does not go with what has come since
                is_final = True
                if world is None and self._kept.reused == reused:
                    raise
            if not is_final or (world is None and self._kept.reused == reused):
                return self._act(scene, judgements, switch, sightings)
        self._kept.forget()
        with self._client.once(self._kept) as client:
            return self._act(*self._judged(client, switch, sightings), switch, sightings)

    def _judged(
        self, client: Client, switch: Host, sightings: Mapping[int, Sighting], world: World | None = None
    ) -> tuple[Scene, dict[int, Judgement]]:
        session = Session(client, world)
        session.use()  # for users' own factories
        scene = Scene(session, switch, list(sightings.values()))
        return scene, judged(scene, sightings)

    def _act(
        self, scene: Scene, judgements: Mapping[int, Judgement], switch: Host, sightings: Mapping[int, Sighting]
    ) -> dict[int, Outcome]:
        outcomes = {n: one for n, one in judgements.items() if isinstance(one, Outcome)}
        found = {n: one for n, one in judgements.items() if isinstance(one, Finding)}
        settled = {n: one for n, one in judgements.items() if isinstance(one, Settled)}
        outcomes |= {n: ignored(one.text) for n, one in found.items()}
        outcomes |= {n: self._settle(scene, sightings[n]) for n in settled}
        new = [n for n, one in judgements.items() if isinstance(one, Newcomer)]
        if new and scene.factory:
            made = self._maker.make(scene.factory, [self._arrival(scene, sightings[n]) for n in new])
            outcomes |= {n: self._outcome(switch, sightings[n], why) for n, why in zip(new, made, strict=True)}
        homes = [Home(one.nic.device, sightings[n].change.mac, str(one.nic)) for n, one in settled.items()]
        self._findings.tell(list(found.values()), homes, dry_run=self._dry_run)
        self._log.flush()
        return outcomes

    def _settle(self, scene: Scene, sighting: Sighting) -> Outcome:
        place, vlan = scene.place(sighting.port), sighting.change.vlan
        if place.vlan != vlan:
            self._log.info("VLAN would be recorded" if self._dry_run else "VLAN recorded", port=place.title, vlan=vlan)
            if not self._dry_run:
                scene.record_vlan(sighting.port, vlan)
        return DONE

    def _arrival(self, scene: Scene, sighting: Sighting) -> Arrival:
        member = scene.place(sighting.port).member
        assert member is not None  # noqa: S101 - only such are judged to be newcomers
        slot = scene.slot(member)
        return Arrival(
            switchport=member,
            switch=scene.suffix,
            name_manager=None if slot and slot.name_manager else self._name_manager,
            mac=sighting.change.mac,
            vlan=sighting.change.vlan,
        )

    def _outcome(self, switch: Host, sighting: Sighting, why: Why) -> Outcome:
        """What is lacking may come; what contradicts is believed when it is still so at a second look."""
        key = key_of(switch, sighting)
        if why is None:
            self._doubted.discard(key)
            return DONE
        self._kept.forget()
        if isinstance(why, ExhaustedError | NotFoundError):
            return retry(str(why))
        if key in self._doubted:
            self._doubted.discard(key)
            return ignored(str(why))
        self._doubted.add(key)
        return retry(str(why))


def key_of(switch: Host, sighting: Sighting) -> Key:
    return switch.id, str(sighting.port), sighting.change.mac


def ends(judgement: Judgement) -> bool:
    """Whether people are told, or nobody will look again."""
    return isinstance(judgement, Finding) or (isinstance(judgement, Outcome) and judgement.verdict is Verdict.IGNORED)


def judged(scene: Surroundings, sightings: Mapping[int, Sighting]) -> dict[int, Judgement]:
    """Judge what was learnt, in order; an address that was learnt at several ports is at the last one."""
    places: dict[int, Place] = {n: scene.place(one.port) for n, one in sightings.items()}
    latest = {one.change.mac: n for n, one in sightings.items() if not places[n].lack}
    rivals: dict[str, str] = {}
    found: dict[int, Judgement] = {}
    for n, sighting in sightings.items():
        mac, place = sighting.change.mac, places[n]
        last = places[latest.get(mac, n)]
        if last.title != place.title:
            found[n] = ignored(f"MAC address {mac} has been learnt at {last.title} since")
            continue
        rival = rivals.get(place.title)
        found[n] = judge(mac, place, scene.bearer(mac), None if rival == mac else rival)
        if isinstance(found[n], Newcomer):
            rivals[place.title] = mac
    return found
