# SPDX-License-Identifier: BSD-2-Clause
"""Many who ask one IP manager for an address at the same moment, from several processes, each with its own session."""

from __future__ import annotations

import multiprocessing
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from functools import partial

from clusto.core.errors import ConflictError
from clusto.drivers import IPManager, Session
from clusto.drivers.session import Record
from clusto.netbox.client import Client, Settings

Answer = tuple[str | None, str]
"""The address, or None and why there is none."""
PATIENCE = 300  # seconds that one request may take, with all the others before it in NetBox's queue


def ask(connection: tuple[str, str], manager: Record, ip: str | None) -> Answer:
    with Session(Client(Settings(*connection, timeout=PATIENCE))) as session:
        try:
            return IPManager.from_record(session, manager).allocate(ip=ip), ""
        except ConflictError as exc:
            return None, str(exc)


def several(connection: tuple[str, str], manager: Record, ips: Sequence[str | None]) -> list[Answer]:
    with ThreadPoolExecutor(len(ips)) as pool:
        return list(pool.map(partial(ask, connection, manager), ips))


def at_once(connection: tuple[str, str], manager: Record, ip: str | None, processes: int, each: int) -> list[Answer]:
    """What `processes` times `each` askers get, who all want `ip` or, without it, the next free address.

    manager: the record of an IP manager.
    """
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, context) as pool:
        asked = [pool.submit(several, connection, manager, [ip] * each) for _ in range(processes)]
        return [answer for future in asked for answer in future.result()]
