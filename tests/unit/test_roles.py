# SPDX-License-Identifier: GPL-3.0-or-later
"""The roles of the daemons know every key of their configurations, write what is set, and show no secret."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar, trust_as_template

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


def written(role: str, **given: Any) -> dict[str, Any]:
    """The configuration that the role writes for these variables, without what is always in it."""
    variables: dict[str, Any] = {"daemon_host_token_file": "/t", "daemon_state_directory": "/s", "ansible_managed": ""}
    for file in ("defaults", "vars"):
        variables |= yaml.safe_load((ROLES / role / file / "main.yml").read_text(encoding="utf-8"))
    variables |= {f"{role}_{key}": value for key, value in given.items()}
    template = (ROLES / role / "templates" / f"{role}.toml.j2").read_text(encoding="utf-8")
    text = Templar(DataLoader(), variables=variables).template(trust_as_template(template))
    document = tomllib.loads(text)
    return {key: value for key, value in document.items() if key not in {"api_url", "token_file", *FIXED}}


@pytest.mark.parametrize("role", CONFIGS)
def test_what_is_set_is_written_and_nothing_else(role: str) -> None:
    always = written(role)
    assert not any(always.values())
    given = {"metrics_address": "", "timeout": 2.5, "validate_certs": False}
    assert written(role, **given) == always | given
    for key, value in given.items():
        CONFIGS[role].CHECKS[key](value)


def secrets(described: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for name, option in described.items():
        if name.endswith(("_token", "_password", "_passphrase", "_communities", "_read")):
            yield option
        yield from secrets(option.get("options", {}))


@pytest.mark.parametrize(("role", "count"), {"netbox": 1, "dhcpd": 1, "snmptrapd": 5}.items())
def test_secrets_are_not_shown(role: str, count: int) -> None:
    found = [*secrets(options(role))]
    assert len(found) == count
    assert all(option["no_log"] for option in found)


def test_users_have_every_key() -> None:
    assert options("snmptrapd")["snmptrapd_users"]["options"].keys() == set(snmptrapd.USER_KEYS)
