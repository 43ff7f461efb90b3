# SPDX-License-Identifier: BSD-2-Clause
"""A desired state, and how it is brought about: the same steps for every module, real run or rehearsal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from .wanted import same

State = dict[str, Any]
"""Plain JSON: what a user sees in a diff. None stands for: it does not exist."""


class Task(Protocol):
    """One thing and what it should be like."""

    def before(self) -> State | None:
        """What is."""

    def after(self, before: State | None, /) -> State | None:
        """What will be. Raises what contradicts (ConflictError, NotFoundError …), so that a rehearsal refuses too."""

    def apply(self, before: State | None, after: State | None, /) -> State | None:
        """Bring it about. Returns what is reached: `after`, but for what only NetBox can settle."""

    def result(self, after: State | None, /) -> State:
        """What to tell besides the change itself; in a rehearsal a forecast."""


class Query(Protocol):
    """A question that changes nothing."""

    def answer(self) -> State: ...


@dataclass(frozen=True)
class Outcome:
    before: State | None
    after: State | None
    result: State

    @property
    def changed(self) -> bool:
        return not same(self.before, self.after)


def perform(task: Task, *, rehearse: bool = False) -> Outcome:
    """Compare what is with what should be and, unless it is a rehearsal, bring that about where they differ."""
    before = task.before()
    after = task.after(before)
    if not rehearse and not same(before, after):
        after = task.apply(before, after)
    return Outcome(before, after, task.result(after))
