# SPDX-License-Identifier: BSD-2-Clause
"""The outside of a daemon: command line, configuration, log and signals.

SIGTERM and SIGINT end it politely, SIGHUP makes it read its configuration again.
"""

from __future__ import annotations

import argparse
import logging
import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, Protocol, TypeVar

from ..core.errors import ClustoError
from .config import Common
from .log import Bridge, Log

C = TypeVar("C", bound=Common)


class Server(Protocol):
    """`stop` and `reload` are called from signal handlers; they only take note."""

    def startup(self) -> None:
        """Raises ClustoError when it cannot serve."""

    def serve(self) -> None:
        """Until `stop`."""

    def shutdown(self) -> None:
        """Close everything, also after a `startup` that failed."""

    def stop(self) -> None: ...

    def reload(self) -> None: ...


@dataclass(frozen=True)
class Errand(Generic[C]):
    """What a daemon's program can do instead of serving. make: gets the option's argument of the command line."""

    option: str
    argument: str
    description: str
    make: Callable[[C, Log, str], Server]


@dataclass(frozen=True)
class Program(Generic[C]):
    """load: the configuration of a file and the environment. make: the server; the last argument reads it anew."""

    name: str
    version: str
    description: str
    default_path: Path
    load: Callable[[Path, Mapping[str, str]], C]
    make: Callable[[C, Log, Callable[[], C]], Server]
    errand: Errand[C] | None = None

    def main(self, argv: Sequence[str] | None = None) -> int:
        """Run until SIGTERM; gives the exit status."""
        options = self._parser().parse_args(argv)

        def reread() -> C:
            return self.load(options.config, os.environ)

        try:
            config = reread()
        except ClustoError as exc:
            print(exc, file=sys.stderr)  # noqa: T201 - the answer of a command
            return 1
        if options.check_config:
            return 0
        log = Log(sys.stderr, config.log_format)
        logging.basicConfig(level=logging.INFO, handlers=[Bridge(log)], format="%(name)s: %(message)s")
        if self.errand and options.errand is not None:
            return _run(self.errand.make(config, log, options.errand), log)
        return _run(self.make(config, log, reread), log)

    def _parser(self) -> argparse.ArgumentParser:
        parser = argparse.ArgumentParser(prog=self.name, description=self.description)
        parser.add_argument("--config", type=Path, default=self.default_path, help="TOML file (%(default)s)")
        check = "check the file and exit: 0 fine, 1 with messages"
        parser.add_argument("--check-config", action="store_true", help=check)
        if self.errand:
            errand = self.errand
            parser.add_argument(errand.option, dest="errand", metavar=errand.argument, help=errand.description)
        parser.add_argument("--version", action="version", version=f"{self.name} {self.version}")
        return parser


def _run(server: Server, log: Log) -> int:
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: server.stop())
    signal.signal(signal.SIGHUP, lambda *_: server.reload())
    try:
        server.startup()
        server.serve()
    except ClustoError as exc:
        log.error(str(exc))  # noqa: TRY400 - the message says it all
        return 1
    finally:
        server.shutdown()
    return 0
