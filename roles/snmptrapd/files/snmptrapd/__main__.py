# SPDX-License-Identifier: BSD-2-Clause
"""The program clusto-snmptrapd."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from .. import __version__
from ..service.program import Errand, Program
from .config import DEFAULT_PATH, Config, load
from .reconcile import Reconcile
from .server import Server

PROGRAM: Program[Config] = Program(
    name="clusto-snmptrapd",
    version=__version__,
    description="Hears from switches which MAC address appeared on which port, and acts on it in NetBox.",
    default_path=DEFAULT_PATH,
    load=load,
    make=Server,
    errand=Errand(
        "--reconcile",
        "SWITCH",
        "read the forwarding table of this switch (name or address), act on it as on traps that were missed, and exit",
        Reconcile,
    ),
)


def main(argv: Sequence[str] | None = None) -> int:
    """Run until SIGTERM; gives the exit status."""
    return PROGRAM.main(argv)


if __name__ == "__main__":
    sys.exit(main())
