# SPDX-License-Identifier: BSD-2-Clause
"""NetBox instances for tests: empty, on free ports, gone at the end; what a killed run left goes with the next one."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from . import places
from .errors import LabError
from .instance import Instance
from .lock import exclusive
from .ports import free_port

INSTANCES = places.TEST / "instances"


@contextmanager
def private_instances() -> Iterator[Callable[[], Instance]]:
    """Gives a function that starts one more NetBox each time it is called."""
    with exclusive(INSTANCES, wait=True):
        _remove_abandoned()
    with ExitStack() as stack:

        def start() -> Instance:
            with exclusive(INSTANCES, wait=True):  # or another run would take it for abandoned before it is locked
                instance = Instance(INSTANCES / tempfile.mkdtemp(dir=INSTANCES))
                stack.callback(shutil.rmtree, instance.home)
                stack.enter_context(exclusive(instance.home))
            stack.callback(instance.stop)
            instance.start(free_port())
            return instance

        yield start


def _remove_abandoned() -> None:
    """An instance whose lock nobody holds has no run any more that it belongs to."""
    for home in INSTANCES.glob("*/"):
        try:
            with exclusive(home):
                Instance(home).stop()
                shutil.rmtree(home)
        except LabError:
            continue  # another run's
