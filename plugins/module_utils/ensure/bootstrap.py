# SPDX-License-Identifier: BSD-2-Clause
"""NetBox has everything that clusto needs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from ..drivers.session import Session
from ..netbox.schema import Change, bootstrap
from .task import State


@dataclass
class Bootstrap:
    session: Session
    dhcp_options: Sequence[str] | None = None

    def before(self) -> State:
        return {label(change): dict(change.before) for change in self._due if change.before is not None}

    def after(self, _before: State | None, /) -> State:
        return {label(change): dict(change.after) for change in self._due}

    def apply(self, _before: State | None, _after: State | None, /) -> State:
        made = bootstrap(self.session.client, dhcp_options=self.dhcp_options)
        return {label(change): dict(change.after) for change in made}

    def result(self, after: State | None) -> State:
        return {"objects": sorted(after or {})}

    @cached_property
    def _due(self) -> list[Change]:
        return bootstrap(self.session.client, apply=False, dhcp_options=self.dhcp_options)


def label(change: Change) -> str:
    return f"{change.kind} {change.name}"
