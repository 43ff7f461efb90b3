# SPDX-License-Identifier: BSD-2-Clause
"""What every MAC address of the inventory is answered, made when the inventory changes, not when a packet comes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network
from typing import Any, Final, NamedTuple

from ..core import addresses
from ..core.errors import InvalidError
from ..dhcp.options import OptionTable
from ..dhcp.parameters import Attributes, Binding, attributes, parameters
from ..dhcp.reply import Template
from ..mirror.inventory import Inventory
from ..mirror.model import Address, Host, Port

# Roles of NetBox under which an address is a service's or a router's, not one that a host asks DHCP for.
NOT_LEASED = frozenset({"loopback", "anycast", "vip", "vrrp", "hsrp", "glbp", "carp"})


class Lack(NamedTuple):
    """Why a client gets nothing."""

    reason: str
    """In a word, for counting."""
    text: str


class Known(NamedTuple):
    """Whose a MAC address is and what it gets. `lack` says why that is nothing."""

    host: Host
    port: Port | None
    """None for one that only the host's attribute bootstrap.mac names."""
    templates: tuple[Template, ...]
    lack: Lack | None


DISABLED: Final = Lack("disabled", "dhcp.enabled is not set on it or on what it is in")
UNBOUND: Final = Lack("unbound", "no IPv4 address is bound to it")


class BadAttribute(NamedTuple):
    """A `dhcp` attribute that is left out of what these hosts are given."""

    key: str
    reason: str
    hosts: tuple[str, ...]

    def __str__(self) -> str:
        first = ", ".join(self.hosts[:3])
        more = f" and {len(self.hosts) - 3} more" if len(self.hosts) > 3 else ""
        return f"{self.key} of {first}{more}: {self.reason}; this option is left out"


@dataclass(frozen=True)
class _Entry:
    """All of one host, and what it was made from."""

    host: Host
    known: tuple[tuple[bytes, Known], ...]
    problems: tuple[tuple[str, str], ...]


class Directory:
    """MAC address (6 octets) to what it is answered; immutable, made anew by `update`.

    bootstrap: also know the MAC addresses that only the attribute bootstrap.mac of a host names.
    """

    def __init__(self, table: OptionTable, *, bootstrap: bool = False) -> None:
        self._table = table
        self._bootstrap = bootstrap
        self._inventory: Inventory | None = None
        self._entries: dict[tuple[str, int], _Entry] = {}
        self._bad: dict[tuple[str, str], tuple[str, ...]] = {}
        self.by_mac: dict[bytes, Known] = {}

    def update(self, inventory: Inventory) -> tuple[Directory, list[BadAttribute]]:
        """Make the directory of a newer inventory; hosts that are unchanged are taken over.

        Bad attributes are told when they are new, so one value in a pool of many hosts is one message.
        """
        newer = Directory(self._table, bootstrap=self._bootstrap)
        newer._inventory = inventory
        kept = self._entries if self._inventory and self._inventory.managers == inventory.managers else {}
        bad: dict[tuple[str, str], list[str]] = {}
        for host in inventory.hosts:
            entry = kept.get((host.kind, host.id))
            if entry is None or (entry.host is not host and entry.host != host):
                entry = newer._entry(host, inventory)
            newer._entries[host.kind, host.id] = entry
            for mac, known in entry.known:
                newer.by_mac.setdefault(mac, known)
            for problem in entry.problems:
                bad.setdefault(problem, []).append(str(host))
        newer._bad = {problem: tuple(hosts) for problem, hosts in bad.items()}
        return newer, list(newer._news(self._bad))

    def _news(self, before: dict[tuple[str, str], tuple[str, ...]]) -> Iterator[BadAttribute]:
        for (key, reason), hosts in self._bad.items():
            new = [host for host in hosts if host not in set(before.get((key, reason), ()))]
            if new:
                yield BadAttribute(key, reason, tuple(new))

    def _entry(self, host: Host, inventory: Inventory) -> _Entry:
        document = (host.attributes or {}).get("dhcp")
        given = attributes(document, self._table)
        templates = {
            address.id: template
            for _, address in host.addresses()
            if address.version == 4
            and address.role not in NOT_LEASED
            and (template := _template(host, address, given, inventory))
        }
        known = [
            (bytes.fromhex(mac.replace(":", "")), _known(host, port, given, templates))
            for port in host.ports
            for mac in port.macs
        ]
        problems = [(problem.key, problem.reason) for problem in given.problems] if _told(given) else []
        if self._bootstrap:
            found, bad = _bootstrap_macs(host)
            known += [(mac, _known(host, None, given, templates)) for mac in found]
            problems += bad
        return _Entry(host, tuple(known), tuple(problems))


def _told(given: Attributes) -> bool:
    """Judge whether a host's bad attributes matter: DHCP is on, or would be but for them."""
    return given.enabled or any(problem.key in {"dhcp", "dhcp.enabled"} for problem in given.problems)


def _template(host: Host, address: Address, given: Attributes, inventory: Inventory) -> Template:
    manager = inventory.manager_of(address.ip, vrf=address.vrf)
    network = IPv4Network(manager.network if manager else str(address), strict=False)
    router = IPv4Address(manager.gateway) if manager and manager.gateway else None
    binding = Binding(IPv4Address(address.ip), network, router, host.name or "")
    return Template(binding, parameters(given, binding))


def _known(host: Host, port: Port | None, given: Attributes, templates: dict[int, Template]) -> Known:
    """Give a MAC address its own port's addresses first, then those of the other ports.

    A management port (an IPMI card) has its own alone, and the others never get its.
    """
    near = host.addresses_of(port) if port else ()
    far = () if port and port.mgmt_only else (address for other, address in host.addresses() if not other.mgmt_only)
    order: dict[int, None] = dict.fromkeys(address.id for address in (*near, *far))
    chosen = tuple(templates[number] for number in order if number in templates)
    lack = None
    if not given.enabled:
        lack = DISABLED
    elif not chosen:
        lack = UNBOUND
    return Known(host, port, () if lack else chosen, lack)


def _bootstrap_macs(host: Host) -> tuple[list[bytes], list[tuple[str, str]]]:
    """Read the MAC addresses that discovery left in a host's own attribute bootstrap.mac, and what is wrong there."""
    bootstrap: Any = (host.own or {}).get("bootstrap")
    value = bootstrap.get("mac", ()) if isinstance(bootstrap, dict) else ()
    items: Iterable[Any] = value if isinstance(value, list) else [value] if value else []
    macs, bad = [], []
    for item in items:
        try:
            macs.append(bytes.fromhex(addresses.mac(str(item)).replace(":", "")))
        except InvalidError as exc:
            bad.append(("bootstrap.mac", str(exc)))
    return macs, bad
