# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation and argument specs say the same: every option, its type, default, choices, aliases, suboptions."""

from __future__ import annotations

import dataclasses
import importlib
from pathlib import Path

import pytest
import yaml
from ansible.plugins.loader import fragment_loader
from ansible.utils.plugin_docs import get_docstring

ROOT = Path(__file__).parents[3]
MODULES = sorted(path.stem for path in (ROOT / "plugins/modules").glob("*.py"))
COLLECTION = "ansible_collections.clusto.datacenter.plugins"
FACTS = ("type", "elements", "default", "choices", "aliases", "required")
MOST_LINES_OF_MAIN = 25


def documented(module):
    return get_docstring(
        str(ROOT / f"plugins/modules/{module}.py"), fragment_loader, is_module=True, collection_name="clusto.datacenter"
    )


def specified(module):
    connection = importlib.import_module(f"{COLLECTION}.module_utils.edge.argspec").CONNECTION
    return (connection + importlib.import_module(f"{COLLECTION}.modules.{module}").SPEC).options


def facts(option):
    """What both sides say of an option, suboptions included; the defaults of documentation and spec filled in."""
    said = {name: option.get(name) for name in FACTS} | {"required": option.get("required", False)}
    said["aliases"] = option.get("aliases") or []
    inner = option.get("suboptions") or option.get("options") or {}
    return said | {"suboptions": {name: facts(suboption) for name, suboption in inner.items()}}


@pytest.mark.parametrize("module", MODULES)
def test_documentation_says_what_the_spec_says(module):
    said = {name: facts(option) for name, option in documented(module)[0]["options"].items()}
    assert said == {name: facts(option) for name, option in specified(module).items()}


@pytest.mark.parametrize("module", MODULES)
def test_a_module_takes_the_options_of_its_task(module, monkeypatch):
    called = []
    program = importlib.import_module(f"{COLLECTION}.modules.{module}")
    main = "ask" if hasattr(program, "ask") else "run"
    monkeypatch.setattr(program, main, lambda spec, task, *_: called.append(task))
    program.main()
    taken = {f.name for f in dataclasses.fields(called[0]) if f.init}
    assert taken >= {"session", *program.SPEC.options}


@pytest.mark.parametrize("module", MODULES)
def test_documentation_is_complete(module):
    documentation, examples, returned, _ = documented(module)
    assert documentation["module"] == module
    assert documentation["version_added"] == "0.1.0"
    assert {"check_mode", "diff_mode", "idempotent", "action_group"} <= documentation["attributes"].keys()
    assert all("support" in attribute for attribute in documentation["attributes"].values())
    assert yaml.safe_load(examples)
    assert all({"description", "returned", "type"} <= value.keys() for value in returned.values())


@pytest.mark.parametrize("module", MODULES)
def test_every_example_names_its_module_in_full(module):
    tasks = yaml.safe_load(documented(module)[1])
    assert all("name" in task for task in tasks)
    assert any(f"clusto.datacenter.{module}" in task for task in tasks)


@pytest.mark.parametrize("module", MODULES)
def test_main_is_short(module):
    source = (ROOT / f"plugins/modules/{module}.py").read_text()
    assert len(source.partition("def main")[2].splitlines()) < MOST_LINES_OF_MAIN
