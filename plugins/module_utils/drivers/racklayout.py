# SPDX-License-Identifier: BSD-2-Clause
"""Rack layouts: documents in inactive config contexts, by which racks are built (`clusto.racks`)."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from ..core import attributes, layouts
from ..core.errors import ConflictError, NotFoundError, shown
from ..core.layout_reading import parse
from ..core.layouts import Layout
from .context_entity import InactiveContext
from .device import Device
from .documents import CONTEXTS, Document, checked
from .entity import Entity
from .queries import get_entities
from .session import Record, Session

PROFILE = "clusto rack layout"
ATTRIBUTES = "attributes"
TYPES = "dcim/device-types"
NAMING = ("racklayout", "rackfactory")
"""The attributes of a rack, or of what it is in, that name its layout; the first goes before the second."""


class RackLayout(InactiveContext):
    """A layout that any number of racks have. What is wrong with its document is said before anything is written."""

    _clusto_type = "racklayout"

    def __init__(
        self,
        name: str,
        layout: Mapping[str, Any],
        *,
        attributes: Mapping[str, Any] | None = None,
        session: Session | None = None,
    ) -> None:
        self._begin(name, session)
        self._refuse_taken(name)
        self._refuse_foreign(name)
        data = {**self.checked(self._session, name, layout), ATTRIBUTES: checked(attributes or {})}
        profile = self._session.profile(PROFILE)
        self.record = self._client.create(
            CONTEXTS, {"name": name, "profile": profile, "is_active": False, "data": data}
        )

    @classmethod
    def driver_in(cls, record: Record) -> str | None:
        return cls._driver_name if (record["profile"] or {}).get("name") == PROFILE else None

    @staticmethod
    def checked(session: Session, name: str, layout: Any) -> Document:
        """Return the document as NetBox keeps it; InvalidError, with all of it, when something is wrong."""
        parse(name, layout, heights(session, layout))
        return dict(layouts.plain(layout))

    @property
    def layout(self) -> Document:
        """The document, as last read."""
        return {key: value for key, value in self._data.items() if key != ATTRIBUTES}

    def replace_layout(self, layout: Mapping[str, Any]) -> None:
        """InvalidError for one that is wrong. Racks are not touched: that is what their factories are for."""
        new = self.checked(self._session, self.name, layout)
        self.swap(lambda record: {"data": {**new, ATTRIBUTES: (record["data"] or {}).get(ATTRIBUTES, {})}})

    def read(self) -> Layout:
        """What the document says; InvalidError for one that somebody wrote past clusto."""
        return parse(self.name, self.layout, heights(self._session, self.layout))

    def racks(self) -> list[Entity]:
        """List the racks that have it."""
        found, world = get_entities(clusto_types=["rack"], session=self._session), self._session.world()
        return [rack for rack in found if named_by(rack.merged_in(world), rack.label) == self.name]

    def obstacles(self) -> list[str]:
        racks = self.racks()
        return [f"it is the layout of {shown(rack.label for rack in racks)}"] if racks else []

    def describe(self) -> dict[str, Any]:
        self.refresh()
        return {**super().describe(), "layout": self.layout}


def named_by(document: Mapping[str, Any], label: str) -> str | None:
    """The layout that a rack's merged attributes name; None where they name none. ConflictError for several."""
    for key in NAMING:
        found = {str(one.value) for one in attributes.query(document, key=key, number=None, subkey=None)}
        if len(found) > 1:
            raise ConflictError(f"{label}: attribute {key} is {' and '.join(sorted(found))}; expected one layout")
        if found:
            return found.pop()
    return None


def heights(session: Session, layout: Any) -> dict[str, float]:
    """Ask how high each driver is that a document names; those that NetBox does not have are left out."""
    known: dict[str, float] = {}
    wanted = layouts.drivers(layout)
    found = session.client.list(TYPES, slug=sorted(wanted))
    session.remember(TYPES, found)
    for driver in wanted:
        models = [record for record in found if record["slug"] == driver]
        if models:  # those that there are none of may come
            session.models[driver] = models
        with suppress(NotFoundError):
            known[driver] = float(Device.model_of(driver, models)["u_height"])
    return known
