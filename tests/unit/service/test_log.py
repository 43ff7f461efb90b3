# SPDX-License-Identifier: BSD-2-Clause
from __future__ import annotations

import io
import json
import logging

import pytest

from clusto.service.log import Bridge, Log


def log(form: str) -> tuple[Log, io.StringIO]:
    stream = io.StringIO()
    return Log(stream, form, clock=lambda: 1415836800.25), stream


def test_json() -> None:
    made, stream = log("json")
    made.info("transaction", mac="00:11", ip=None)
    assert stream.getvalue() == ""  # collected
    made.flush()
    assert json.loads(stream.getvalue()) == {
        "time": "2014-11-13T00:00:00.250Z",
        "level": "info",
        "message": "transaction",
        "mac": "00:11",
        "ip": None,
    }


@pytest.mark.parametrize("value", ["two words", 'a"b', "line\nbreak", "\x1b[31m", ""])
def test_whatever_is_told_stays_one_line(value: str) -> None:
    for form in ("json", "text"):
        made, stream = log(form)
        made.warning("unanswered", hostname=value)
        assert stream.getvalue().count("\n") == 1
        assert stream.getvalue().isascii()
        assert "\x1b" not in stream.getvalue()


def test_text() -> None:
    made, stream = log("text")
    made.error("reason", mac="00:11", hostname="new box")
    assert stream.getvalue() == '2014-11-13T00:00:00.250Z error reason mac=00:11 hostname="new box"\n'


def test_what_the_library_says_through_logging() -> None:
    made, stream = log("text")
    bridge = Bridge(made)
    for level in (logging.INFO, logging.WARNING, logging.ERROR):
        bridge.handle(logging.LogRecord("mirror", level, "", 0, "NetBox answers %s", ("again",), None))
    assert [line.split()[1] for line in stream.getvalue().splitlines()] == ["info", "warning", "error"]
    assert stream.getvalue().count("NetBox answers again") == 3
