# SPDX-License-Identifier: BSD-2-Clause
"""Several pytest processes that share the tests of one directory, file by file: `-p tests.shares --claims DIRECTORY`.

Each process collects everything and runs the files that it is the first to claim, so none waits while another has work
left. Each has fixtures of its own, a NetBox among them. Directories whose files have such in common are claimed whole.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

import pytest

HERE = Path(__file__).parent / "integration"
WHOLE = [HERE / name for name in ("snmptrapd", "others", "inventory")]
LONGEST = [
    *WHOLE,
    HERE / "test_bootstrap.py",
    HERE / "modules/test_playbook.py",
    HERE / "racks/test_factory.py",
    HERE / "drivers/test_name_managers.py",
    HERE / "drivers/test_allocation_at_once.py",
    HERE / "modules/test_renames.py",
    HERE / "mirror/test_faults.py",
    HERE / "faults/test_lists.py",
    HERE / "stateful/test_same_answers.py",
    HERE / "servers/test_list_faults.py",
]
"""What takes minutes comes first: while one process has such a file last, the others idle."""


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
    claims: Path = session.config.getoption("--claims")
    rank = {path: number for number, path in enumerate(LONGEST)}
    ordered = sorted(session.items, key=lambda item: rank.get(_share(item), len(rank)))
    for path, items in groupby(ordered, key=_share):
        if _claim(claims / str(path.relative_to(session.config.rootpath)).replace(os.sep, "+")):
            yield from items


def _share(item: pytest.Item) -> Path:
    """What a process claims at once: a file or, if its fixtures are for all of it, a directory."""
    return item.path.parent if item.path.parent in WHOLE else item.path


def _claim(path: Path) -> bool:
    try:
        path.touch(exist_ok=False)
    except FileExistsError:
        return False
    return True
