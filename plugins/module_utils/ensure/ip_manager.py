# SPDX-License-Identifier: BSD-2-Clause
"""IP managers: their subnet, VRF, gateway and ranges."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from ..core.allocation import Block
from ..core.errors import ConflictError, InvalidError
from ..drivers import IPManager
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
    keys = ("name", "driver", "prefix", "vrf", "gateway", "ranges", "attributes")

    prefix: str | None = None
    baseip: str | None = None
    netmask: str | None = None
    vrf: str | None = None
    gateway: str | None = None
    ranges: Sequence[str] | None = None

    def find(self) -> IPManager | None:
        return find(self.session, IPManager, self.name)

    def new(self) -> State:
        bare: State = {"prefix": None, "vrf": None, "gateway": None, "ranges": [], "attributes": {}}
        return {"name": self.name, "driver": self.default_driver, **bare}

    @cached_property
    def _vrf(self) -> Record | None:
        return find_vrf(self.session, self.vrf)

    def wanted(self, now: State, /) -> State:
        here = self._block(now)
        try:
            gateway = str(gateway_in(here, self.gateway)) if self.gateway else None
            ranges = ranges_in(here, self.ranges or ())
        except InvalidError as exc:
            raise InvalidError(f"{self.label}: {exc}") from exc
        return {
            "prefix": str(here.net),
            **({"vrf": self._vrf["name"] if self._vrf else None} if self.found is None else {}),
            **({} if self.gateway is None else {"gateway": gateway}),
            **({} if self.ranges is None else {"ranges": ranges}),
        }

    def _block(self, now: State) -> Block:
        """Its subnet, which cannot be changed once it is there, nor its VRF: its addresses would be in none."""
        if self.found is None:
            net = subnet(self.name, self.prefix, self.baseip, self.netmask)
            IPManager.check_subnet(self.session, self.name, net, self._vrf)
            return Block(net)
        if self.prefix or self.baseip:
            net = subnet(self.name, self.prefix, self.baseip, self.netmask)
            if net != self.found.subnet:
                raise ConflictError(
                    f"{self.label} has the prefix {now['prefix']}; it cannot become {net}, for its addresses would be"
                    " in no subnet"
                )
        if self.vrf is not None and (self._vrf["id"] if self._vrf else None) != self.found.vrf_id:
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
            session=self.session,
        )

    def change(self, entity: IPManager, before: State, after: State, /) -> None:
        if before["gateway"] != after["gateway"]:
            entity.set_gateway(after["gateway"])
        if before["ranges"] != after["ranges"]:
            entity.set_ranges(after["ranges"])
