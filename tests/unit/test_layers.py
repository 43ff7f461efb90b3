# SPDX-License-Identifier: BSD-2-Clause
"""The arrows between the layers (docs/architecture.md) point downwards only."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LIBRARY = ROOT / "plugins/module_utils"
COLLECTION = "ansible_collections.clusto.datacenter.plugins.module_utils."

# layer -> (layers of ours it may import, third-party packages it may import)
ALLOWED: dict[str, tuple[set[str], set[str]]] = {
    "core": (set(), set()),
    "dhcp": ({"core"}, set()),
    "snmp": ({"core"}, {"cryptography"}),
    "netbox": ({"core"}, {"requests", "urllib3"}),
    "mirror": ({"netbox", "core"}, set()),
    "drivers": ({"netbox", "core"}, set()),
    "ensure": ({"drivers", "netbox", "core"}, set()),
    "racks": ({"ensure", "drivers", "netbox", "core"}, set()),
    "edge": ({"racks", "ensure", "drivers", "mirror", "netbox", "core"}, {"ansible", "yaml"}),
    "service": ({"mirror", "netbox", "core"}, {"prometheus_client"}),
    "dhcpd": ({"service", "drivers", "mirror", "dhcp", "netbox", "core", "__version__"}, {"prometheus_client"}),
    "snmptrapd": (
        {"service", "racks", "ensure", "drivers", "mirror", "snmp", "netbox", "core", "__version__"},
        {"prometheus_client", "pysnmp"},
    ),
    "modules": ({"edge", "racks", "ensure"}, {"ansible"}),
    "action": ({"core"}, {"ansible"}),
    "inventory": ({"edge", "mirror", "netbox", "core"}, {"ansible"}),
    "doc_fragments": (set(), set()),
}
# What a pure layer must not touch, though the standard library has it.
IMPURE = {"socket", "time", "random", "secrets", "os", "subprocess", "threading", "asyncio", "urllib", "http", "ssl"}
PURE = {"core", "dhcp", "snmp"}


def places() -> dict[str, Path]:
    return (
        {p.name: p for p in LIBRARY.iterdir() if p.is_dir() and p.name != "__pycache__"}
        | {p.name: p for p in ROOT.glob("roles/*/files/*") if p.is_dir()}
        | {name: ROOT / "plugins" / name for name in ("modules", "action", "inventory", "doc_fragments")}
    )


def imports(path: Path, layer: str, layer_root: Path) -> set[tuple[str, bool]]:
    """(top-level name, is it ours) of all that a file imports; a relative import within the layer counts as it."""
    found: set[tuple[str, bool]] = set()
    depth = len(path.relative_to(layer_root).parts)
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [(alias.name, False) for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level:
            if node.level <= depth:
                names = [(layer, True)]
            elif node.module:
                names = [(node.module, True)]
            else:
                names = [(alias.name, True) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [(node.module or "", False)]
        else:
            continue
        for name, ours in names:
            if name.startswith(COLLECTION):
                found.add((name.removeprefix(COLLECTION).split(".")[0], True))
            elif name.split(".")[0] == "clusto":
                found.add((f"absolute import {name}", True))
            else:
                found.add((name.split(".")[0], ours))
    return found


def test_every_layer_has_its_row() -> None:
    assert set(places()) == set(ALLOWED)


@pytest.mark.parametrize("layer", sorted(ALLOWED))
def test_arrows_point_downwards(layer: str) -> None:
    root = places()[layer]
    ours_allowed, others_allowed = ALLOWED[layer]
    wrong = []
    for path in sorted(root.rglob("*.py")):
        for name, ours in sorted(imports(path, layer, root)):
            allowed = name in ours_allowed | {layer} if ours else name in others_allowed | sys.stdlib_module_names
            if not ours and layer in PURE and name in IMPURE:
                allowed = False
            if not allowed:
                wrong.append(f"{path.relative_to(ROOT)} imports {name}")
    assert not wrong


def test_the_package_links_every_layer_but_the_edge() -> None:
    linked = {p.name: p.resolve() for p in (ROOT / "src/clusto").iterdir() if p.is_symlink()}
    expected = {name: p.resolve() for name, p in places().items() if p.parent == LIBRARY and name != "edge"}
    expected |= {p.name: p.resolve() for p in ROOT.glob("roles/*/files/*") if p.is_dir()}
    assert linked == expected
