# SPDX-License-Identifier: BSD-2-Clause
"""Lists of things brought about together: all of them or none, and an error for each item that is refused."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

from ..core.errors import BatchError, ClustoError, NetBoxError, RefusedError
from ..core.progress import LONG, VARIABLE

Item = TypeVar("Item")
Result = TypeVar("Result")
Step = Callable[[], object]


def each(option: str, names: Sequence[str], items: Sequence[Item], work: Callable[[Item], Result]) -> list[Result]:
    """Do `work` with every item of a module's option, `names` being theirs. BatchError names all that are refused.

    What is no item's fault (NetBox away, a token that may not) is raised as it is, at once.
    """
    found: list[Result] = []
    refused: list[tuple[int, str, Exception]] = []
    for index, (name, item) in enumerate(zip(names, items, strict=True)):
        try:
            found.append(work(item))
        except ClustoError as error:
            if isinstance(error, NetBoxError) and not isinstance(error, RefusedError):
                raise
            refused.append((index, name, error))
    if refused:
        raise BatchError(option, refused, len(items))
    return found


def together(*works: Step) -> None:
    """Do at once what does not touch the same objects; the first of what fails is raised when all have ended.

    Where all that fails are refusals of items, one BatchError names them all.
    """
    if len(works) == 1:
        works[0]()
        return
    with ThreadPoolExecutor(len(works), thread_name_prefix="together") as pool:
        begun = [pool.submit(work) for work in works]
    failed = [error for one in begun if (error := one.exception())]
    refusals = [error for error in failed if isinstance(error, BatchError)]
    if len(refusals) == len(failed) > 1:
        raise merged(refusals)
    if failed:
        raise failed[0]


def merged(refusals: Sequence[BatchError]) -> BatchError:
    """Of one list; of an item that several refuse the first reason is told."""
    by_index = {one[0]: one for error in reversed(refusals) for one in reversed(error.refused)}
    return BatchError(refusals[0].option, [by_index[index] for index in sorted(by_index)], refusals[0].total)


def progress(text: str, total: int) -> None:
    """Tell whoever waits, if anybody does, how far a list of `total` things is."""
    path = os.environ.get(VARIABLE)
    if path and total >= LONG:
        with suppress(OSError), Path(path).open("a", encoding="utf-8") as lines:  # a missing line harms nothing
            lines.write(f"{text}\n")


@contextmanager
def blaming(option: str, names: Sequence[str], owners: Sequence[int]) -> Iterator[None]:
    """Turn NetBox's refusal of a bulk request into a BatchError; owners: for each body the index of its item."""
    try:
        yield
    except RefusedError as error:
        reasons: dict[int, list[str]] = {}
        for place, text in error.items.items():
            reasons.setdefault(owners[place], []).append(text)
        if not reasons:
            raise
        refused = [(index, names[index], RefusedError("; ".join(texts))) for index, texts in sorted(reasons.items())]
        raise BatchError(option, refused, len(names)) from error


@contextmanager
def blaming_one(option: str, names: Sequence[str], owner: int) -> Iterator[None]:
    """Do the same where an object is written alone, so that NetBox does not say which one it refuses."""
    try:
        yield
    except RefusedError as error:
        raise BatchError(option, [(owner, names[owner], error)], len(names)) from error


@contextmanager
def all_or_none() -> Iterator[Callable[[Step], None]]:
    """Take back what was done when a later step fails; what it yields takes the step that undoes one thing.

    The steps run in reverse order; one that fails (NetBox went away) keeps none of the others from running, and the
    error that began it is what the caller sees. kill -9 leaves what was done so far: a repeat completes it.
    """
    steps: list[Step] = []
    try:
        yield steps.append
    except BaseException:
        for step in reversed(steps):
            with suppress(ClustoError):
                step()
        raise
