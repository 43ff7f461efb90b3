# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes this checkout importable as the collection clusto.datacenter, by Ansible's own loader."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from ansible.plugins.loader import init_plugin_loader

ROOT = Path(__file__).parents[1]


def pytest_configure(config: pytest.Config) -> None:
    where = tempfile.TemporaryDirectory(prefix="clusto-collections-")
    config.add_cleanup(where.cleanup)
    collection = Path(where.name) / "ansible_collections/clusto/datacenter"
    collection.parent.mkdir(parents=True)
    collection.symlink_to(ROOT)
    init_plugin_loader([where.name])
