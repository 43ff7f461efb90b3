# SPDX-License-Identifier: BSD-2-Clause
"""A desired state, and how it is brought about: the same five steps for every module, real run or rehearsal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

State = dict[str, Any]
"""Plain JSON: what a user sees in a diff. None stands for: it does not exist."""


class Task(Protocol):
    """One thing and what it should be like."""

    def before(self) -> State | None:
        """What is."""

    def after(self, before: State | None) -> State | None:
        """What will be. Raises what contradicts (ConflictError, NotFoundError …), so that a rehearsal refuses too."""

    def apply(self, before: State | None, after: State | None) -> State | None:
        """Bring it about. Returns what is reached: `after`, but for what only NetBox can settle."""

    def entity(self) -> State | None:
        """The entity in full (`describe()`), as it is now; None when there is none."""


@dataclass(frozen=True)
class Outcome:
    before: State | None
    after: State | None
    entity: State | None

    @property
    def changed(self) -> bool:
        return self.before != self.after


def perform(task: Task, *, rehearse: bool = False) -> Outcome:
    """What was, what is then, and the entity; with `rehearse` nothing is changed, and the entity is a forecast."""
    before = task.before()
    after = task.after(before)
    if before == after:
        return Outcome(before, after, task.entity())
    if rehearse:
        return Outcome(before, after, None if after is None else {**(task.entity() or {}), **after})
    after = task.apply(before, after)
    return Outcome(before, after, task.entity())
