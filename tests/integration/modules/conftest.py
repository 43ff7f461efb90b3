# SPDX-License-Identifier: GPL-3.0-or-later
"""Modules as Ansible runs them, but within this process: main() with its options, its JSON answer, its exit status."""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
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
