# SPDX-License-Identifier: BSD-2-Clause
"""What ./quickstart hands over to, once there is a Python to hand over to."""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Sequence

from . import places, quickstart
from .errors import LabError
from .lock import exclusive
from .terminal import forget_output

DESCRIPTION = "Sets up a real NetBox, describes a small datacenter in it, and lets DHCP clients get what it says."
EPILOG = """\
commands:
  (none)    all of it; NetBox and the DHCP server stay running
  netbox    only NetBox
  boot      let the DHCP clients boot again
  status    what runs
  stop      end what was started

Everything is kept in .quickstart/ and in the cache directory ~/.cache/clusto-datacenter. With NETBOX_API and
NETBOX_TOKEN set, that NetBox is used and none is installed.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # what was begun is taken away, as after Ctrl-C
    commands = {
        None: lambda: quickstart.story(options.port),
        "netbox": lambda: quickstart.netbox(options.port),
        "boot": quickstart.boot,
        "status": quickstart.status,
        "stop": quickstart.stop,
    }
    try:
        with exclusive(places.QUICKSTART):
            commands[options.command]()
    except LabError as error:
        print(f"quickstart: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nquickstart: interrupted; run it again to go on", file=sys.stderr)
        return 130
    except BrokenPipeError:
        forget_output()
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="quickstart", description=DESCRIPTION, epilog=EPILOG, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    names = ("netbox", "boot", "status", "stop")
    parser.add_argument("command", nargs="?", choices=names, metavar="|".join(names))
    parser.add_argument("--port", type=_port, metavar="PORT", help="of 127.0.0.1, for NetBox (8000)")
    return parser


def _port(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise argparse.ArgumentTypeError(f"{text!r} is no port: expected a number from 1 to 65535")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
