# SPDX-License-Identifier: BSD-2-Clause
from __future__ import annotations

import gc

import pytest

from clusto.mirror.memory import collector_paused


def test_collector_runs_again_afterwards_also_after_an_error() -> None:
    def fail() -> None:
        assert not gc.isenabled()
        raise RuntimeError

    with pytest.raises(RuntimeError), collector_paused():
        fail()
    assert gc.isenabled()


def test_collector_that_somebody_switched_off_stays_off() -> None:
    gc.disable()
    try:
        with collector_paused():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()
