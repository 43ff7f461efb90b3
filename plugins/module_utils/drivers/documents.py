# SPDX-License-Identifier: BSD-2-Clause
"""Where an entity's own attributes lie in NetBox: one JSON object, a **document**, written by compare-and-swap only.

That makes two programs that set different keys at the same time lose nothing: a write that is based on an outdated
document is refused by NetBox (ETag) and made again upon the new one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from ..core import attributes
from ..core.errors import NotFoundError, RefusedError
from ..core.merge import EMPTY, same
from ..netbox.client import Client

Document = dict[str, Any]
Change = Callable[[Document], Document]

CUSTOM_FIELD = "clusto_attributes"


class Documents(Protocol):
    def read(self) -> Document:
        """Read the document as NetBox has it now; empty when there is none."""

    def change(self, change: Change) -> None:
        """Replace the document by `change` of it. `change` may be called several times and must have no effects."""


def custom_field(record: Mapping[str, Any]) -> Document:
    """Read the document of a record that keeps it in the custom field `clusto_attributes`."""
    return dict(record["custom_fields"].get(CUSTOM_FIELD) or {})


class FieldDocument:
    """The document lies in a field of the object itself: `data` of a config context, a device's local context."""

    def __init__(self, client: Client, endpoint: str, id_: int, field: str) -> None:
        self._client, self.endpoint, self._id, self._field = client, endpoint, id_, field

    def read(self) -> Document:
        return self.of(self._client.get(self.endpoint, self._id).record)

    def change(self, change: Change) -> None:
        def step(record: Mapping[str, Any]) -> Mapping[str, Any] | None:
            old = self.of(record)
            new = change(old)
            return None if same(new, old) else self.body(new, record)

        self._client.compare_and_swap(self.endpoint, self._id, step)

    def of(self, record: Mapping[str, Any]) -> Document:
        """Read the document of a record of the object."""
        return dict(record[self._field] or {})

    def body(self, document: Document, record: Mapping[str, Any]) -> Mapping[str, Any]:  # noqa: ARG002 - of some
        """What writes the document, into the object as it is in `record`."""
        return {self._field: document}


class CustomFieldDocument(FieldDocument):
    """The document lies in the custom field: racks, prefixes and ports, which have no context of their own."""

    def __init__(self, client: Client, endpoint: str, id_: int) -> None:
        super().__init__(client, endpoint, id_, CUSTOM_FIELD)

    def of(self, record: Mapping[str, Any]) -> Document:
        return custom_field(record)

    def body(self, document: Document, record: Mapping[str, Any]) -> Mapping[str, Any]:  # noqa: ARG002 - of some
        return {"custom_fields": {CUSTOM_FIELD: document or None}}


CONTEXTS = "extras/config-contexts"


def context_data(document: Mapping[str, Any]) -> Document:
    """Give a document the form that a config context can hold."""
    return dict(document) or {EMPTY: True}


def without_mark(data: Mapping[str, Any]) -> Document:
    """Read the document in the data of a config context."""
    return {key: value for key, value in data.items() if key != EMPTY}


class ContextData(FieldDocument):
    """The document is the data of a config context."""

    def __init__(self, client: Client, id_: int) -> None:
        super().__init__(client, CONTEXTS, id_, "data")

    def of(self, record: Mapping[str, Any]) -> Document:
        return without_mark(record["data"])

    def body(self, document: Document, record: Mapping[str, Any]) -> Mapping[str, Any]:  # noqa: ARG002 - of some
        return {"data": context_data(document)}


class NestedDocument(FieldDocument):
    """The document is a part of the data of a config context, which holds other things too: `attributes`."""

    def __init__(self, client: Client, id_: int) -> None:
        super().__init__(client, CONTEXTS, id_, "data")

    def of(self, record: Mapping[str, Any]) -> Document:
        return dict((record["data"] or {}).get("attributes") or {})

    def body(self, document: Document, record: Mapping[str, Any]) -> Mapping[str, Any]:
        return {"data": {**record["data"], "attributes": document}}


class OwnContext:
    """The document lies in the config context that is assigned to this site or location and to nothing else.

    `find` finds it now. It is made with the first attribute, as `make` says.
    """

    def __init__(
        self, client: Client, find: Callable[[], Mapping[str, Any] | None], make: Callable[[], Mapping[str, Any]]
    ) -> None:
        self._client, self._find, self._make = client, find, make

    def read(self) -> Document:
        context = self._find()
        return without_mark(context["data"]) if context else {}

    def change(self, change: Change) -> None:
        context = self._find()
        if context is None:
            data = change({})
            if not data:
                return
            try:
                self._client.create(CONTEXTS, {**self._make(), "data": data})
            except RefusedError:
                # Another writer may have made it in the meantime: then go on with theirs.
                context = self._find()
                if context is None:
                    raise
            else:
                return
        try:
            ContextData(self._client, context["id"]).change(change)
        except NotFoundError:  # somebody deleted the context since it was found, and with it all that was in it
            self.change(change)


def checked(document: Mapping[str, Any]) -> Document:
    """Bring a document into its canonical form; InvalidError for names and values that no attribute may have."""
    found = attributes.from_document(document)
    for attribute in found:
        attributes.check_key(attribute.key)
        attributes.check_subkey(attribute.subkey)
    return attributes.to_document(found)
