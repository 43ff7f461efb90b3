# SPDX-License-Identifier: BSD-2-Clause
"""What every move of the walk needs: doing it to NetBox and to the reference, comparing, and the dice."""

from __future__ import annotations

import ipaddress
import random
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from clusto.core.attributes import Attribute, Relation
from clusto.core.errors import ClustoError
from clusto.drivers import Entity, Session
from clusto.drivers.vrf import VRFS

from .reference import Reference
from .things import Thing, Value
from .whole import in_netbox, in_reference

KEYS = ("tier", "disk", "x-1", "_hidden")
SUBKEYS = (None, None, "a", "b-2")
NUMBERS = (None, None, 0, 1, 7)
VALUES: tuple[Any, ...] = (1, 2, True, False, None, "", "gold", 1.5, [], ["one"], {"a": 1}, {}, {"a": {"b": [1, 2]}})
MOST = {
    "pool": 10,
    "datacenter": 3,
    "location": 6,
    "rack": 4,
    "server": 12,
    "powerstrip": 2,
    "ipmanager": 4,
    "resourcemanager": 3,
}
KINDS = tuple(MOST)
AFRESH = 0.25
"""How often an entity is read anew before it is used. That must make no difference."""


class Walker:
    """`mark` tells its names from all others; `net` holds 256 subnets that nothing else uses, in the VRF `mark` too."""

    def __init__(self, session: Session, seed: int, mark: str, net: str) -> None:
        self.session, self.seed, self.mark = session, seed, mark
        self.net = ipaddress.IPv4Network(net)
        self.dice = random.Random(seed)
        self.reference = Reference()
        self.entities: dict[Thing, Entity] = {}
        self.steps = 0
        self._names = 0
        self._trace: list[str] = []
        self._vrf = session.client.create(VRFS, {"name": mark})["id"]
        self._choices = [move for weight, move in self.moves() for _ in range(weight)]

    def moves(self) -> Iterable[tuple[int, Callable[[], None]]]:
        """What may happen, and how often beside the others."""
        return ()

    def close(self) -> None:
        self.session.client.delete(VRFS, self._vrf)

    # Comparing

    def step(self) -> None:
        """One operation. A move for which there is nothing yet, or no room, is none."""
        self.steps += 1
        done = len(self._trace)
        while len(self._trace) == done:
            self.dice.choice(self._choices)()

    def same(self, what: str, ours: Callable[[], Any], theirs: Callable[[], Any]) -> tuple[Any, Any] | None:
        """Do it to both; their answers, None when both refused."""
        self._trace.append(f"{self.steps}: {what}")
        wanted, expected = outcome(theirs)
        got, answer = outcome(ours)
        refused = isinstance(answer, ClustoError)
        agree = got == wanted and (refused or self.plain(answer) == self.plain(expected))
        assert agree, self.story(f"NetBox: {got} {answer!r}\nreference: {wanted} {expected!r}")
        self._trace[-1] += f" -> {got} {str(answer)[:100]}"
        return None if refused else (answer, expected)

    def whole(self) -> None:
        """Compare the whole state."""
        found, wanted = in_netbox(self.session, self.entities), in_reference(self.reference)
        for thing in wanted:
            self.same(f"all about {thing}", lambda thing=thing: found[thing], lambda thing=thing: wanted[thing])

    def story(self, what: str) -> str:
        return "\n".join([f"CLUSTO_SEED={self.seed}, step {self.steps}", *self._trace[-25:], what])

    def plain(self, answer: Any) -> Any:
        """An answer in a form that is equal when NetBox and the reference mean the same."""
        if isinstance(answer, Thing):
            answer = self.entities.get(answer)  # None: it is being made
        if isinstance(answer, Entity):
            return (answer.object_type, answer.id) if answer in self.entities.values() else "None"
        if isinstance(answer, Attribute | Value):
            return repr((answer.key, answer.subkey, answer.number, answer.value))
        if isinstance(answer, list | tuple):
            return [self.plain(one) for one in answer]
        if isinstance(answer, dict):
            return {key: self.plain(answer[key]) for key in sorted(answer)}
        return repr(answer)

    def unordered(self, answer: Iterable[Any]) -> list[Any]:
        """The same, where the order of a list says nothing."""
        return sorted(map(self.plain, answer))

    # Choosing

    def some(self, *kinds: str) -> Thing | None:
        return self.dice.choice(self.reference.of(*kinds) or [None])

    def entity(self, thing: Thing | None) -> Any:
        """An entity as it was when it was made or last read, or read anew: that must make no difference."""
        if thing is None:
            return None
        held = self.entities[thing]
        return held if self.dice.random() > AFRESH else self.session.entity_by_id(held.object_type, held.id)

    def name(self, kind: str, place: Thing | None = None) -> str:
        """New mostly, else one that something has, also of another kind; seldom one that is none.

        Never one that only another datacenter's has: moved together, the two would have one name in one datacenter.
        """
        luck = self.dice.random()
        if luck < 0.15 and self.reference.things:
            taken = self.dice.choice(self.reference.things).name
            new = Thing(kind, taken, "", place=place)
            if self.reference.namesakes(new, taken) or all(thing.name != taken for thing in self.reference.alike(kind)):
                return taken
        if 0.15 < luck < 0.18:
            return self.dice.choice(["", " x", "x" * 101])
        self._names += 1
        return f"n{self._names:05d}-{self.mark}"

    def value(self) -> Any:
        relative = self.some(*KINDS)
        if relative and self.dice.random() < 0.15:
            return relative.relation
        return self.dice.choice(VALUES)

    def query(self) -> dict[str, Any]:
        asked = {
            "key": self.dice.choice(KEYS),
            "subkey": self.dice.choice(SUBKEYS),
            "number": self.dice.choice((*NUMBERS, True, False)),
            "value": self.value(),
        }
        return {name: value for name, value in asked.items() if self.dice.random() < (0.6 if name == "key" else 0.25)}

    def ours(self, found: Iterable[Entity]) -> list[Entity]:
        """Without what is another test's."""
        return [entity for entity in found if self.mark in entity.name]

    # Doing

    def made(self, what: str, ours: Callable[[], Entity], theirs: Callable[[], Thing]) -> None:
        if answers := self.same(f"make {what}", ours, theirs):
            entity, thing = answers
            self.entities[thing] = entity
            thing.relation = Relation(entity.object_type, entity.id)

    def _room(self, kind: str) -> bool:
        return len(self.reference.of(kind)) < MOST[kind]

    def place(self, place: Thing | None, location: str = "location") -> dict[str, Any]:
        if place is None:
            return {}
        return {"datacenter" if place.kind == "datacenter" else location: self.entity(place)}

    def on(
        self, what: str, things: Sequence[Thing | None], ours: Callable[..., Any], theirs: Callable[..., Any]
    ) -> None:
        """Do it to some things, if there are any such."""
        if all(things):
            self.same(
                f"{what} {things}", lambda: ours(*(self.entity(thing) for thing in things)), lambda: theirs(*things)
            )


def outcome(act: Callable[[], Any]) -> tuple[str, Any]:
    try:
        return "answer", act()
    except ClustoError as error:
        return type(error).__name__, error
