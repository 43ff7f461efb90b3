# SPDX-License-Identifier: BSD-2-Clause
from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clusto.snmp.macnotify import MacChange, Operation
from clusto.snmptrapd.events import Message
from clusto.snmptrapd.journal import Journal, JournalError, Restored

LIMIT = 1 << 20


def message(number: int, at: float = 1000.0) -> Message:
    change = MacChange(Operation.LEARNT, 442, f"02:00:00:00:00:{number % 256:02x}", number % 48 + 1)
    return Message(at, "192.0.2.1", number.to_bytes(16), (change,))


def reopened(directory: Path, limit: int = LIMIT) -> Restored:
    journal = Journal(directory, limit)
    restored = journal.open()
    journal.close()
    return restored


def files(directory: Path) -> list[Path]:
    return sorted(directory.iterdir())


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    made = Journal(tmp_path / "journal", LIMIT, segment=2000)
    assert made.open() == Restored({}, [])
    yield made
    made.close()


def test_what_is_not_done_is_there_after_a_restart(journal: Journal, tmp_path: Path) -> None:
    ids = journal.append([message(1), message(2), message(3)])
    journal.done(ids[1:2])
    assert journal.waiting == 2
    journal.close()
    restored = reopened(tmp_path / "journal")
    assert restored.messages == {ids[0]: message(1), ids[2]: message(3)}
    assert restored.keys == [message(number).key for number in (1, 2, 3)]


def test_ids_go_on_after_a_restart(journal: Journal, tmp_path: Path) -> None:
    journal.done(journal.append([message(1), message(2)]))
    journal.close()
    again = Journal(tmp_path / "journal", LIMIT)
    again.open()
    assert again.append([message(3)]) == [3]
    again.close()


def test_done_twice_or_unknown_is_nothing(journal: Journal) -> None:
    ids = journal.append([message(1)])
    journal.done(ids)
    size = journal.size
    journal.done([*ids, 99])
    assert (journal.waiting, journal.size) == (0, size)


def test_segments_go_when_all_is_done_and_old(journal: Journal, tmp_path: Path) -> None:
    ids = [number for n in range(60) for number in journal.append([message(n)])]
    segments = files(tmp_path / "journal")
    assert len(segments) > 3
    journal.done(ids[20:])
    journal.append([message(60, at=2000)])
    assert segments[0] in files(tmp_path / "journal")  # holds what is not done
    journal.done(ids[:20])
    journal.append([message(61, at=2000)])
    assert not set(segments[:3]) & set(files(tmp_path / "journal"))


def test_what_is_done_lately_is_kept_for_its_key(journal: Journal, tmp_path: Path) -> None:
    for number in range(60):
        journal.done(journal.append([message(number)]))
    journal.close()
    restored = reopened(tmp_path / "journal")
    assert restored.messages == {}
    assert len(restored.keys) == 60


def test_few_messages_that_keep_many_octets_are_copied(tmp_path: Path) -> None:
    journal = Journal(tmp_path, 10_000, segment=1000)
    journal.open()
    stuck = journal.append([message(0)])
    for number in range(1, 500):
        journal.done(journal.append([message(number)]))
        assert journal.size <= 10_000 + 200  # marks
    journal.close()
    assert reopened(tmp_path).messages == {stuck[0]: message(0)}


def test_a_full_journal_keeps_what_it_has(tmp_path: Path) -> None:
    journal = Journal(tmp_path, 10_000)
    journal.open()
    ids = [number for n in range(60) for number in journal.append([message(n)])]
    with pytest.raises(JournalError, match=f"journal {tmp_path} is full: 60 messages are not done yet"):
        journal.append([message(number) for number in range(100, 160)])
    journal.done(ids[:60])
    ids += journal.append([message(500)])
    journal.close()
    assert list(reopened(tmp_path).messages) == ids[60:]


@pytest.mark.parametrize("cut", [1, 2, 40])
def test_a_torn_tail(journal: Journal, tmp_path: Path, cut: int, caplog: pytest.LogCaptureFixture) -> None:
    journal.append([message(1)])
    journal.append([message(2)])
    journal.close()
    (segment,) = files(tmp_path / "journal")
    segment.write_bytes(segment.read_bytes()[:-cut])
    assert list(reopened(tmp_path / "journal").messages) == [1]
    assert "ends in the middle of a line" in caplog.text
    assert list(reopened(tmp_path / "journal").messages) == [1]  # the torn line is never written on


def test_a_damaged_line_costs_no_other(journal: Journal, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    journal.append([message(1), message(2), message(3)])
    journal.close()
    (segment,) = files(tmp_path / "journal")
    first, second, third, _ = segment.read_bytes().split(b"\n")
    segment.write_bytes(b"\n".join((first, second.replace(b"02:", b"03:"), third, b"")))
    assert list(reopened(tmp_path / "journal").messages) == [1, 3]
    assert "1 lines are damaged" in caplog.text


def test_one_process_at_a_time(journal: Journal, tmp_path: Path) -> None:
    with pytest.raises(JournalError, match="another process has it"):
        Journal(tmp_path / "journal", LIMIT).open()


def test_a_directory_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(JournalError, match=f"journal {tmp_path}/file/journal: Not a directory"):
        Journal(tmp_path / "file/journal", LIMIT).open()


def test_a_write_that_fails_leaves_no_half_line(journal: Journal, tmp_path: Path) -> None:
    journal.append([message(1)])
    full = os.open("/dev/full", os.O_WRONLY)
    whole, journal._handle = journal._handle, full
    with pytest.raises(JournalError):
        journal.append([message(2)])
    journal._handle = whole
    os.close(full)
    journal.append([message(3)])
    journal.close()
    assert list(reopened(tmp_path / "journal").messages.values()) == [message(1), message(3)]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(st.lists(st.one_of(st.integers(1, 5), st.lists(st.integers(1, 60), max_size=5), st.none()), max_size=30))
def test_any_history_is_restored(
    tmp_path_factory: pytest.TempPathFactory, history: list[int | list[int] | None]
) -> None:
    directory = tmp_path_factory.mktemp("journal")
    journal, expected = Journal(directory, LIMIT, segment=500), {}
    journal.open()
    for step in history:
        match step:
            case None:
                journal.close()
                journal = Journal(directory, LIMIT, segment=500)
                assert journal.open().messages == expected
            case int():
                messages = [message(len(expected) + n) for n in range(step)]
                expected |= dict(zip(journal.append(messages), messages, strict=True))
            case _:
                journal.done(step)
                expected = {number: m for number, m in expected.items() if number not in step}
        assert journal.waiting == len(expected)
    journal.close()
    assert reopened(directory).messages == expected
