# SPDX-License-Identifier: BSD-2-Clause
"""What bears attributes: its own, and those that its containers give it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from ..core import attributes, merge
from ..core.attributes import ANY, Attribute, Relation
from ..core.errors import ConflictError, shown
from ..core.merge import Scope
from ..netbox.records import World
from ..netbox.records import attributes as own_attributes
from .documents import Document, Documents, checked

if TYPE_CHECKING:
    from .entity import Entity
    from .session import Record, Session


class Attributed(ABC):
    """One object of NetBox, as far as its attributes go."""

    _session: Session
    record: Record

    @property
    @abstractmethod
    def label(self) -> str:
        """How messages name it: `rack 'sv3-001'`."""

    @property
    @abstractmethod
    def relation(self) -> Relation:
        """What an attribute of another entity holds that points at this one."""

    @abstractmethod
    def refresh(self) -> None:
        """Read again what NetBox has; NotFoundError when it is gone."""

    @abstractmethod
    def there(self) -> AbstractContextManager[None]:
        """Let the error name this entity when it turns out to be gone."""

    # Its own document

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

    # Single ones

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

    # Those of its containers

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

    # Changing

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


def pointing(value: Any) -> Any:
    """Write an entity as the relation that points at it; clusto took entities as values."""
    return value.relation if isinstance(value, Attributed) else value


def plain(number: Any) -> Any:
    """Clusto wrote `number=False` for none."""
    return None if number is False else number
