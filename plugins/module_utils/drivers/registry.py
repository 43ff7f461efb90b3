# SPDX-License-Identifier: BSD-2-Clause
"""Which class stands for which driver name. Defining a subclass of an entity registers it; nothing else is needed.

A **kind** is the class that stands for one of NetBox's object types (Pool, Rack, Device …); drivers are its subclasses.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..core.errors import InvalidError

if TYPE_CHECKING:
    from .entity import Entity

_KINDS: dict[str, type[Entity]] = {}
_DRIVERS: dict[tuple[str, str], type[Entity]] = {}


def register(cls: type[Entity]) -> None:
    """Make `cls` the class of its driver name, among those of its kind.

    A class may be defined again under its own name (a module reloaded, a line repeated in the shell). Another class
    of the same driver name is an InvalidError: which of the two an entity gets must not depend on the order of imports.
    """
    object_type = cls.object_type
    driver = cls._driver_name
    _KINDS.setdefault(object_type, cls)
    known = _DRIVERS.get((object_type, driver))
    if known is not None and (known.__module__, known.__qualname__) != (cls.__module__, cls.__qualname__):
        raise InvalidError(
            f"driver name {driver!r} of {cls.__module__}.{cls.__qualname__} is that of"
            f" {known.__module__}.{known.__qualname__} already; set _driver_name to another"
        )
    _DRIVERS[object_type, driver] = cls


def kinds() -> list[type[Entity]]:
    """List the classes that stand for a whole NetBox object type, in the order of their definition."""
    return list(_KINDS.values())


def kind(object_type: str) -> type[Entity]:
    """Find the class of all entities of a NetBox object type such as `dcim.rack`; InvalidError when none is."""
    try:
        return _KINDS[object_type]
    except KeyError:
        raise InvalidError(f"NetBox objects of type {object_type!r} are no entities of clusto") from None


def driver_class(object_type: str, *names: str) -> type[Entity]:
    """Find the class registered under the first of `names` that is a driver's, else the kind's own."""
    return next((c for name in names if (c := _DRIVERS.get((object_type, name)))), kind(object_type))


def drivers(object_type: str) -> dict[str, type[Entity]]:
    """List the classes of an object type by their driver names."""
    return {name: cls for (type_, name), cls in _DRIVERS.items() if type_ == object_type}
