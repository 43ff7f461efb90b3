# SPDX-License-Identifier: BSD-2-Clause
"""The session: one NetBox, what was looked up in it once, and finding entities by name."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Self, TypeVar

from ..core import references
from ..core.errors import NotBootstrappedError, NotFoundError, RefusedError
from ..core.references import Reference
from ..netbox.client import Client, Query, Settings
from ..netbox.records import ONLY_FOR, QUERIES, World, depended_on
from . import extensions, registry
from .membership import members
from .mentions import Mention, mentions
from .pool_map import PoolMap

if TYPE_CHECKING:
    from ..core.attributes import Relation
    from .entity import Entity

Record = Mapping[str, Any]
Kind = TypeVar("Kind", bound="Entity")

SITES = "dcim/sites"
PROFILES = "extras/config-context-profiles"
UNPLACED = "unplaced"
"""Slug and name of the site for what is in no datacenter: NetBox has no rack or device without a site."""


class Session:
    """A connection to one NetBox. A context manager; the entities found or made through it live as long as it does."""

    def __init__(self, client: Client, world: World | None = None) -> None:
        """world: what decides which attributes containers give, where somebody knows it; else it is read."""
        self.client = client
        self._world = world
        self._looked_up: dict[tuple[str, str, str], Record] = {}
        self.models: dict[str, Sequence[Record]] = {}
        """Device types by slug, all of a slug."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Classes whose session it was have none afterwards; whoever uses them connects anew (`current`)."""
        self.client.close()
        if _ambient.get() is self:
            _ambient.set(None)

    def use(self) -> None:
        """Make this the session of all classes in this context (thread, task)."""
        _ambient.set(self)

    # What seldom changes, looked up once

    def look_up(self, endpoint: str, field: str, value: str) -> Record:
        """Find the one object with that value, such as a role or a device type; NotFoundError."""
        key = (endpoint, field, value)
        if key not in self._looked_up:
            record = self.client.one(endpoint, **{field: value})
            if record is None:
                what = endpoint.rpartition("/")[2].removesuffix("s").replace("-", " ")
                raise NotFoundError(f"NetBox has no {what} with {field} {value!r}")
            self._looked_up[key] = record
        return self._looked_up[key]

    def by_id(self, endpoint: str, id_: int) -> Record:
        """The object of that id."""
        key = (endpoint, "id", str(id_))
        if key not in self._looked_up:
            self._looked_up[key] = self.client.get(endpoint, id_).record
        return self._looked_up[key]

    def remember(self, endpoint: str, records: Iterable[Record]) -> None:
        """Spare `by_id` what was read for many at once."""
        self._looked_up.update({(endpoint, "id", str(record["id"])): record for record in records})

    def unknown(self, endpoint: str, ids: Iterable[int]) -> list[int]:
        """Those that are still to be read."""
        return sorted(id_ for id_ in ids if (endpoint, "id", str(id_)) not in self._looked_up)

    def remember_by(self, field: str, endpoint: str, records: Iterable[Record]) -> None:
        """Spare `look_up` what was read for many at once."""
        self._looked_up.update({(endpoint, field, str(record[field])): record for record in records})

    def profile(self, name: str) -> int:
        """Find the id of a config context profile; NotBootstrappedError. All are read at once."""
        key = (PROFILES, "name", name)
        if key not in self._looked_up:
            self.remember_by("name", PROFILES, self.client.list(PROFILES, fields=("id", "name")))
        try:
            return int(self.look_up(PROFILES, "name", name)["id"])
        except NotFoundError as exc:
            raise NotBootstrappedError(f"{exc}; run clusto.datacenter.bootstrap once") from exc

    @property
    def attributes_profile(self) -> int:
        return self.profile("clusto attributes")

    def unplaced(self) -> int:
        """Find the id of the site for what is in no datacenter; made when first needed."""
        try:
            return int(self.look_up(SITES, "slug", UNPLACED)["id"])
        except NotFoundError:
            body = {"name": UNPLACED, "slug": UNPLACED, "description": "What is in no clusto datacenter yet"}
        try:
            self.client.create(SITES, body)
        except RefusedError:
            # Somebody else made it just now; or it is another's site of that name, which the look-up does not find.
            if self.client.one(SITES, slug=UNPLACED) is None:
                raise
        return int(self.look_up(SITES, "slug", UNPLACED)["id"])

    @property
    def types(self) -> set[str]:
        """Ask what may stand before the colon of `TYPE:NAME`: people make roles while a session lives."""
        roles = {role["slug"] for role in self.client.list("dcim/device-roles", fields="slug")}
        return roles.union(*(kind.clusto_types() for kind in registry.kinds()))

    def world(self) -> World:
        """Everything that decides which attributes containers give, as it is now."""
        if self._world:
            return self._world
        found = self.client.fetch({kind: query for kind, query in QUERIES.items() if kind not in ONLY_FOR})
        more = self.client.fetch({kind: QUERIES[kind] for kind in depended_on(found["contexts"])})
        return World({**dict.fromkeys(QUERIES, ()), **found, **more})

    def pool_map(self) -> PoolMap:
        """All pools, as they are now."""
        return PoolMap(self)

    # Entities

    def members(self, slug: str) -> list[Entity]:
        """List what bears the own tag of a pool, pools left out."""
        return members(self, [slug])[slug]

    def contents(self, entity: Entity) -> Sequence[Entity]:
        """List what is directly in an entity."""
        return entity.contents()

    def mentions(self, of: Entity | None = None) -> list[Mention]:
        """List the attributes of all entities that point at that one, or at any."""
        return mentions(self, of)

    def follow(self, relation: Relation) -> Entity:
        """Find the entity that an attribute points at; NotFoundError when it is gone."""
        return self.entity_by_id(relation.object_type, relation.id)

    def entity(self, object_type: str, record: Record) -> Entity:
        """Make the entity that a record of NetBox is, in the class of its driver."""
        return registry.kind(object_type).from_record(self, record)

    def entity_by_id(self, object_type: str, id_: int) -> Entity:
        """Find the entity of a relation such as `dcim.device:12`; NotFoundError when it is gone."""
        kind = registry.kind(object_type)
        try:
            record = self.client.get(kind.endpoint, id_).record
        except NotFoundError as exc:
            raise NotFoundError(f"{object_type}:{id_} is no longer in NetBox") from exc
        if not kind.is_entity(record):
            raise NotFoundError(f"{object_type}:{id_} is no entity of clusto, {record['display_url']}")
        return kind.from_record(self, record)

    def entities(self, queries: Mapping[str, Query]) -> list[Entity]:
        """Read all that the queries find, asked side by side; object type -> query."""
        found = self.client.fetch(queries)
        return [
            self.entity(object_type, record)
            for object_type in queries
            for record in found[object_type]
            if registry.kind(object_type).is_entity(record)
        ]

    def find(self, reference: Reference, kinds: Collection[type[Entity]]) -> list[Entity]:
        """Find all entities of some kinds that one reading of a reference means."""
        asked = {kind.object_type: kind for kind in kinds if kind.may_be(reference.type)}
        found = self.client.fetch({type_: kind.query(reference.name) for type_, kind in asked.items()})
        return self.among(found, reference)

    def among(self, found: Mapping[str, Iterable[Record]], reference: Reference) -> list[Entity]:
        """List the entities that one reading of a reference means, of the records of each object type."""
        entities = (
            kind.from_record(self, record)
            for kind in map(registry.kind, found)
            for record in found[kind.object_type]
            if kind.is_named(record, reference.name)
        )
        return [
            entity
            for entity in entities
            if reference.type in {None, entity.type} and reference.datacenter in {None, entity.datacenter_name}
        ]

    def get_by_name(self, reference: str, *, types: Collection[str] | None = None) -> Entity:
        """Find the one entity that `reference` (`NAME`, `TYPE:NAME`, `DATACENTER/NAME`) means.

        NotFoundError; AmbiguousError with references that tell the candidates apart.
        """
        return references.resolve(
            reference,
            self.types if ":" in reference else (),
            lambda one: [e for e in self.find(one, registry.kinds()) if types is None or e.type in types],
            lambda entity: entity.reading,
        )

    def get(self, cls: type[Kind], reference: str) -> Kind:
        """Do the same among the entities of one class."""
        kind = registry.kind(cls.object_type)
        return references.resolve(
            reference,
            self.types if ":" in reference else (),
            lambda one: [e for e in self.find(one, [kind]) if isinstance(e, cls)],
            lambda entity: entity.reading,
        )


