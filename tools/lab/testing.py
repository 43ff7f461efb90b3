# SPDX-License-Identifier: BSD-2-Clause
"""What ./test hands over to: sets up what the parts need, runs them, sums them up."""

from __future__ import annotations

import argparse
import os
import re
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET

from . import debian, places
from .commands import Together, attended
from .environment import make_venv
from .errors import LabError
from .lock import exclusive
from .machine_molecule import PACKAGES
from .private import private_instances
from .quickstart import BASE, WIRE, given_netbox, netbox_packages
from .terminal import forget_output, say

DESCRIPTION = """Sets up what the tests need and runs them. What stands behind a part's name goes to its runner: pytest,
or the names of molecule scenarios, or of benchmarks. With NETBOX_API and NETBOX_TOKEN set, that NetBox is used."""
HOME = places.TEST
VENV = HOME / "venv"
PYTHON = str(VENV / "bin/python")
PROCESSES = 4
LAST_LINES = 15  # of a failed test's traceback
BENCHES = places.ROOT / "tests/bench"
CLOSING = re.compile(r"molecule: (\d+) passed, \d+ failed(?:: (.+))?")
SNMP = ("snmp", "snmpd")  # net-snmp's senders of traps, and its agent in place of a switch
PEERS = ("kea-dhcp4-server", "kea-admin", "snmptrapd")  # the servers to compare with, and perfdhcp


@dataclass(frozen=True)
class Count:
    """`failures` tell of each what it was, in a line or a few."""

    passed: int
    failures: tuple[str, ...] = ()

    def __add__(self, other: Count) -> Count:
        return Count(self.passed + other.passed, self.failures + other.failures)


@dataclass(frozen=True)
class Part:
    """`packages` are Debian's; `run` gets what the user wrote behind the part's name."""

    run: Callable[[Sequence[str]], Count]
    packages: Callable[[], Sequence[str]] = tuple
    beside: Callable[[Together], Callable[[], Count]] | None = None
    """Starts it beside the other parts; what that gives waits for its end."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="test", description=DESCRIPTION, allow_abbrev=False)
    parser.add_argument("part", nargs="?", choices=PARTS, help="this part only; else all but bench")
    options, extra = parser.parse_known_args()
    if extra and not options.part:
        parser.error(f"{' '.join(extra)} would go to which part? Name one: {', '.join(PARTS)}")
    for number in (signal.SIGTERM, signal.SIGINT):  # pytest then takes away what its fixtures made, behind nohup too
        signal.signal(number, signal.default_int_handler)
    names = [options.part] if options.part else [name for name in PARTS if name != "bench"]
    try:
        with exclusive(HOME):
            return run_parts(names, extra)
    except LabError as error:
        print(f"test: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\ntest: interrupted", file=sys.stderr)
        return 130
    except BrokenPipeError:
        forget_output()
        return 1


def run_parts(names: Sequence[str], extra: Sequence[str]) -> int:
    """0 when every part ran something and nothing failed."""
    packages = {package for name in names for package in PARTS[name].packages()}
    debian.install(sorted(packages.union(BASE)), HOME / "log/apt.log")
    make_venv(VENV, places.REQUIREMENTS / "dev.txt")
    counts = {}
    with Together(places.ROOT) as programs:
        alone = len(names) == 1 or given_netbox()  # a NetBox of the user's has one part at a time
        later = {} if alone else {name: start(programs) for name in names if (start := PARTS[name].beside)}
        for name in names:
            say(f"\n==> {name}")
            began = time.monotonic()
            counts[name] = later[name]() if name in later else PARTS[name].run(extra)
            say(f"==> {name}: {time.monotonic() - began:.0f} s")
    say()
    for name, count in counts.items():
        for failure in count.failures:
            say(f"{name} failed: {failure}\n")
    for name, count in counts.items():
        say(f"{name}: {_summary(count)}" + ("" if count.passed else ": nothing was tested"))
    say(_summary(sum(counts.values(), Count(0))))
    return 0 if all(count.passed and not count.failures for count in counts.values()) else 1


def _summary(count: Count) -> str:
    return f"{count.passed} passed, {len(count.failures)} failed"


def pytest(directory: str) -> Callable[[Sequence[str]], Count]:
    def run(extra: Sequence[str]) -> Count:
        report = HOME / "report.xml"
        report.unlink(missing_ok=True)
        chosen = [] if any((places.ROOT / word.split("::")[0]).exists() for word in extra) else [directory]
        command = [PYTHON, "-m", "pytest", f"--junit-xml={report}", *chosen, *extra]
        return counted(report, attended(command, places.ROOT))

    return run


def integration(extra: Sequence[str]) -> Count:
    """Run them in several processes, each with a NetBox of its own.

    A process waits half of its time, for a time-out or for what it has started: four keep two cores busy. Each has its
    own place for temporary files: what pytest numbers, it cleans up when it ends, and then others' are in its way.
    """
    if extra or given_netbox():  # some tests compare what all of a NetBox is like before and after
        return pytest("tests/integration")(extra)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as scratch:
        (claims := Path(scratch) / "claims").mkdir()
        reports = {str(number): HOME / f"report-{number}.xml" for number in range(1, PROCESSES + 1)}
        for report in HOME.glob("report-*.xml"):
            report.unlink()
        command = [PYTHON, "-u", "-m", "pytest", "-p", "tests.shares", f"--claims={claims}", "tests/integration"]
        with Together(places.ROOT) as programs:
            started = [
                programs.start(n, [*command, f"--junit-xml={report}", f"--basetemp={scratch}/{n}"])
                for n, report in reports.items()
            ]
            statuses = [program.wait() for program in started]
    counts = [counted(report, status) for report, status in zip(reports.values(), statuses, strict=True)]
    return sum(counts, Count(0))


def integration_beside(programs: Together) -> Callable[[], Count]:
    """Migrations take minutes of one core: they are begun at once."""
    programs.start("netbox", [sys.executable, "-u", "-m", "tools.lab.instance"])
    return lambda: integration(())


def counted(report: Path, status: int) -> Count:
    """What pytest's report counts; an exit status that no test accounts for (a broken conftest) is a failure too."""
    if not report.exists():
        return Count(0, (f"pytest ended with status {status} before it wrote {report.name}",))
    cases = list(ET.parse(report).iter("testcase"))  # noqa: S314 - pytest has just written it
    failures = tuple(_failure(case, end) for case in cases for end in case if end.tag in {"failure", "error"})
    broken = (f"pytest ended with status {status}",) if status and not failures else ()
    return Count(len(cases) - len(failures), failures or broken)


