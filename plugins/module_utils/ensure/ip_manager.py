# SPDX-License-Identifier: BSD-2-Clause
"""IP managers: their subnet, VRF, gateway and ranges."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

from ..core.addresses import IPAddress, IPNetwork
from ..core.allocation import Block
from ..core.errors import ConflictError, InvalidError
from ..drivers import IPManager
from ..drivers.gateway import of_others
from ..drivers.session import Record
from ..drivers.subnet import block, gateway_in, ranges_in, subnet
from ..drivers.vrf import find_vrf
from .entity import EntityTask
from .finding import find
from .task import State


@dataclass(kw_only=True)
class EnsureIPManager(EntityTask[IPManager]):
    kind = IPManager
    default_driver = "ipmanager"
    keys = ("name", "driver", "prefix", "vrf", "gateway", "ranges", "adopted", "attributes")

    prefix: str | None = None
    baseip: str | None = None
    netmask: str | None = None
    vrf: str | None = None
    gateway: str | None = None
    ranges: Sequence[str] | None = None
    adopt: bool = False

    _theirs: IPManager | None = field(default=None, init=False)
    """The prefix that others made and that becomes this one, as if it were an IP manager already."""
    _warnings: list[str] = field(default_factory=list, init=False)

    def find(self) -> IPManager | None:
        return find(self.session, IPManager, self.name)

    def new(self) -> State:
        bare: State = {"prefix": None, "vrf": None, "gateway": None, "ranges": [], "adopted": False, "attributes": {}}
        return {"name": self.name, "driver": self.default_driver, **bare}

    def before(self) -> State | None:
        """Of a prefix that is to be adopted, what it is like as no IP manager yet."""
        before = super().before()
        if before is not None or self.state == "absent":
            return before
        there = IPManager.to_adopt(self.session, self.name, self._net, self._vrf, adopt=self.adopt)
        if there is None:
            return None
        self._theirs = theirs = IPManager.from_record(self.session, there)
        as_it_is = {"prefix": theirs.prefix, "vrf": theirs.vrf, "attributes": theirs.document}
        return {**self.new(), "name": None, **as_it_is}

    @property
    def _net(self) -> IPNetwork:
        return subnet(self.name, self.prefix, self.baseip, self.netmask)

    @cached_property
    def _vrf(self) -> Record | None:
        return find_vrf(self.session, self.vrf)

    @property
    def _vrf_id(self) -> int | None:
        return self._vrf["id"] if self._vrf else None

    def wanted(self, now: State, /) -> State:
        here = self._block(now)
        try:
            gateway = gateway_in(here, self.gateway) if self.gateway else None
            ranges = ranges_in(here, self.ranges or ())
        except InvalidError as exc:
            raise InvalidError(f"{self.label}: {exc}") from exc
        if gateway and str(gateway) != now["gateway"]:
            self._note_others(gateway)
        return {
            "name": now["name"] or self.name,
            "prefix": str(here.net),
            **({} if self.found else {"vrf": self._vrf["name"] if self._vrf else None, "adopted": bool(self._theirs)}),
            **({} if self.gateway is None else {"gateway": gateway and str(gateway)}),
            **({} if self.ranges is None else {"ranges": ranges}),
        }

    def _note_others(self, gateway: IPAddress) -> None:
        table = self.found.vrf_id if self.found else self._vrf_id
        if whose := of_others(self.session.client, gateway, self.name, table):
            self._warnings.append(f"{self.label}: gateway {gateway} is in NetBox already, {whose}; it is left as it is")

    def result(self, after: State | None, /) -> State:
        return {**super().result(after), "warnings": self._warnings}

    def _block(self, now: State) -> Block:
        """Its subnet, which cannot be changed once it is there, nor its VRF: its addresses would be in none."""
        if self.found is None:
            return block(self._theirs.record) if self._theirs else Block(self._net)
        if (self.prefix or self.baseip) and (net := self._net) != self.found.subnet:
            raise ConflictError(
                f"{self.label} has the prefix {now['prefix']}; it cannot become {net}, for its addresses would be in no"
                " subnet"
            )
        if self.vrf is not None and self._vrf_id != self.found.vrf_id:
            tables = [f"VRF {vrf!r}" if vrf else "the global table" for vrf in (now["vrf"], self.vrf)]
            raise ConflictError(
                f"{self.label} is in {tables[0]}; it cannot move to {tables[1]}, for its addresses would stay behind"
            )
        return block(self.found.record)

    def make(self, cls: type[IPManager], after: State, /) -> IPManager:
        return cls(
            self.name,
            prefix=after["prefix"],
            vrf=self.vrf,
            gateway=after["gateway"],
            ranges=after["ranges"],
            attributes=after["attributes"],
            adopt=self.adopt,
            session=self.session,
        )

    def change(self, entity: IPManager, before: State, after: State, /) -> None:
        if before["gateway"] != after["gateway"]:
            entity.set_gateway(after["gateway"])
        if before["ranges"] != after["ranges"]:
            entity.set_ranges(after["ranges"])
