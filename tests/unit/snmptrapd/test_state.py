# SPDX-License-Identifier: BSD-2-Clause
from __future__ import annotations

from pathlib import Path

import pytest

from clusto.snmp.engine import Clock
from clusto.snmptrapd import state
from clusto.snmptrapd.journal import JournalError


def test_the_id_is_made_once_and_the_starts_are_counted(tmp_path: Path) -> None:
    first = state.begin(tmp_path, None, 0)
    assert first.boots == 1
    assert len(first.engine_id) == 13
    assert first.engine_id.startswith(state.PREFIX)
    assert state.begin(tmp_path, None, 0) == first._replace(boots=2)
    assert (tmp_path / state.NAME).stat().st_mode & 0o777 == 0o600


def test_another_id_begins_anew(tmp_path: Path) -> None:
    state.begin(tmp_path, b"\x80one", 0)
    assert state.begin(tmp_path, b"\x80one", 0)[:2] == (b"\x80one", 2)
    assert state.begin(tmp_path, b"\x80two", 0)[:2] == (b"\x80two", 1)


def test_the_time_of_others_is_kept(tmp_path: Path) -> None:
    begun = state.begin(tmp_path, None, 0)
    state.save(tmp_path, begun._replace(clocks={b"\x80sw": Clock(3, 4711, 99.0)}))
    assert state.begin(tmp_path, None, 7.0).clocks == {b"\x80sw": Clock(3, 4711, 7.0)}


@pytest.mark.parametrize("text", ["", "{}", '{"engine_id": "x", "boots": 1, "clocks": {}}', "[]"])
def test_a_damaged_file(tmp_path: Path, text: str) -> None:
    (tmp_path / state.NAME).write_text(text)
    with pytest.raises(JournalError, match=r"engine.json: cannot be used: .*; remove it to begin with a new engine id"):
        state.begin(tmp_path, None, 0)


def test_a_directory_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(JournalError, match="cannot be written: No such file or directory"):
        state.begin(tmp_path / "none", None, 0)
