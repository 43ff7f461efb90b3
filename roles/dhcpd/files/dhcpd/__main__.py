# SPDX-License-Identifier: BSD-2-Clause
"""The program clusto-dhcpd."""

from __future__ import annotations

import argparse
import logging
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from .. import __version__
from ..core.errors import ClustoError
from .config import DEFAULT_PATH, load
from .log import Bridge, Log
from .server import Server


def main(argv: Sequence[str] | None = None) -> int:
    """Run until SIGTERM; gives the exit status."""
    options = _parser().parse_args(argv)

    try:
        config = load(options.config, os.environ)
    except ClustoError as exc:
        print(exc, file=sys.stderr)  # noqa: T201 - the answer of a command
        return 1
    if options.check_config:
        return 0

    log = Log(sys.stderr, config.log_format)
    logging.basicConfig(level=logging.INFO, handlers=[Bridge(log)], format="%(name)s: %(message)s")
    server = Server(config, log, lambda: load(options.config, os.environ))
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


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="clusto-dhcpd", description="A DHCP server that answers the hosts that NetBox knows, with what it says."
    )
    parser.add_argument("--config", type=Path, default=DEFAULT_PATH, help="TOML file (%(default)s)")
    parser.add_argument("--check-config", action="store_true", help="check the file and exit: 0 fine, 1 with messages")
    parser.add_argument("--version", action="version", version=f"clusto-dhcpd {__version__}")
    return parser


if __name__ == "__main__":
    sys.exit(main())
