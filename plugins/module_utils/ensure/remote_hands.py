# SPDX-License-Identifier: BSD-2-Clause
"""A request to the people in a datacenter: done anew with every run, for nobody knows whether it was carried out."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from ..core.errors import InvalidError
from ..drivers import Datacenter, Session
from .task import State


@dataclass(kw_only=True)
class RemoteHands:
    session: Session
    datacenter: str
    message: str
    priority: str = "low"
    mail_server: str | None = None
    mail_port: int | None = None
    mail_tls: str | None = None
    mail_user: str | None = None
    mail_password: str | None = field(default=None, repr=False)
    mail_ca_path: str | None = None
    mail_from: str | None = None
    mail_to: list[str] | None = None

    _answer: Mapping[str, Any] = field(default_factory=dict, init=False)
    """What only the real run tells."""

    @cached_property
    def _datacenter(self) -> Datacenter:
        return Datacenter.get(self.datacenter, session=self.session)

    @cached_property
    def _options(self) -> dict[str, Any]:
        """Those that are given: a driver of the user's own need not know them."""
        named = {name: value for name, value in vars(self).items() if name.startswith("mail_")}
        return {name: value for name, value in named.items() if value is not None}

    def before(self) -> None:
        return None

    def after(self, _before: State | None, /) -> State:
        place = self._datacenter
        try:
            inspect.signature(place.remote_hands).bind(self.message, priority=self.priority, **self._options)
        except TypeError as exc:
            raise InvalidError(f"{place.label}: remote_hands of {type(place).__name__}: {exc}") from exc
        forecast = place.rehearse_remote_hands(self.message, priority=self.priority, **self._options)
        return {"datacenter": place.name, "message": self.message, "priority": self.priority, **forecast}

    def apply(self, _before: State | None, after: State | None, /) -> State | None:
        answer = self._datacenter.remote_hands(self.message, priority=self.priority, **self._options)
        self._answer = answer or {}
        return after

    def result(self, after: State | None, /) -> State:
        return {"request": {**(after or {}), **self._answer}}
