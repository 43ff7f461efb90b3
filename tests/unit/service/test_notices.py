# SPDX-License-Identifier: BSD-2-Clause
from __future__ import annotations

import io

from clusto.service.log import Log
from clusto.service.notices import MOST, Notices


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def notices() -> tuple[Notices, Clock, io.StringIO]:
    stream, clock = io.StringIO(), Clock()
    return Notices(Log(stream, "text", clock), 300, clock), clock, stream


def test_one_per_subject_and_interval() -> None:
    made, clock, stream = notices()
    for now in (0, 1, 299, 300, 301):
        clock.now = now
        made.warn("a", f"at {now}")
    made.warn("b", "another")
    assert [line.split("warning ")[1] for line in stream.getvalue().splitlines()] == ["at 0", "at 300", "another"]


def test_a_flood_of_subjects_is_summed_up() -> None:
    made, clock, stream = notices()
    for number in range(10 * MOST):
        made.warn(number, "a warning")
    assert stream.getvalue().count("\n") == MOST
    clock.now = 300
    made.warn("later", "a warning")
    assert f"{9 * MOST} more warnings were held back: {MOST} in 300 s is the most" in stream.getvalue()
