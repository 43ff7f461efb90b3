# SPDX-License-Identifier: BSD-2-Clause
"""The roles of the daemons know every key of their configurations, and show no secret."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from clusto.dhcpd import config as dhcpd
from clusto.snmptrapd import config as snmptrapd

ROLES = Path(__file__).parents[2] / "roles"
CONFIGS = {"dhcpd": dhcpd, "snmptrapd": snmptrapd}
OWN = {"state", "python", "wheel", "wheel_dir"}
FIXED = {"journal_path", "snapshot_path"}
"""Decided by the role: they lie in the unit's state directory."""


def options(role: str) -> dict[str, Any]:
    spec = yaml.safe_load((ROLES / role / "meta/argument_specs.yml").read_text(encoding="utf-8"))
    described: dict[str, Any] = spec["argument_specs"]["main"]["options"]
    return described


@pytest.mark.parametrize("role", CONFIGS)
def test_every_key_is_a_variable(role: str) -> None:
    variables = {name.removeprefix(f"{role}_") for name in options(role)}
    assert variables - OWN == CONFIGS[role].CHECKS.keys() - FIXED


def secrets(described: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for name, option in described.items():
        if name.endswith(("_passphrase", "_communities", "_read")):
            yield option
        yield from secrets(option.get("options", {}))


def test_secrets_are_not_shown() -> None:
    found = [*secrets(options("snmptrapd"))]
    assert len(found) == 4
    assert all(option["no_log"] for option in found)


def test_users_have_every_key() -> None:
    assert options("snmptrapd")["snmptrapd_users"]["options"].keys() == set(snmptrapd.USER_KEYS)
