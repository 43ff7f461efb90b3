# SPDX-License-Identifier: BSD-2-Clause
"""What files of the devicetype-library name and share: manufacturers, platforms, roles, types of module bays."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .client import Client, Query
from .library_keys import SHARED
from .needed import BAY_TYPES, ITEM_ROLES, MANUFACTURERS, PLATFORMS, Needed

if TYPE_CHECKING:
    from .device_types import DeviceType

EVERYBODYS = (MANUFACTURERS, ITEM_ROLES)
OF_MAKERS = (PLATFORMS, BAY_TYPES)
"""Each belongs to a manufacturer, or to all of them; two may have one name."""

Mention = tuple[str, str, str]
"""Where NetBox keeps it, the name, and the manufacturer of the device type that names it."""


def mentions(type_: DeviceType) -> Iterator[Mention]:
    """Everything that one file names."""
    for (key, field), endpoint in SHARED.items():
        for one in type_.components.get(key, ()) if key else [type_.fields]:
            value = one.get(field, [])
            for name in value if isinstance(value, list) else [value]:
                yield endpoint, name, type_.fields["manufacturer"]


@dataclass(frozen=True)
class Names:
    """What of all this NetBox has; what it lacks gets the slug that NetBox's own pages would give it."""

    slugs: Mapping[tuple[str, str], str]
    """Of manufacturers and roles: endpoint and name -> slug."""
    unowned: frozenset[Mention] = frozenset()
    """Of platforms and types of module bays, those for which one without a manufacturer is meant."""

    @classmethod
    def read(cls, client: Client, types: Iterable[DeviceType]) -> Names:
        wanted = {mention for type_ in types for mention in mentions(type_)}
        names = {end: sorted({n for e, n, _ in wanted if e == end}) for end in (*EVERYBODYS, *OF_MAKERS)}
        found = client.fetch({end: Query(end, {"name": of_kind}) for end, of_kind in names.items() if of_kind})
        slugs = {(end, name): slug_of(name) for end in EVERYBODYS for name in names[end]}
        slugs |= {(end, r["name"]): r["slug"] for end in EVERYBODYS for r in found.get(end, ())}
        there = {
            (end, r["name"], (r["manufacturer"] or {}).get("name")) for end in OF_MAKERS for r in found.get(end, ())
        }
        unowned = {one for one in wanted if one not in there and (*one[:2], None) in there}
        return cls(slugs, frozenset(unowned))

    def relation(self, endpoint: str, name: str, maker: str) -> dict[str, Any]:
        """How NetBox's API is told which one is meant."""
        if endpoint in EVERYBODYS:
            return {"slug": self.slugs[endpoint, name]}
        owner = None if (endpoint, name, maker) in self.unowned else self.relation(MANUFACTURERS, maker, maker)
        return {"name": name, "manufacturer": owner}


def shared(types: Iterable[DeviceType], names: Names) -> Iterator[Needed]:
    """Give each thing that the files name once; its source is the first of them."""
    sources: dict[Mention, str] = {}
    for type_ in types:
        for endpoint, name, maker in mentions(type_):
            sources.setdefault((endpoint, name, "" if endpoint in EVERYBODYS else maker), type_.source)
    for (endpoint, name, maker), source in sorted(sources.items()):
        key = names.relation(endpoint, name, maker)
        if endpoint in EVERYBODYS:
            yield Needed(endpoint, name, key, unique={"name": name}, source=source)
        else:
            yield Needed(endpoint, name, key, initial={"slug": slug_of(name)}, source=source)


def slug_of(name: str) -> str:
    """Make a slug as NetBox's own pages do: `Super Micro` -> `super-micro`."""
    return re.sub(r"[\s_-]+", "-", re.sub(r"[^\w\s-]", "", name.lower(), flags=re.ASCII)).strip("-")
