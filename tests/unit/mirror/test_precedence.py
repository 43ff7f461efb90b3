# SPDX-License-Identifier: BSD-2-Clause
from __future__ import annotations

import threading
from contextlib import suppress

from clusto.mirror.precedence import Precedence

LONG = 30.0


def waiting(precedence: Precedence) -> threading.Thread:
    thread = threading.Thread(target=precedence.wait, daemon=True)
    thread.start()
    return thread


def test_nobody_waits_for_nobody() -> None:
    thread = waiting(Precedence(LONG))
    thread.join(LONG / 2)
    assert not thread.is_alive()


def test_all_who_have_it_are_waited_for() -> None:
    precedence = Precedence(LONG)
    with precedence.taken():
        with precedence.taken():
            thread = waiting(precedence)
        thread.join(0.1)
        assert thread.is_alive()
    thread.join(LONG / 2)
    assert not thread.is_alive()


def test_patience_ends() -> None:
    precedence = Precedence(0.01)
    with precedence.taken():
        thread = waiting(precedence)
        thread.join(LONG)
        assert not thread.is_alive()


def test_who_fails_has_it_no_longer() -> None:
    precedence = Precedence(LONG)
    with suppress(ValueError), precedence.taken():
        int("")
    thread = waiting(precedence)
    thread.join(LONG / 2)
    assert not thread.is_alive()
