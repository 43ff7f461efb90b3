# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs a module as a program of its own, to be killed: `python running.py MODULE OPTIONS`, these as JSON."""

from __future__ import annotations

import importlib
import json
import sys
import tempfile
from pathlib import Path

from ansible.module_utils.testing import patch_module_args
from ansible.plugins.loader import init_plugin_loader

if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as where:
        collection = Path(where, "ansible_collections/clusto/datacenter")
        collection.parent.mkdir(parents=True)
        collection.symlink_to(Path(__file__).parents[3])
        init_plugin_loader([where])
        main = importlib.import_module(f"ansible_collections.clusto.datacenter.plugins.modules.{sys.argv[1]}").main
        with patch_module_args(json.loads(sys.argv[2])):
            main()
