# SPDX-License-Identifier: BSD-2-Clause
"""What ./quickstart hands over to, once there is a Python to hand over to."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from . import places, quickstart
from .errors import LabError
from .lock import exclusive

DESCRIPTION = "Sets up a real NetBox, describes a small datacenter in it, and lets DHCP clients get what it says."
EPILOG = """\
Everything is kept in .quickstart/ and in the cache directory ~/.cache/clusto-datacenter. With NETBOX_API and
NETBOX_TOKEN set, that NetBox is used and none is installed.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    try:
        with exclusive(places.QUICKSTART):
            options.run(options)
    except LabError as error:
        print(f"quickstart: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nquickstart: interrupted; run it again to go on", file=sys.stderr)
        return 130
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="quickstart", description=DESCRIPTION, epilog=EPILOG, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(title="commands", metavar="")
    netbox = commands.add_parser("netbox", help="start only NetBox")
    netbox.add_argument("--port", type=_port, metavar="PORT", help="of 127.0.0.1, for NetBox (8000)")
    netbox.set_defaults(run=lambda options: quickstart.netbox(options.port))
    commands.add_parser("status", help="what runs").set_defaults(run=lambda _: quickstart.status())
    commands.add_parser("stop", help="end what was started").set_defaults(run=lambda _: quickstart.stop())
    return parser


def _port(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise argparse.ArgumentTypeError(f"{text!r} is no port: expected a number from 1 to 65535")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
