# SPDX-License-Identifier: BSD-2-Clause
"""Entities that are config contexts: pools, resource managers, rack layouts. The context's profile tells which."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ..core.errors import ConflictError, ExistsError
from ..core.merge import Scope
from ..netbox.records import World
from . import registry
from .documents import CONTEXTS, Document, NestedDocument
from .entity import Entity
from .session import Record

OBJECT_TYPE = "extras.configcontext"


class ContextEntity(Entity):
    """A kind of several clusto types: each subclass that sets `_clusto_type` is one, and says which are its own."""

    object_type = OBJECT_TYPE
    endpoint = CONTEXTS
    _clusto_type = "configcontext"
    bears_tags = False

    @classmethod
    @abstractmethod
    def driver_in(cls, record: Record) -> str | None:
        """Tell the driver name of a context that is an entity of this clusto type; None for any other context."""

    @classmethod
    def clusto_types(cls) -> Iterable[str]:
        return [of_type.clusto_type() for of_type in _types(ContextEntity)]

    @classmethod
    def may_be(cls, type_: str | None) -> bool:
        return type_ is None or type_ in cls.clusto_types()

    @classmethod
    def is_entity(cls, record: Record) -> bool:
        return _driver(record) is not None

    @classmethod
    def _class_of(cls, record: Record) -> type[Entity]:
        of_type, driver = _driver(record) or (cls, "")
        found = registry.driver_class(OBJECT_TYPE, driver, clusto_type=of_type.clusto_type())
        return found if issubclass(found, of_type) else of_type

    def check_rename(self, name: str) -> None:
        super().check_rename(name)
        if name != self.name:
            self._refuse_foreign(name)

    def _refuse_foreign(self, name: str) -> None:
        """ConflictError when a context of others has the name (NetBox has each once), ExistsError for an entity."""
        foreign: dict[str, Any] | None = self._client.one(CONTEXTS, name=name)
        if foreign and self.is_entity(foreign):
            other = self._session.entity(OBJECT_TYPE, foreign)
            raise ExistsError(f"{self._clusto_type} {name!r}: the name is taken by {other.label}, {other.url}")
        if foreign:
            raise ConflictError(
                f"{self._clusto_type} {name!r}: NetBox has a config context of that name that is no"
                f" {self._clusto_type}'s, {foreign['display_url']}"
            )


class InactiveContext(ContextEntity):
    """What no device is given: it is nowhere, in no pool for lack of tags, and its attributes are within its data."""

    @property
    def documents(self) -> NestedDocument:
        return NestedDocument(self._client, self.id)

    @property
    def _data(self) -> Mapping[str, Any]:
        return dict(self.record["data"] or {})

    def _local(self) -> Document:
        return dict(self._data.get("attributes") or {})

    def scope(self, world: World) -> Scope:  # noqa: ARG002 - it is nowhere
        return Scope(pools_only=True)

    def pools(self) -> list[Entity]:
        return []

    def _parents(self) -> list[Entity]:
        return []


def _types(cls: type[Any]) -> Iterator[type[ContextEntity]]:
    for one in cls.__subclasses__():
        yield from [one] if "_clusto_type" in one.__dict__ else _types(one)


def _driver(record: Record) -> tuple[type[ContextEntity], str] | None:
    found = ((of_type, of_type.driver_in(record)) for of_type in _types(ContextEntity))
    return next(((of_type, driver) for of_type, driver in found if driver is not None), None)
