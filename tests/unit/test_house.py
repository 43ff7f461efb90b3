# SPDX-License-Identifier: BSD-2-Clause
"""What holds for every file of the tree: licence line, length, nothing of one machine, the module list in one piece."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
GPL = ("plugins/modules/", "plugins/inventory/", "plugins/doc_fragments/", "plugins/module_utils/edge/")
IMPORTS_ANSIBLE = re.compile(r"^\s*(from|import) ansible\b(?!_)|^\s*from ansible_collections\.", re.MULTILINE)


def tracked(*patterns: str) -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z", *patterns], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout
    return [path for name in listed.split("\0") if name and (path := ROOT / name).is_file() and not path.is_symlink()]


@pytest.mark.parametrize("path", tracked("*.py"), ids=lambda p: str(p.relative_to(ROOT)))
def test_python_file_states_its_licence(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    combined = str(path.relative_to(ROOT)).startswith(GPL) or IMPORTS_ANSIBLE.search(text)
    licence = "GPL-3.0-or-later" if combined else "BSD-2-Clause"
    head = text.splitlines()[:5]
    assert f"# SPDX-License-Identifier: {licence}" in head


def test_python_files_stay_short() -> None:
    assert {str(p.relative_to(ROOT)): n for p in tracked("*.py") if (n := len(p.read_text().splitlines())) > 600} == {}


def test_no_file_names_a_package_registry() -> None:
    host = re.compile(
        r"https?://(pypi\.org|files\.pythonhosted\.org|registry\.npmjs\.org)|--(extra-)?index-url", re.IGNORECASE
    )
    named = {
        str(p.relative_to(ROOT)) for p in tracked() if host.search(p.read_text(encoding="utf-8", errors="replace"))
    }
    assert named - {"tests/unit/test_house.py"} == set()


def test_action_group_names_every_module() -> None:
    modules = sorted(p.stem for p in (ROOT / "plugins/modules").glob("*.py"))
    assert modules
    assert yaml.safe_load((ROOT / "meta/runtime.yml").read_text())["action_groups"]["all"] == modules
