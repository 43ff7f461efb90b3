# SPDX-License-Identifier: BSD-2-Clause
"""One address, bound to a server or free."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from ..core import addresses
from ..core.errors import InvalidError
from ..drivers import Session
from ..drivers.host import Host
from .bindings import Binding, Bindings, in_order
from .task import State


@dataclass(kw_only=True)
class EnsureIPBinding:
    session: Session
    entity: str
    ip: str | None = None
    ip_manager: str | None = None
    osport: str | None = None
    state: str = "present"

    _meant: list[Binding] = field(default_factory=list, init=False)

    @cached_property
    def _host(self) -> Host:
        entity = self.session.get_by_name(self.entity)
        if not isinstance(entity, Host):
            raise InvalidError(f"{entity.label} bears no addresses; expected a server or another device")
        return entity

    @cached_property
    def _bindings(self) -> Bindings:
        return Bindings(self.session, self._host)

    def before(self) -> State:
        self._described: State = self._host.describe()
        return {"ips": self._described["ips"]}

    def after(self, before: State | None, /) -> State:
        now: list[Binding] = (before or {})["ips"]
        if self.state == "absent":
            self._meant = []
            return {"ips": [binding for binding in now if not self._matches(binding)]}
        wish = {"ip": self.ip, "ip_manager": self.ip_manager, "osport": self.osport}
        self._meant = self._bindings.meant(now, [wish])
        return {"ips": in_order([*now, *(b for b in self._meant if b not in now)])}

    def _matches(self, binding: Binding) -> bool:
        ip = addresses.ip(binding["ip"])
        return (
            (self.ip is None or ip == addresses.ip(self.ip))
            and (self.ip_manager is None or ip in self._bindings.manager(self.ip_manager).subnet)
            and (self.osport is None or binding["osport"] == self._bindings.interface(self.osport))
        )

    def apply(self, before: State | None, after: State | None, /) -> State:
        now, wanted = (before or {})["ips"], (after or {})["ips"]
        reached = self._bindings.bring_about(self._host, now, wanted)
        self._meant = [b for b in reached if b in self._meant or (b not in wanted and b not in now)]
        self._described = self._host.describe()
        return {"ips": reached}

    def result(self, after: State | None, /) -> State:
        return {"ips": [binding["ip"] for binding in self._meant], "entity": {**self._described, **(after or {})}}
