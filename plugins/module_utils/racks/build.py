# SPDX-License-Identifier: BSD-2-Clause
"""The devices of a rack, their cables and its servers, as they should be: one list, written in bulk."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

from ..core.errors import BatchError, NotFoundError
from ..core.layouts import End, Slot, SlotPort
from ..core.sequences import Member
from ..drivers import Device, Server
from ..drivers.ports import Port
from ..ensure.batch import Step, each
from ..ensure.servers.targets import Target
from ..ensure.servers.task import DevicesTask
from ..ensure.task import State
from .arrivals import Arrival, Guest
from .switches import VLAN, Switches
from .wishes import SERVER, Options

if TYPE_CHECKING:
    from .factory import RackFactory

SERVERS = "servers"
"""What messages call the arrivals."""


@dataclass(kw_only=True)
class BuildRack(DevicesTask):
    """`with_devices` is the rack's own devices and their cables; without, they must be there for the servers.

    describe: whether its result has `entities`.
    """

    option = "devices"

    factory: RackFactory
    arrivals: Sequence[Arrival] = ()
    with_devices: bool = True
    describe: bool = True

    _items: list[Options] = field(default_factory=list, init=False)
    _guests: list[Guest] = field(default_factory=list, init=False)
    _vlans: dict[End, int] = field(default_factory=dict, init=False)

    @property
    def items(self) -> Sequence[Options]:
        return self._items

    @property
    def clusto_type(self) -> str:
        return SERVER

    @property
    def describing(self) -> bool:
        return self.describe

    # The steps

    def before(self) -> State | None:
        factory = self.factory
        self._guests, self._vlans = [], {}
        if self.arrivals:
            each(SERVERS, [one.title for one in self.arrivals], list(enumerate(self.arrivals)), self._receive)
            self._switches.look(guest.slot for guest in self._guests)
        devices = [factory.device(one) for one in factory.parsed.devices] if self.with_devices else []
        with self._telling(0):
            servers = each(SERVERS, [guest.title for guest in self._guests], self._guests, self._wish)
        self._items = devices + servers
        with self._telling(len(devices)):
            before = super().before()
        return self._with_vlans(before, {end: self._switches.vlan(end) for end in self._vlans})

    def after(self, before: State | None, /) -> State | None:
        with self._telling(self._first):
            after = super().after(before)
        return self._with_vlans(after, self._vlans)

    def apply(self, before: State | None, after: State | None, /) -> State | None:
        with self._telling(self._first):
            reached = super().apply(before, after)
        if self._vlans and self.with_devices:  # their switches were made just now
            self._read_switches().set_vlans(self._vlans)
        return self._with_vlans(reached, self._vlans)

    def beside(self) -> Sequence[Step]:
        """Before the cables come to the switch ports, for which NetBox writes them too.

        A VLAN is what the switch told, and stays recorded when the servers are taken back.
        """
        return [partial(self._switches.set_vlans, self._vlans)] if self._vlans and not self.with_devices else []

    def result(self, after: State | None, /) -> State:
        """What module `device` tells of a list; and what was made: devices, and cables. `servers` are their names."""
        new = [target for target in self._targets if not target.exists]
        links = [(target, link) for target in self._targets for link in target.links]
        return {
            **super().result(after),
            "devices": [
                {"type": t.wish.type, **{key: (t.after or {})[key] for key in ("name", "driver", "rack", "units")}}
                for t in new
            ],
            "servers": [target.title for target in self._targets[self._first :]],
            "cables": [{"a": end_of(t, link.port), "b": end_of(link.far, link.far_port)} for t, link in links],
        }

    def servers(self) -> list[Server]:
        """Those that arrived, as they are when all is done."""
        ids = [target.device.id for target in self._targets[self._first :]]
        found = {record["id"]: record for record in self.session.client.list(Device.endpoint, id=ids)}
        return [Server.from_record(self.session, found[id_]) for id_ in ids]

    # Their parts

    def slot(self, port: Member, switch: str | None = None) -> tuple[Slot, SlotPort]:
        """Find what belongs at a switch port, given by number or name, whichever of these the layout has."""
        layout = self.factory.parsed
        try:
            return layout.at(port, switch)
        except NotFoundError:
            suffix = switch or layout.switch or ""
            other = self._switches.same(suffix, port) if suffix in layout.switches else None
            if other is None or not layout.has(other, suffix):
                raise
            return layout.at(other, suffix)

    @cached_property
    def _switches(self) -> Switches:
        return self._read_switches()

    def _read_switches(self) -> Switches:
        return Switches(self.session, self.factory.wishes, self.factory.parsed.switches)

    @property
    def _first(self) -> int:
        """The index of the first server."""
        return len(self._items) - len(self._guests)

    @contextmanager
    def _telling(self, first: int) -> Iterator[None]:
        """Tell of what is refused by the arrivals, where there is nothing else in the list; else by switch ports."""
        try:
            yield
        except BatchError as error:
            refused = [
                (index, self._guests[index - first].title if index >= first else name, why)
                for index, name, why in error.refused
            ]
            if first:
                raise BatchError(self.option, refused, len(self._items)) from error
            told = [(one, name, why) for index, name, why in refused for one in self._guests[index].told]
            raise BatchError(SERVERS, told, len(self.arrivals)) from error

    def _receive(self, told: tuple[int, Arrival]) -> None:
        index, arrival = told
        slot, port = self.slot(arrival.switchport, arrival.switch)
        guest = next((guest for guest in self._guests if guest.slot is slot), None)
        if guest is None:
            guest = Guest(slot)
            self._guests.append(guest)
        guest.add(arrival, port)
        guest.told.append(index)
        if arrival.vlan is not None:
            self._vlans[port.to] = arrival.vlan

    def _wish(self, guest: Guest) -> Options:
        """Those that are plugged in already are called by their names."""
        guest.name = guest.name or self._switches.server_at(guest.slot)
        return self.factory.server(guest)

    def _with_vlans(self, state: State | None, vlans: Mapping[End, int | None]) -> State | None:
        told = {str(end): {VLAN: vlan} for end, vlan in vlans.items()}
        return {**(state or {}), "switchports": told} if told else state


def end_of(whose: Target | Device, port: Port) -> dict[str, Any]:
    name = whose.title if isinstance(whose, Target) else whose.name
    return {"entity": name, "type": port.porttype, "port": port.name}
