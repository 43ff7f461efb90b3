# SPDX-License-Identifier: BSD-2-Clause
"""Slugs, which NetBox wants besides names: letters, digits, `-` and `_`, unique; a name always makes the same."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Container

LONGEST = 100


def slug_of(name: str) -> str:
    """Make the slug of a tag, which may hold letters of any script. Empty when the name has no letter and no digit."""
    return _joined(unicodedata.normalize("NFKC", name))


def ascii_slug_of(name: str) -> str:
    """Make the slug of a site or location, for which NetBox takes ASCII only: accents and other letters are dropped."""
    return _joined(unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode())


def unlike(slug: str, name: str, taken: Container[str]) -> str:
    """Choose `slug` itself if it says something and is free, else with a mark that follows from the name alone."""
    if slug and slug not in taken:
        return slug
    mark = hashlib.sha256(name.encode()).hexdigest()[:8]
    return f"{slug[: LONGEST - 9]}-{mark}".lstrip("-")


def _joined(text: str) -> str:
    return re.sub(r"[-\s]+", "-", re.sub(r"[^\w\s-]", "-", text.lower())).strip("-_")[:LONGEST]
