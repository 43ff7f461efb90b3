# SPDX-License-Identifier: BSD-2-Clause
"""Where things stand: datacenters (NetBox's sites) and the locations in them. An entity is in one place at a time."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

from ..core.errors import ConflictError, InvalidError, RefusedError, shown
from ..core.merge import Scope, Weight
from ..core.references import Reference
from ..netbox.client import Query
from ..netbox.records import FIELDS as READ
from ..netbox.records import World, own_contexts
from . import registry
from .contexts import context_name, own_context
from .documents import OwnContext
from .entity import Entity
from .moves import check_directly_in, check_elsewhere, check_namesakes, is_in
from .session import UNPLACED, Record, Session
from .slugs import ascii_slug_of, unlike

CONTEXTS = "extras/config-contexts"


class Place(Entity):
    """What racks, devices, locations and IP managers are in."""

    _context_scope: ClassVar[str]
    """The field of a config context that assigns it to places of this kind."""

    @abstractmethod
    def _new_weight(self) -> int:
        """The weight of its config context, unless a user gave it one."""

    @abstractmethod
    def _path(self) -> str:
        """Give what tells this place from all others of its kind."""

    @abstractmethod
    def target(self) -> dict[str, Any]:
        """The fields that put a rack or device directly here."""

    @property
    def _own_context(self) -> Record | None:
        return own_context(self._session, self._context_scope, self.id)

    @property
    def documents(self) -> OwnContext:
        def new() -> Mapping[str, Any]:
            return {
                "name": context_name(self.type, self._path()),
                "profile": self._session.attributes_profile,
                "weight": self._new_weight(),
                self._context_scope: [self.id],
            }

        return OwnContext(self._client, lambda: self._own_context, new)

    # Contents

    def insert(self, entity: Entity, *, move: bool = False) -> None:
        """Put a rack, location, device or IP manager here. What is here already, if deeper inside, stays where it is.

        ConflictError when it is elsewhere, unless `move` takes it out of there.
        """
        self.refresh()
        entity.refresh()
        if self in (entity.places() if not move else [entity.place]):
            return
        if not move:
            check_elsewhere(entity, self)
        entity.put(self)

    def remove(self, entity: Entity) -> None:
        """Take out what is directly here; it is then in the place around this one, if any."""
        self.refresh()
        entity.refresh()
        check_directly_in(entity, self)
        entity.put(self.place)

    def __contains__(self, entity: object) -> bool:
        """Whether it is here, directly or deeper inside."""
        return is_in(entity, self)

    def obstacles(self) -> list[str]:
        inside = self._contents()
        return [f"in it are {shown(e.label for e in inside)}"] if inside else []

    def _delete(self) -> None:
        """Delete its own context first: without its place it would hold for every device."""
        context = self._own_context
        if context is not None:
            self._client.delete(CONTEXTS, context["id"])
        try:
            super()._delete()
        except RefusedError:
            if context is not None:
                self.replace_document(context["data"])
            raise

    def _rename(self, name: str) -> None:
        before = self.name
        super()._rename(name)
        try:
            self._name_contexts()
        except RefusedError:
            super()._rename(before)
            raise

    @abstractmethod
    def _inside(self) -> list[Location]:
        """All locations here, at any depth."""

    def _name_contexts(self) -> None:
        """Call its own context, and those of all locations inside, by where these are now: each name is there once."""
        paths = {(self.object_type, self.id): self._path()}
        for one in sorted(self._inside(), key=lambda location: int(location.record["_depth"])):
            parent = one.record["parent"]
            outer = (Location.object_type, parent["id"]) if parent else (Datacenter.object_type, self.id)
            paths[one.object_type, one.id] = f"{paths[outer]}/{one.name}"
        fields = [field for field in READ["contexts"] if field != "data"]
        contexts = self._client.list(CONTEXTS, profile_id=self._session.attributes_profile, fields=fields)
        named = {record["id"]: record["name"] for record in contexts}
        kinds: dict[str, type[Place]] = {"sites": Datacenter, "locations": Location}
        changes = []
        for (scope, id_), context in own_contexts(contexts).items():
            kind = kinds[scope]
            if path := paths.get((kind.object_type, id_)):
                name = context_name(kind.clusto_type(), path)
                changes += [{"id": context, "name": name}] if named[context] != name else []
        self._client.update_many(CONTEXTS, changes)

    def describe(self) -> dict[str, Any]:
        self.refresh()
        return {
            **super().describe(),
            **self._description_of_place(),
            "contents": sorted(e.reference for e in self._contents()),
        }


class Datacenter(Place):
    """A site."""

    object_type = "dcim.site"
    endpoint = "dcim/sites"
    _clusto_type = "datacenter"
    _context_scope = "sites"

    def __init__(
        self, name: str, *, attributes: Mapping[str, Any] | None = None, session: Session | None = None
    ) -> None:
        self._begin(name, session)
        self._refuse_taken(name)
        slug = ascii_slug_of(name)
        taken = {site["slug"] for site in self._client.list(self.endpoint, slug=slug)} if slug else ()
        body = {"name": name, "slug": unlike(slug, name, taken), "custom_fields": {"clusto_driver": self._driver_name}}
        self.record = self._client.create(self.endpoint, body)
        self._begin_attributes(attributes)

    @property
    def place(self) -> None:
        return None

    @property
    def datacenter_name(self) -> str | None:
        return None if self.record["slug"] == UNPLACED else self.name

    @property
    def reading(self) -> Reference:
        return Reference(self.name, self.type)

    def _new_weight(self) -> int:
        return Weight.DATACENTER

    def scope(self, world: World) -> Scope:
        return world.site(self.record)

    def _path(self) -> str:
        return self.name

    def _inside(self) -> list[Location]:
        return locations(self._session, site_id=self.id)

    def target(self) -> dict[str, Any]:
        return {"site": self.id, "location": None}

    def _contents(self) -> list[Entity]:
        here = {"site_id": self.id}
        return self._session.entities(
            {
                "dcim.location": Query("dcim/locations", {**here, "parent_id": "null"}),
                "dcim.rack": Query("dcim/racks", {**here, "location_id": "null"}),
                "dcim.device": _devices({**here, "location_id": "null"}),
                "virtualization.virtualmachine": Query("virtualization/virtual-machines", here),
                "ipam.prefix": Query("ipam/prefixes", {"scope_type": self.object_type, "scope_id": self.id}),
            }
        )

    # The people there

    def remote_hands(
        self,
        message: str,
        priority: str = "low",
        **options: Any,  # noqa: ARG002 - for drivers: how to reach the people
    ) -> Mapping[str, Any] | None:
        """Ask the people on site for something, and tell how. Drivers of datacenters that have such people override it.

        InvalidError for one that has none.
        """
        raise InvalidError(
            f"{self.label} cannot be asked for remote hands ({message!r}, {priority!r}): its driver is"
            f" {self.record['custom_fields'].get('clusto_driver') or self.driver!r}; expected equinixdatacenter, or one"
            " of your own whose file is in drivers_path"
        )

    def rehearse_remote_hands(self, message: str, priority: str = "low", **options: Any) -> Mapping[str, Any]:
        """Tell what `remote_hands` would do, as far as that can be told without doing it; its errors, too."""
        if type(self).remote_hands is Datacenter.remote_hands:
            self.remote_hands(message, priority, **options)
        return {}


class BasicDatacenter(Datacenter):
    """clusto's own name of the plain datacenter."""


