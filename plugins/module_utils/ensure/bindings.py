# SPDX-License-Identifier: BSD-2-Clause
"""Which addresses a server has on which interface, and is to have."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

from ..core import addresses
from ..core.errors import ConflictError
from ..core.ports import INTERFACE
from ..drivers import IPManager, Session
from ..drivers.host import Host

Binding = dict[str, str]
"""`ip` and `osport`, as `describe()` tells them."""
Wish = Mapping[str, Any]
"""`ip` and `ip_manager`, of which one may be None, and `osport`."""


class Bindings:
    """`host` is None for one that is not made yet."""

    def __init__(self, session: Session, host: Host | None) -> None:
        self._session = session
        self._host = host
        self._managers: dict[str, IPManager] = {}
        """By name."""
        self._holding: dict[str, IPManager] = {}
        """By the addresses that are given."""
        self._chosen: dict[tuple[str, str], IPManager] = {}
        """The bindings whose address NetBox is to choose, as forecast."""

    def meant(self, now: Sequence[Binding], wishes: Sequence[Wish], *, move: bool = False) -> list[Binding]:
        """What the wishes come to. Raises what contradicts; with `move` an address may be on another interface now.

        An address that is on the interface already counts as the next free one of its manager.
        """
        given = [self._given(now, wish, move=move) for wish in wishes if wish["ip"]]
        found = list(given)
        for wish in wishes:
            if not wish["ip"]:
                found.append(self._there(now, found, wish) or self._next(found, wish))
        return found

    def _given(self, now: Sequence[Binding], wish: Wish, *, move: bool) -> Binding:
        ip, osport = str(addresses.ip(wish["ip"])), self.interface(wish["osport"])
        name = wish["ip_manager"]
        manager = self.manager(name) if name else IPManager.get_ip_manager(ip, session=self._session)
        manager.check_bindable(ip, self._host)
        for binding in now:
            if binding["ip"] == ip and binding["osport"] != osport and not move:
                raise ConflictError(
                    f"IP address {ip} is on {binding['osport']} of this server, not on {osport}; free it there first"
                )
        self._holding[ip] = manager
        return {"ip": ip, "osport": osport}

    def _there(self, now: Sequence[Binding], used: Sequence[Binding], wish: Wish) -> Binding | None:
        subnet, osport = self.manager(wish["ip_manager"]).subnet, self.interface(wish["osport"])
        return next(
            (b for b in now if b["osport"] == osport and addresses.ip(b["ip"]) in subnet and b not in used), None
        )

    def _next(self, used: Sequence[Binding], wish: Wish) -> Binding:
        manager, osport = self.manager(wish["ip_manager"]), self.interface(wish["osport"])
        ip = manager.next_free({binding["ip"] for binding in used})
        self._chosen[ip, osport] = manager
        return {"ip": ip, "osport": osport}

    def manager(self, name: str) -> IPManager:
        if name not in self._managers:
            self._managers[name] = IPManager.get(name, session=self._session)
        return self._managers[name]

    def interface(self, osport: str) -> str:
        """The name in NetBox of what the operating system calls `osport`: that may be its label."""
        return self._interfaces.get(osport, osport)

    @cached_property
    def _interfaces(self) -> dict[str, str]:
        there = self._host.ports(INTERFACE) if self._host else []
        labels = {label: port.name for port in there if (label := port.record.get("label"))}
        return {**labels, **{port.name: port.name for port in there}}

    def bring_about(self, host: Host, before: Sequence[Binding], after: Sequence[Binding]) -> list[Binding]:
        """Bind the one, free the other. Returns what is bound then: NetBox may choose other addresses than forecast.

        Addresses that NetBox chooses come first, while those to be freed are still taken, as they were in the forecast;
        those that may move from one interface to another come last.
        """
        new = [binding for binding in after if binding not in before]
        chosen = [binding for binding in new if (binding["ip"], binding["osport"]) in self._chosen]
        reached = [binding for binding in after if binding not in chosen]
        for binding in chosen:
            manager = self._chosen[binding["ip"], binding["osport"]]
            reached.append({**binding, "ip": manager.allocate(host, osport=binding["osport"])})
        for binding in before:
            if binding not in after:
                host.unbind_ip_from_osport(binding["ip"], binding["osport"])
        for binding in new:
            if binding not in chosen:
                self._holding[binding["ip"]].allocate(host, binding["ip"], binding["osport"])
        return in_order(reached)


def in_order(bindings: Iterable[Binding]) -> list[Binding]:
    """By address, as `describe()` lists them."""

    def key(binding: Binding) -> tuple[int, int]:
        ip = addresses.ip(binding["ip"])
        return ip.version, int(ip)

    return sorted(bindings, key=key)
