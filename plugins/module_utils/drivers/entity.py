# SPDX-License-Identifier: BSD-2-Clause
"""What all entities have in common: a name, attributes, containers and contents."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, ClassVar, Self

from ..core import attributes, merge
from ..core.attributes import ANY, Attribute, Relation
from ..core.errors import ConflictError, ExistsError, InvalidError, NotFoundError, RefusedError
from ..core.merge import Scope
from ..core.references import Reference
from ..netbox.client import Client, Filter, Query
from ..netbox.records import World
from ..netbox.records import attributes as own_attributes
from . import registry
from .cascade import along
from .documents import Document, Documents
from .mentions import Mention
from .session import UNPLACED, Record, Session, current

LONGEST_NAME = 100
SHOWN = 5


class Entity(ABC):
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
        """What an attribute of another entity holds that points at this one."""
        return Relation(self.object_type, self.id)

    @property
    def label(self) -> str:
        """How messages name it: `rack 'sv3-001'`."""
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

    # Attributes

    @property
    @abstractmethod
    def documents(self) -> Documents:
        """Where its attributes lie in NetBox."""

    @property
    def document(self) -> Document:
        """All its own attributes as one JSON object."""
        with self.there():
            return self.documents.read()

    def replace_document(self, document: Mapping[str, Any]) -> None:
        """InvalidError for keys and values that no attribute may have."""
        new = checked(document)
        self.change_document(lambda _: new)

    def change_document(self, change: Callable[[Document], Document]) -> None:
        """Replace it by `change` of what it is at the moment of the change; `change` may be called several times."""
        with self.there():
            self.documents.change(change)

    def _begin_attributes(self, document: Mapping[str, Any] | None) -> None:
        """Give what was just made its attributes; if NetBox refuses them it is not made."""
        if document:
            try:
                self.replace_document(document)
            except RefusedError:
                self._client.delete(self.endpoint, self.id)
                raise

    def attrs(
        self,
        key: Any = ANY,
        subkey: Any = ANY,
        number: Any = ANY,
        value: Any = ANY,
        *,
        merge_container_attrs: bool = False,
    ) -> list[Attribute]:
        """Find the attributes that match all that is given; with merging also those that its containers give it."""
        document = self.merged() if merge_container_attrs else self.document
        return attributes.query(document, key=key, subkey=subkey, number=number, value=pointing(value))

    def attr_values(self, *args: Any, **kwargs: Any) -> list[Any]:
        return [attribute.value for attribute in self.attrs(*args, **kwargs)]

    def attr_value(self, *args: Any, **kwargs: Any) -> Any:
        """Find the value of the one attribute that matches, None when none does; ConflictError when several do."""
        found = self.attrs(*args, **kwargs)
        if len(found) > 1:
            raise ConflictError(f"{self.label}: expected one attribute, found {shown(map(str, found))}")
        return found[0].value if found else None

    def merged(self) -> Document:
        """Its attributes and those of all its containers, the more specific winning."""
        self.refresh()
        return self.merged_in(self._session.world())

    def merged_in(self, world: World) -> Document:
        """`merged`, of the entity as last read and out of what was read for many at once; likewise `explained_in`."""
        return dict(merge.merged(self.scope(world), world.contexts, self._local()))

    def explain(self) -> list[dict[str, Any]]:
        """Where each value of `merged` came from (`core.merge.explain`)."""
        self.refresh()
        return self.explained_in(self._session.world())

    def explained_in(self, world: World) -> list[dict[str, Any]]:
        return merge.explain(self.scope(world), world.contexts, self._local())

    @abstractmethod
    def scope(self, world: World) -> Scope:
        """What decides which containers give it attributes."""

    def _local(self) -> Document:
        """Its own attributes if its record holds them; those that a context holds are in the scope."""
        return dict(own_attributes(self.record))

    def own_document(self, world: World) -> Document:
        """`document`, out of what was read for many entities at once."""
        context = world.contexts.get(self.scope(world).own or 0)
        return dict(context.attributes) if context else self._local()

    def set_attr(self, key: str, value: Any, number: Any = None, subkey: str | None = None) -> None:
        """Replace the one value of (key, number, subkey), or make it; ConflictError when there are several.

        A value may be another entity: then the attribute points at it, also when that is renamed (`follow`).
        """
        new = pointing(value)
        self.change_document(lambda old: attributes.set_value(old, key, new, number=plain(number), subkey=subkey))

    def add_attr(self, key: str, value: Any, number: Any = None, subkey: str | None = None) -> None:
        """Add a value; `number=True` takes the key's next free number."""
        new = pointing(value)
        self.change_document(lambda old: attributes.add_value(old, key, new, number=number, subkey=subkey))

    def del_attrs(self, key: Any = ANY, subkey: Any = ANY, number: Any = ANY, value: Any = ANY) -> None:
        """Delete what matches all that is given."""
        old_value = pointing(value)
        self.change_document(lambda old: attributes.delete(old, key=key, subkey=subkey, number=number, value=old_value))

    def follow(self, *args: Any, **kwargs: Any) -> list[Entity]:
        """Find the entities that the matching attributes point at; NotFoundError when one of them is gone."""
        values = self.attr_values(*args, **kwargs)
        return [self._session.follow(value) for value in values if isinstance(value, Relation)]

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


def pointing(value: Any) -> Any:
    """Write an entity as the relation that points at it; clusto took entities as values."""
    return value.relation if isinstance(value, Entity) else value


def shown(names: Iterable[str]) -> str:
    """List a few names for a message, and say how many more there are."""
    listed = list(names)
    more = f" and {len(listed) - SHOWN} more" if len(listed) > SHOWN else ""
    return ", ".join(listed[:SHOWN]) + more


def plain(number: Any) -> Any:
    """Clusto wrote `number=False` for none."""
    return None if number is False else number


def checked(document: Mapping[str, Any]) -> Document:
    """Bring a document into its canonical form; InvalidError for names and values that no attribute may have."""
    found = attributes.from_document(document)
    for attribute in found:
        attributes.check_key(attribute.key)
        attributes.check_subkey(attribute.subkey)
    return attributes.to_document(found)
