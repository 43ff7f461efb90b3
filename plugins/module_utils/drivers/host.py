# SPDX-License-Identifier: BSD-2-Clause
"""What devices and virtual machines have in common: ports, and addresses bound to them."""

from __future__ import annotations

from typing import Any

from ..core import addresses
from ..core.errors import AmbiguousError, NotFoundError
from ..netbox.client import Filter, Query
from .addressing import by_address
from .ipmanager import IPManager
from .ports import HasPorts, Port
from .session import Record
from .subnet import ADDRESSES, host_part
from .vrf import table


class Host(HasPorts):
    """A device or a virtual machine.

    Reads leave out `config_context`: it is not needed here, and NetBox may have to render it anew.
    """

    @classmethod
    def ask(cls, **filters: Filter) -> Query:
        return Query(cls.endpoint, {**filters, "omit": "config_context"})

    @classmethod
    def with_attributes(cls) -> Query:
        return cls.ask(local_context_data=True)

    def refresh(self) -> None:
        found = self._client.list(self.endpoint, id=self.id, omit="config_context")
        if not found:
            raise NotFoundError(f"{self.label} is no longer in NetBox, {self.url}")
        self.record = found[0]

    def bind_ip_to_osport(
        self,
        ip: str,
        osport: str,
        ip_manager: IPManager | str | None = None,
        porttype: str | None = None,
        portnum: int | str | None = None,
    ) -> None:
        """Bind an address to the interface that the operating system calls `osport`; see `osport`.

        The IP manager is found by the address when none is given. Nothing happens when it is bound there already.
        InvalidError for one outside its subnet, ConflictError for one that is taken, naming by whom.
        """
        manager = self._manager(ip_manager) or IPManager.get_ip_manager(ip, session=self._session)
        manager.allocate(self, ip, osport, porttype, portnum)

    def _manager(self, ip_manager: IPManager | str | None) -> IPManager | None:
        return IPManager.get(ip_manager, session=self._session) if isinstance(ip_manager, str) else ip_manager

    def unbind_ip_from_osport(
        self, ip: str, osport: str | None = None, ip_manager: IPManager | str | None = None
    ) -> None:
        """Set an address free that is bound to this.

        NotFoundError when it is not bound, or not to that osport, or is not that IP manager's; AmbiguousError when it
        is bound several times, as in two VRFs.
        """
        wanted, manager = addresses.ip(ip), self._manager(ip_manager)
        found = [
            record
            for record in self._addresses()
            if addresses.ip(host_part(record["address"])) == wanted
            and osport in {None, record["assigned_object"]["name"]}
            and (manager is None or manager.has(record))
        ]
        where = (f" on {osport}" if osport else "") + (f" of {manager.label}" if manager else "")
        if not found:
            raise NotFoundError(f"{self.label} does not have IP address {wanted}{where}")
        if len(found) > 1:
            places = [f"{r['assigned_object']['name']} in {table(r)}" for r in found]
            raise AmbiguousError(f"{self.label} has IP address {wanted}{where} on {' and '.join(places)}", places)
        self._client.delete(ADDRESSES, found[0]["id"])

    def get_ips(self) -> list[str]:
        """All addresses bound to it, in their order."""
        return [host_part(record["address"]) for record in self._addresses()]

    def _addresses(self) -> list[Record]:
        found = self._client.list(ADDRESSES, **{f"{self._owner_field}_id": self.id})
        return sorted(found, key=by_address)

    def bears(self, address: Record) -> bool:
        """Whether an IP address record is bound to one of its interfaces."""
        owner = (address["assigned_object"] or {}).get(self._owner_field)
        return owner is not None and owner["id"] == self.id

    def osport_or_first(
        self, name: str | None, porttype: str | None = None, portnum: int | str | None = None
    ) -> tuple[Port, bool]:
        """The osport of that name, else the first network port; and whether it was made now."""
        if name is not None:
            return self.osport(name, porttype, portnum)
        return self.port(porttype or "nic-eth", portnum or 1), False

    def losses(self) -> list[str]:
        ips = self.get_ips()
        return [*super().losses(), *([f"its IP addresses would be free: {', '.join(ips)}"] if ips else [])]

    def describe(self) -> dict[str, Any]:
        self.refresh()
        return {
            **super().describe(),
            **self._description_of_place(),
            "ips": [binding(record) for record in self._addresses()],
            "ports": self.port_info(),
        }


def binding(address: Record) -> dict[str, str]:
    """How states tell an IP address record that is bound: `ip`, `osport` and, in a VRF, that."""
    vrf = {"vrf": str(address["vrf"]["name"])} if address["vrf"] else {}
    return {"ip": host_part(address["address"]), "osport": str(address["assigned_object"]["name"]), **vrf}
