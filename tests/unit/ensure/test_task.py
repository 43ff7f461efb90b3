# SPDX-License-Identifier: BSD-2-Clause
from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from clusto.core.errors import ConflictError
from clusto.ensure.task import perform


@dataclass
class Light:
    """Switched on or off; NetBox settles how bright."""

    burns: bool
    wanted: bool | None
    done: list = field(default_factory=list)

    def before(self):
        return {"on": self.burns}

    def after(self, before):
        if self.wanted is None:
            raise ConflictError("neither on nor off")
        return {"on": self.wanted}

    def apply(self, before, after):
        self.done.append((before, after))
        return {**after, "lumen": 800}

    def result(self, after):
        return {"light": after}


@pytest.mark.parametrize(
    ("burns", "wanted", "rehearse", "applied", "reached"),
    [
        (False, False, False, 0, {"on": False}),
        (False, True, False, 1, {"on": True, "lumen": 800}),
        (False, True, True, 0, {"on": True}),
        (True, True, True, 0, {"on": True}),
    ],
)
def test_perform(burns, wanted, rehearse, applied, reached):
    light = Light(burns, wanted)
    outcome = perform(light, rehearse=rehearse)
    assert outcome.changed is (burns != wanted)
    assert (outcome.before, outcome.after, outcome.result) == ({"on": burns}, reached, {"light": reached})
    assert len(light.done) == applied


@pytest.mark.parametrize("rehearse", [True, False])
def test_what_contradicts_is_refused_in_a_rehearsal_too(rehearse):
    light = Light(burns=True, wanted=None)
    with pytest.raises(ConflictError):
        perform(light, rehearse=rehearse)
    assert light.done == []
