# SPDX-License-Identifier: BSD-2-Clause
"""clusto over NetBox: `clusto.connect(api_url, token)`, then the classes of `clusto.drivers`."""

from __future__ import annotations

from .core.errors import (
    AmbiguousError,
    ClustoError,
    ConflictError,
    ExistsError,
    InvalidError,
    NetBoxError,
    NotBootstrappedError,
    NotFoundError,
)
from .drivers import Session, connect, get_by_name, get_entities, get_from_pools

__all__ = [
    "AmbiguousError",
    "ClustoError",
    "ConflictError",
    "ExistsError",
    "InvalidError",
    "NetBoxError",
    "NotBootstrappedError",
    "NotFoundError",
    "Session",
    "connect",
    "get_by_name",
    "get_entities",
    "get_from_pools",
]

__version__ = "0.1.0"
