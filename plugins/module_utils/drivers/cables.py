# SPDX-License-Identifier: BSD-2-Clause
"""Cables between ports: what may be connected, and with what a port is connected.

A cable counts whatever its status is: for one that is planned or being removed NetBox keeps both ports taken, too.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from ..core import ports
from ..core.errors import ConflictError, InvalidError, NotFoundError, RefusedError
from ..core.ports import Component
from ..netbox.client import Client, Query
from .entity import Entity
from .port import ENDPOINTS, OUTSIDE_ENDPOINTS, OUTSIDE_FIELDS, Port

if TYPE_CHECKING:
    from .session import Session

CABLES = "dcim/cables"
SIDES = ("a_terminations", "b_terminations")
RELATIONS = ("tenant", "bundle", "owner")
VALUES = ("type", "status", "profile", "label", "color", "length", "length_unit", "description", "comments")


class Connection(NamedTuple):
    """Where a connection leads: an entity, and its port by port type and name."""

    entity: Entity
    porttype: str
    port: str


def body(a: Port, b: Port, details: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """What makes a cable between two ports; details: more of NetBox's fields, such as `label`."""
    return {**(details or {}), "a_terminations": [_termination(a)], "b_terminations": [_termination(b)]}


def _termination(port: Port) -> dict[str, Any]:
    return {"object_type": port.object_type, "object_id": port.id}


def check_connectable(a: Port, b: Port) -> bool:
    """Tell whether a cable connects the two with each other already; raise what keeps one from doing so.

    InvalidError for ends that do not fit. ConflictError for a port that is connected to another, naming that.
    """
    if connected(a, b):
        return True
    check_fitting(a, b)
    taken = [f"{port.title} is {_taken_by(port)}" for port in (a, b) if port.occupied]
    if taken:
        raise ConflictError(f"{a.title} cannot be connected to {b.title}: {'; '.join(taken)}")
    return False


def connected(a: Port, b: Port) -> bool:
    """Whether one cable has both as its ends."""
    return b.identity is not None and b.identity in {peer.identity for peer in a.peers()}


def _taken_by(port: Port) -> str:
    peers = ", ".join(peer.title for peer in port.peers())
    if peers:
        return f"connected to {peers}"
    return "on a cable without another end" if port.cable else "marked as connected in NetBox"


def check_fitting(a: Port, b: Port) -> None:
    """InvalidError when no cable may connect the two, were they free."""
    if a.identity is not None and a.identity == b.identity:
        raise InvalidError(f"{a.title} cannot be connected to itself")
    for port, far in ((a, b), (b, a)):
        if expected := ports.OUTSIDE_FITS.get(port.object_type):
            if far.object_type not in OUTSIDE_ENDPOINTS and _component(far) in expected:
                return
            words = " or ".join(component.words for component in expected)
            raise InvalidError(f"{port.title} does not fit {far.title}: expected {words} at its other end")
    one, other = _component(a), _component(b)
    if not ports.fit(one, other):
        fitting = " or ".join(c.words for c in Component if ports.fit(one, c))
        raise InvalidError(
            f"{a.title} ({one.words}) does not fit {b.title} ({other.words}): expected {fitting} at its other end"
        )
    if a.porttype != b.porttype and not {one, other} & ports.PASS_THROUGH:
        raise InvalidError(f"{a.title} does not fit {b.title}: expected a port of the same type")


def takes_cables(port: Port) -> bool:
    """Whether a cable can end at such a port."""
    return port.is_port and ports.takes_cables(port.type)


def _component(port: Port) -> Component:
    """InvalidError when no cable ends at such a port."""
    if not port.is_port:
        raise InvalidError(f"{port.title}: no cable ends at ports of virtual machines")
    if not ports.takes_cables(port.type):
        raise InvalidError(f"{port.title} is of NetBox's type {port.type!r}, at which no cable ends")
    return Component(port.object_type)


def peer(port: Port) -> Port | None:
    """The port at the other end of its cable; of a cable that somebody has split the first one."""
    return next(iter(port.peers()), None)


def connect(session: Session, a: Port, b: Port, details: Mapping[str, Any] | None = None) -> bool:
    """Connect two ports; False when they were so already. Raises as `check_connectable` does.

    So it does also when another program has been first since the ports were read.
    """
    if check_connectable(a, b):
        return False
    try:
        session.client.create(CABLES, body(a, b, details))
    except RefusedError:
        if not check_connectable(reread(session, a), reread(session, b)):
            raise
        return False
    return True


def made(client: Client, bodies: Sequence[Mapping[str, Any]]) -> list[dict[str, Any] | None]:
    """Tell which of the cables that `body` makes are there now, by their ids, in their order.

    ConflictError, naming both, where another cable is in its place.
    """
    ends = [one for new in bodies for side in SIDES for one in new[side]]
    ids: dict[str, list[int]] = {}
    for one in ends:
        ids.setdefault(one["object_type"], []).append(one["object_id"])
    endpoints = {**ENDPOINTS, **OUTSIDE_ENDPOINTS}
    asked = {type_: Query(endpoints[type_], {"id": of, "fields": OUTSIDE_FIELDS}) for type_, of in ids.items()}
    found = {(t, r["id"]): Port(t, r) for t, records in client.fetch(asked).items() for r in records}
    known = [found.get((end["object_type"], end["object_id"])) for end in ends]
    pairs = zip(known[::2], known[1::2], strict=True)
    return [{"id": a.cable} if a and b and check_connectable(a, b) else None for a, b in pairs]


