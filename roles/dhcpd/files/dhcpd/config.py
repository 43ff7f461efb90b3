# SPDX-License-Identifier: BSD-2-Clause
"""The configuration: a TOML file, validated once, all problems reported together (docs/dhcpd.md lists the keys)."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

from ..core.errors import InvalidError
from ..dhcp.options import OptionTable
from ..netbox.settings import Settings, base_url, checked_token, token_file

DEFAULT_PATH = Path("/etc/clusto/dhcpd.toml")


class ConfigError(InvalidError):
    """The file cannot be used; one line per bad key in the message."""


@dataclass(frozen=True)
class Config:
    """What the server runs with. Times are seconds."""

    api_url: str
    token: str = field(repr=False)
    validate_certs: bool = True
    ca_path: str | None = None
    timeout: float = 30.0
    interfaces: tuple[str, ...] = ()  # none named: every interface with an IPv4 address, loopback left out
    server_id: IPv4Address | None = None  # None: the address of the interface that received the request
    authoritative: bool = True
    update_ipmi: bool = False
    ipmi_hints: tuple[str, ...] = ("udhcp 0.9.9-pre",)
    extra_options: Mapping[int, str] = field(default_factory=dict)
    refresh_interval: float = 1.5
    snapshot_path: Path = Path("/var/lib/clusto/dhcpd.json")
    warning_interval: float = 300.0
    log_format: str = "json"

    @property
    def netbox(self) -> Settings:
        """How NetBox is reached."""
        return Settings(self.api_url, self.token, self.validate_certs, self.ca_path, self.timeout)


def load(path: Path, environ: Mapping[str, str]) -> Config:
    """Read and check `path`; NETBOX_API and NETBOX_TOKEN stand in for what it leaves out.

    Raises ConfigError when the file cannot be read, is not TOML, or holds a bad key.
    """
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as exc:
        raise ConfigError(f"{path}: cannot be read: {exc.strerror}") from exc
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as exc:
        raise ConfigError(f"{path}: is not TOML: {exc}") from exc
    return validate(document, environ, str(path))


def validate(document: Mapping[str, Any], environ: Mapping[str, str], origin: str) -> Config:
    """Check a parsed file. Raises ConfigError naming every bad key, never a token."""
    values: dict[str, Any] = {}
    problems = [f"{key}: unknown key; known are {', '.join(sorted(CHECKS))}" for key in document.keys() - CHECKS.keys()]
    for key in document.keys() & CHECKS.keys():
        try:
            values[key] = CHECKS[key](document[key])
        except InvalidError as exc:
            problems.append(f"{key}: {exc}")
    problems += _connection(document, values, environ)
    if problems:
        raise ConfigError("\n".join(f"{origin}: {problem}" for problem in sorted(problems)))
    return Config(**values)


def _connection(document: Mapping[str, Any], values: dict[str, Any], environ: Mapping[str, str]) -> list[str]:
    """Settle address and token in `values`; what is wrong with them is returned."""
    problems = []
    from_file = values.pop("token_file", None)
    if {"token", "token_file"} <= document.keys():
        problems.append("token_file: given together with token; expected one of them")
    elif from_file is not None:
        values["token"] = from_file
    for key, given, variable, check in (
        ("api_url", {"api_url"}, "NETBOX_API", _url),
        ("token", {"token", "token_file"}, "NETBOX_TOKEN", _token),
    ):
        if not given & document.keys():
            try:
                values[key] = check(environ.get(variable, ""))
            except InvalidError as exc:
                problems.append(f"{key}: missing, and {variable} does not stand in for it: {exc}")
    return problems


def _expect(ok: object, value: Any, expected: str) -> None:
    if not ok:
        raise InvalidError(f"{value!r} is not usable; expected {expected}")


def _boolean(value: Any) -> bool:
    _expect(isinstance(value, bool), value, "true or false")
    return bool(value)


def _seconds(value: Any) -> float:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    _expect(number and 0 < value <= 86400, value, "seconds, more than 0 and at most 86400")
    return float(value)


def _text(value: Any) -> str:
    _expect(isinstance(value, str) and value.strip(), value, "a text that is not empty")
    return str(value)


def _texts(value: Any) -> tuple[str, ...]:
    fine = isinstance(value, list) and all(isinstance(item, str) and item.strip() for item in value)
    _expect(fine, value, "a list of texts")
    return tuple(value)


def _interfaces(value: Any) -> tuple[str, ...]:
    names = _texts(value)
    _expect(all(len(name) <= 15 and "/" not in name for name in names), value, "names of network interfaces")
    _expect(len(set(names)) == len(names), value, "each interface once")
    return names


def _url(value: Any) -> str:
    return base_url(_text(value))


def _token(value: Any) -> str:
    if not isinstance(value, str):  # never shown, whatever it is
        raise InvalidError("is not a text; expected a NetBox API token")
    return checked_token(value, "the value")


def _token_file(value: Any) -> str:
    return token_file(_text(value))


def _address(value: Any) -> IPv4Address:
    try:
        return IPv4Address(_text(value))
    except ValueError as exc:
        raise InvalidError(f"{value!r} is not usable; expected an IPv4 address") from exc


def _existing(value: Any) -> str:
    _expect(Path(_text(value)).exists(), value, "a file or directory of CA certificates that exists")
    return str(value)


def _path(value: Any) -> Path:
    path = Path(_text(value))
    _expect(path.is_absolute(), value, "an absolute path")
    return path


def _log_format(value: Any) -> str:
    _expect(value in ("json", "text"), value, '"json" or "text"')
    return str(value)


def _extra_options(value: Any) -> Mapping[int, str]:
    _expect(isinstance(value, dict), value, "a table of number = name")
    extra: dict[int, str] = {}
    for number, name in value.items():
        _expect(number.isdecimal() and 1 <= int(number) <= 254, number, "option numbers from 1 to 254")
        extra[int(number)] = _text(name)
    OptionTable(extra)  # refuses numbers of the protocol's own and names that another option bears
    return extra


CHECKS: Mapping[str, Callable[[Any], Any]] = {
    "api_url": _url,
    "token": _token,
    "token_file": _token_file,
    "validate_certs": _boolean,
    "ca_path": _existing,
    "timeout": _seconds,
    "interfaces": _interfaces,
    "server_id": _address,
    "authoritative": _boolean,
    "update_ipmi": _boolean,
    "ipmi_hints": _texts,
    "extra_options": _extra_options,
    "refresh_interval": _seconds,
    "snapshot_path": _path,
    "warning_interval": _seconds,
    "log_format": _log_format,
}
