# SPDX-License-Identifier: GPL-3.0-or-later
"""What every module does with its options, its outcome and its errors, with tasks that live in memory."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass, field

import pytest
from ansible.module_utils.testing import patch_module_args
from ansible_collections.clusto.datacenter.plugins.module_utils.core.errors import (
    AmbiguousError,
    ConflictError,
    RefusedError,
)
from ansible_collections.clusto.datacenter.plugins.module_utils.edge import runner
from ansible_collections.clusto.datacenter.plugins.module_utils.edge.argspec import ArgumentSpec

SPEC = ArgumentSpec({"name": {"type": "str", "required": True}, "size": {"type": "int", "default": 1}})
CONNECTION = {"api_url": "http://127.0.0.1:9", "token": "only-the-server-may-see-this"}


@dataclass
class Memory:
    """A task whose world is a dictionary."""

    world: dict
    name: str
    size: int
    applied: list = field(default_factory=list)

    def before(self):
        return self.world.get(self.name)

    def after(self, before):
        if self.size < 0:
            raise ConflictError(f"{self.name}: size {self.size}, expected 0 or more")
        return {"size": self.size} if self.size else None

    def apply(self, before, after):
        self.applied.append(after)
        return after

    def result(self, after):
        return {"entity": after}


@pytest.fixture
def module(capsys):
    """Run the main() of a module and give its answer."""

    def call(work, *, spec=SPEC, check=False, **options):
        with patch_module_args(CONNECTION | options | {"_ansible_check_mode": check}), pytest.raises(SystemExit) as end:
            runner.main(spec, work)
        answer = json.loads(capsys.readouterr().out)
        assert bool(end.value.code) == answer.get("failed", False)
        return answer

    return call


@pytest.mark.parametrize("check", [False, True])
@pytest.mark.parametrize(
    ("there", "size", "before", "after", "changed"),
    [
        ({}, 3, {}, {"size": 3}, True),
        ({"a": {"size": 3}}, 3, {"size": 3}, {"size": 3}, False),
        ({"a": {"size": 3}}, 4, {"size": 3}, {"size": 4}, True),
        ({"a": {"size": 3}}, 0, {"size": 3}, {}, True),
        ({}, 0, {}, {}, False),
        ({"a": {"size": True}}, 1, {"size": True}, {"size": 1}, True),
    ],
)
def test_a_task_is_applied_where_it_differs_and_never_in_check_mode(  # noqa: PLR0913, PLR0917 - a decision table
    module, there, size, before, after, changed, check
):
    tasks = []

    def work(session, options, check):
        tasks.append(Memory(there, **options))
        return runner.changes(tasks[0], check=check)

    answer = module(work, name="a", size=size, check=check)
    assert answer["changed"] is changed
    assert answer["diff"] == {"before": before, "after": after}
    assert answer["entity"] == (after or None)
    assert tasks[0].applied == ([after or None] if changed and not check else [])


def test_a_task_gets_all_options_but_those_of_the_connection(module):
    assert module(lambda session, options, check: {"got": options}, name="a")["got"] == {"name": "a", "size": 1}


def test_the_session_is_that_of_the_options(module):
    answer = module(lambda session, options, check: {"url": session.client.settings.api_url}, name="a")
    assert answer["url"] == CONNECTION["api_url"]


def test_what_is_to_be_warned_of_is_no_part_of_the_answer(module, monkeypatch):
    warned = []
    monkeypatch.setattr(runner.AnsibleModule, "warn", lambda self, text: warned.append(text))
    answer = module(lambda session, options, check: {"changed": False, "warnings": ["unlike the file"]}, name="a")
    assert "warnings" not in answer
    assert warned == ["unlike the file"]


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (ConflictError("unit 3 is taken by 'web1'"), {}),
        (AmbiguousError("'a' is ambiguous", ["rack:a", "pool:a"]), {"candidates": ["rack:a", "pool:a"]}),
        (RefusedError("name: too long", {"name": ["too long"]}), {"netbox": {"name": ["too long"]}}),
    ],
)
def test_an_error_of_the_library_becomes_a_message(module, error, expected):
    def work(session, options, check):
        raise error

    answer = module(work, name="a")
    assert answer.pop("invocation")
    assert answer == {"failed": True, "msg": str(error), **expected}


def test_a_refusal_is_one_in_check_mode_too(module):
    answer = module(
        lambda session, options, check: runner.changes(Memory({}, **options), check=check),
        name="a",
        size=-1,
        check=True,
    )
    assert answer["msg"] == "a: size -1, expected 0 or more"


def test_a_missing_address_is_a_message(module):
    assert "api_url" in module(lambda *_: {}, name="a", api_url="")["msg"]


@pytest.mark.parametrize("where", ["token", "token_file"])
def test_the_token_is_hidden_wherever_it_turns_up(module, tmp_path, where):
    (tmp_path / "token").write_text("another-secret-of-ours")
    options = {"token_file": str(tmp_path / "token")} if where == "token_file" else {}
    answer = module(lambda session, options, check: {"leak": session.client.settings.token}, name="a", **options)
    assert answer["leak"] == "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"
    assert "secret" not in json.dumps(answer)
    assert CONNECTION["token"] not in json.dumps(answer)


def test_without_requests_the_message_says_what_to_install(module, monkeypatch):
    for name in [name for name in sys.modules if name.startswith(f"{runner.__package__.rpartition('.')[0]}.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "requests", None)
    import ansible_collections.clusto.datacenter.plugins.module_utils.edge.runner as without

    monkeypatch.setattr(runner, "main", without.main)
    answer = module(lambda *_: {}, name="a")
    assert "requests" in answer["msg"]
