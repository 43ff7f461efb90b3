# SPDX-License-Identifier: BSD-2-Clause
"""NetBox has everything that clusto needs; device types of the users' own; pools of tags that others made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ..drivers.adoption import Adoption, adoption
from ..drivers.session import Session
from ..netbox import schema
from ..netbox.schema import Change, Documents
from .batch import each
from .task import State


@dataclass
class Bootstrap:
    session: Session
    dhcp_options: Sequence[str] | None = None
    device_types: Documents | None = None
    """Files of the devicetype-library: name -> what is in it, decoded."""
    adopt: Mapping[str, Sequence[Mapping[str, Any]] | None] | None = None
    """`pools`: a list of `tag`, `context` and `driver`."""

    def before(self) -> State:
        changed = {label(change): dict(change.before) for change in self._due if change.before is not None}
        return changed | {title(one): dict(one.before) for one in self._adoptions if one.before is not None}

    def after(self, _before: State | None, /) -> State:
        adopted = {title(one): dict(one.after) for one in self._adoptions if one.after is not None}
        return {label(change): dict(change.after) for change in self._due} | adopted

    def apply(self, _before: State | None, after: State | None, /) -> State:
        made = self._bootstrap(apply=True)
        for one in self._adoptions:
            one.carry_out(self.session)
        adopted = {title(one): (after or {})[title(one)] for one in self._adoptions if one.after is not None}
        return {label(change): dict(change.after) for change in made} | adopted

    def result(self, after: State | None) -> State:
        types = self.device_types or {}
        differences = schema.differences(self.session.client, types) if types else []
        left_out = schema.left_out(types)
        told = {"differences": differences, "left_out": left_out}
        return {"objects": sorted(after or {}), **told, "warnings": [*left_out, *differences]}

    def _bootstrap(self, *, apply: bool) -> list[Change]:
        return schema.bootstrap(
            self.session.client, apply=apply, dhcp_options=self.dhcp_options, device_types=self.device_types
        )

    @cached_property
    def _due(self) -> list[Change]:
        return self._bootstrap(apply=False)

    @cached_property
    def _adoptions(self) -> list[Adoption]:
        wanted = (self.adopt or {}).get("pools") or ()
        tags = [one["tag"] for one in wanted]
        return each("adopt.pools", tags, wanted, lambda one: adoption(self.session.client, **one))


def label(change: Change) -> str:
    return f"{change.kind} {change.name}"


def title(one: Adoption) -> str:
    return f"pool {one.name}"
