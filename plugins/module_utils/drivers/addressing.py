# SPDX-License-Identifier: BSD-2-Clause
"""The addresses of an IP manager: taken, bound, looked up, set free."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from ..core import addresses
from ..core.addresses import IPAddress, IPNetwork
from ..core.errors import AmbiguousError, ConflictError, InvalidError, NotFoundError, RefusedError
from .allocation import Body, bearers, is_shared, known, take, there
from .entity import Entity
from .ports import IPMI, Port
from .session import Record, Session
from .subnet import ADDRESSES, Subnet, host_part
from .vrf import vrf_id, where

if TYPE_CHECKING:
    from .host import Host


class HasAddresses(Entity):
    """An entity whose record is a prefix."""

    seen: Subnet | None = None
    """Its subnet as it was when it was last looked at."""

    @property
    def subnet(self) -> IPNetwork:
        return addresses.prefix(self.record["prefix"])

    @property
    def prefix(self) -> str:
        return str(self.subnet)

    @property
    def vrf_id(self) -> int | None:
        return vrf_id(self.record)

    @property
    def here(self) -> str:
        """How messages name its subnet: `10.0.0.0/24 in VRF 'red'`."""
        return where(self.subnet, self.record)

    def allocate(
        self,
        entity: Host | None = None,
        ip: str | None = None,
        osport: str | None = None,
        porttype: str | None = None,
        portnum: int | str | None = None,
    ) -> str:
        """Take an address, the given one or the next that is free; bound to a port of `entity` when that is given.

        Without `osport` that is its nic-eth 1. Returns the address. InvalidError for one that hosts of this subnet
        cannot bear, ConflictError for one that is taken, naming by whom, and when none is free.
        """
        now = self.look()
        given = {} if ip is None else {"address": str(now.check(ip))}
        if entity is None:
            return host_part(take(self._client, now, [given])[0]["address"])
        if ip is not None:
            self.check_bindable(ip, entity)
        port, new = entity.osport_or_first(osport, porttype, portnum)
        body = {"assigned_object_type": port.object_type, "assigned_object_id": port.id, **given}
        try:
            found = host_part(take(self._client, now, [body])[0]["address"])
        except (ConflictError, RefusedError):
            if new:
                self._client.delete(port.endpoint, port.id)
            raise
        self._note_oob(entity, port, found)
        return found

    def look(self) -> Subnet:
        """Read its subnet as NetBox has it now."""
        return self.look_at(self._session, [self])[0]

    @classmethod
    def look_at(cls, session: Session, managers: Sequence[HasAddresses]) -> list[Subnet]:
        """Do so for several at once; they remember it for `check_bindable` and `has`."""
        found = Subnet.read(session.client, managers)
        for manager, seen in zip(managers, found, strict=True):
            manager.seen = seen
        return found

    def has(self, address: Record) -> bool:
        """Whether an IP address record is one of this manager's, and not of another inside it."""
        ip = addresses.ip(host_part(address["address"]))
        here = vrf_id(address) == self.vrf_id and ip in self.subnet
        return here and not (self.seen or self.look()).other_manager(ip)

    def take_many(self, bodies: Sequence[Body], forecast: Mapping[int, str] | None = None) -> list[Record]:
        """Take an address for each body: what it is assigned to and, where it is given, `address`; all or none.

        One request makes all that are new. ConflictError names by whom one is taken, and when there are not enough.
        forecast: what `forecast` said, for the bodies at these places.
        """
        known = {place: addresses.ip(ip) for place, ip in (forecast or {}).items()}
        return take(self._client, self.look(), bodies, known) if bodies else []

    def check_bindable(self, ip: str, entity: Host | None, records: Iterable[Record] | None = None) -> None:
        """Raise what binding an address to `entity` (None: to one that is not made yet) would raise.

        records: what NetBox has of the address, in any VRF, if that is known; then the subnet is as it was last seen.
        """
        if records is None:
            wanted = self.look().check(ip)
            mine = self._addresses(wanted)
        else:
            wanted = (self.seen or self.look()).check(ip)
            mine = [record for record in records if vrf_id(record) == self.vrf_id]
        there(self.label, wanted, mine, lambda r: entity is not None and entity.bears(r), bind=True)

    def next_free(self, but: Collection[str] = ()) -> str:
        """The address that would be allocated next if those in `but` were taken too; ConflictError when none is."""
        return self.forecast(1, but)[0]

    def forecast(self, count: int, but: Collection[str] = (), seen: Subnet | None = None) -> list[str]:
        """The addresses that would be allocated next, in order; ConflictError when there are not as many.

        seen: its subnet, if somebody looked at it just now.
        """
        now = seen or self.look()
        found = now.free(count, [addresses.ip(ip) for ip in but])
        if len(found) < count:
            raise now.exhausted(count, len(found))
        return [str(ip) for ip in found]

    def _note_oob(self, entity: Host, port: Port, ip: str) -> None:
        """The address of a management card is the device's OOB address."""
        if port.name == IPMI and "oob_ip" in entity.record:
            [record] = [r for r in self._addresses(addresses.ip(ip)) if r["assigned_object_id"] == port.id]
            entity.update({"oob_ip": record["id"]})

    def deallocate(self, ip: str) -> None:
        """Set an address free, also if it is bound.

        NotFoundError when it is not allocated; ConflictError when NetBox has it several times, naming by whom.
        """
        wanted = self.look().check(ip)
        found = self._addresses(wanted)
        if not found:
            raise NotFoundError(f"{self.label}: IP address {wanted} is not allocated")
        if len(found) > 1:
            raise ConflictError(
                f"{self.label}: NetBox has IP address {wanted} {len(found)} times: {bearers(found)}; free it where it"
                " is not to be"
            )
        self._client.delete(ADDRESSES, found[0]["id"])

    def owner(self, ip: str) -> Entity | None:
        """Find the device or virtual machine that an address is bound to; None when it is bound to none.

        AmbiguousError when several bear it, be it as a shared one (VRRP, anycast …) or by mistake.
        """
        wanted = addresses.ip(ip)
        if wanted not in self.subnet:
            raise InvalidError(f"{self.label}: IP address {wanted} is not in {self.here}")
        bound = [record for record in self._addresses(wanted) if record["assigned_object_id"] is not None]
        owners = {owner: None for record in bound if (owner := self._owner(record)) is not None}
        if len(owners) > 1:
            how = "shared by" if all(map(is_shared, bound)) else "bound to several:"
            raise AmbiguousError(
                f"{self.label}: IP address {wanted} is {how} {bearers(bound)}", [one.reference for one in owners]
            )
        return next(iter(owners), None)

    def _owner(self, record: Record) -> Entity | None:
        found = record["assigned_object"] or {}
        if device := found.get("device"):
            return self._session.entity_by_id("dcim.device", device["id"])
        if machine := found.get("virtual_machine"):
            return self._session.entity_by_id("virtualization.virtualmachine", machine["id"])
        return None

    def _addresses(self, ip: IPAddress) -> list[Record]:
        return known(self._client, [ip], self.vrf_id)[ip]

    def _all_addresses(self) -> list[Record]:
        """All that belong to it but the gateway."""
        now = self.look()
        found = self._client.list(ADDRESSES, parent=self.prefix, vrf_id=self.vrf_id)
        by_ip = ((addresses.ip(host_part(record["address"])), record) for record in found)
        return [record for ip, record in by_ip if ip != now.gateway and not now.other_manager(ip)]


def by_address(record: Record) -> tuple[int, int]:
    ip = addresses.ip(host_part(record["address"]))
    return ip.version, int(ip)
