# SPDX-License-Identifier: BSD-2-Clause
"""Every error of the library, below one root.

A subclass exists only where a caller reacts differently. The message names the thing, the value and what was expected;
edges (modules, inventory plugin, daemons) print it as it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

SHOWN = 5
"""Names that a message lists at most."""


class ClustoError(Exception):
    """Root of all errors that the library raises on purpose."""


class InvalidError(ClustoError, ValueError):
    """A value that is not of the form it must have; nothing was read or written."""


class NotFoundError(ClustoError, LookupError):
    """Nothing in NetBox answers to that name, address or id."""


class AmbiguousError(ClustoError, LookupError):
    """A name that several things bear. `candidates` are references that tell them apart, such as `rack:sv3-001`."""

    def __init__(self, message: str, candidates: Sequence[str]) -> None:
        super().__init__(message)
        self.candidates = tuple(candidates)


class ExistsError(ClustoError, NameError):
    """The name to be created is borne by something already (clusto raised NameError)."""


class ConflictError(ClustoError):
    """The request contradicts what is there: a taken address, an occupied rack unit, a pool cycle."""


class ExhaustedError(ConflictError):
    """There is no more of what is handed out: names, addresses. Worth a later retry."""


class BatchError(ClustoError):
    """Items of a list were refused, and nothing was changed.

    `refused` tells for each of them its index (from 0), its name and why.
    """

    def __init__(self, option: str, refused: Sequence[tuple[int, str, Exception]], total: int) -> None:
        reasons = "; ".join(f"{option}[{index}] ({name}): {error}" for index, name, error in refused)
        super().__init__(f"{len(refused)} of {total} {option} refused, nothing was changed: {reasons}")
        self.option, self.total = option, total
        self.refused = tuple(refused)


class NotBootstrappedError(ClustoError):
    """This NetBox lacks the custom fields, profiles or roles that `clusto.datacenter.bootstrap` makes."""


class NetBoxError(ClustoError):
    """Root of what NetBox, or the way to it, answered."""


class UnavailableError(NetBoxError):
    """No usable answer after all retries: refused, timed out, 5xx, or not NetBox (HTML). Worth a later retry."""


class AccessError(NetBoxError):
    """The token is wrong or expired (401), or may not do this (403)."""


class StaleError(NetBoxError):
    """The object changed since it was read (412, RFC 9110 section 15.5.13)."""


class RefusedError(NetBoxError):
    """NetBox refused the request (400, 409). `details` is its own answer, whole.

    `items`, of a bulk request: index of a body that was sent (from 0) -> what is wrong with it.
    """

    def __init__(
        self,
        message: str,
        details: Mapping[str, Any] | Sequence[Any] | None = None,
        items: Mapping[int, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.details = details
        self.items = dict(items or {})


def shown(names: Iterable[str]) -> str:
    """List a few names for a message, and say how many more there are."""
    listed = list(names)
    more = f" and {len(listed) - SHOWN} more" if len(listed) > SHOWN else ""
    return ", ".join(listed[:SHOWN]) + more
