# SPDX-License-Identifier: GPL-3.0-or-later
"""Drivers in users' files: found, loaded once, and told apart from those of a second copy of the library."""

from __future__ import annotations

import contextvars
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

import clusto
from clusto.core.errors import InvalidError
from clusto.drivers import Server, extensions, registry

ROOT = Path(__file__).parents[3]
Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write(name: str, text: str) -> Path:
        path = tmp_path / name
        path.write_text(textwrap.dedent(text))
        return path

    return write


def known(name: str) -> type | None:
    return registry.drivers("dcim.device").get(name)


def test_a_file_is_loaded_once_alone_or_through_its_directory(write: Write) -> None:
    file = write("once.py", "from clusto.drivers import Server\nclass UnitTestOnce(Server): pass\n")
    extensions.load([file])
    first = known("unittestonce")
    assert first is not None
    assert issubclass(first, Server)
    extensions.load([str(file.parent)])
    extensions.load([file.parent / "." / "once.py"])
    assert known("unittestonce") is first


def test_files_of_a_directory_share_what_begins_with_an_underscore(write: Write) -> None:
    write("_common.py", "HEIGHT = 3\n")
    directory = write(
        "our-servers.py",
        """
        from clusto.drivers import Server
        from ._common import HEIGHT

        class UnitTestShared(Server):
            height_in_units = HEIGHT
    """,
    ).parent
    write("notes.txt", "no Python")
    path = list(sys.path)
    extensions.load([directory])
    assert known("unittestshared").height_in_units == 3  # type: ignore[union-attr]  # it is there
    assert sys.path == path


def test_the_environment_names_them_where_nothing_is_given(write: Write, tmp_path: Path) -> None:
    write("env.py", "from clusto.drivers import Server\nclass UnitTestEnv(Server): pass\n")
    extensions.load(environ={})
    extensions.load([], environ={extensions.VARIABLE: str(tmp_path)})
    assert known("unittestenv") is None
    (tmp_path / "empty").mkdir()
    extensions.load(environ={extensions.VARIABLE: f"{tmp_path / 'empty'}:{tmp_path}:"})
    assert known("unittestenv") is not None


def test_connect_loads_them(write: Write) -> None:
    file = write("connect.py", "from clusto.drivers import Server\nclass UnitTestConnect(Server): pass\n")
    run = contextvars.Context().run
    with run(clusto.connect, "http://netbox.example", "0123", drivers_path=[file]):
        assert known("unittestconnect") is not None


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("x = 1\ndef f(:\n", 2, "SyntaxError: "),
        ("import os\n\ndef f():\n    raise KeyError('x')\n\nf()\n", 4, "KeyError: 'x'"),
        ("\nfrom clusto.drivers import Nothing\n", 2, "ImportError: cannot import name 'Nothing'"),
        ("from clusto.drivers import Server\nclass BasicServer(Server): pass\n", 2, "InvalidError: driver name"),
    ],
)
def test_what_is_wrong_in_a_file_is_named_with_its_line(write: Write, text: str, line: int, reason: str) -> None:
    file = write("wrong.py", text)
    with pytest.raises(InvalidError) as caught:
        extensions.load([file])
    assert str(caught.value).startswith(f"driver file {file}, line {line}: {reason}")
    assert caught.value.__cause__ is not None
    file.write_text("")
    extensions.load([file])


def test_a_clash_names_both_classes_and_their_files(write: Write) -> None:
    text = "from clusto.drivers import Server\nclass {}(Server): _driver_name = 'unit-test-clash'\n"
    first, second = write("a.py", text.format("Mine")), write("b.py", text.format("Yours"))
    with pytest.raises(
        InvalidError, match=f"of Yours in {second} is that of the server driver Mine in {first} already"
    ):
        extensions.load([first.parent])


def test_what_is_no_driver_file_is_refused(write: Write) -> None:
    for path in (write("notes.txt", ""), write("a.b.py", ""), Path("/nonexistent/drivers")):
        with pytest.raises(InvalidError, match=f"drivers path '{path}'"):
            extensions.load([path])


ELSEWHERE = """
    import sys
    from ansible.plugins.loader import init_plugin_loader
    init_plugin_loader([sys.argv[1]])
    from ansible_collections.clusto.datacenter.plugins.module_utils.core import errors
    from ansible_collections.clusto.datacenter.plugins.module_utils import drivers
    from ansible_collections.clusto.datacenter.plugins.module_utils.drivers import extensions, registry
    extensions.load([sys.argv[2]])
    extensions.load([sys.argv[2]])
    found = registry.drivers("dcim.device", "server")["unittestalias"]
    assert issubclass(found, drivers.Server)
    assert found.error() is errors.ConflictError
    import clusto.drivers.place
    assert clusto.drivers is drivers and errors.__spec__.name == errors.__name__
    assert not hasattr(errors, "__path__")
"""
USERS = """
    import clusto.core.errors as errors
    from clusto import drivers
    from clusto.drivers import Server

    assert drivers.Server is Server

    class UnitTestAlias(Server):
        @staticmethod
        def error():
            from clusto.core.errors import ConflictError
            return ConflictError
"""


def under_ansible_s_name(script: str, tmp_path: Path, file: Path) -> subprocess.CompletedProcess[str]:
    """A process of its own, for the library under its other name."""
    collection = tmp_path / "collections/ansible_collections/clusto/datacenter"
    collection.parent.mkdir(parents=True)
    collection.symlink_to(ROOT)
    command = [sys.executable, "-W", "error", "-c", textwrap.dedent(script), str(tmp_path / "collections"), str(file)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_under_the_other_name_a_file_gets_the_library_that_runs(write: Write, tmp_path: Path) -> None:
    done = under_ansible_s_name(ELSEWHERE, tmp_path, write("alias.py", USERS))
    assert done.returncode == 0, done.stderr


def test_two_copies_in_one_process_are_refused_not_mixed(write: Write, tmp_path: Path) -> None:
    done = under_ansible_s_name(f"import clusto\n{textwrap.dedent(ELSEWHERE)}", tmp_path, write("alias.py", USERS))
    assert "the same process has imported clusto as another copy" in done.stderr
