# SPDX-License-Identifier: BSD-2-Clause
"""Drivers in users' files, in real runs of ansible-playbook on a Python that has no package `clusto`."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
import venv
from pathlib import Path

import pytest

NEEDED = ("requests", "urllib3", "certifi", "idna", "charset_normalizer", "yaml", "_yaml")

DRIVERS = '''
from clusto.core.errors import ConflictError
from clusto.drivers import BasicServer, Datacenter, Server, get_by_name

from ._tickets import number


class TicketDatacenter(Datacenter):
    """Its people take tickets, which it keeps as attributes."""

    def remote_hands(self, message, priority="low", desk=None):
        if get_by_name(self.name) != self:
            raise ConflictError("another session")
        self.add_attr("ticket", message, number=True)
        return {"ticket": number(self)}

    def rehearse_remote_hands(self, message, priority="low", desk=None):
        return {"queue": priority}


class GpuServer(Server):
    _driver_name = "GPU"
'''
TICKETS = """
def number(datacenter):
    from clusto.drivers import Entity
    assert isinstance(datacenter, Entity)
    return len(datacenter.attrs("ticket"))
"""


@pytest.fixture(scope="module")
def bare_python(tmp_path_factory) -> str:
    """A Python with what the modules need and no more; in particular without `clusto`."""
    home = tmp_path_factory.mktemp("python")
    venv.create(home, with_pip=False, symlinks=True)
    packages = next(home.glob("lib/python3*/site-packages"))
    for name in NEEDED:
        if (spec := importlib.util.find_spec(name)) and spec.submodule_search_locations:
            found = Path(spec.submodule_search_locations[0])
            (packages / found.name).symlink_to(found)
            for compiled in found.parent.glob("*__mypyc*.so"):
                if not (packages / compiled.name).exists():
                    (packages / compiled.name).symlink_to(compiled)
    python = str(home / "bin/python")
    done = subprocess.run([python, "-Ec", "import requests, clusto"], capture_output=True, text=True, check=False)
    assert "No module named 'clusto'" in done.stderr, done.stderr
    return python


@pytest.fixture
def drivers(tmp_path, unique) -> Path:
    directory = tmp_path / "drivers"
    directory.mkdir()
    (directory / "ours.py").write_text(DRIVERS.replace("GPU", unique("gpu")))
    (directory / "_tickets.py").write_text(TICKETS)
    return directory


def test_a_driver_of_one_s_own_works_in_modules_without_the_package(ansible_playbook, bare_python, drivers, unique):
    name = unique("dc")
    ask = {"datacenter": name, "message": "Turn it off and on again"}
    tasks = [
        {"name": "Made", "clusto.datacenter.datacenter": {"name": name, "driver": "ticketdatacenter"}},
        {"name": "Rehearsed", "check_mode": True, "clusto.datacenter.remote_hands": ask, "register": "rehearsed"},
        {"name": "Asked", "clusto.datacenter.remote_hands": ask, "register": "asked"},
        {
            "name": "As the driver says",
            "ansible.builtin.assert": {
                "that": [
                    "rehearsed.request.queue == 'low'",
                    "'ticket' not in rehearsed.request",
                    "asked is changed",
                    "asked.request.ticket == 1",
                ]
            },
        },
    ]
    assert "failed=0" in ansible_playbook(
        tasks, ANSIBLE_PYTHON_INTERPRETER=bare_python, CLUSTO_DRIVERS_PATH=str(drivers)
    )


def test_a_server_of_one_s_own_driver_has_the_library_s_components(
    ansible_playbook, bare_python, drivers, unique, tmp_path
):
    slug = unique("gpu")
    text = f"""
manufacturer: Example Systems
model: {slug.upper()}
slug: {slug}
u_height: 4
interfaces:
  - {{name: lan1, type: 10gbase-t}}
  - {{name: lan2, type: 10gbase-t}}
power-ports:
  - {{name: PSU1, type: iec-60320-c20}}
"""
    (tmp_path / "gpu.yaml").write_text(text)
    (tmp_path / "flat.yaml").write_text(text.replace("u_height: 4", "u_height: 2"))
    server = {"name": unique("gpu-server"), "driver": slug, "ports": [{"number": 2, "mac": "02:00:5e:10:00:01"}]}
    tasks = [
        {"name": "Known", "clusto.datacenter.bootstrap": {"device_types": ["gpu.yaml"]}},
        {"name": "Made", "clusto.datacenter.server": {**server, "drivers_path": [str(drivers)]}, "register": "made"},
        {"name": "Not as known", "clusto.datacenter.bootstrap": {"device_types": ["flat.yaml"]}},
        {"name": "Gone", "clusto.datacenter.server": {"name": server["name"], "state": "absent"}},
    ]
    output = ansible_playbook(tasks, "-v", ANSIBLE_PYTHON_INTERPRETER=bare_python)
    assert '"lan2"' in output
    assert f"flat.yaml: device type {slug}: u_height is 4.0 in NetBox, 2 in the file" in " ".join(output.split())


def test_what_is_wrong_in_a_user_s_file_is_named_with_its_line(ansible_playbook, bare_python, drivers):
    (drivers / "wrong.py").write_text("from clusto.drivers import Server\n\nclass BasicServer(Server):\n    pass\n")
    tasks = [{"name": "No", "clusto.datacenter.pool": {"name": "never", "drivers_path": [str(drivers)]}}]
    output = ansible_playbook(tasks, fails=True, ANSIBLE_PYTHON_INTERPRETER=bare_python)
    assert (
        f"driver file {drivers}/wrong.py, line 3: InvalidError: driver name 'basicserver' of BasicServer in" in output
    )


def test_the_package_finds_them_too(netbox_server, drivers, unique):
    """In a process of its own: drivers stay registered as long as it lives."""
    script = f"""
import clusto
from clusto.drivers import Datacenter
with clusto.connect() as session:
    from clusto.drivers.registry import driver_class
    driver_class("dcim.site", "ticketdatacenter")({unique("py")!r})
    found = clusto.get_by_name({unique("py")!r})
    assert found.remote_hands("Turn on power") == {{"ticket": 1}}, found
    assert type(found).__name__ == "TicketDatacenter"
    found.delete()
"""
    environ = {"NETBOX_API": netbox_server.api_url, "NETBOX_TOKEN": netbox_server.token}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", script],
        env=environ | {"CLUSTO_DRIVERS_PATH": str(drivers)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
