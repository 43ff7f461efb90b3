# SPDX-License-Identifier: BSD-2-Clause
"""Which addresses something has on which interface, as states tell it."""

from __future__ import annotations

from collections.abc import Iterable

from ..core import addresses

Binding = dict[str, str]
"""`ip`, `osport` and, in a VRF, `vrf`, as `describe()` tells them."""


def in_order(bindings: Iterable[Binding]) -> list[Binding]:
    """By address, as `describe()` lists them."""

    def key(binding: Binding) -> tuple[int, int]:
        ip = addresses.ip(binding["ip"])
        return ip.version, int(ip)

    return sorted(bindings, key=key)
