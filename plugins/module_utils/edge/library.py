# SPDX-License-Identifier: GPL-3.0-or-later
"""Files of the devicetype-library, as they lie on the host where the module runs."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ansible.module_utils.basic import missing_required_lib

from ..core.errors import ClustoError, InvalidError

try:
    import yaml
except ImportError:
    WITH_YAML = False
else:
    WITH_YAML = True


def documents(paths: Iterable[str]) -> dict[str, Any]:
    """Read device types: file -> what is in it. Of a directory all `*.yaml` and `*.yml` in it and below.

    InvalidError, naming the file, for what is not there or no YAML.
    """
    found = [file for path in paths for file in files(Path(path))]
    if found and not WITH_YAML:
        raise ClustoError(missing_required_lib("PyYAML", reason="for device_types"))
    return {str(file): document(file) for file in found}


def files(path: Path) -> list[Path]:
    if path.is_dir():
        return sorted(file for file in path.rglob("*") if file.suffix in {".yaml", ".yml"})
    if not path.is_file():
        raise InvalidError(f"device_types {str(path)!r}: no such file or directory")
    return [path]


def document(file: Path) -> Any:
    try:
        return yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as exc:
        raise InvalidError(f"{file}: {' '.join(str(exc).split())}") from exc
