# SPDX-License-Identifier: BSD-2-Clause
"""An IP manager's subnet as NetBox has it at one moment: what of it may be had, and what is free."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from ipaddress import ip_address, summarize_address_range
from typing import TYPE_CHECKING, Any

from ..core import addresses, allocation
from ..core.addresses import IPAddress, IPNetwork
from ..core.allocation import Block, Stretch
from ..core.errors import ConflictError, ExhaustedError, InvalidError, NotFoundError
from ..netbox.client import Client, Query
from .session import Record
from .vrf import vrf_id, where

if TYPE_CHECKING:
    from .addressing import HasAddresses

ADDRESSES = "ipam/ip-addresses"
PREFIXES = "ipam/prefixes"
IP_RANGES = "ipam/ip-ranges"
NAME = "clusto_name"
GATEWAY = "clusto_gateway"
RANGES = "clusto_ranges"

CLOSED = {"container", "reserved", "deprecated"}
"""A prefix's status, when no address is to be chosen from it."""
AT_ONCE = 16
"""Blocks of addresses that are asked for in one request."""


class Subnet:
    """What others made counts: prefixes inside the subnet, NetBox's IP ranges, and every address that is known.

    An address belongs to the innermost IP manager that holds it. Chosen are addresses of prefixes that are in use (not
    containers, reserved, deprecated or marked as utilized), outside of NetBox's IP ranges, and inside the manager's own
    ranges if it has some. Other VRFs are no concern.
    """

    def __init__(
        self, client: Client, manager: HasAddresses, prefixes: Iterable[Record], ip_ranges: Iterable[Record]
    ) -> None:
        self._client = client
        self.label = manager.label
        by_id = {record["id"]: record for record in prefixes}
        if manager.id not in by_id:
            raise NotFoundError(f"{manager.label} is no longer in NetBox, {manager.url}")
        self.record = by_id.pop(manager.id)
        self.net = addresses.prefix(self.record["prefix"])
        self.outer = block(self.record)
        self.inner = [one for one in map(block, by_id.values()) if one.net != self.net]
        self._ip_ranges = [record for record in ip_ranges if self._overlaps(record)]

    @classmethod
    def read(cls, client: Client, managers: Sequence[HasAddresses]) -> list[Subnet]:
        """Read those of several managers, asked side by side."""
        return cls.of(client, managers, client.fetch(cls.queries(managers)))

    @classmethod
    def queries(cls, managers: Iterable[HasAddresses]) -> dict[tuple[str, int], Query]:
        """What has to be asked for them."""
        queries: dict[tuple[str, int], Query] = {}
        for manager in managers:
            vrf = {"vrf_id": manager.vrf_id}
            queries[PREFIXES, manager.id] = Query(PREFIXES, {**vrf, "within_include": manager.prefix, "fields": FIELDS})
            queries[IP_RANGES, manager.vrf_id or 0] = Query(IP_RANGES, {**vrf, "fields": RANGE_FIELDS})
        return queries

    @classmethod
    def of(
        cls, client: Client, managers: Iterable[HasAddresses], found: Mapping[Any, Sequence[Record]]
    ) -> list[Subnet]:
        """Make them of the answers, which may hold others too."""
        return [cls(client, m, found[PREFIXES, m.id], found[IP_RANGES, m.vrf_id or 0]) for m in managers]

    def _overlaps(self, ip_range: Record) -> bool:
        first, last = ends(ip_range)
        same = ip_address(host_part(ip_range["start_address"])).version == self.net.version
        return same and first <= int(self.net[-1]) and last >= int(self.net[0])

    @property
    def vrf_id(self) -> int | None:
        return vrf_id(self.record)

    @property
    def gateway(self) -> IPAddress | None:
        text = self.record["custom_fields"].get(GATEWAY)
        return addresses.ip(text) if text else None

    @cached_property
    def ranges(self) -> list[Stretch]:
        """Raises InvalidError, naming the manager, for what somebody wrote into the custom field."""
        try:
            return allocation.ranges(self.record["custom_fields"].get(RANGES) or (), self.outer)
        except InvalidError as exc:
            raise InvalidError(f"{self.label}: {exc}") from exc

    @property
    def here(self) -> str:
        """How messages name it: `10.0.0.0/24 in VRF 'red'`."""
        return where(self.net, self.record)

    # Addresses that are given

    def check(self, ip: str | IPAddress) -> IPAddress:
        """InvalidError for one that hosts of this subnet cannot bear, ConflictError for one that is not for them."""
        wanted = addresses.ip(ip) if isinstance(ip, str) else ip
        what = f"{self.label}: IP address"
        addresses.check_usable(self.net, wanted, what, self.outer.bounds)
        home = self.home(wanted)
        if other := self.other_manager(wanted):
            raise ConflictError(f"{what} {wanted} belongs to IP manager {other.manager!r} ({other.net})")
        addresses.check_usable(home.net, wanted, what, home.bounds)
        if wanted == self.gateway:
            raise ConflictError(f"{what} {wanted} is its gateway")
        for record in self._ip_ranges:
            if record["mark_populated"] and ends(record).first <= int(wanted) <= ends(record).last:
                raise ConflictError(
                    f"{what} {wanted} is in the IP range {record['display']}, which NetBox keeps for others (it is"
                    " marked as populated)"
                )
        return wanted

    def home(self, ip: IPAddress) -> Block:
        """The innermost prefix that holds an address of the subnet."""
        return allocation.innermost(self.inner, ip) or self.outer

    def other_manager(self, ip: IPAddress) -> Block | None:
        return allocation.innermost((b for b in self.inner if b.manager is not None), ip)

    def with_length(self, ip: IPAddress) -> str:
        """An address with the length of its prefix.

        NetBox assigns a prefix's first and last address, which a pool has too, only as addresses of single hosts.
        """
        net = self.home(ip).net
        first, last = addresses.usable(net)
        return f"{ip}/{net.prefixlen if int(first) <= int(ip) <= int(last) else net.max_prefixlen}"

    # Addresses that are chosen

    @cached_property
    def room(self) -> list[Stretch]:
        holes = [ends(record) for record in self._ip_ranges]
        if self.gateway is not None:
            holes.append(Stretch(int(self.gateway), int(self.gateway)))
        return allocation.choosable(self.outer, self.inner, self.ranges, holes)

    def free(self, count: int, but: Collection[IPAddress] = ()) -> list[IPAddress]:
        """Find the lowest `count` free addresses, as if those in `but` were taken; fewer when there are no more."""
        if count < 1:
            return []
        avoid = {int(ip) for ip in but}
        numbers = self._offered(count, avoid) or self._listed(count, avoid)
        return [type(self.net[0])(number) for number in numbers]

    def _offered(self, count: int, avoid: Collection[int]) -> list[int] | None:
        """Ask NetBox, which looks no further than it must; None if too few of what it offers may be chosen."""
        if self.ranges:
            return None
        path = f"{PREFIXES}/{self.record['id']}/available-ips"
        offered = (host(record["address"]) for record in self._client.read(path, limit=count + len(avoid)))
        found = [n for n in offered if n not in avoid and allocation.among(self.room, n)]
        return found[:count] if len(found) >= count else None

    def _listed(self, count: int, avoid: Collection[int]) -> list[int]:
        """Read which addresses are taken, block by block, until enough free ones are found."""
        found: list[int] = []
        for blocks in some(self._blocks()):
            known = self._client.list(
                ADDRESSES, parent=[str(b) for b in blocks], vrf_id=self.vrf_id, fields=("address",)
            )
            taken = {*avoid, *(host(record["address"]) for record in known)}
            stretches = [Stretch(int(b[0]), int(b[-1])) for b in blocks]
            found += allocation.lowest(stretches, taken, count - len(found))
            if len(found) >= count:
                break
        return found

    def _blocks(self) -> Iterator[IPNetwork]:
        make = type(self.net[0])
        for first, last in self.room:
            yield from summarize_address_range(make(first), make(last))

    def exhausted(self, count: int, free: int) -> ExhaustedError:
        """What to raise when fewer than `count` addresses are free."""
        of = ", ".join(allocation.written(one, self.net) for one in self.ranges)
        ranges = f" (ranges {of})" if of else ""
        number = "no free address" if not free else f"{count} addresses wanted, {free} free"
        why = [closed] if (closed := self._closed()) else []
        if self._ip_ranges:
            why.append(f"IP ranges in NetBox are kept for others: {', '.join(r['display'] for r in self._ip_ranges)}")
        return ExhaustedError("; ".join([f"{self.label}: {number} in {self.here}{ranges}", *why]))

    def _closed(self) -> str:
        status = self.record["status"]["value"]
        if self.record["mark_utilized"]:
            return "the prefix is marked as utilized"
        return f"the prefix is {status}" if status in CLOSED else ""


