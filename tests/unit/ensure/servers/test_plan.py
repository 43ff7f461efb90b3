# SPDX-License-Identifier: BSD-2-Clause
"""What two items of one list want."""

from __future__ import annotations

import pytest

from clusto.core.errors import BatchError

from .grounds import ground, planned, refused


def test_what_two_items_want_is_told_to_the_later() -> None:
    port = {"number": 1, "mac": "02:00:00:00:00:01"}
    items = [{"name": "a", "ru": [1], "ports": [port]}, {"name": "b", "ru": [2], "ports": [port]}]
    with pytest.raises(BatchError) as caught:
        planned(ground([], items))
    assert refused(caught.value) == {1: "MAC address 02:00:00:00:00:01 is given twice, see servers[0] (a)"}
    with pytest.raises(BatchError) as caught:
        planned(ground([], [{"name": "a", "ru": [1]}, {"name": "a", "ru": [2]}]))
    assert refused(caught.value) == {1: "server 'a' is given twice, see servers[0] (a)"}
