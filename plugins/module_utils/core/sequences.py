# SPDX-License-Identifier: BSD-2-Clause
"""Sequences of numbers and names as people write them: `1-23,25-31`, `1-39/2`, `bb1-bb8,ba1`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from .errors import InvalidError

LONGEST: Final = 4096
"""Members: more than the ports of any device, and little enough to be written by mistake without harm."""

RANGE: Final = re.compile(
    r"(?P<stem>|.*?[^0-9])(?P<first>[0-9]{1,9})-(?P=stem)(?P<last>[0-9]{1,9})(/(?P<step>[0-9]{1,9}))?"
)
NUMBER: Final = re.compile(r"0|[1-9][0-9]{0,8}")

Member = int | str


def expand(text: Any) -> tuple[Member, ...]:
    """List the members: numbers for what is written as one, else names.

    A range may go downwards. Where its first number begins with 0, all are of that width: `a08-a10`. What is no range
    is a name, whatever is in it: `infeed-aa`. InvalidError for an empty member, a step of 0, and for too many members.
    """
    if isinstance(text, int) and not isinstance(text, bool):
        return (text,)
    if not isinstance(text, str):
        raise InvalidError(f"{text!r}: expected a sequence such as 1-8 or bb1-bb8,ba1")
    found: list[Member] = []
    for part in text.split(","):
        if not (member := part.strip()):
            raise InvalidError(f"{text!r}: nothing between two commas; expected a sequence such as 1-8 or bb1-bb8,ba1")
        for one in _members(member):
            found.append(one)
            if len(found) > LONGEST:
                raise InvalidError(f"{text!r}: more than {LONGEST} members")
    return tuple(found)


def _members(text: str) -> Iterator[Member]:
    match = RANGE.fullmatch(text)
    if match is None:
        yield _member(text)
        return
    stem, digits, step = match["stem"], match["first"], int(match["step"] or 1)
    if step < 1:
        raise InvalidError(f"{text!r}: step {step}; expected 1 or more")
    first, last = int(digits), int(match["last"])
    width = len(digits) if digits.startswith("0") else 1
    for number in range(first, last + 1, step) if first <= last else range(first, last - 1, -step):
        yield _member(f"{stem}{number:0{width}}")


def _member(text: str) -> Member:
    return int(text) if NUMBER.fullmatch(text) else text
