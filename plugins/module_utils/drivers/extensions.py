# SPDX-License-Identifier: BSD-2-Clause
"""Drivers in files of the users' own: a class defined there is registered like one of ours (docs/drivers.md).

Such a file writes `from clusto.drivers import Server`, whichever name the library runs under: inside Ansible there is
no package `clusto`, or it is another copy, whose classes would be registered where nobody looks.
"""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType

from ..core.errors import InvalidError

VARIABLE = "CLUSTO_DRIVERS_PATH"
"""Files and directories, with colons between them."""

ALIAS = "clusto"
LIBRARY = __name__.removesuffix(".drivers.extensions")
"""The library's name in this process."""


def load(paths: Iterable[str | os.PathLike[str]] | None = None, environ: Mapping[str, str] = os.environ) -> None:
    """Import the users' files, each once; None means what CLUSTO_DRIVERS_PATH names.

    Of a directory all `*.py` but those that begin with `_`, which the others may import (`from ._racks import HEIGHT`).
    InvalidError, naming file and line, for what cannot be imported and for a driver name that is taken.
    """
    found = [file for path in listed(paths, environ) for file in files(path)]
    if found:
        _answer_to_alias()
    for file in found:
        _import(file)


def listed(paths: Iterable[str | os.PathLike[str]] | None, environ: Mapping[str, str]) -> list[Path]:
    given = environ.get(VARIABLE, "").split(os.pathsep) if paths is None else paths
    return [Path(path).expanduser().resolve() for path in given if str(path)]


def files(path: Path) -> list[Path]:
    """List the driver files that a path means; InvalidError when it means none."""
    if path.is_dir():
        return sorted(file for file in path.glob("*.py") if not file.name.startswith("_"))
    if not path.is_file():
        raise InvalidError(f"drivers path {str(path)!r}: no such file or directory")
    if path.suffix != ".py" or "." in path.stem:
        raise InvalidError(f"drivers path {str(path)!r}: expected a directory or a Python file, NAME.py")
    return [path]


def _import(file: Path) -> None:
    try:
        importlib.import_module(f"{_package(file.parent)}.{file.stem}")
    except Exception as exc:
        raise InvalidError(f"driver file {_place(exc, file)}: {type(exc).__name__}: {exc}") from exc


def _package(directory: Path) -> str:
    """Name the package that a directory of users' files is, the same in every process; made when first asked for."""
    name = f"clusto_drivers_{hashlib.sha256(str(directory).encode()).hexdigest()[:12]}"
    if name not in sys.modules:
        package = ModuleType(name, f"Drivers from {directory}")
        package.__path__ = [str(directory)]
        sys.modules[name] = package
    return name


def _place(exc: BaseException, file: Path) -> str:
    """Tell where a user's file went wrong: `/etc/clusto/drivers/ours.py, line 12`."""
    if isinstance(exc, SyntaxError) and exc.filename:
        return f"{exc.filename}, line {exc.lineno}"
    place, trace = str(file), exc.__traceback__
    while trace:
        code = trace.tb_frame.f_code
        if Path(code.co_filename).parent == file.parent:
            place = f"{code.co_filename}, line {trace.tb_lineno}"
        trace = trace.tb_next
    return place


def _answer_to_alias() -> None:
    """Make `import clusto…` mean this very library, submodules that are not imported yet included."""
    if ALIAS == LIBRARY or any(isinstance(finder, _Alias) for finder in sys.meta_path):
        return
    if ALIAS in sys.modules:
        raise InvalidError(
            f"drivers cannot be loaded into {LIBRARY}: the same process has imported {ALIAS} as another copy"
        )
    sys.meta_path.insert(0, _Alias())


class _Alias(MetaPathFinder, Loader):
    """Finds the library's modules under its other name: the same module objects, not copies."""

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None = None,  # noqa: ARG002 - of the interface
        target: ModuleType | None = None,  # noqa: ARG002 - of the interface
    ) -> ModuleSpec | None:
        name, dot, rest = fullname.partition(".")
        if name != ALIAS or (real := importlib.util.find_spec(LIBRARY + dot + rest)) is None:
            return None
        return ModuleSpec(fullname, self, origin=real.name, is_package=real.submodule_search_locations is not None)

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        module = importlib.import_module(spec.origin or LIBRARY)
        spec.loader_state = module.__spec__
        return module

    def exec_module(self, module: ModuleType) -> None:
        """It is executed already; give back the spec that the import system has just replaced."""
        module.__spec__ = module.__spec__ and module.__spec__.loader_state
