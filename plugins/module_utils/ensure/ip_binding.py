# SPDX-License-Identifier: BSD-2-Clause
"""Addresses of servers, one or many at once: bound or free."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeVar

from ..core import addresses
from ..core.addresses import IPAddress
from ..core.errors import ConflictError, InvalidError, NotFoundError
from ..drivers import IPManager, Session
from ..drivers.host import Host, binding
from ..drivers.ports import Port
from ..drivers.session import Record
from ..drivers.subnet import ADDRESSES, host_part
from ..drivers.vrf import vrf_id
from .batch import blaming, each
from .bindings import in_order
from .hosts import Hosts, Managers, known
from .ip_binder import Binder, Meant, Wish
from .links import chunks
from .task import State

Result = TypeVar("Result")
Option = Mapping[str, Any]
Bound = Mapping[Host, Sequence["Record | Meant"]]

OPTION = "bindings"


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

    _hosts: dict[int, Host] = field(default_factory=dict, init=False)
    """By the index of the wish; those that are there."""
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
        found = self._each(self._wishes, self._host)
        self._hosts = {wish.index: host for wish, host in zip(self._wishes, found, strict=True) if host}
        return self._told({host: self._ground.bound[host] for host in self._hosts.values()})

    def _host(self, wish: Wish) -> Host | None:
        """None for one that is not there, when its addresses are to be free: they are."""
        try:
            return self._ground.host(wish.entity)
        except NotFoundError:
            if self.state == "absent":
                return None
            raise

    def _told(self, bound: Bound) -> State:
        states: dict[Host, State] = {
            host: {"ips": in_order(b.binding if isinstance(b, Meant) else binding(b) for b in of_one)}
            for host, of_one in bound.items()
        }
        if self.bindings is None:
            return next(iter(states.values()), {"ips": []})
        return {self._title(host): state for host, state in states.items()}

    def _title(self, host: Host) -> str:
        """Its name, unless another of the list has the same."""
        return host.reference if any(o.name == host.name and o != host for o in self._hosts.values()) else host.name

    # What should be

    def after(self, _before: State | None, /) -> State:
        return self._without() if self.state == "absent" else self._with()

    def _without(self) -> State:
        found = self._each(self._wishes, self._bound)
        self._freed = list({record["id"]: record for of_one in found for record in of_one}.values())
        gone = {record["id"] for record in self._freed}
        left = {h: [r for r in self._ground.bound[h] if r["id"] not in gone] for h in self._hosts.values()}
        return self._told(left)

    def _bound(self, wish: Wish) -> list[Record]:
        """The addresses that a wish to free some is about; none of a server, IP manager or VRF that is not there."""
        host = self._hosts.get(wish.index)
        if host is None:
            return []
        try:
            manager = self._managers.named(wish.ip_manager) if wish.ip_manager else None
            tables = None if wish.vrf is None else {self._managers.vrf_id(wish.vrf)}
        except NotFoundError:
            return []
        port = self._ground.interface(host, wish.osport) if wish.osport else None
        return [
            record
            for record in self._ground.bound[host]
            if wish.ip in {None, address_of(record)}
            and (manager is None or manager.has(record))
            and (wish.osport is None or is_on(record, port))
            and (tables is None or vrf_id(record) in tables)
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
        bound: dict[Host, list[Record | Meant]] = {host: [*self._ground.bound[host]] for host in self._hosts.values()}
        for meant in self._to_bind:
            bound[meant.host].append(meant)
        return bound

    @property
    def _to_bind(self) -> list[Meant]:
        return [meant for new in self._new.values() for meant in new]

    # How it comes about

    def apply(self, _before: State | None, after: State | None, /) -> State | None:
        if self.state == "absent":
            for some in chunks(self._freed):
                self.session.client.delete_many(ADDRESSES, [record["id"] for record in some])
            return after
        there = {record["id"] for of_one in self._taken.values() for record in of_one}
        Binder(self.session, self._new, there, self._blaming).run()
        return self._told(self._bound_then())

    def _blaming(self, new: Sequence[Meant]) -> AbstractContextManager[None]:
        owners = [meant.wish.index for meant in new]
        return nullcontext() if self.bindings is None else blaming(OPTION, self._names, owners)

    def result(self, after: State | None, /) -> State:
        state = after or {}
        ips = [meant.binding["ip"] for meant in self._meant]
        hosts = dict.fromkeys(self._hosts.values())
        if self.bindings is not None:
            return {"ips": ips, "entities": [{"name": h.name, "type": h.type, **state[self._title(h)]} for h in hosts]}
        return {"ips": ips, "entity": next(({**host.describe(), **state} for host in hosts), None)}


def address_of(record: Record) -> IPAddress:
    return addresses.ip(host_part(record["address"]))


def is_on(record: Record, port: Port | None) -> bool:
    return port is not None and record["assigned_object_id"] == port.id
