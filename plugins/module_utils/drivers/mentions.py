# SPDX-License-Identifier: BSD-2-Clause
"""Which attributes of which entities, and of their ports, point at an entity.

NetBox is asked for what may hold a relation only: where attributes lie in a custom field GraphQL finds those whose text
has one, else their fields are read alone.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Final, NamedTuple

from ..core import attributes
from ..core.attributes import RELATION, Attribute, Relation
from ..netbox.client import Client, Filter, Query
from ..netbox.records import FIELDS as READ
from ..netbox.records import own_contexts
from . import registry
from .documents import CONTEXTS, CUSTOM_FIELD, Document, FieldDocument, custom_field, without_mark
from .graph import Found, matching
from .port import ENDPOINTS, FIELDS, VM_INTERFACE, Port

if TYPE_CHECKING:
    from .entity import Entity
    from .session import Record, Session

CONTEXT: Final = "extras.configcontext"
HOSTS: Final = ("dcim.device", "virtualization.virtualmachine")
PLACES: Final = {"sites": "dcim.site", "locations": "dcim.location"}
"""What a context is assigned to that holds the attributes of a place -> its object type."""
PORTS: Final = [component for component in ENDPOINTS if component != VM_INTERFACE]
IN_FIELDS: Final = ("dcim.rack", "ipam.prefix", *PORTS)
"""Where attributes lie in a custom field."""


class Mention(NamedTuple):
    """An attribute whose value is a relation, and whose it is: the entity's own, or one of its ports'."""

    entity: Entity
    attribute: Attribute
    port: Port | None = None

    def __str__(self) -> str:
        place = attributes.place(self.attribute.key, self.attribute.number, self.attribute.subkey)
        return f"{place} of {self.port.title if self.port else self.entity.label}"


def mentions(session: Session, of: Entity | None) -> list[Mention]:
    """Find the attributes that point at `of`, or at anything. Hidden ones count."""
    return [
        Mention(entity, attribute, port)
        for entity, document, port in _documents(session, RELATION if of is None else str(of.relation))
        for attribute in attributes.from_document(document)
        if isinstance(attribute.value, Relation) and (of is None or attribute.value == of.relation)
    ]


def _documents(session: Session, text: str) -> Iterator[tuple[Entity, Document, Port | None]]:
    """Find all that hold the text: whose document it is, and at which port."""
    client = session.client
    local: Mapping[str, Filter] = {"local_context_data": True, "fields": ("id", "local_context_data")}
    found = client.fetch(
        {
            CONTEXT: Query(CONTEXTS, {"fields": READ["contexts"]}),
            **{type_: Query(registry.kind(type_).endpoint, local) for type_ in HOSTS},
        }
    )
    holding = {type_: _ids(found[type_], "local_context_data", text) for type_ in HOSTS}
    holding |= _in_fields(client, text)
    ports = _ports(client, holding)
    holding["dcim.device"] += [port.record["device"]["id"] for port in ports]
    holding[CONTEXT] = _ids(found[CONTEXT], "data", text)
    of_places = _of_places(found[CONTEXT], text)
    for type_, id_ in of_places:
        holding.setdefault(type_, []).append(id_)
    asked = {type_: registry.kind(type_).ask(id=sorted({*ids})) for type_, ids in holding.items() if ids}
    entities = {(entity.object_type, entity.id): entity for entity in session.entities(asked)}
    for key, entity in entities.items():
        lies = entity.documents
        yield entity, lies.of(entity.record) if isinstance(lies, FieldDocument) else of_places[key], None
    for port in ports:
        if owner := entities.get(("dcim.device", port.record["device"]["id"])):
            yield owner, custom_field(port.record), port


def _of_places(contexts: Iterable[Record], text: str) -> dict[tuple[str, int], Document]:
    """(object type, id) of a place -> its attributes, if they hold the text."""
    listed = list(contexts)
    data = {record["id"]: record["data"] for record in listed}
    holding = {*_ids(listed, "data", text)}
    own = own_contexts(listed).items()
    return {(PLACES[scope], id_): without_mark(data[one]) for (scope, id_), one in own if one in holding}


def _ids(records: Iterable[Record], field: str, text: str) -> list[int]:
    return [record["id"] for record in records if text in json.dumps(record[field])]


def _ports(client: Client, holding: Found) -> list[Port]:
    """Read the ports among those that hold the text, and take them out."""
    ids = {component: holding.pop(component) for component in PORTS}
    asked = {one: Query(ENDPOINTS[one], {"id": ids[one], "fields": FIELDS}) for one in PORTS if ids[one]}
    return [Port(component, record) for component, records in client.fetch(asked).items() for record in records]


def _in_fields(client: Client, text: str) -> Found:
    """Let NetBox look for the text in custom fields' JSON; where its GraphQL is switched off all have to be read."""
    search = f'custom_field_data: {{path: "{CUSTOM_FIELD}", lookup: {{string_lookup: {{i_contains: $value}}}}}}'
    found = matching(client, dict.fromkeys(IN_FIELDS, search), "String!", text)
    if found is not None:
        return found
    kinds = {type_: ENDPOINTS.get(type_) or registry.kind(type_).endpoint for type_ in IN_FIELDS}
    asked = {type_: Query(endpoint, {"fields": ("id", "custom_fields")}) for type_, endpoint in kinds.items()}
    return {type_: _ids(records, "custom_fields", text) for type_, records in client.fetch(asked).items()}
