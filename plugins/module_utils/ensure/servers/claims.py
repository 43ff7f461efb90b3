# SPDX-License-Identifier: BSD-2-Clause
"""What the items of one list want that only one can have."""

from __future__ import annotations

from ...core.errors import ConflictError
from .wishes import Wish


class Claims:
    def __init__(self, option: str) -> None:
        self._option = option
        self._first: dict[object, Wish] = {}

    def make(self, what: object, wish: Wish, problem: str) -> None:
        """ConflictError, with that problem, when another item of the list has it."""
        other = self._first.setdefault(what, wish)
        if other.index != wish.index:
            raise ConflictError(f"{problem}, see {self._option}[{other.index}] ({other.title})")
