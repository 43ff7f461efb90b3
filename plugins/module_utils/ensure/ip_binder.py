# SPDX-License-Identifier: BSD-2-Clause
"""Addresses that are to be bound, and how they are: missing interfaces first, then the addresses of each IP manager."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from typing import Any

from ..core.addresses import IPAddress
from ..drivers import Device, IPManager, Session
from ..drivers.host import Host, binding
from ..drivers.ports import ENDPOINTS, IPMI, Port
from ..drivers.session import Record
from ..drivers.subnet import ADDRESSES
from .batch import all_or_none, progress
from .links import chunks


@dataclass(frozen=True)
class Wish:
    """One binding that is asked for."""

    index: int
    entity: str
    ip: IPAddress | None
    ip_manager: str | None
    osport: str | None
    vrf: str | None


@dataclass(eq=False)
class Meant:
    """What a wish comes to: an address on an interface of a host."""

    wish: Wish
    host: Host
    manager: IPManager
    osport: str
    port: Port | None
    """None for one that is to be made."""
    ip: IPAddress | None
    """None for one that is to be chosen, until it is forecast."""
    record: Record | None = None
    """The address, once it is bound."""

    @property
    def binding(self) -> dict[str, str]:
        if self.record is not None:
            return binding(self.record)
        return {"ip": str(self.ip), "osport": self.osport, **({"vrf": self.manager.vrf} if self.manager.vrf else {})}


@dataclass(frozen=True)
class Binder:
    session: Session
    new: Mapping[IPManager, Sequence[Meant]]
    there: set[int]
    """Ids of addresses that NetBox had before; they are not deleted when all is taken back."""
    blaming: Callable[[Sequence[Meant]], AbstractContextManager[None]]
    """Turns what NetBox refuses of a request into errors of those that asked for it."""

    @property
    def _all(self) -> list[Meant]:
        return [meant for of_one in self.new.values() for meant in of_one]

    def run(self) -> None:
        """Bind all or none. Interrupted, a repeat finds the addresses that are bound, and binds the rest."""
        with all_or_none() as undo:
            for endpoint, made in self._make_interfaces():
                undo(partial(self.session.client.delete_many, endpoint, made))
            for manager, new in self.new.items():
                progress(f"binding {len(new)} addresses of {manager.name}", len(self._all))
                undo(partial(self._take_back, self._take(manager, new)))
            self._note_oob()

    def _make_interfaces(self) -> Iterator[tuple[str, list[int]]]:
        """Make those that are missing, many in one request; yields their ids."""
        wanted = {(meant.host, meant.osport): meant for meant in self._all if meant.port is None}
        kinds: dict[str, list[tuple[Meant, Mapping[str, Any]]]] = defaultdict(list)
        for meant in wanted.values():
            component, body = meant.host.new_interface(meant.osport)
            kinds[component].append((meant, body))
        for component, new in ((component, some) for component, group in kinds.items() for some in chunks(group)):
            with self.blaming([meant for meant, _ in new]):
                made = self.session.client.create(ENDPOINTS[component], [body for _, body in new])
            yield ENDPOINTS[component], [record["id"] for record in made]
            ports = {(m.host, m.osport): Port(component, r) for (m, _), r in zip(new, made, strict=True)}
            for meant in self._all:
                meant.port = meant.port or ports.get((meant.host, meant.osport))

    def _take(self, manager: IPManager, new: Sequence[Meant]) -> list[Record]:
        bodies = [
            {
                **({"address": str(meant.ip)} if meant.wish.ip else {}),
                "assigned_object_type": port.object_type,
                "assigned_object_id": port.id,
            }
            for meant in new
            if (port := meant.port)
        ]
        with self.blaming(new):
            taken = manager.take_many(bodies)
        for meant, record in zip(new, taken, strict=True):
            meant.record = record
        return taken

    def _take_back(self, records: Sequence[Record]) -> None:
        """Delete what was made; what was there before, bound to nothing, is that again."""
        nothing = {"assigned_object_type": None, "assigned_object_id": None}
        client = self.session.client
        client.delete_many(ADDRESSES, [record["id"] for record in records if record["id"] not in self.there])
        client.update_many(ADDRESSES, [{"id": r["id"], **nothing} for r in records if r["id"] in self.there])

    def _note_oob(self) -> None:
        """The address of a management card is the device's OOB address."""
        cards = {m.host.id: m.record for m in self._all if m.osport == IPMI and isinstance(m.host, Device)}
        self.session.client.update_many(
            Device.endpoint, [{"id": number, "oob_ip": record["id"]} for number, record in cards.items() if record]
        )
