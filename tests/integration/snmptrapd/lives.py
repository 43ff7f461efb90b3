# SPDX-License-Identifier: BSD-2-Clause
"""Many short lives of the server: each is ended by SIGKILL at a random moment, the last one by SIGTERM.

    python -m tests.integration.snmptrapd.lives CONFIG LIVES SEED DONE LAST

A life is a fork of this process, which has imported everything, so a start takes milliseconds. What was acted on is
written to the file DONE, a line for each MAC address; the file LAST appears with the last life.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from prometheus_client import Metric

from clusto.service.log import Log
from clusto.snmptrapd.config import Config, load
from clusto.snmptrapd.events import DONE, Event, Outcome
from clusto.snmptrapd.server import Server


class Writer:
    """In place of NetBox: a file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def start(self) -> None:
        self._file = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    def stop(self) -> None:
        os.close(self._file)

    def act(self, _: str, events: Sequence[Event]) -> Sequence[Outcome]:
        os.write(self._file, "".join(f"{event.change.mac}\n" for event in events).encode())
        return [DONE] * len(events)

    def readiness(self) -> dict[str, Any]:
        return {}

    def metrics(self) -> Iterator[Metric]:
        return iter(())


def live(config: Config, log: Log, make: Callable[..., Writer]) -> None:
    server = Server(config, log, lambda: config, make)
    signal.signal(signal.SIGTERM, lambda *_: server.stop())
    server.startup()
    server.serve()
    server.shutdown()


def main(path: str, lives: str, seed: str, done: str, last: str) -> None:
    config, log, chance = load(Path(path), {}), Log(sys.stderr), random.Random(int(seed))
    ended = False

    def end(*_: object) -> None:
        nonlocal ended
        ended = True

    signal.signal(signal.SIGTERM, end)
    for number in range(int(lives) + 1):
        child = os.fork()
        if not child:
            live(config, log, lambda *_: Writer(Path(done)))
            os._exit(0)
        if number < int(lives):
            time.sleep(chance.uniform(0.01, 0.09))
            os.kill(child, signal.SIGKILL)
        else:
            Path(last).touch()
            while not ended:
                time.sleep(0.02)
            os.kill(child, signal.SIGTERM)
        _, status = os.waitpid(child, 0)
        if number == int(lives) and status:
            raise SystemExit(status)


if __name__ == "__main__":
    main(*sys.argv[1:])
