# SPDX-License-Identifier: BSD-2-Clause
"""IP managers: their subnet and gateway."""

from __future__ import annotations

from dataclasses import dataclass

from ..core.allocation import Block
from ..core.errors import ConflictError, InvalidError
from ..drivers import IPManager
from ..drivers.ipmanager import gateway_in, subnet
from .entity import EntityTask
from .finding import find
from .task import State


@dataclass(kw_only=True)
class EnsureIPManager(EntityTask[IPManager]):
    kind = IPManager
    default_driver = "ipmanager"
    keys = ("name", "driver", "prefix", "gateway", "attributes")

    prefix: str | None = None
    baseip: str | None = None
    netmask: str | None = None
    gateway: str | None = None

    def find(self) -> IPManager | None:
        return find(self.session, IPManager, self.name)

    def new(self) -> State:
        return {"name": self.name, "driver": self.default_driver, "prefix": None, "gateway": None, "attributes": {}}

    def wanted(self, now: State, /) -> State:
        """The subnet of an IP manager that is there cannot be changed: its addresses would be in none."""
        if self.found is None or self.prefix or self.baseip:
            net = subnet(self.name, self.prefix, self.baseip, self.netmask)
        else:
            net = self.found.subnet
        if self.found is None:
            IPManager.check_subnet(self.session, self.name, net)
        elif net != self.found.subnet:
            raise ConflictError(f"{self.label} has the prefix {now['prefix']}; it cannot become {net}")
        if self.gateway is None:
            return {"prefix": str(net)}
        try:
            gateway = str(gateway_in(Block(net), self.gateway)) if self.gateway else None
        except InvalidError as exc:
            raise InvalidError(f"{self.label}: {exc}") from exc
        return {"prefix": str(net), "gateway": gateway}

    def make(self, cls: type[IPManager], after: State, /) -> IPManager:
        return cls(
            self.name,
            prefix=after["prefix"],
            gateway=after["gateway"],
            attributes=after["attributes"],
            session=self.session,
        )

    def change(self, entity: IPManager, before: State, after: State, /) -> None:
        if before["gateway"] != after["gateway"]:
            entity.set_gateway(after["gateway"])
