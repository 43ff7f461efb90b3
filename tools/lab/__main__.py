# SPDX-License-Identifier: BSD-2-Clause
"""What ./quickstart hands over to, once there is a Python to hand over to."""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Callable, Sequence

from . import places, quickstart
from .errors import LabError
from .lock import exclusive
from .terminal import forget_output

DESCRIPTION = """\
Sets up a real NetBox, describes a small datacenter in it, lets a switch tell of a new server, which appears in its
rack, and lets DHCP clients get what NetBox has for it."""
EPILOG = """\
commands:
  (none)           all of it; NetBox, the DHCP server and the trap listener stay running
  netbox           only NetBox
  plug PORT MAC    let the switch of rack sv3-002 tell that it learnt this MAC address at its port PORT
  boot [SERVER]    let the DHCP clients boot, as this server or as the last one again
  picture          make docs/images/rack.png anew: a whole rack as NetBox draws it (installs Chromium)
  status           what runs
  stop             end what was started

Everything is kept in .quickstart/ and in the cache directory ~/.cache/clusto-datacenter. With NETBOX_API and
NETBOX_TOKEN set, that NetBox is used and none is installed.
"""

# What does it, and how many arguments that takes, at least and at most.
COMMANDS: dict[str | None, tuple[Callable[[argparse.Namespace], object], int, int]] = {
    None: (lambda options: quickstart.story(options.port), 0, 0),
    "netbox": (lambda options: quickstart.netbox(options.port), 0, 0),
    "plug": (lambda options: quickstart.plug(*options.arguments), 2, 2),
    "boot": (lambda options: quickstart.boot(*options.arguments), 0, 1),
    "picture": (lambda options: quickstart.picture(options.port), 0, 0),
    "status": (lambda _: quickstart.status(), 0, 0),
    "stop": (lambda _: quickstart.stop(), 0, 0),
}


def main(arguments: Sequence[str] | None = None) -> int:
    options = _options(arguments)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # what was begun is taken away, as after Ctrl-C
    try:
        with exclusive(places.QUICKSTART):
            COMMANDS[options.command][0](options)
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


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="quickstart", description=DESCRIPTION, epilog=EPILOG, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    names = [name for name in COMMANDS if name]
    parser.add_argument("command", nargs="?", choices=names, metavar="|".join(names))
    parser.add_argument("arguments", nargs="*", metavar="…", help="of the command")
    parser.add_argument("--port", type=_port, metavar="PORT", help="of 127.0.0.1, for NetBox (8000)")
    options = parser.parse_args(arguments)
    _, fewest, most = COMMANDS[options.command]
    given = options.arguments
    if len(given) > most:
        parser.error(f"unexpected: {' '.join(given[most:])}")
    if len(given) < fewest:
        parser.error(f"{options.command} needs more; see --help")
    return options


def _port(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise argparse.ArgumentTypeError(f"{text!r} is no port: expected a number from 1 to 65535")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
