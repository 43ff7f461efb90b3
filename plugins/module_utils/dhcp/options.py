# SPDX-License-Identifier: BSD-2-Clause
"""Options by name and by code: the table of `core.dhcp_names` and what `extra_options` adds to it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..core.dhcp_names import NAMES, Kind, Name
from ..core.errors import InvalidError
from . import codec


class OptionTable:
    """All options that one server knows.

    `extra` is {code: name}: a further name for a code of the table, which keeps its kind, or a new option, whose
    values are octets. Raises InvalidError for a code that the protocol keeps to itself and for a name that is taken.
    """

    def __init__(self, extra: Mapping[int, str] | None = None) -> None:
        self.by_code: dict[int, Name] = {option.code: option for option in NAMES}
        self.by_name: dict[str, Name] = {name: option for option in NAMES for name in (option.name, *option.aliases)}
        for code, name in (extra or {}).items():
            option = self.by_code.setdefault(code, Name(code, name, Kind.BYTES, "extra_options"))
            if not option.settable:
                raise InvalidError(f"option {code} ({option.name}) cannot be given; the protocol sets it itself")
            if self.by_name.setdefault(name, option).code != code:
                raise InvalidError(f"name {name!r} for option {code} is taken by option {self.by_name[name].code}")

    def encode(self, name: str, value: object) -> tuple[int, bytes]:
        """(code, octets) of an attribute. Raises InvalidError for an unknown name or an unusable value."""
        option = self.by_name.get(name)
        if option is None or not option.settable:
            raise InvalidError(
                f"{value!r} is given for a name that is no option; expected one that docs/dhcpd.md lists"
            )
        return option.code, codec.encode(option.kind, value)

    def decode(self, code: int, data: bytes) -> tuple[str, Any]:
        """(name, value) of an option from the wire; an unknown one is named by its number. Raises InvalidError."""
        option = self.by_code.get(code, Name(code, str(code), Kind.BYTES, ""))
        return option.name, codec.decode(option.kind, data)
