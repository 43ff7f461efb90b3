# SPDX-License-Identifier: BSD-2-Clause
"""What NetBox deletes along with an object, without a word, though it is no part of it: others may have made it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Final, NamedTuple

from ..core.errors import AccessError
from ..netbox.client import Filter
from . import registry

if TYPE_CHECKING:
    from .session import Record, Session


class Kind(NamedTuple):
    words: str
    endpoint: str
    owner: str
    """The filter by which NetBox finds those of one object."""
    type_: str | None = None
    """The filter that says of what type that object is, where it may be of several."""


VLAN_GROUPS: Final = Kind("VLAN groups", "ipam/vlan-groups", "scope_id", "scope_type")
SCOPED: Final = (
    Kind("prefixes", "ipam/prefixes", "scope_id", "scope_type"),
    Kind("clusters", "virtualization/clusters", "scope_id", "scope_type"),
    Kind("wireless LANs", "wireless/wireless-lans", "scope_id", "scope_type"),
    Kind("circuit terminations", "circuits/circuit-terminations", "termination_id", "termination_type"),
    VLAN_GROUPS,
)
ALONG: Final[Mapping[str, tuple[Kind, ...]]] = {
    "dcim.site": SCOPED,
    "dcim.location": SCOPED,
    "dcim.rack": (Kind("rack reservations", "dcim/rack-reservations", "rack_id"), VLAN_GROUPS),
    "dcim.device": (Kind("application services", "ipam/services", "parent_object_id", "parent_object_type"),),
}
"""Object type -> what goes with it (on_delete=CASCADE and generic relations in NetBox 4.7's models)."""


def along(session: Session, object_type: str, id_: int) -> Iterator[tuple[str, list[str] | None]]:
    """Tell kind by kind what NetBox would delete along; None where the token may not see that.

    What is clusto's own is left out: that is contents, and an obstacle.
    """
    for kind in ALONG.get(object_type, ()):
        try:
            found = session.client.list(kind.endpoint, **_filters(kind, object_type, id_))
        except AccessError:
            yield kind.words, None
        else:
            yield kind.words, _names(found, kind)


def _filters(kind: Kind, object_type: str, id_: int) -> dict[str, Filter]:
    return {kind.owner: id_, **({kind.type_: object_type} if kind.type_ else {})}


def _names(records: Iterable[Record], kind: Kind) -> list[str]:
    ours = next((one for one in registry.kinds() if one.endpoint == kind.endpoint), None)
    return [str(record["display"]) for record in records if not (ours and ours.is_entity(record))]
