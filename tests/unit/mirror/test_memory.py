# SPDX-License-Identifier: BSD-2-Clause
from __future__ import annotations

import gc
import weakref

import pytest

from clusto.mirror.memory import collector_paused, made_to_last


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


def test_what_is_made_to_last_is_let_go_of_by_the_next() -> None:
    class Made:
        """In a cycle with itself, as Ansible's hosts and groups are."""

        def __init__(self) -> None:
            self.own = self

    try:
        with made_to_last():
            made = Made()
        there, frozen = weakref.ref(made), gc.get_freeze_count()
        del made
        gc.collect()
        assert (there() is not None, frozen > 0) == (True, True)
        with made_to_last():
            assert (there(), gc.get_freeze_count()) == (None, 0)
    finally:
        gc.unfreeze()
