# SPDX-License-Identifier: BSD-2-Clause
from __future__ import annotations

from pathlib import Path

from tools.lab import machine_pip


def test_later_files_win_over_earlier_and_the_environment_over_all(tmp_path: Path) -> None:
    (tmp_path / "machine").write_text("[global]\ntimeout = 1\ncert = /machine.pem\nretries = 1\n")
    (tmp_path / "user").write_text("[global]\ncert = /user.pem\nretries = 2\n[install]\nuser = true\n")
    (tmp_path / "named").write_text("[global]\nretries = 3\n")
    environ = {"PIP_CONFIG_FILE": str(tmp_path / "named"), "PIP_DEFAULT_TIMEOUT": "9", "HOME": "/root"}

    found = machine_pip.settings(environ, (str(tmp_path / "machine"), str(tmp_path / "none"), str(tmp_path / "user")))

    assert found == {"timeout": "1", "cert": "/user.pem", "retries": "3", "default-timeout": "9"}


def test_a_machine_without_settings_has_none() -> None:
    assert machine_pip.settings({}, ()) == {}


def test_what_is_written_says_the_same(tmp_path: Path) -> None:
    options = {"find-links": "\n/one\n/two", "cert": "/ca.pem"}
    (tmp_path / "pip.conf").write_text(machine_pip.as_file(options))
    assert machine_pip.settings({}, (str(tmp_path / "pip.conf"),)) == {"find-links": "/one\n/two", "cert": "/ca.pem"}


def test_directories_are_those_of_wheels_and_around_an_index(tmp_path: Path) -> None:
    (tmp_path / "wheels").mkdir()
    (tmp_path / "index/simple").mkdir(parents=True)
    (tmp_path / "ca.pem").touch()
    options = {
        "find-links": f"{tmp_path}/wheels {tmp_path}/gone",
        "extra-index-url": f"file://{tmp_path}/index/simple https://index.example.org/simple",
        "cert": f"{tmp_path}/ca.pem",
    }
    assert machine_pip.directories(options) == {tmp_path / "wheels", tmp_path / "index"}
