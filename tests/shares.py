# SPDX-License-Identifier: BSD-2-Clause
"""Several pytest processes that share the tests of one directory, file by file: `-p tests.shares --claims DIRECTORY`.

Each process collects everything and runs the files that it is the first to claim, so none waits while another has work
left. Each has fixtures of its own, a NetBox among them.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--claims", type=Path, required=True, help="a directory that the processes have in common")


def pytest_runtestloop(session: pytest.Session) -> bool:
    """Run like pytest's own loop, which this stands in for."""
    if session.testsfailed and not session.config.option.continue_on_collection_errors:
        raise session.Interrupted(f"{session.testsfailed} errors during collection")
    items = _claimed(session)
    item = next(items, None)
    while item is not None:
        following = next(items, None)
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        if session.shouldfail:
            raise session.Failed(session.shouldfail)
        if session.shouldstop:
            raise session.Interrupted(session.shouldstop)
        item = following
    return True


def _claimed(session: pytest.Session) -> Iterator[pytest.Item]:
    """The files at the top come first: some are the longest, and while one process has such a one last, others idle."""
    claims: Path = session.config.getoption("--claims")
    ordered = sorted(session.items, key=lambda item: len(item.path.parts))
    for path, items in groupby(ordered, key=lambda item: item.path):
        if _claim(claims / str(path.relative_to(session.config.rootpath)).replace(os.sep, "+")):
            yield from items


def _claim(path: Path) -> bool:
    try:
        path.touch(exist_ok=False)
    except FileExistsError:
        return False
    return True
