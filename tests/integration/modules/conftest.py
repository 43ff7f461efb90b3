# SPDX-License-Identifier: GPL-3.0-or-later
"""Modules as Ansible runs them: within this process (main() with its options, its JSON answer, its exit status), or by
ansible-playbook.
"""

from __future__ import annotations

import importlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.module_utils.testing import patch_module_args

from clusto.netbox.client import Client

Answer = dict[str, Any]
MODULES = "ansible_collections.clusto.datacenter.plugins.modules"


@dataclass(frozen=True)
class Modules:
    connection: dict[str, Any]
    output: Callable[[], str]
    """What was printed since the last call."""
    changes: Callable[[], int]
    """The number of the latest change that NetBox has recorded."""

    def run(self, module: str, *, check: bool = False, **options: Any) -> Answer:
        main = importlib.import_module(f"{MODULES}.{module}").main
        arguments = self.connection | options | {"_ansible_check_mode": check, "_ansible_diff": True}
        with patch_module_args(arguments), pytest.raises(SystemExit) as end:
            main()
        answer: Answer = json.loads(self.output())
        assert bool(end.value.code) == answer.get("failed", False), answer
        return answer

    def do(self, module: str, **options: Any) -> Answer:
        """Rehearse, run and repeat: the rehearsal tells what the run does and changes nothing, nor does the repeat."""
        unchanged = self.changes()
        rehearsal = self.run(module, check=True, **options)
        assert "msg" not in rehearsal, rehearsal["msg"]
        assert self.changes() == unchanged, "check mode wrote to NetBox"
        answer = self.run(module, **options)
        assert "msg" not in answer, answer["msg"]
        assert (rehearsal["changed"], rehearsal["diff"]) == (answer["changed"], answer["diff"])
        assert (self.changes() > unchanged) == answer["changed"]
        written = self.changes()
        for check in (True, False):
            again = self.run(module, check=check, **options)
            assert again["changed"] is False, again["diff"]
            assert again["diff"]["before"] == again["diff"]["after"] == answer["diff"]["after"]
        assert self.changes() == written, "the repeat wrote to NetBox"
        return answer

    def refuse(self, module: str, **options: Any) -> str:
        """The message with which a module refuses, the same in check mode, both without changing anything."""
        unchanged = self.changes()
        answers = [self.run(module, check=check, **options) for check in (True, False)]
        assert all(answer.get("failed") for answer in answers), answers
        assert answers[0]["msg"] == answers[1]["msg"]
        assert self.changes() == unchanged, "a refused request wrote to NetBox"
        return str(answers[0]["msg"])


@pytest.fixture
def modules(netbox_server, client: Client, capsys) -> Modules:
    return Modules(
        {"api_url": netbox_server.api_url, "token": netbox_server.token},
        lambda: capsys.readouterr().out,
        lambda: client.extent("core/object-changes").newest,
    )


@pytest.fixture
def ansible_playbook(tmp_path: Path, netbox_server) -> Callable[..., str]:
    """Run tasks on localhost, in `tmp_path`; what ansible-playbook prints. `environ` is added to the environment."""
    collection = tmp_path / "collections/ansible_collections/clusto/datacenter"
    collection.parent.mkdir(parents=True)
    collection.symlink_to(Path(__file__).parents[3])
    environment = {
        **os.environ,
        "ANSIBLE_COLLECTIONS_PATH": str(tmp_path / "collections"),
        "ANSIBLE_HOME": str(tmp_path / "home"),
        "ANSIBLE_NOCOLOR": "1",
        "ANSIBLE_PYTHON_INTERPRETER": sys.executable,
        "TEST_TOKEN": netbox_server.token,  # a failed task prints the play around it
    }
    connection = {"api_url": netbox_server.api_url, "token": "{{ lookup('env', 'TEST_TOKEN') }}"}

    def run(tasks: list[Answer], *arguments: str, fails: bool = False, **environ: str) -> str:
        play = {
            "hosts": "localhost",
            "connection": "local",
            "gather_facts": False,
            "module_defaults": {"group/clusto.datacenter.all": connection},
            "tasks": tasks,
        }
        (tmp_path / "play.yml").write_text(yaml.safe_dump([play], sort_keys=False))
        program = shutil.which("ansible-playbook", path=str(Path(sys.executable).parent))
        done = subprocess.run(
            [program, "-i", "localhost,", str(tmp_path / "play.yml"), *arguments],
            env={k: v for k, v in environment.items() if not k.startswith(("NETBOX_", "PYTHONPATH"))} | environ,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        output = done.stdout + done.stderr
        assert (done.returncode != 0) is fails, output
        assert netbox_server.token not in output
        return output

    return run
