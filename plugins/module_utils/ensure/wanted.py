# SPDX-License-Identifier: BSD-2-Clause
"""What should be, worked out from what is and what is asked for. No I/O."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..core.merge import deepmerge, same
from ..drivers.documents import checked

__all__ = ["document", "names", "same"]


def document(now: Mapping[str, Any], wanted: Mapping[str, Any] | None, mode: str) -> dict[str, Any]:
    """An entity's own attributes. InvalidError for names that are none among the wanted."""
    if wanted is None:
        return dict(now)
    new = checked(wanted)
    return new if mode == "exact" else deepmerge(now, new)


def names(now: Iterable[str], wanted: Iterable[str] | None, mode: str) -> list[str]:
    """The members of a set, sorted, after some were added, taken as the only ones, or removed."""
    if wanted is None:
        return sorted(now)
    match mode:
        case "add":
            return sorted({*now, *wanted})
        case "remove":
            return sorted({*now} - {*wanted})
    return sorted({*wanted})
