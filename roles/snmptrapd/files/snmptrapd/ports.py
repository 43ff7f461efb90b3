# SPDX-License-Identifier: BSD-2-Clause
"""Base port -> interface, as the switches say, remembered for a while."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol

from ..mirror.model import Host, Port
from ..service.log import Log
from .config import Credentials
from .discovery import snmp
from .events import SwitchPort
from .reading import Names, ReadError, Switch

AGE: Final = 900.0  # seconds: modules are plugged in and stacks are joined more seldom
PAUSE: Final = 60.0  # seconds before a switch is asked again that did not answer, or did not know a port
DEFAULT: Final = "default"


class Readable(Protocol):
    """A switch that can be read."""

    def ports(self, vlan: int | None = None) -> dict[int, Names]: ...


@dataclass
class _Known:
    """What one switch said. `asked`: when it was asked for all VLANs (None) or for one; `failed`: when in vain."""

    since: float
    failed: float | None = None
    ports: dict[int, Names] = field(default_factory=dict)
    asked: dict[int | None, float] = field(default_factory=dict)


class PortMaps:
    """credentials: by the names that switches choose them by (attribute snmp.read). For several threads."""

    def __init__(
        self,
        credentials: Mapping[str, Credentials],
        log: Log,
        make: Callable[[str, Credentials], Readable] = Switch,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._credentials = credentials
        self._log = log
        self._make = make
        self._clock = clock
        self._known: dict[str, _Known] = {}

    def resolve(self, switch: Host, address: str, vlan: int, base_port: int) -> SwitchPort:
        """Find the interface behind a base port; the switch is asked if it is not known. Raises nothing."""
        credentials = self._credentials.get(chosen(switch))
        if credentials is None:
            return SwitchPort(base_port)
        readable = self._make(address, credentials)
        known = self._current(address, readable, str(switch))
        for scope in (None, vlan):
            if base_port not in known.ports:
                self._ask(known, readable, scope, str(switch))
        names = known.ports.get(base_port)
        if names is None:
            return SwitchPort(base_port)
        return SwitchPort(base_port, names.if_name or names.if_descr, _interface(switch, names))

    def _current(self, address: str, switch: Readable, name: str) -> _Known:
        """Give what the switch said, or says now if that is long ago; while it does not answer, what it said holds."""
        known, now = self._known.get(address), self._clock()
        if known is not None and now - known.since < AGE:
            return known
        fresh = self._known[address] = _Known(now)
        self._ask(fresh, switch, None, name)
        if known is not None and fresh.failed is not None:
            fresh.ports = known.ports
        return fresh

    def _ask(self, known: _Known, switch: Readable, vlan: int | None, name: str) -> None:
        """Ask for all VLANs or for one, but not again and again."""
        now = self._clock()
        if now - known.asked.get(vlan, now - PAUSE) < PAUSE or (
            known.failed is not None and now - known.failed < PAUSE
        ):
            return
        known.asked[vlan] = now
        try:
            known.ports |= switch.ports(vlan)
        except ReadError as exc:
            if vlan is None:  # a VLAN's own table is Cisco's: others do not answer to its community
                known.failed = now
                self._log.warning(f"base ports of {name} are not known: {exc}", switch=name)


def chosen(switch: Host) -> str:
    """Give the name of the credentials that a switch is read by."""
    name = snmp(switch).get("read", DEFAULT)
    return name if isinstance(name, str) else ""


def _interface(switch: Host, names: Names) -> Port | None:
    """Find NetBox's interface by either name, in its own name first, then in its label."""
    wanted = {name.casefold() for name in (names.if_name, names.if_descr) if name}
    for attribute in ("name", "label"):
        for port in switch.ports:
            if getattr(port, attribute).casefold() in wanted:
                return port
    return None
