# SPDX-License-Identifier: BSD-2-Clause
"""Addresses of servers, one or many at once: bound or free."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Any, TypeVar

from ..core import addresses
from ..core.addresses import IPAddress
from ..core.errors import ConflictError, InvalidError
from ..drivers import Device, IPManager, Session
from ..drivers.host import Host, binding
from ..drivers.ports import ENDPOINTS, IPMI, Port
from ..drivers.session import Record
from ..drivers.subnet import ADDRESSES, host_part
from ..drivers.vrf import vrf_id
from .batch import all_or_none, blaming, each, progress
from .bindings import in_order
from .hosts import Hosts, Managers, known
from .links import chunks
from .task import State

Result = TypeVar("Result")
Option = Mapping[str, Any]
Bound = Mapping[Host, Sequence["Record | Meant"]]

OPTION = "bindings"


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


@dataclass(kw_only=True)
class EnsureIPBinding:
    session: Session
    entity: str | None = None
    ip: str | None = None
    ip_manager: str | None = None
    osport: str | None = None
    vrf: str | None = None
    bindings: Sequence[Option] | None = None
    state: str = "present"

    _meant: list[Meant] = field(default_factory=list, init=False)
    """By the index of the wish."""
    _new: dict[IPManager, list[Meant]] = field(default_factory=dict, init=False)
    """Those that are not bound yet, each once, in the order of the list."""
    _freed: list[Record] = field(default_factory=list, init=False)
    _taken: Mapping[IPAddress, Sequence[Record]] = field(default_factory=dict, init=False)
    """What NetBox has of the addresses that are given."""

    @cached_property
    def _options(self) -> Sequence[Option]:
        names = ("entity", "ip", "ip_manager", "osport", "vrf")
        return [{name: getattr(self, name) for name in names}] if self.bindings is None else self.bindings

    @cached_property
    def _names(self) -> list[str]:
        """How messages call the items."""
        return [" ".join(str(o[k]) for k in ("entity", "osport", "ip", "ip_manager") if o[k]) for o in self._options]

    def _each(self, items: Sequence[Any], work: Callable[[Any], Result]) -> list[Result]:
        return list(map(work, items)) if self.bindings is None else each(OPTION, self._names, items, work)

    @cached_property
    def _wishes(self) -> list[Wish]:
        """InvalidError for what is no address, or does not say which one is meant."""
        return self._each(list(enumerate(self._options)), self._wish)

    def _wish(self, item: tuple[int, Option]) -> Wish:
        index, option = item
        if not option["ip"] and not option["ip_manager"]:
            raise InvalidError("neither ip nor ip_manager is given; expected one of them, or both")
        if self.state == "present" and not option["osport"]:
            raise InvalidError("no osport is given; expected the interface to which the address is to be bound")
        ip = addresses.ip(option["ip"]) if option["ip"] else None
        return Wish(index, option["entity"], ip, option["ip_manager"], option["osport"], option["vrf"])

    @cached_property
    def _ground(self) -> Hosts:
        return Hosts(self.session, {wish.entity for wish in self._wishes})

    @cached_property
    def _managers(self) -> Managers:
        names = {wish.ip_manager for wish in self._wishes if wish.ip_manager}
        alone = {wish.ip for wish in self._wishes if wish.ip and not wish.ip_manager}
        return Managers(self.session, names, alone if self.state == "present" else ())

    # What is

    def before(self) -> State:
        self._ground.read()
        self._hosts = self._each(self._wishes, lambda wish: self._ground.host(wish.entity))
        return self._told({host: self._ground.bound[host] for host in self._hosts})

    def _told(self, bound: Bound) -> State:
        states: dict[Host, State] = {
            host: {"ips": in_order(b.binding if isinstance(b, Meant) else binding(b) for b in of_one)}
            for host, of_one in bound.items()
        }
        if self.bindings is None:
            return states[self._hosts[0]]
        return {self._title(host): state for host, state in states.items()}

    def _title(self, host: Host) -> str:
        """Its name, unless another of the list has the same."""
        return host.reference if any(o.name == host.name and o != host for o in self._hosts) else host.name

    # What should be

    def after(self, _before: State | None, /) -> State:
        return self._without() if self.state == "absent" else self._with()

    def _without(self) -> State:
        found = self._each(self._wishes, self._bound)
        self._freed = list({record["id"]: record for of_one in found for record in of_one}.values())
        gone = {record["id"] for record in self._freed}
        return self._told({h: [r for r in self._ground.bound[h] if r["id"] not in gone] for h in self._hosts})

    def _bound(self, wish: Wish) -> list[Record]:
        """The addresses that a host has and that a wish to free some is about."""
        host = self._hosts[wish.index]
        manager = self._managers.named(wish.ip_manager) if wish.ip_manager else None
        port = self._ground.interface(host, wish.osport) if wish.osport else None
        return [
            record
            for record in self._ground.bound[host]
            if wish.ip in {None, address_of(record)}
            and (manager is None or manager.has(record))
            and (wish.osport is None or is_on(record, port))
            and (wish.vrf is None or vrf_id(record) == self._managers.vrf_id(wish.vrf))
        ]

    def _with(self) -> State:
        managers = self._each(self._wishes, self._manager)
        self._managers.look_at(managers)
        self._taken = known(self.session, {wish.ip for wish in self._wishes if wish.ip})
        drafts = [self._draft(wish, manager) for wish, manager in zip(self._wishes, managers, strict=True)]
        claims: dict[Any, Meant] = {}
        self._meant = self._each(drafts, lambda meant: self._given(meant, claims) if meant.ip else meant)
        self._count_those_there()
        self._new = {manager: [] for manager in managers}
        for meant in dict.fromkeys(self._meant):
            if meant.record is None:
                self._new[meant.manager].append(meant)
        self._forecast()
        return self._told(self._bound_then())

    def _manager(self, wish: Wish) -> IPManager:
        if wish.ip and not wish.ip_manager:
            return self._managers.of(wish.ip, wish.vrf)
        manager = self._managers.named(wish.ip_manager or "")
        if wish.vrf is not None and manager.vrf_id != self._managers.vrf_id(wish.vrf):
            wanted = f"VRF {wish.vrf!r}" if wish.vrf else "the global table"
            raise InvalidError(f"{manager.label} is {manager.here}; expected one in {wanted}")
        return manager

    def _draft(self, wish: Wish, manager: IPManager) -> Meant:
        host, osport = self._hosts[wish.index], wish.osport or ""
        port = self._ground.interface(host, osport)
        return Meant(wish, host, manager, port.name if port else osport, port, wish.ip)

    def _given(self, meant: Meant, claims: dict[Any, Meant]) -> Meant:
        """ConflictError for an address that is taken, be it by another item of the list."""
        ip, host, manager = meant.ip, meant.host, meant.manager
        manager.check_bindable(str(ip), host, self._taken.get(ip, ()) if ip else ())
        here = [r for r in self._ground.bound[host] if address_of(r) == ip and vrf_id(r) == manager.vrf_id]
        meant.record = next((r for r in here if is_on(r, meant.port)), None)
        if here and meant.record is None:
            on = here[0]["assigned_object"]["name"]
            raise ConflictError(
                f"IP address {ip} is on {on} of this {host.type}, not on {meant.osport}; free it there first"
            )
        first = claims.setdefault((manager.vrf_id, ip), meant)
        if (first.host, first.osport) != (host, meant.osport):
            raise ConflictError(
                f"IP address {ip} is asked for by {OPTION}[{first.wish.index}] ({self._names[first.wish.index]}) too"
            )
        return first

    def _count_those_there(self) -> None:
        """An address that an interface has already counts as the next free one of its manager."""
        used = {meant.record["id"] for meant in self._meant if meant.record}
        for meant in self._meant:
            if meant.wish.ip is None:
                there = (r for r in self._ground.bound[meant.host] if is_on(r, meant.port) and r["id"] not in used)
                meant.record = next((r for r in there if meant.manager.has(r)), None)
                used |= {meant.record["id"]} if meant.record else set()

    def _forecast(self) -> None:
        """Tell which addresses will be chosen, unless somebody else is faster. ConflictError when there are too few."""
        free: dict[IPManager, Iterator[IPAddress]] = {}
        short: dict[IPManager, ConflictError] = {}
        for manager, new in self._new.items():
            subnet = manager.seen or manager.look()
            count = sum(meant.ip is None for meant in new)
            found = subnet.free(count, [meant.ip for meant in new if meant.ip])
            free[manager], short[manager] = iter(found), subnet.exhausted(count, len(found))

        def choose(meant: Meant) -> None:
            if meant.ip is None and meant.record is None:
                meant.ip = next(free[meant.manager], None)
                if meant.ip is None:
                    raise short[meant.manager]

        self._each(self._meant, choose)

    def _bound_then(self) -> Bound:
        bound: dict[Host, list[Record | Meant]] = {host: [*self._ground.bound[host]] for host in self._hosts}
        for meant in self._to_bind:
            bound[meant.host].append(meant)
        return bound

    @property
    def _to_bind(self) -> list[Meant]:
        return [meant for new in self._new.values() for meant in new]

    # How it comes about

    def apply(self, _before: State | None, after: State | None, /) -> State | None:
        """Interrupted anywhere, the repeat finds the addresses that are bound, and binds the rest."""
        if self.state == "absent":
            for some in chunks(self._freed):
                self.session.client.delete_many(ADDRESSES, [record["id"] for record in some])
            return after
        with all_or_none() as undo:
            for endpoint, made in self._make_interfaces():
                undo(partial(self.session.client.delete_many, endpoint, made))
            for manager, new in self._new.items():
                progress(f"binding {len(new)} addresses of {manager.name}", len(self._meant))
                undo(partial(self._take_back, self._take(manager, new)))
            self._note_oob()
        return self._told(self._bound_then())

    def _make_interfaces(self) -> Iterator[tuple[str, list[int]]]:
        """Make those that are missing, many in one request; yields their ids."""
        wanted = {(meant.host, meant.osport): meant for meant in self._to_bind if meant.port is None}
        kinds: dict[str, list[tuple[Meant, Option]]] = defaultdict(list)
        for meant in wanted.values():
            component, body = meant.host.new_interface(meant.osport)
            kinds[component].append((meant, body))
        for component, new in ((component, some) for component, group in kinds.items() for some in chunks(group)):
            with self._blaming([meant for meant, _ in new]):
                made = self.session.client.create(ENDPOINTS[component], [body for _, body in new])
            yield ENDPOINTS[component], [record["id"] for record in made]
            ports = {(m.host, m.osport): Port(component, r) for (m, _), r in zip(new, made, strict=True)}
            for meant in self._to_bind:
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
        with self._blaming(new):
            taken = manager.take_many(bodies)
        for meant, record in zip(new, taken, strict=True):
            meant.record = record
        return taken

    def _take_back(self, records: Sequence[Record]) -> None:
        """Delete what was made; what was there before, bound to nothing, is that again."""
        there = {record["id"] for of_one in self._taken.values() for record in of_one}
        nothing = {"assigned_object_type": None, "assigned_object_id": None}
        client = self.session.client
        client.delete_many(ADDRESSES, [record["id"] for record in records if record["id"] not in there])
        client.update_many(ADDRESSES, [{"id": r["id"], **nothing} for r in records if r["id"] in there])

    def _note_oob(self) -> None:
        """The address of a management card is the device's OOB address."""
        cards = {m.host.id: m.record for m in self._to_bind if m.osport == IPMI and isinstance(m.host, Device)}
        self.session.client.update_many(
            Device.endpoint, [{"id": number, "oob_ip": record["id"]} for number, record in cards.items() if record]
        )

    def _blaming(self, new: Sequence[Meant]) -> AbstractContextManager[None]:
        owners = [meant.wish.index for meant in new]
        return nullcontext() if self.bindings is None else blaming(OPTION, self._names, owners)

    def result(self, after: State | None, /) -> State:
        state = after or {}
        ips = [meant.binding["ip"] for meant in self._meant]
        if self.bindings is None:
            return {"ips": ips, "entity": {**self._hosts[0].describe(), **state}}
        hosts = dict.fromkeys(self._hosts)
        return {"ips": ips, "entities": [{"name": h.name, "type": h.type, **state[self._title(h)]} for h in hosts]}


def address_of(record: Record) -> IPAddress:
    return addresses.ip(host_part(record["address"]))


def is_on(record: Record, port: Port | None) -> bool:
    return port is not None and record["assigned_object_id"] == port.id
