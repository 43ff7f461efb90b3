# SPDX-License-Identifier: BSD-2-Clause
from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tools.lab import __main__ as program
from tools.lab import quickstart
from tools.lab.errors import LabError
from tools.lab.netbox import Secrets

ROOT = Path(__file__).parents[3]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(quickstart, "HOME", tmp_path)
    for name in ("NETBOX_API", "NETBOX_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def test_without_the_variables_there_is_no_given_netbox() -> None:
    assert quickstart.given_netbox() is None


def test_the_users_netbox_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NETBOX_API", "https://netbox.example.org/")
    monkeypatch.setenv("NETBOX_TOKEN", "t" * 40)
    given = quickstart.given_netbox()
    assert given is not None
    assert (given.api_url, given.token) == ("https://netbox.example.org", "t" * 40)


def test_our_own_environment_names_our_own_netbox(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NETBOX_API", "http://127.0.0.1:8000")
    monkeypatch.setenv("NETBOX_TOKEN", Secrets.kept_in(home / "secrets.json").token)
    assert quickstart.given_netbox() is None


@pytest.mark.parametrize(("given", "missing"), [("NETBOX_API", "NETBOX_TOKEN"), ("NETBOX_TOKEN", "NETBOX_API")])
def test_one_variable_without_the_other_is_refused(given: str, missing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(given, "http://127.0.0.1:8000")
    with pytest.raises(LabError, match=f"{missing} is not set"):
        quickstart.given_netbox()


@pytest.mark.parametrize(
    "arguments",
    [["--port", "0"], ["--port", "65536"], ["--port", "http"], ["all"], ["netbox", "x"], ["boot", "ex0000", "x"]],
)
def test_bad_arguments_are_refused_at_once(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as error:
        program.main(arguments)
    assert error.value.code == 2
    assert arguments[-1] in capsys.readouterr().err


def test_a_command_without_what_it_needs_is_refused_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as error:
        program.main(["plug", "2"])
    assert error.value.code == 2
    assert "plug needs more" in capsys.readouterr().err


STATUS = """\
import pathlib, sys
from tools.lab import __main__ as program, places, quickstart
places.QUICKSTART = quickstart.HOME = pathlib.Path(sys.argv[1])
sys.exit(program.main(["status"]))
"""


def test_a_reader_that_goes_away_is_no_error_of_ours(home: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "wb") as gone:
        command = [sys.executable, "-c", STATUS, str(home)]
        ended = subprocess.run(command, cwd=ROOT, stdout=gone, stderr=subprocess.PIPE, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (1, "")


def test_whoever_is_not_root_is_told_why() -> None:
    account = ("--reuid", "65534", "--regid", "65534", "--clear-groups")
    may_read = ("--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search")
    as_nobody = () if os.geteuid() else ("setpriv", *account, *may_read, "--")
    done = subprocess.run([*as_nobody, ROOT / "quickstart"], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    reason = "must be run as root: it installs Debian packages and makes network namespaces"
    assert done.stderr == f"quickstart: {reason}\n"
