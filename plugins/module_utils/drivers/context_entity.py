# SPDX-License-Identifier: BSD-2-Clause
"""Entities that are config contexts: pools and resource managers, told apart by the context's profile."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable
from typing import Any

from ..core.errors import ConflictError
from . import registry
from .documents import CONTEXTS
from .entity import Entity
from .session import Record

OBJECT_TYPE = "extras.configcontext"


class ContextEntity(Entity):
    """A kind of several clusto types: each direct subclass is one, and says which contexts are its own."""

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
        return [of_type.clusto_type() for of_type in ContextEntity.__subclasses__()]

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

    def _refuse_foreign(self, name: str) -> None:
        """ConflictError when a context of others has the name: NetBox has each once."""
        foreign: dict[str, Any] | None = self._client.one(CONTEXTS, name=name)
        if foreign:
            raise ConflictError(
                f"{self._clusto_type} {name!r}: NetBox has a config context of that name that is no"
                f" {self._clusto_type}'s, {foreign['display_url']}"
            )


def _driver(record: Record) -> tuple[type[ContextEntity], str] | None:
    found = ((of_type, of_type.driver_in(record)) for of_type in ContextEntity.__subclasses__())
    return next(((of_type, driver) for of_type, driver in found if driver is not None), None)