_ambient: ContextVar[Session | None] = ContextVar("clusto session", default=None)


def connect(  # noqa: PLR0913 - by keyword only but for the first two
    api_url: str | None = None,
    token: str | None = None,
    *,
    validate_certs: bool = True,
    ca_path: str | None = None,
    timeout: float = 30,
    drivers_path: Iterable[str | os.PathLike[str]] | None = None,
) -> Session:
    """Connect to NetBox, make that the session of all classes in this context (thread, task), and load users' drivers.

    What is not given comes from NETBOX_API, NETBOX_TOKEN and CLUSTO_DRIVERS_PATH (`extensions.load`); InvalidError when
    the first two are not there either.
    """
    extensions.load(drivers_path)
    if api_url is None or token is None:
        environment = Settings.from_environment()
        api_url, token = api_url or environment.api_url, token or environment.token
    settings = Settings(api_url, token, validate_certs=validate_certs, ca_path=ca_path, timeout=timeout)
    session = Session(Client(settings))
    session.use()
    return session


def current() -> Session:
    """Find the session that `connect` made in this context; without one, connect from the environment."""
    return _ambient.get() or connect()


def get_by_name(reference: str, *, types: Collection[str] | None = None, session: Session | None = None) -> Entity:
    """Call `Session.get_by_name` of the given or the ambient session."""
    return (session or current()).get_by_name(reference, types=types)