def _devices(where: Mapping[str, Any]) -> Query:
    """Those that are in no rack."""
    return registry.kind("dcim.device").ask(**where, rack_id="null")


def datacenter_of(session: Session, record: Record) -> Datacenter | None:
    """Find the datacenter of a record with a site; None for what is in none yet."""
    if record["site"] is None or record["site"]["slug"] == UNPLACED:
        return None
    return Datacenter.from_record(session, session.client.get(Datacenter.endpoint, record["site"]["id"]).record)


class Location(Place):
    """A part of a datacenter, in it or in another location of it."""

    object_type = "dcim.location"
    endpoint = "dcim/locations"
    _clusto_type = "location"
    _named_by_datacenter = True
    _context_scope = "locations"

    def __init__(
        self,
        name: str,
        *,
        datacenter: Datacenter | None = None,
        parent: Location | None = None,
        attributes: Mapping[str, Any] | None = None,
        session: Session | None = None,
    ) -> None:
        self._begin(name, session)
        place = around(f"location {name!r}", datacenter, parent)
        self._refuse_taken(name, place.datacenter_name if place else None)
        site = target(self._session, place)["site"]
        slug = ascii_slug_of(name)
        known = self._client.list(self.endpoint, slug=slug, site_id=site) if slug else []
        self.record = self._client.create(
            self.endpoint,
            {
                "name": name,
                "slug": unlike(slug, name, {location["slug"] for location in known}),
                "site": site,
                "parent": parent.id if parent else None,
                "custom_fields": {"clusto_driver": self._driver_name},
            },
        )
        self._begin_attributes(attributes)

    @property
    def place(self) -> Place | None:
        """The location around it, else the datacenter."""
        if parent := self.record["parent"]:
            return Location.from_record(self._session, self._client.get(self.endpoint, parent["id"]).record)
        return datacenter_of(self._session, self.record)

    def _new_weight(self) -> int:
        self.refresh()  # what is around it may have moved since it was read
        return Weight.location(self.record["_depth"])

    def scope(self, world: World) -> Scope:
        return world.location(self.record)

    def _path(self) -> str:
        return "/".join([e.name for e in reversed(self.places())] + [self.name])

    def target(self) -> dict[str, Any]:
        return {"site": self.record["site"]["id"], "location": self.id}

    def _inside(self) -> list[Location]:
        return locations(self._session, ancestor_id=self.id)

    def check_move(self, place: Entity | None, name: str | None = None) -> None:
        """ExistsError when it (then called `name`), or what goes along, has a namesake where it is to be put."""
        if place is not None and self in (place, *place.places()):
            raise ConflictError(f"{self.label} cannot go into {place.label}: that would be inside itself")
        within = {"location_id": self.id}
        along = {
            "dcim.location": Query(self.endpoint, {"ancestor_id": self.id}),
            **{type_: registry.kind(type_).ask(**within) for type_ in ("dcim.rack", "dcim.device")},
        }
        site = target(self._session, place)["site"]
        check_namesakes(self._session, self, place, site=site, along=along, name=name)

    def put(self, place: Entity | None) -> None:
        """Into a datacenter or another location. NetBox takes along what is inside; our default weights go with it.

        ExistsError when that or what is inside has a namesake there.
        """
        self.check_move(place)
        there = target(self._session, place)
        depth = place.record["_depth"] + 1 if isinstance(place, Location) else 0
        undo = [
            (CONTEXTS, one["id"], {"weight": one["weight"]}) for one in self._reweigh(depth - self.record["_depth"])
        ]
        try:
            for step in self._steps(there["site"], there["location"]):
                before = {field: (self.record[field] or {}).get("id") for field in step}
                self.update(step)
                undo.append((self.endpoint, self.id, before))
            self._name_contexts()
        except RefusedError:
            for endpoint, id_, before in reversed(undo):
                self._client.update(endpoint, id_, before)
            self.refresh()
            raise

    def _steps(self, site: int, parent: int | None) -> list[dict[str, int | None]]:
        """Out of the parent, into the other site, into the new parent: one at a time.

        NetBox (4.7.3) forgets racks and devices inside when parent and site change in one request.
        """
        if site == self.record["site"]["id"]:
            return [{"parent": parent}]
        out: list[dict[str, int | None]] = [{"parent": None}] if self.record["parent"] else []
        into: list[dict[str, int | None]] = [{"parent": parent}] if parent else []
        return [*out, {"site": site}, *into]

    def _reweigh(self, deeper: int) -> list[Record]:
        """Give own contexts of this and all locations inside the default weight of their new depth; the old records.

        Comes before the move itself: interrupted between the two, a repeat finds them right already.
        """
        if not deeper:
            return []
        changed = []
        for location in [*self._client.list(self.endpoint, ancestor_id=self.id), self.record]:
            depth = location["_depth"]
            context = own_context(self._session, self._context_scope, location["id"])
            if context and context["weight"] == Weight.location(depth):
                self._client.update(CONTEXTS, context["id"], {"weight": Weight.location(depth + deeper)})
                changed.append(context)
        return changed

    def _contents(self) -> list[Entity]:
        found = self._session.entities(
            {
                "dcim.location": Query("dcim/locations", {"parent_id": self.id}),
                "dcim.rack": Query("dcim/racks", {"location_id": self.id}),
                "dcim.device": _devices({"location_id": self.id}),
                "ipam.prefix": Query("ipam/prefixes", {"scope_type": self.object_type, "scope_id": self.id}),
            }
        )
        # NetBox's filters take what is deeper inside along.
        return [e for e in found if e.place == self]


