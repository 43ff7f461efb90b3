# SPDX-License-Identifier: BSD-2-Clause
"""Random operations on the real NetBox and on a plain reference: the same answers, the same refusals, the same state.

CLUSTO_STEPS makes the walk longer (10000 takes an hour or more), CLUSTO_SEED takes another one; a failure names it.
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterator

import pytest

from clusto.drivers import Session

from .walk import Walk

STEPS = int(os.environ.get("CLUSTO_STEPS", "120"))
WHOLE = 100
"""Steps after which the whole state is compared."""


@pytest.fixture
def walk(session: Session) -> Iterator[Walk]:
    seed = int(os.environ.get("CLUSTO_SEED", "1"))
    net = f"100.{random.randrange(64, 128)}.{random.randrange(0, 256, 16)}.0/20"
    walk = Walk(session, seed, f"{random.randrange(16**6):06x}", net)
    yield walk
    walk.close()


def test_a_random_walk(walk: Walk) -> None:
    while walk.steps < STEPS:
        walk.step()
        if walk.steps % WHOLE == 0:
            walk.whole()
    walk.remove_all()