def _failure(case: ET.Element, outcome: ET.Element) -> str:
    """Which test, and how its traceback ends: whoever has the end of the output only shall know what to look for."""
    lines = (outcome.text or outcome.get("message") or "").splitlines()
    return "\n    ".join([f"{case.get('classname')}::{case.get('name')}", *lines[-LAST_LINES:]])


def lint(_: Sequence[str]) -> Count:
    failed = [name for name, command in CHECKS.items() if not check(name, command)]
    return Count(len(CHECKS) - len(failed), tuple(failed))


def check(name: str, command: Sequence[str]) -> bool:
    say(f"--> {name}")
    path = f"{VENV / 'bin'}:{os.environ.get('PATH', os.defpath)}"  # which some of them look for each other in
    return attended(command, places.ROOT, os.environ | {"PATH": path}) == 0


def molecule(extra: Sequence[str]) -> Count:
    with Together(places.ROOT) as programs:
        return molecule_beside(programs, extra)()


def molecule_beside(programs: Together, extra: Sequence[str] = ()) -> Callable[[], Count]:
    """Hosts take their time to boot and to install.

    tools/lab/machine.py closes with `molecule: N passed, N failed`, and the scenarios' names behind a colon.
    """
    closing: list[re.Match[str]] = []

    def look(line: str) -> None:
        if found := CLOSING.match(line):
            closing.append(found)

    program = programs.start("molecule", [PYTHON, "-u", "-m", "tools.lab.machine", "molecule", *extra], look)

    def count() -> Count:
        program.wait()
        if not closing:
            return Count(0, ("before any scenario",))
        return Count(int(closing[-1][1]), tuple((closing[-1][2] or "").split()))

    return count


def bench(extra: Sequence[str]) -> Count:
    """Run the benchmarks named (all, if none is), each on a NetBox of its own; their figures are for the reader."""
    wanted = [path for path in sorted(BENCHES.glob("bench_*.py")) if not extra or path.stem[6:] in extra]
    if unknown := set(extra) - {path.stem[6:] for path in wanted}:
        raise LabError(f"no benchmark called {', '.join(sorted(unknown))} in tests/bench")
    failed = []
    with private_instances() as start:
        for path in wanted:
            say(f"--> {path.name}")
            server = given_netbox() or start().server
            environment = os.environ | {"NETBOX_API": server.api_url, "NETBOX_TOKEN": server.token}
            if attended([PYTHON, "-m", f"tests.bench.{path.stem}"], places.ROOT, environment):
                failed.append(path.name)
    return Count(len(wanted) - len(failed), tuple(failed))


CHECKS = {
    "ruff format": ("ruff", "format", "--check", "plugins", "roles", "tests", "tools"),
    "ruff check": ("ruff", "check"),
    "mypy clusto": ("mypy", "-p", "clusto"),
    "mypy tools": ("mypy", "tools/lab"),
    "yamllint": ("yamllint", "--strict", "."),
    "ansible-lint": ("ansible-lint", "--offline"),
    "changelog": ("antsibull-changelog", "lint"),
    "shellcheck": ("shellcheck", "--external-sources", "quickstart", "test", ".ci/run", "requirements/compile"),
}
PARTS = {
    "lint": Part(lint, lambda: ("shellcheck",)),
    "unit": Part(pytest("tests/unit")),
    "integration": Part(
        integration,
        lambda: (*WIRE, *SNMP, "isc-dhcp-relay", *([] if given_netbox() else netbox_packages())),
        integration_beside,
    ),
    "molecule": Part(molecule, lambda: (*PACKAGES, *([] if given_netbox() else netbox_packages())), molecule_beside),
    "bench": Part(bench, lambda: (*WIRE, *PEERS, *([] if given_netbox() else netbox_packages()))),
}


if __name__ == "__main__":
    sys.exit(main())
