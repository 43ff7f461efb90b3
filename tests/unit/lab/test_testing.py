# SPDX-License-Identifier: BSD-2-Clause
from __future__ import annotations

from pathlib import Path

import pytest

from tests.shares import LONGEST
from tools.lab.testing import LAST_LINES, counted

REPORT = '<testsuites><testsuite name="pytest">{}</testsuite></testsuites>'
PASSED = '<testcase classname="tests.unit.test_a" name="test_one" time="1" />'
SKIPPED = '<testcase classname="tests.unit.test_a" name="test_two"><skipped message="no" /></testcase>'
FAILED = '<testcase classname="tests.unit.test_a" name="test_{}"><{} message="short">{}</{}></testcase>'
TRACEBACK = "\n".join(f"line {number}" for number in range(100))


@pytest.fixture
def report(tmp_path: Path) -> Path:
    return tmp_path / "report.xml"


def test_a_report_without_failures(report: Path) -> None:
    report.write_text(REPORT.format(PASSED + SKIPPED))
    count = counted(report, 0)
    assert (count.passed, count.failures) == (2, ())


def test_what_failed_is_named_with_the_end_of_its_traceback(report: Path) -> None:
    failure, error = (FAILED.format(name, tag, TRACEBACK, tag) for name, tag in ((3, "failure"), (4, "error")))
    report.write_text(REPORT.format(PASSED + failure + error))
    count = counted(report, 1)
    assert count.passed == 1
    assert [text.splitlines()[0] for text in count.failures] == [f"tests.unit.test_a::test_{n}" for n in (3, 4)]
    for text in count.failures:
        assert text.splitlines()[-1].strip() == "line 99"
        assert len(text.splitlines()) == 1 + LAST_LINES


@pytest.mark.parametrize(("cases", "status"), [("", 5), (PASSED, 3)])
def test_a_status_that_no_test_accounts_for_is_a_failure(report: Path, cases: str, status: int) -> None:
    report.write_text(REPORT.format(cases))
    assert counted(report, status).failures == (f"pytest ended with status {status}",)


def test_no_report_is_a_failure(report: Path) -> None:
    assert counted(report, 4).failures == ("pytest ended with status 4 before it wrote report.xml",)


def test_sums_name_the_failures_of_all(tmp_path: Path) -> None:
    counts = [counted(tmp_path / name, 2) for name in ("a.xml", "b.xml")]
    assert [text.split()[-1] for text in (counts[0] + counts[1]).failures] == ["a.xml", "b.xml"]


def test_the_files_that_come_first_are_there() -> None:
    assert [path for path in LONGEST if not path.exists()] == []
