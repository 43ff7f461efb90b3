# SPDX-License-Identifier: BSD-2-Clause
"""Who is meant by a name, and by one that it had before."""

from __future__ import annotations

from typing import Any

import pytest

from clusto.core.errors import ConflictError, InvalidError
from clusto.drivers import Rack, Session
from clusto.ensure.finding import known_as
from clusto.netbox.client import Client, Settings

SESSION = Session(Client(Settings("http://127.0.0.1:9", "0123456789abcdef0123456789abcdef01234567")))


def rack(id_: int, name: str) -> Rack:
    site = {"name": "dc", "slug": "dc"}
    record: dict[str, Any] = {"id": id_, "name": name, "site": site, "display_url": f"http://netbox/{id_}"}
    return Rack.from_record(SESSION, record)


OLD, NEW = rack(1, "old"), rack(2, "new")


@pytest.mark.parametrize(
    ("found", "former", "meant", "renaming"),
    [
        (None, OLD, OLD, True),
        (NEW, None, NEW, False),
        (None, None, None, False),
        (OLD, OLD, OLD, False),
    ],
)
def test_who_is_meant(found: Rack | None, former: Rack | None, meant: Rack | None, renaming: Any) -> None:
    assert known_as("rack", "new", found, former, "present") == (meant, renaming)


def test_both_are_there() -> None:
    message = r"rack:dc/old cannot be renamed to 'new': rack:dc/new is there too \(http://netbox/1, http://netbox/2\)"
    with pytest.raises(ConflictError, match=message):
        known_as("rack", "new", NEW, OLD, "present")


def test_what_is_to_be_gone_is_not_renamed() -> None:
    with pytest.raises(InvalidError, match="rack 'new': renamed_from with state absent; expected the name that it has"):
        known_as("rack", "new", None, OLD, "absent")
