# SPDX-License-Identifier: BSD-2-Clause
from __future__ import annotations

import pytest

from tests.shares import LONGEST
from tools.lab.testing import Count, counted

REPORT = '<testsuites name="x"><testsuite name="pytest" errors="{}" failures="{}" skipped="0" tests="{}" time="1">'


@pytest.mark.parametrize(
    ("report", "status", "count"),
    [
        (REPORT.format(0, 0, 7), 0, Count(7, 0)),
        (REPORT.format(1, 2, 7), 1, Count(4, 3)),
        (REPORT.format(0, 0, 0), 5, Count(0, 1)),  # nothing collected
        (REPORT.format(0, 0, 7), 3, Count(7, 1)),  # pytest itself broke
        ("", 4, Count(0, 1)),  # before it could write a report
    ],
)
def test_what_a_report_counts(report: str, status: int, count: Count) -> None:
    assert counted(report, status) == count


def test_the_files_that_come_first_are_there() -> None:
    assert [path for path in LONGEST if not path.exists()] == []
