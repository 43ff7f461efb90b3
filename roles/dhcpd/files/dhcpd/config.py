# SPDX-License-Identifier: BSD-2-Clause
"""What clusto-dhcpd runs with (docs/dhcpd.md lists the keys)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any, Final

from ..core.errors import InvalidError
from ..dhcp.options import OptionTable
from ..service import config as service
from ..service.config import Address, Check, Common, ConfigError, boolean, expect, text, texts

__all__ = ["CHECKS", "DEFAULT_PATH", "Config", "ConfigError", "load", "validate"]

DEFAULT_PATH: Final = Path("/etc/clusto/dhcpd.toml")
METRICS_ADDRESS: Final = Address("", 9842)


@dataclass(frozen=True, kw_only=True)
class Config(Common):
    interfaces: tuple[str, ...] = ()  # none named: every interface with an IPv4 address, loopback left out
    server_id: IPv4Address | None = None  # None: the address of the interface that received the request
    authoritative: bool = True
    update_ipmi: bool = False
    ipmi_hints: tuple[str, ...] = ("udhcp 0.9.9-pre",)
    extra_options: Mapping[int, str] = field(default_factory=dict)
    snapshot_path: Path = Path("/var/lib/clusto/dhcpd.json")
    metrics_address: Address | None = METRICS_ADDRESS


def load(path: Path, environ: Mapping[str, str]) -> Config:
    """Read and check a file. Raises ConfigError when it cannot be read, is not TOML, or holds a bad key."""
    return validate(service.read(path), environ, str(path))


def validate(document: Mapping[str, Any], environ: Mapping[str, str], origin: str) -> Config:
    """Check a parsed file. Raises ConfigError naming every bad key, never a token."""
    return Config(**service.checked(document, CHECKS, environ, origin))


def _interfaces(value: Any) -> tuple[str, ...]:
    names = texts(value)
    expect(all(len(name) <= 15 and "/" not in name for name in names), value, "names of network interfaces")
    expect(len(set(names)) == len(names), value, "each interface once")
    return names


def _server_id(value: Any) -> IPv4Address:
    try:
        return IPv4Address(text(value))
    except ValueError as exc:
        raise InvalidError(f"{value!r} is not usable; expected an IPv4 address") from exc


def _extra_options(value: Any) -> Mapping[int, str]:
    expect(isinstance(value, dict), value, "a table of number = name")
    extra: dict[int, str] = {}
    for number, name in value.items():
        expect(number.isdecimal() and 1 <= int(number) <= 254, number, "option numbers from 1 to 254")
        extra[int(number)] = text(name)
    OptionTable(extra)  # refuses numbers of the protocol's own and names that another option bears
    return extra


CHECKS: Final[Mapping[str, Check]] = {
    **service.CHECKS,
    "interfaces": _interfaces,
    "server_id": _server_id,
    "authoritative": boolean,
    "update_ipmi": boolean,
    "ipmi_hints": texts,
    "extra_options": _extra_options,
}
