# SPDX-License-Identifier: BSD-2-Clause
"""What the keys of all daemons take; that problems are told together is seen in tests/unit/dhcpd."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from clusto.core.errors import InvalidError
from clusto.service.config import CHECKS, Address, Common, ConfigError, address, checked, texts

BASE = {"api_url": "http://netbox", "token": "t", "snapshot_path": "/s", "metrics_address": ""}


@dataclass(frozen=True, kw_only=True)
class Config(Common):
    """Of another daemon, with one key of its own."""

    users: tuple[str, ...] = ()


def load(document: Mapping[str, Any]) -> Config:
    return Config(**checked(document, {**CHECKS, "users": texts}, {}, "file"))


def test_a_daemon_adds_keys_of_its_own() -> None:
    config = load({**BASE, "users": ["a"], "timeout": 3})
    assert (config.users, config.netbox.timeout, config.snapshot_path) == (("a",), 3, Path("/s"))
    assert "token='t'" not in repr(config)


def test_its_own_keys_are_told_like_the_others() -> None:
    with pytest.raises(ConfigError) as caught:
        load({**BASE, "users": "a", "timeout": 0, "user": "b"})
    told = str(caught.value).splitlines()
    assert [line.split(": ")[1] for line in told] == ["timeout", "user", "users"]
    assert "users" in told[1]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (":9842", Address("", 9842)),
        ("127.0.0.1:1", Address("127.0.0.1", 1)),
        ("[::1]:9842", Address("::1", 9842)),
        ("localhost:80", Address("localhost", 80)),
        ("", None),
    ],
)
def test_addresses(value: str, expected: Address | None) -> None:
    assert address(value) == expected
    assert str(expected or "") == value


@pytest.mark.parametrize(
    "value", [9842, "9842", "localhost", "a:b", ":0", ":65536", "http://a:1", "a@b:1", "a:1/x", "["]
)
def test_what_is_no_address(value: object) -> None:
    with pytest.raises(InvalidError, match=r"is not usable; expected \"HOST:PORT\""):
        address(value)
