# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes this checkout importable as the collection clusto.datacenter, by Ansible's own loader."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible.plugins.loader import init_plugin_loader

from clusto.core.ports import PORT_TYPES

ROOT = Path(__file__).parents[1]


def pytest_configure(config: pytest.Config) -> None:
    where = tempfile.TemporaryDirectory(prefix="clusto-collections-")
    config.add_cleanup(where.cleanup)
    collection = Path(where.name) / "ansible_collections/clusto/datacenter"
    collection.parent.mkdir(parents=True)
    collection.symlink_to(ROOT)
    init_plugin_loader([where.name])


@pytest.fixture(autouse=True)
def port_types() -> Iterator[None]:
    """A test defines port types for itself alone: programs that others start know nothing of them."""
    before = dict(PORT_TYPES._defined)
    yield
    PORT_TYPES._defined = before
