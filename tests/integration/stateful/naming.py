# SPDX-License-Identifier: BSD-2-Clause
"""Moves: managers of names and of numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from clusto import drivers

from .network import MODELS
from .things import Thing
from .walker import KINDS, Walker

CLASSES: dict[str, Any] = {
    "simpleentitynamemanager": drivers.SimpleEntityNameManager,
    "simplenamemanager": drivers.SimpleNameManager,
    "simplenummanager": drivers.SimpleNumManager,
}
GIVING = ("simplenamemanager", "simplenummanager")
"""Drivers of those that give entities what they have then."""


class Naming(Walker):
    def moves(self) -> Iterable[tuple[int, Callable[[], None]]]:
        yield from super().moves()
        yield from ((2, move) for move in (self.make_namer, self.take, self.named, self.give))
        yield from ((1, move) for move in (self.peek, self.give_back, self.take_back, self.resources, self.owners))

    def make_namer(self) -> None:
        if self._room("resourcemanager"):
            name, driver = self.name("resourcemanager"), self.dice.choice((*CLASSES,))
            first, digits = self.dice.choice((0, 0, 3, 8)), self.dice.choice((1, 1, 2))
            stem = f"x{self._names}-{self.mark}-"
            counting = driver == "simplenummanager"
            ours: dict[str, Any] = {"maxnum": 9} if counting else {"basename": stem, "digits": digits}
            theirs = {"last": 9} if counting else {"stem": stem, "digits": digits}
            self.made(
                f"{driver} {name!r} next {first} {theirs}",
                lambda: CLASSES[driver](name, next=first, **ours),
                lambda: self.reference.make("resourcemanager", name, driver=driver, next=first, **theirs),
            )

    def namer(self, *kinds: str) -> Thing | None:
        there = [thing for thing in self.reference.of("resourcemanager") if thing.driver in (kinds or CLASSES)]
        return self.dice.choice(there or [None])

    def some_name(self, manager: Thing) -> Any:
        """One of its own mostly."""
        number = self.dice.choice((max(manager.next - 1, 0), self.dice.randrange(11)))
        return self.reference.written(manager, number)

    def take(self) -> None:
        count = self.dice.choice((1, 1, 2, 4))
        self.on(
            f"take {count}",
            [self.namer("simpleentitynamemanager", "simplenamemanager")],
            lambda e: e.take(count),
            lambda thing: self.reference.take(thing, count),
        )

    def peek(self) -> None:
        count = self.dice.choice((1, 3))
        self.on(
            f"peek {count}",
            [self.namer("simpleentitynamemanager", "simplenamemanager")],
            lambda e: e.peek(count),
            lambda thing: self.reference.peek(thing, count),
        )

    def give_back(self) -> None:
        if manager := self.namer("simpleentitynamemanager", "simplenamemanager"):
            names = [self.some_name(manager) for _ in range(self.dice.choice((1, 1, 2)))]
            self.on(
                f"give back {names}",
                [manager],
                lambda e: e.give_back(names),
                lambda thing: self.reference.give_back(thing, names),
            )

    def named(self) -> None:
        """A server with the next name."""
        manager = self.namer("simpleentitynamemanager")
        if manager and self._room("server"):
            _, cls, height, ports = MODELS["basicserver"]

            def make() -> Thing:
                [name] = self.reference.take(manager, 1)
                return self.reference.make_host(
                    "server", name, driver="basicserver", place=None, height=height, ports=ports
                )

            self.made(f"server named by {manager}", lambda: self.entity(manager).allocate(cls), make)

    # What entities have as an attribute

    def give(self) -> None:
        manager, thing = self.namer(*GIVING), self.some(*KINDS)
        resource = self.some_name(manager) if manager and self.dice.random() < 0.4 else None
        self.on(
            f"give {resource}",
            [manager, thing],
            lambda e, to: e.allocate(to, resource),
            lambda e, to: self.reference.give(e, to, resource),
        )

    def take_back(self) -> None:
        manager, thing = self.namer(*GIVING), self.some(*KINDS)
        resource = self.some_name(manager) if manager and self.dice.random() < 0.4 else None
        self.on(
            f"take back {resource}",
            [manager, thing],
            lambda e, of: e.deallocate(of, resource),
            lambda e, of: self.reference.take_back(e, of, resource),
        )

    def resources(self) -> None:
        self.on(
            "resources",
            [self.namer(*GIVING), self.some(*KINDS)],
            lambda e, of: e.resources(of),
            self.reference.resources,
        )

    def owners(self) -> None:
        if manager := self.namer(*GIVING):
            resource = self.some_name(manager)
            self.on(
                f"owners {resource}",
                [manager],
                lambda e: self.unordered(e.owners(resource)),
                lambda thing: self.unordered(self.reference.owners(thing, resource)),
            )
