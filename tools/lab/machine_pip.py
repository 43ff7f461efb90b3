# SPDX-License-Identifier: BSD-2-Clause
"""What this machine's pip is told about indexes and certificates, so that pip in a test host can be told the same."""

from __future__ import annotations

import configparser
import io
import os
import re
from collections.abc import Mapping
from pathlib import Path

# pip's own order, later ones win (pip documentation, "Configuration"); environment variables win over all.
FILES = ("/etc/pip.conf", "~/.pip/pip.conf", "~/.config/pip/pip.conf")
LOCAL_CAS = Path("/usr/local/share/ca-certificates")


def settings(environ: Mapping[str, str] = os.environ, files: tuple[str, ...] = FILES) -> dict[str, str]:
    """Gather the effective settings of section [global], by option name."""
    parser = configparser.RawConfigParser()
    parser.read([*(Path(name).expanduser() for name in files), *filter(None, [environ.get("PIP_CONFIG_FILE")])])
    found = dict(parser["global"]) if parser.has_section("global") else {}
    return found | {
        name.removeprefix("PIP_").lower().replace("_", "-"): value
        for name, value in environ.items()
        if name.startswith("PIP_") and name != "PIP_CONFIG_FILE"
    }


def as_file(options: Mapping[str, str]) -> str:
    """Write them as a pip.conf."""
    parser = configparser.RawConfigParser()
    # A value of several lines goes on indented.
    parser["global"] = {name: value.strip().replace("\n", "\n  ") for name, value in options.items()}
    text = io.StringIO()
    parser.write(text)
    return text.getvalue()


def directories(options: Mapping[str, str]) -> set[Path]:
    """Find the directories of this machine in them: of wheels, or of an index, whose pages point to files beside it."""
    found = set()
    for word in " ".join(options.values()).split():
        is_url = word.startswith("file://")
        path = Path(re.sub(r"^file://", "", word))
        if path.is_absolute() and path.is_dir():
            found.add(path.parent if is_url else path)
    return found