def locations(session: Session, **where: int) -> list[Location]:
    return [Location.from_record(session, record) for record in session.client.list(Location.endpoint, **where)]


def place_of(session: Session, record: Record) -> Place | None:
    """The location or datacenter that a record with these fields is directly in."""
    if record["location"] is None:
        return datacenter_of(session, record)
    return Location.from_record(session, session.client.get(Location.endpoint, record["location"]["id"]).record)


def around(what: str, datacenter: Datacenter | None, location: Location | None) -> Place | None:
    """The more exact of the two; InvalidError when the location is not in the datacenter. `what` is to be put there."""
    if location:
        location.refresh()  # it may have moved to another datacenter since it was read
    if location and datacenter and datacenter not in location.places():
        raise InvalidError(f"{what}: {location.label} is not in {datacenter.label}")
    return location or datacenter


def target(session: Session, place: Entity | None) -> dict[str, Any]:
    """The fields that put a rack or device directly into a place; None is no datacenter."""
    if place is None:
        return {"site": session.unplaced(), "location": None}
    if not isinstance(place, Place):
        raise InvalidError(f"{place.label} is no datacenter or location")
    return place.target()


class Zone(Location):
    pass


class BasicZone(Zone):
    """clusto's own name of the plain zone."""


class Cage(Location):
    pass


class BasicCage(Cage):
    """clusto's own name of the plain cage."""


class Row(Location):
    pass