def disconnect(session: Session, port: Port) -> bool:
    """Take away the cable of a port; False when it has none. ConflictError for one that other ports share."""
    if port.cable is None:
        return False
    try:
        cable, etag = session.client.get(CABLES, port.cable)
        check_removable(cable)
        session.client.delete(CABLES, cable["id"], etag)
    except NotFoundError:
        return False  # another program was first
    return True


def check_removable(cable: Mapping[str, Any]) -> None:
    """ConflictError for a cable that others have split: more than two ports would lose their connection."""
    ends = [end.title for end in ends_of(cable)]
    if len(ends) > 2:
        raise ConflictError(
            f"cable {cable['display']} connects {len(ends)} ports ({', '.join(ends)}); take it away in NetBox"
        )


def ends_of(cable: Mapping[str, Any]) -> list[Port]:
    """What a cable ends at, as its record tells of it in brief."""
    return [Port(end["object_type"], end["object"]) for side in SIDES for end in cable[side] or ()]


def again(cable: Mapping[str, Any]) -> dict[str, Any]:
    """What makes a cable once more that was taken away, from its record."""
    made: dict[str, Any] = {key: value_of(cable.get(key)) for key in VALUES}
    made |= {key: cable[key]["id"] for key in RELATIONS if cable.get(key)}
    made |= {side: [{key: end[key] for key in ("object_type", "object_id")} for end in cable[side]] for side in SIDES}
    made |= {"tags": [{"id": tag["id"]} for tag in cable["tags"]], "custom_fields": cable["custom_fields"]}
    return {key: value for key, value in made.items() if value is not None}


def value_of(told: Any) -> Any:
    """What NetBox takes for a choice, from what it tells of it."""
    return told["value"] if isinstance(told, Mapping) else told


def reread(session: Session, port: Port) -> Port:
    """The port as NetBox has it now; NotFoundError when it is gone."""
    return Port(port.object_type, session.client.get(port.endpoint, port.id).record)


class Cabled(Entity):
    """What has ports that cables connect."""

    @abstractmethod
    def ports(self, porttype: str) -> list[Port]:
        """Its ports of a type."""

    @abstractmethod
    def port(self, porttype: str, wanted: int | str) -> Port:
        """One of them by number or name."""

    @abstractmethod
    def all_ports(self) -> list[tuple[str, int | str, Port]]:
        """Its ports of all types: port type, number or name, port."""

    def connect_ports(
        self,
        porttype: str,
        port: int | str,
        other: Cabled,
        other_port: int | str,
        other_type: str | None = None,
        **details: Any,
    ) -> None:
        """Connect a port to one of another entity by a cable; nothing happens when they are connected already.

        other_type: the other's port type where it differs, for patch panels. details: NetBox's fields of the cable.
        InvalidError for ports that do not fit; ConflictError for one that is connected to another, naming that.
        """
        far = other.port(other_type or porttype, other_port)
        connect(self._session, self.port(porttype, port), far, details)

    def disconnect_port(self, porttype: str, port: int | str) -> None:
        """Take away the cable of a port, if it has one."""
        disconnect(self._session, self.port(porttype, port))

    def get_connected(self, porttype: str, port: int | str, *, near: bool = False) -> Entity | None:
        """Find the entity that a port leads to; None when it leads nowhere. See `get_connection`."""
        found = self.get_connection(porttype, port, near=near)
        return found and found.entity

    def get_connection(self, porttype: str, port: int | str, *, near: bool = False) -> Connection | None:
        """Find what a port leads to behind all patch panels, or with `near` what its cable ends at.

        None while a patch panel on the way is not connected on, and for power feeds and circuits: clusto knows none.
        """
        source = self.port(porttype, port)
        for end in source.peers() if near else source.ends():
            if end.is_port:
                entity = self._session.entity_by_id("dcim.device", end.record["device"]["id"])
                return Connection(entity, end.porttype, end.name)
        return None

    def port_free(self, porttype: str, port: int | str) -> bool:
        """Whether a cable could be connected to a port."""
        return not self.port(porttype, port).occupied

    def free_ports(self, porttype: str | None = None) -> list[tuple[str, int | str]]:
        """List port type and number, or name where it has none, of all ports that a cable could be connected to."""
        return [
            (type_, port)
            for type_, port, found in self.all_ports()
            if porttype in {None, type_} and not found.occupied and takes_cables(found)
        ]

    def connected_ports(self) -> dict[str, list[int | str]]:
        """Port type -> numbers, or names where they have none, of the ports that are connected."""
        taken: dict[str, list[int | str]] = {}
        for type_, port, found in self.all_ports():
            taken.setdefault(type_, []).extend([port] if found.occupied else [])
        return taken
