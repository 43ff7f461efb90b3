# SPDX-License-Identifier: BSD-2-Clause
"""A rack that its factory has built, as a desired state."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..drivers import Session
from ..ensure.task import State
from .arrivals import Arrival
from .build import BuildRack
from .factory import get_factory


@dataclass(kw_only=True)
class EnsureRackFactory:
    """A rack built by its factory, with some servers."""

    session: Session
    rack: str
    servers: Sequence[Mapping[str, Any]] | None = None

    _build: BuildRack = field(init=False)

    def before(self) -> State | None:
        factory = get_factory(self.rack, session=self.session)
        arrivals = [Arrival.of(options) for options in self.servers or ()]
        self._build = BuildRack(session=self.session, factory=factory, arrivals=arrivals)
        return self._build.before()

    def after(self, before: State | None, /) -> State | None:
        return self._build.after(before)

    def apply(self, before: State | None, after: State | None, /) -> State | None:
        return self._build.apply(before, after)

    def result(self, after: State | None, /) -> State:
        return self._build.result(after)
