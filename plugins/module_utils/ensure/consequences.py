# SPDX-License-Identifier: BSD-2-Clause
"""What deleting entities brings about, told before anything is lost."""

from __future__ import annotations

from collections.abc import Collection
from typing import TypeVar

from ..drivers import Entity, Session
from ..drivers.survey import Survey
from .task import State

Kind = TypeVar("Kind", bound=Entity)


def consequences(session: Session, entities: Collection[Kind]) -> dict[Kind, State]:
    """`obstacles` and `losses` of each, read together: in a few requests, however many they are."""
    survey = Survey(session, entities)
    return {entity: dict(survey[entity].consequences()) for entity in entities}
