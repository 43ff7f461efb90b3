# SPDX-License-Identifier: BSD-2-Clause
"""Rack layouts as they should be: the document as a whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..core.errors import InvalidError
from ..drivers import RackLayout
from .entity import EntityTask
from .finding import find
from .task import State


@dataclass(kw_only=True)
class EnsureRackLayout(EntityTask[RackLayout]):
    kind = RackLayout
    default_driver = RackLayout.driver_name()
    keys = ("name", "driver", "layout", "attributes")

    layout: Mapping[str, Any] | None = None

    def find(self) -> RackLayout | None:
        return find(self.session, RackLayout, self.name)

    def new(self) -> State:
        return {"name": self.name, "driver": self.default_driver, "layout": {}, "attributes": {}}

    def wanted(self, _now: State, /) -> State:
        if self.layout is None:
            raise InvalidError(f"{self.label}: expected layout, the document")
        return {"layout": RackLayout.checked(self.session, self.name, self.layout)}

    def make(self, cls: type[RackLayout], after: State, /) -> RackLayout:
        return cls(self.name, after["layout"], attributes=after["attributes"], session=self.session)

    def change(self, entity: RackLayout, before: State, after: State, /) -> None:
        if before["layout"] != after["layout"]:
            entity.replace_layout(after["layout"])
