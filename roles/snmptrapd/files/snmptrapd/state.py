# SPDX-License-Identifier: BSD-2-Clause
"""What our SNMP engine has to know of its earlier runs (RFC 3414 section 2.2).

Its id, how often it has started, and the time of the engines that it has heard of, so that an old message is refused
after a restart too.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Final, NamedTuple

from ..snmp.engine import Clock
from .journal import JournalError

NAME: Final = "engine.json"
# RFC 3411 section 5 (SnmpEngineID): the highest bit, no enterprise's number, and 5: octets of our own making.
PREFIX: Final = bytes.fromhex("8000000005")


class State(NamedTuple):
    engine_id: bytes
    boots: int
    clocks: Mapping[bytes, Clock]


def begin(directory: Path, engine_id: bytes | None, now: float) -> State:
    """Count one more start; without an id, that of the last one is kept. now: of the engine's clock. JournalError."""
    path = directory / NAME
    try:
        before = _read(path, now) if path.exists() else State(engine_id or PREFIX + secrets.token_bytes(8), 0, {})
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as exc:
        raise JournalError(f"{path}: cannot be used: {exc}; remove it to begin with a new engine id") from exc
    if engine_id not in {None, before.engine_id}:
        before = State(engine_id, 0, before.clocks)
    state = before._replace(boots=before.boots + 1)
    save(directory, state)
    return state


def save(directory: Path, state: State) -> None:
    """Write it whole or not at all. Raises JournalError."""
    document = {
        "engine_id": state.engine_id.hex(),
        "boots": state.boots,
        "clocks": {engine.hex(): [clock.boots, clock.latest] for engine, clock in dict(state.clocks).items()},
    }
    path = directory / NAME
    fresh = path.with_suffix(".new")
    try:
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w") as file:
            json.dump(document, file)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    except OSError as exc:
        raise JournalError(f"{path}: cannot be written: {exc.strerror}") from exc


def _read(path: Path, now: float) -> State:
    document = json.loads(path.read_text(encoding="ascii"))
    clocks = {
        bytes.fromhex(engine): Clock(int(boots), int(latest), now)
        for engine, (boots, latest) in document["clocks"].items()
    }
    return State(bytes.fromhex(document["engine_id"]), int(document["boots"]), clocks)
