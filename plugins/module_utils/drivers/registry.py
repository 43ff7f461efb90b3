# SPDX-License-Identifier: BSD-2-Clause
"""Which class stands for which driver name. Defining a subclass of an entity registers it; nothing else is needed.

A **kind** is the class that stands for one of NetBox's object types (Pool, Rack, Device …); drivers are its subclasses.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from ..core.errors import InvalidError

if TYPE_CHECKING:
    from .entity import Entity

_KINDS: dict[str, type[Entity]] = {}
_DRIVERS: dict[tuple[str, str, str], type[Entity]] = {}
"""Object type, clusto type, driver name: a server and a switch may have drivers of one name."""


def register(cls: type[Entity]) -> None:
    """Make `cls` the class of its driver name, among those of its object type and clusto type.

    A class may be defined again under its own name (a module reloaded, a line repeated in the shell). Another class
    of the same driver name is an InvalidError: which of the two an entity gets must not depend on the order of imports.
    """
    key = (cls.object_type, cls.clusto_type(), cls.driver_name())
    _KINDS.setdefault(cls.object_type, cls)
    known = _DRIVERS.get(key)
    if known is not None and (known.__module__, known.__qualname__) != (cls.__module__, cls.__qualname__):
        raise InvalidError(
            f"driver name {key[2]!r} of {named(cls)} is that of the {key[1]} driver {named(known)} already;"
            " set _driver_name to another"
        )
    _DRIVERS[key] = cls


def named(cls: type[Entity]) -> str:
    """How messages name a class, and where to find it."""
    file = getattr(sys.modules.get(cls.__module__), "__file__", None)
    return f"{cls.__qualname__} in {file or cls.__module__}"


def kinds() -> list[type[Entity]]:
    """List the classes that stand for a whole NetBox object type, in the order of their definition."""
    return list(_KINDS.values())


def kind(object_type: str) -> type[Entity]:
    """Find the class of all entities of a NetBox object type such as `dcim.rack`; InvalidError when none is."""
    try:
        return _KINDS[object_type]
    except KeyError:
        raise InvalidError(f"NetBox objects of type {object_type!r} are no entities of clusto") from None


def driver_class(object_type: str, *names: str, clusto_type: str | None = None) -> type[Entity]:
    """Find the class registered under the first of `names` that is a driver's, else the kind's own.

    Drivers of the given clusto type go before those of others, which are meant where a role has no drivers of its own.
    """
    for known in (drivers(object_type, clusto_type), drivers(object_type)):
        if found := next((known[name] for name in names if name in known), None):
            return found
    return kind(object_type)


def drivers(object_type: str, clusto_type: str | None = None) -> dict[str, type[Entity]]:
    """List the classes of an object type, or of one clusto type, by their driver names.

    Without a clusto type, of several of one name that which was defined first.
    """
    found: dict[str, type[Entity]] = {}
    for (type_, of, name), cls in _DRIVERS.items():
        if type_ == object_type and clusto_type in {None, of}:
            found.setdefault(name, cls)
    return found
