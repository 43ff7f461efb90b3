# SPDX-License-Identifier: BSD-2-Clause
"""How users name an entity: `NAME`, `TYPE:NAME`, `DATACENTER/NAME` or `TYPE:DATACENTER/NAME`.

Names may hold colons and slashes themselves. So one text has several readings; they are tried in order, the text as a
whole name first.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import NamedTuple, TypeVar

from .errors import AmbiguousError, InvalidError, NotFoundError

Entity = TypeVar("Entity")


class Reference(NamedTuple):
    """One reading; `str` of it is the text again."""

    name: str
    type: str | None = None
    datacenter: str | None = None

    def __str__(self) -> str:
        return f"{f'{self.type}:' if self.type else ''}{f'{self.datacenter}/' if self.datacenter else ''}{self.name}"


def readings(text: str, types: Collection[str]) -> list[Reference]:
    """List what a reference may mean, in the order to try. Only `types`, those that there are, stand before a colon.

    Raises InvalidError for what is no text or empty.
    """
    if not isinstance(text, str) or not text.strip():
        raise InvalidError(f"{text!r} names nothing; expected NAME, TYPE:NAME or DATACENTER/NAME")
    type_, colon, rest = text.partition(":")
    typed = bool(colon and rest) and type_ in types
    return [
        Reference(text),
        *([Reference(rest, type_)] if typed else []),
        *_in_datacenters(text, None),
        *(_in_datacenters(rest, type_) if typed else []),
    ]


def _in_datacenters(text: str, type_: str | None) -> Iterable[Reference]:
    for at, letter in enumerate(text):
        if letter == "/" and 0 < at < len(text) - 1:
            yield Reference(text[at + 1 :], type_, text[:at])


def resolve(
    text: str,
    types: Collection[str],
    find: Callable[[Reference], Sequence[Entity]],
    named: Callable[[Entity], Reference],
) -> Entity:
    """Find the one entity that a reference means: that of the first reading under which `find` finds any.

    named: what to call an entity so that it is told from all others, with type and datacenter. Raises NotFoundError;
    AmbiguousError with such a reference for each candidate.
    """
    for reading in readings(text, types):
        found = find(reading)
        if len(found) == 1:
            return found[0]
        if found:
            candidates = sorted(str(named(entity)) for entity in found)
            raise AmbiguousError(f"{text!r} is ambiguous; expected one of {', '.join(candidates)}", candidates)
    raise NotFoundError(f"there is nothing named {text!r}")
