# SPDX-License-Identifier: BSD-2-Clause
"""What all entities have in common besides attributes: a name, containers and contents, an end."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, ClassVar, Self

from ..core import attributes
from ..core.attributes import ANY, Relation
from ..core.errors import ConflictError, ExistsError, InvalidError, NotFoundError, RefusedError, shown
from ..core.references import Reference
from ..netbox.client import Client, Filter, Query
from . import registry
from .attributed import Attributed
from .cascade import along
from .mentions import Mention
from .session import UNPLACED, Record, Session, current

LONGEST_NAME = 100


class Entity(Attributed):
    """One object of NetBox as clusto sees it.

    Drivers are subclasses; they say with `_driver_name` what NetBox calls them, else their class name in lower case.
    """

    object_type: ClassVar[str]
    """NetBox's name of the object type, such as `dcim.rack`; a class that sets it is a kind of its own."""
    endpoint: ClassVar[str]
    _clusto_type: ClassVar[str]
    _driver_name: ClassVar[str]
    _longest_name: ClassVar[int] = LONGEST_NAME
    bears_tags: ClassVar[bool] = True
    """Whether pools mark it as theirs by their tag."""

    _named_by_datacenter: ClassVar[bool] = False
    """Whether entities in different datacenters may have one name: `DATACENTER/NAME` tells them apart."""

    _session: Session
    record: Record

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "_driver_name" not in cls.__dict__:
            cls._driver_name = cls.__name__.lower()
        if hasattr(cls, "object_type"):
            registry.register(cls)

    # Finding and making

    @classmethod
    def from_record(cls, session: Session, record: Record) -> Self:
        """Make the entity that `record` is, in the class of its driver if that is one of `cls`."""
        entity = cls._class_of(record)
        made = object.__new__(entity if issubclass(entity, cls) else cls)
        made._session, made.record = session, record
        return made

    @classmethod
    def get(cls, reference: str, *, session: Session | None = None) -> Self:
        """Find the entity of this class that the reference means; NotFoundError, AmbiguousError."""
        return (session or current()).get(cls, reference)

    @classmethod
    def may_be(cls, type_: str | None) -> bool:
        """Whether an entity of this kind can have the clusto type."""
        return type_ is None or type_ == cls._clusto_type

    @classmethod
    def clusto_type(cls) -> str:
        return cls._clusto_type

    @classmethod
    def clusto_types(cls) -> Iterable[str]:
        """The types that an entity of this kind has, but for those that others make."""
        return [cls._clusto_type]

    @classmethod
    def driver_name(cls) -> str:
        return cls._driver_name

    @classmethod
    def ask(cls, **filters: Filter) -> Query:
        """The question to NetBox for records of this kind."""
        return Query(cls.endpoint, filters)

    @classmethod
    def query(cls, name: str) -> Query:
        """The question whose answer holds all entities of this kind and name."""
        return cls.ask(name=name)

    @classmethod
    def with_attributes(cls) -> Query:
        """The question whose answer holds all entities of this kind that have attributes of their own."""
        return cls.ask()

    @classmethod
    def alike(cls, names: Sequence[str]) -> Query:
        """The question whose answer holds all entities of this kind with one of these names, in whichever case."""
        return cls.ask(name__ie=names)

    @classmethod
    def is_entity(cls, record: Record) -> bool:  # noqa: ARG003 - for kinds of which clusto knows some only
        """Whether a record of this object type is an entity of clusto."""
        return True

    @classmethod
    def is_named(cls, record: Record, name: str) -> bool:
        """Whether a record that `query` found is an entity of that very name."""
        return bool(record["name"] == name) and cls.is_entity(record)

    @classmethod
    def _class_of(cls, record: Record) -> type[Entity]:
        return registry.driver_class(cls.object_type, (record.get("custom_fields") or {}).get("clusto_driver") or "")

    def _begin(self, name: str, session: Session | None) -> None:
        self._session = session or current()
        self.check_name(name)

    @classmethod
    def check_name(cls, name: str) -> None:
        """Refuse what NetBox would refuse with less to say about it, before anything is written; InvalidError."""
        if not isinstance(name, str) or not name or name != name.strip() or not name.isprintable():
            raise InvalidError(f"{cls._clusto_type} name {name!r}: expected printable text without blanks around it")
        if len(name) > cls._longest_name:
            raise InvalidError(
                f"{cls._clusto_type} name {name!r} has {len(name)} characters, expected {cls._longest_name} at most"
            )

    def _refuse_taken(self, name: str, datacenter: str | None = None) -> None:
        """ExistsError when an entity of this kind has the name already; one in another datacenter than that may."""
        query = self.query(name)
        kind = registry.kind(self.object_type)
        for record in self._client.list(query.endpoint, **query.filters):
            if not kind.is_named(record, name):
                continue
            other = kind.from_record(self._session, record)
            if datacenter is None or other.datacenter_name in {None, datacenter}:
                where = f" in {other.datacenter_name}" if other.datacenter_name else ""
                raise ExistsError(
                    f"{self._clusto_type} {name!r}: the name is taken by {other.label}{where}, {other.url}"
                )

    def _begin_attributes(self, document: Mapping[str, Any] | None) -> None:
        """Give what was just made its attributes; if NetBox refuses them it is not made."""
        if document:
            try:
                self.replace_document(document)
            except RefusedError:
                self._client.delete(self.endpoint, self.id)
                raise

    # Identity

    @property
    def _client(self) -> Client:
        return self._session.client

    @property
    def id(self) -> int:
        """NetBox's, unique within its object type."""
        return int(self.record["id"])

    @property
    def name(self) -> str:
        return str(self.record["name"] or self.record["display"])

    @property
    def type(self) -> str:
        return self._clusto_type

    @property
    def driver(self) -> str:
        return self._driver_name

    @property
    def url(self) -> str:
        """The address of its page in NetBox."""
        return str(self.record["display_url"])

    @property
    def relation(self) -> Relation:
        return Relation(self.object_type, self.id)

    @property
    def label(self) -> str:
        return f"{self.type} {self.name!r}"

    @property
    def datacenter_name(self) -> str | None:
        """The datacenter that it is in; None for what is in none yet."""
        site = self.record.get("site")
        return str(site["name"]) if site and site["slug"] != UNPLACED else None

    @property
    def reading(self) -> Reference:
        return Reference(self.name, self.type, self.datacenter_name)

    @property
    def reference(self) -> str:
        """What finds this entity again and tells it from others of its name: `rack:eqix-sv3/sv3-001`."""
        return str(self.reading)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Entity) and self._identity == other._identity

    def __hash__(self) -> int:
        return hash(self._identity)

    def __repr__(self) -> str:
        return f"<{self.__class__.__name__} {self.name!r}>"

    @property
    def _identity(self) -> tuple[str, str, int]:
        return self._client.settings.api_url, self.object_type, self.id

    def refresh(self) -> None:
        """Read again what NetBox has; NotFoundError when it is gone."""
        with self.there():
            self.record = self._client.get(self.endpoint, self.id).record

    def update(self, changes: Mapping[str, Any]) -> None:
        with self.there():
            self.record = self._client.update(self.endpoint, self.id, changes)

    def swap(self, change: Callable[[Record], Mapping[str, Any] | None]) -> None:
        """Change the object by what it is at the moment of the change; `change` may raise to refuse."""
        with self.there():
            self.record = self._client.compare_and_swap(self.endpoint, self.id, change)

    @contextmanager
    def there(self) -> Iterator[None]:
        """Let the error name this entity when it turns out to be gone."""
        try:
            yield
        except NotFoundError as exc:
            raise NotFoundError(f"{self.label} is no longer in NetBox, {self.url}") from exc

    # What points at it

    def references(
        self,
        key: Any = ANY,
        subkey: Any = ANY,
        number: Any = ANY,
        *,
        clusto_types: Collection[str] | None = None,
        clusto_drivers: Collection[str] | None = None,
    ) -> list[Mention]:
        """Find the attributes of other entities (of some types and drivers) that point at this one."""
        return [
            mention
            for mention in self._session.mentions(self)
            if attributes.query(
                attributes.to_document([mention.attribute]), key=key, subkey=subkey, number=number, hidden=True
            )
            and (clusto_types is None or mention.entity.type in clusto_types)
            and (clusto_drivers is None or mention.entity.driver in clusto_drivers)
        ]

    def referencers(self, *args: Any, **kwargs: Any) -> list[Entity]:
        """Find the entities to which those attributes belong."""
        return list(dict.fromkeys(mention.entity for mention in self.references(*args, **kwargs)))

    # Containers

    @property
    def place(self) -> Entity | None:
        """What it is directly in: a rack, a location or a datacenter; None when in none."""
        return None

    def places(self) -> list[Entity]:
        """List what it is in, from its own place outwards."""
        place = self.place
        return [] if place is None else [place, *place.places()]

    def pools(self) -> list[Entity]:
        """List the pools that it is in, directly or through other pools; innermost first."""
        return self._session.pool_map().around(self._tags())

    def parents(self, *, search_parents: bool = False) -> list[Entity]:
        """List what it is directly in: pools, innermost first, then its place.

        With `search_parents` what those are in too.
        """
        return reached(self, lambda e: e.parents()) if search_parents else self._parents()

    def contents(self, *, search_children: bool = False, clusto_types: Collection[str] | None = None) -> list[Entity]:
        """List what is directly in it; with `search_children` what is in that too."""
        found = reached(self, lambda e: e.contents()) if search_children else self._contents()
        return [e for e in found if clusto_types is None or e.type in clusto_types]

    def siblings(self) -> list[Entity]:
        """Find the other entities that are in every pool that this one is directly in."""
        pools = [parent for parent in self._parents() if parent.type == "pool"]
        if not pools:
            return []
        first, *others = (self._session.contents(pool) for pool in pools)
        common = set(first).intersection(*others) - {self}
        return [e for e in first if e in common]

    def _tags(self) -> set[str]:
        self.refresh()
        return {tag["slug"] for tag in self.record["tags"]}

    def _parents(self) -> list[Entity]:
        pools = self._session.pool_map()
        direct = pools.entities(pool.slug for pool in pools.direct(self._tags()))
        return direct if self.place is None else [*direct, self.place]

    def _contents(self) -> list[Entity]:
        return []

    def put(self, place: Entity | None) -> None:
        """Make this its place, in one write; `None` is nowhere."""
        raise InvalidError(f"{self.label} cannot be put into {place.label if place else 'nowhere'}")

    # Change and end

    def rename(self, name: str) -> None:
        """ExistsError when another of the same kind has the name."""
        self.check_rename(name)
        if name != self.name:
            self._rename(name)

    def check_rename(self, name: str) -> None:
        """Raise what renaming it would raise."""
        self.check_name(name)
        if name != self.name:
            self._refuse_taken(name, self.datacenter_name if self._named_by_datacenter else None)

    def _rename(self, name: str) -> None:
        self.update({"name": name})

    def obstacles(self) -> list[str]:
        """Say what must be cleared away before it can be deleted, as sentences."""
        return []

    def losses(self) -> list[str]:
        """Say what would go, or come loose, with it, as sentences."""
        found = self._session.mentions(self)
        pointing = [f"these attributes would point at nothing: {shown(map(str, found))}"] if found else []
        return [*pointing, *self._losses_along()]

    def _losses_along(self) -> Iterator[str]:
        for words, names in along(self._session, self.object_type, self.id):
            if names is None:
                yield f"{words} of it would be deleted with it; the token may not see whether there are any"
            elif names:
                yield f"these {words} would be deleted with it: {shown(names)}"

    def consequences(self) -> dict[str, list[str]]:
        """Name what its deletion brings about: `obstacles` and `losses`."""
        return {"obstacles": self.obstacles(), "losses": self.losses()}

    def delete(self, *, cascade: bool = False) -> None:
        """ConflictError, naming them, while there are obstacles, or losses that `cascade` does not accept."""
        if found := self.obstacles():
            raise ConflictError(f"{self.label} cannot be deleted: {'; '.join(found)}")
        if not cascade and (found := self.losses()):
            raise ConflictError(f"{self.label} is not deleted, for this would go with it (cascade): {'; '.join(found)}")
        self._delete()

    def _delete(self) -> None:
        with self.there():
            self._client.delete(self.endpoint, self.id)

    def describe(self) -> dict[str, Any]:
        """Everything about it as plain JSON; the keys of a kind are always the same."""
        return {
            "name": self.name,
            "type": self.type,
            "driver": self.driver,
            "url": self.url,
            "pools": [pool.name for pool in self.pools()],
            "attributes": self.document,
        }

    def _description_of_place(self) -> dict[str, Any]:
        """Where it is: `locations` from the outermost inwards."""
        places = self.places()
        return {
            "datacenter": self.datacenter_name,
            "locations": [place.name for place in reversed(places) if place.type == "location"],
        }


def reached(start: Entity, step: Callable[[Entity], Iterable[Entity]]) -> list[Entity]:
    """All that `step`, repeated, leads to: the nearest first, each once, `start` left out."""
    found: list[Entity] = []
    edge = [start]
    seen = {start}
    while edge:
        edge = [e for here in edge for e in step(here)]
        edge = [e for e in dict.fromkeys(edge) if e not in seen]
        seen.update(edge)
        found += edge
    return found
