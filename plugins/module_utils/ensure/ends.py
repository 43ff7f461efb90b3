# SPDX-License-Identifier: BSD-2-Clause
"""Which ports of which devices are meant, however many, in few requests."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

from ..core import references
from ..core.errors import InvalidError, NotFoundError
from ..core.ports import PORT_TYPES, Component
from ..core.references import Reference
from ..drivers import Device, Session
from ..drivers.outside import TYPES, Outside, tell_panels
from ..drivers.ports import ENDPOINTS, FIELDS, Port
from ..netbox.client import Query

Wish = Mapping[str, Any]
"""One end: `entity`, port `type`, and `number` or `name`, of which the other is None."""


def told(wish: Wish) -> str:
    """How a user reads what was asked for: `sv3-001-sw1 nic-eth 13`."""
    return f"{wish['entity']} {wish['type']} {_port(wish)}"


def _port(wish: Wish) -> int | str:
    wanted: int | str | None = wish["number"] if wish["name"] is None else wish["name"]
    if wanted is None:
        raise InvalidError(f"{wish['entity']} {wish['type']}: expected number or name of the port")
    return wanted


def lacking(wish: Wish) -> Port:
    """A port that is not there, as states tell of it."""
    return Port(wish["type"], {"device": {"name": wish["entity"]}, "name": str(_port(wish))})


class Ends:
    """The devices that `wishes` name are looked up once; their ports as often as `read` is called."""

    def __init__(self, session: Session, wishes: Sequence[Wish]) -> None:
        self._session = session
        self._wishes = wishes
        self._found: dict[str, Device] = {}
        self._outside: Outside | None = None

    def read(self) -> None:
        """Read the ports of all that is named, one request for each component that is asked for."""
        wanted: dict[Component, set[int]] = defaultdict(set)
        for wish in self._wishes:
            if wish["type"] not in TYPES and (device := self._named(wish["entity"])):
                for component in _components(wish["type"]):
                    wanted[component].add(device.id)
        found = self._session.client.fetch(
            {c: Query(ENDPOINTS[c], {"device_id": sorted(ids), "fields": FIELDS}) for c, ids in wanted.items()}
        )
        tell_panels(self._session.client, [record for records in found.values() for record in records])
        outside = [(w["type"], w["entity"], str(_port(w))) for w in self._wishes if w["type"] in TYPES]
        self._outside = Outside(self._session.client, outside) if outside else None
        for device in self._devices:
            device.known_ports = {
                component: [record for record in records if record["device"]["id"] == device.id]
                for component, records in found.items()
            }

    def port(self, wish: Wish) -> Port:
        """NotFoundError, AmbiguousError for the device; InvalidError, NotFoundError for the port."""
        if self._outside and wish["type"] in TYPES:
            return self._outside.port(wish["type"], wish["entity"], str(_port(wish)))
        device = self._device(wish["entity"])
        return device.port(wish["type"], _port(wish))

    @cached_property
    def _types(self) -> Collection[str]:
        """What may stand before the colon of a reference."""
        return self._session.types if any(":" in wish["entity"] for wish in self._wishes) else ()

    @cached_property
    def _devices(self) -> list[Device]:
        """All that any reading of a reference may mean."""
        texts = {wish["entity"] for wish in self._wishes if wish["type"] not in TYPES}
        names = {r.name for text in texts if text.strip() for r in references.readings(text, self._types)}
        query = Device.ask(name=sorted(names))
        found = self._session.client.list(query.endpoint, **query.filters)
        return [Device.from_record(self._session, record) for record in found]

    def _named(self, text: str) -> Device | None:
        """The device that a reference means, if it means one; what is wrong with it is for `port` to tell."""
        try:
            return self._resolve(text)
        except (LookupError, InvalidError):
            return None

    def _resolve(self, text: str) -> Device:
        if text not in self._found:
            self._found[text] = references.resolve(text, self._types, self._among, lambda device: device.reading)
        return self._found[text]

    def _device(self, text: str) -> Device:
        try:
            return self._resolve(text)
        except NotFoundError:
            other = self._session.get_by_name(text)  # says in its own words when there is nothing of that name
            raise InvalidError(f"{other.label} has no ports that cables connect; expected a device") from None

    def _among(self, reading: Reference) -> Sequence[Device]:
        return [
            device
            for device in self._devices
            if device.record["name"] == reading.name
            and reading.type in {None, device.type}
            and reading.datacenter in {None, device.datacenter_name}
        ]


def _components(porttype: str) -> Iterable[Component]:
    """Those of a port type; none for one that there is not, of which `Ends.port` tells."""
    try:
        return PORT_TYPES.get(porttype).components
    except NotFoundError:
        return ()