FIELDS = ("prefix", "vrf", "status", "is_pool", "mark_utilized", "custom_fields")
RANGE_FIELDS = ("display", "start_address", "end_address", "mark_populated")


def block(record: Record) -> Block:
    """What a prefix record says about its addresses."""
    return Block(
        addresses.prefix(record["prefix"]),
        whole=record["is_pool"],
        open=record["status"]["value"] not in CLOSED and not record["mark_utilized"],
        manager=record["custom_fields"].get(NAME) or None,
    )


def subnet(name: str, prefix: str | None, baseip: str | None, netmask: str | int | None) -> IPNetwork:
    if prefix is not None and baseip is None and netmask is None:
        return addresses.prefix(prefix)
    if prefix is None and baseip is not None and netmask is not None:
        return addresses.network(baseip, netmask)
    raise InvalidError(f"IP manager {name!r}: expected either prefix, or baseip and netmask")


def gateway_in(block: Block, gateway: str) -> IPAddress:
    gate = addresses.ip(gateway)
    addresses.check_usable(block.net, gate, "gateway", block.bounds)
    return gate


def ranges_in(block: Block, ranges: Iterable[str]) -> list[str]:
    """Ranges of a subnet in their order, as they are kept."""
    return [allocation.written(one, block.net) for one in allocation.ranges(ranges, block)]


def ends(ip_range: Record) -> Stretch:
    return Stretch(host(ip_range["start_address"]), host(ip_range["end_address"]))


def host(address: str) -> int:
    return int(ip_address(host_part(address)))


def host_part(address: str) -> str:
    """An address without its prefix length."""
    return address.partition("/")[0]


def some(blocks: Iterator[IPNetwork]) -> Iterator[list[IPNetwork]]:
    found: list[IPNetwork] = []
    for one in blocks:
        found.append(one)
        if len(found) == AT_ONCE:
            yield found
            found = []
    if found:
        yield found
