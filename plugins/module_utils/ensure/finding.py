# SPDX-License-Identifier: BSD-2-Clause
"""Which entity a module's options mean, and whether a new one may bear the name."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import TypeVar

from ..core import references
from ..core.errors import ConflictError, ExistsError, InvalidError, NotFoundError
from ..core.references import Reference
from ..drivers import Datacenter, Entity, Session, registry

Kind = TypeVar("Kind", bound=Entity)


def find(session: Session, cls: type[Kind], name: str, datacenter: str | None = None) -> Kind | None:
    """The entity of a class that `name` means, None when there is none.

    With `datacenter` a bare name means one in that datacenter, else one that is in no datacenter yet: racks and
    locations of different datacenters may share a name. AmbiguousError when several are left.
    """

    def among(reading: Reference) -> Sequence[Kind]:
        found = [e for e in session.find(reading, [registry.kind(cls.object_type)]) if isinstance(e, cls)]
        if datacenter is None or reading.datacenter is not None:
            return found
        here = [e for e in found if e.datacenter_name == datacenter]
        return here or [e for e in found if e.datacenter_name is None]

    types = session.types if ":" in name else ()
    try:
        return references.resolve(name, types, among, lambda entity: entity.reading)
    except NotFoundError:
        return None


def check_new_name(session: Session, cls: type[Entity], name: str) -> None:
    """InvalidError for what is no name, and for one that means a place too: no rack is made as `eqix-sv3/sv3-001`."""
    types = session.types if ":" in name else ()
    refuse_path(cls, name, types, lambda datacenter: find(session, Datacenter, datacenter) is not None)


def refuse_path(cls: type[Entity], name: str, types: Collection[str], there: Callable[[str], bool]) -> None:
    """Do the same where it is known which datacenters are there."""
    cls.check_name(name)
    for reading in references.readings(name, types)[1:]:
        if reading.datacenter is None or there(reading.datacenter):
            raise InvalidError(
                f"there is no {cls.clusto_type()} {name!r}; to make one, give its name {reading.name!r} alone, and"
                " where it is with the option for that"
            )


def known_as(type_: str, name: str, found: Kind | None, former: Kind | None, state: str) -> tuple[Kind | None, bool]:
    """Which is meant by its name, or by the one that it had before: the entity, and whether it is to be renamed.

    A name before says who is meant as long as nobody bears the new one; when neither is there, there is nothing to
    rename. ConflictError, naming both, when both are there: which of the two should stay nobody can tell.
    """
    if state == "absent":
        raise InvalidError(f"{type_} {name!r}: renamed_from with state absent; expected the name that it has")
    if found and former and found != former:
        raise ConflictError(
            f"{former.reference} cannot be renamed to {name!r}: {found.reference} is there too ({former.url},"
            f" {found.url})"
        )
    return found or former, found is None and former is not None


def refuse_taken(others: Iterable[Entity], datacenter: str | None) -> None:
    """Do the same with those that have the name, once they are read."""
    for other in others:
        if datacenter in {None, other.datacenter_name}:
            raise ExistsError(f"{other.label} is in {other.datacenter_name or 'no datacenter'} already, {other.url}")


def driver_class(cls: type[Kind], driver: str, name: str) -> type[Kind]:
    """The driver of that name, as classes spell it or as NetBox keeps it; InvalidError with those that there are."""
    known = {n: c for n, c in registry.drivers(cls.object_type).items() if issubclass(c, cls)}
    try:
        return known[driver.lower()]
    except KeyError:
        expected = ", ".join(sorted(known))
        raise InvalidError(
            f"{cls.clusto_type()} {name!r}: there is no driver {driver!r}; expected one of {expected}"
        ) from None
