# SPDX-License-Identifier: BSD-2-Clause
from __future__ import annotations

import threading

import pytest

from clusto.core.errors import BatchError, ConflictError, ExhaustedError, NotFoundError, RefusedError, UnavailableError
from clusto.ensure.batch import all_or_none, blaming, each, together

NAMES = ("s0", "s1", "s2")


def test_each_item_that_is_refused_is_named_with_its_index() -> None:
    def work(number: int) -> int:
        if number:
            raise ConflictError(f"unit {number} is taken")
        return number

    assert each("servers", NAMES, (0, 0, 0), work) == [0, 0, 0]
    with pytest.raises(BatchError) as caught:
        each("servers", NAMES, (0, 5, 7), work)
    assert [(index, name, str(error)) for index, name, error in caught.value.refused] == [
        (1, "s1", "unit 5 is taken"),
        (2, "s2", "unit 7 is taken"),
    ]
    assert str(caught.value) == (
        "2 of 3 servers refused, nothing was changed: "
        "servers[1] (s1): unit 5 is taken; servers[2] (s2): unit 7 is taken"
    )


def test_what_is_no_items_fault_is_raised_as_it_is() -> None:
    def work(_: int) -> None:
        raise UnavailableError("NetBox is away")

    with pytest.raises(UnavailableError, match="NetBox is away"):
        each("servers", NAMES, (0, 1, 2), work)


def test_a_refused_bulk_request_blames_the_items_whose_bodies_are_wrong() -> None:
    with pytest.raises(BatchError) as caught, blaming("servers", NAMES, [0, 2, 2]):
        raise RefusedError("POST …", items={1: "name: taken", 2: "site: missing"})
    assert [(index, name, str(error)) for index, name, error in caught.value.refused] == [
        (2, "s2", "name: taken; site: missing")
    ]
    with pytest.raises(RefusedError, match="of nobody"), blaming("servers", NAMES, [0]):
        raise RefusedError("of nobody in particular")


def test_what_was_done_is_taken_back_in_reverse_order_however_that_goes() -> None:
    done: list[str] = []

    def failing() -> None:
        raise NotFoundError("gone already")

    def run(*, fails: bool) -> None:
        with all_or_none() as undo:
            undo(lambda: done.append("first"))
            undo(failing)
            undo(lambda: done.append("last"))
            if fails:
                raise ConflictError("the address is taken")

    run(fails=False)
    assert not done
    with pytest.raises(ConflictError, match="the address is taken"):
        run(fails=True)
    assert done == ["last", "first"]


def test_works_done_together_wait_for_each_other() -> None:
    meeting = threading.Barrier(3, timeout=30)
    together(meeting.wait, meeting.wait, meeting.wait)
    assert not meeting.broken


def test_what_fails_is_raised_when_the_others_have_ended() -> None:
    failed, ended = threading.Event(), []

    def refuse() -> None:
        failed.set()
        raise ConflictError("taken")

    def go_on() -> None:
        failed.wait(30)
        ended.append(True)

    with pytest.raises(ConflictError, match="taken"):
        together(go_on, refuse, go_on)
    assert ended == [True, True]


def test_refusals_of_works_done_together_are_told_together() -> None:
    def refusing(why: Exception, *items: int) -> None:
        raise BatchError("servers", [(item, NAMES[item], why) for item in items], 3)

    short, taken = ExhaustedError("no address"), ConflictError("taken")

    with pytest.raises(BatchError) as caught:
        together(lambda: refusing(short, 1, 2), lambda: refusing(taken, 0, 1))
    assert caught.value.refused == ((0, "s0", taken), (1, "s1", short), (2, "s2", short))
    assert str(caught.value).startswith("3 of 3 servers refused")
    with pytest.raises(BatchError, match="1 of 3"):
        together(lambda: refusing(taken, 1), lambda: None)
