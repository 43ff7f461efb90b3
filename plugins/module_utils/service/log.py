# SPDX-License-Identifier: BSD-2-Clause
"""One line per event on stderr: JSON, or the same for reading. Much thinner than `logging`, for the packet path."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable
from threading import Lock
from typing import Any, TextIO


class Log:
    """Lines are collected and written by `flush`, in one call for many; every level above info flushes at once."""

    def __init__(self, stream: TextIO, form: str = "json", clock: Callable[[], float] = time.time) -> None:
        self.form = form
        self._stream = stream
        self._clock = clock
        self._lines: list[str] = []
        self._lock = Lock()
        self._second, self._stamp = -1, ""

    def info(self, message: str, **fields: Any) -> None:
        self._add("info", message, fields)

    def warning(self, message: str, **fields: Any) -> None:
        self._add("warning", message, fields)
        self.flush()

    def error(self, message: str, **fields: Any) -> None:
        self._add("error", message, fields)
        self.flush()

    def flush(self) -> None:
        if self._lines:
            with self._lock:
                self._stream.write("".join(self._lines))
                self._stream.flush()
                self._lines.clear()

    def _add(self, level: str, message: str, fields: dict[str, Any]) -> None:
        with self._lock:
            self._lines.append(self._line(level, message, fields))

    def _line(self, level: str, message: str, fields: dict[str, Any]) -> str:
        stamp = self._time()
        if self.form == "json":
            return json.dumps({"time": stamp, "level": level, "message": message, **fields}) + "\n"
        told = " ".join(f"{key}={_plain(value)}" for key, value in fields.items())
        return f"{stamp} {level} {message}{' ' if told else ''}{told}\n"

    def _time(self) -> str:
        now = self._clock()
        second = int(now)
        if second != self._second:
            self._second, self._stamp = second, time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(second))
        return f"{self._stamp}.{int(now * 1000) % 1000:03}Z"


def _plain(value: Any) -> str:
    """Write a value in one line: quoted if it holds more than a word."""
    text = str(value)
    return text if text.isprintable() and " " not in text and text else json.dumps(text)


class Bridge(logging.Handler):
    """Carries what the library says through `logging` into a Log."""

    def __init__(self, log: Log) -> None:
        super().__init__(logging.INFO)
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        message = self.format(record)
        if record.levelno >= logging.ERROR:
            self._log.error(message)
        elif record.levelno >= logging.WARNING:
            self._log.warning(message)
        else:
            self._log.info(message)
            self._log.flush()
