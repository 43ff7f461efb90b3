# SPDX-License-Identifier: BSD-2-Clause
"""A daemon's configuration: a TOML file, checked once, all problems reported together, never a token.

A daemon makes its own `Config` of `Common` and adds its own checks to `CHECKS`: key to a function that gives what the
key's value means, or raises InvalidError with the value and what was expected.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

from ..core.errors import InvalidError
from ..netbox.settings import Settings, base_url, checked_token, token_file

Check = Callable[[Any], Any]


class ConfigError(InvalidError):
    """The file cannot be used; one line per bad key in the message."""


class Address(NamedTuple):
    """Where to listen; no host: on all addresses."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass(frozen=True, kw_only=True)
class Common:
    """What every daemon runs with. Times are seconds."""

    api_url: str
    token: str = field(repr=False)
    validate_certs: bool = True
    ca_path: str | None = None
    timeout: float = 30.0
    refresh_interval: float = 1.5
    snapshot_path: Path
    warning_interval: float = 300.0
    metrics_address: Address | None
    log_format: str = "json"

    @property
    def netbox(self) -> Settings:
        """How NetBox is reached."""
        return Settings(self.api_url, self.token, self.validate_certs, self.ca_path, self.timeout)


def read(path: Path) -> dict[str, Any]:
    """Parse a file. Raises ConfigError when it cannot be read or is not TOML."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as exc:
        raise ConfigError(f"{path}: cannot be read: {exc.strerror}") from exc
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as exc:
        raise ConfigError(f"{path}: is not TOML: {exc}") from exc


def checked(
    document: Mapping[str, Any], checks: Mapping[str, Check], environ: Mapping[str, str], origin: str
) -> dict[str, Any]:
    """Check a parsed file; NETBOX_API and NETBOX_TOKEN stand in for what it leaves out.

    Raises ConfigError naming every bad key.
    """
    values: dict[str, Any] = {}
    problems = [f"{key}: unknown key; known are {', '.join(sorted(checks))}" for key in document.keys() - checks.keys()]
    for key in document.keys() & checks.keys():
        try:
            values[key] = checks[key](document[key])
        except InvalidError as exc:
            problems.append(f"{key}: {exc}")
    problems += _connection(document, values, environ)
    if problems:
        raise ConfigError("\n".join(f"{origin}: {problem}" for problem in sorted(problems)))
    return values


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


# Checks


def expect(ok: object, value: Any, expected: str) -> None:
    if not ok:
        raise InvalidError(f"{value!r} is not usable; expected {expected}")


def boolean(value: Any) -> bool:
    expect(isinstance(value, bool), value, "true or false")
    return bool(value)


def seconds(value: Any) -> float:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    expect(number and 0 < value <= 86400, value, "seconds, more than 0 and at most 86400")
    return float(value)


def text(value: Any) -> str:
    expect(isinstance(value, str) and value.strip(), value, "a text that is not empty")
    return str(value)


def texts(value: Any) -> tuple[str, ...]:
    fine = isinstance(value, list) and all(isinstance(item, str) and item.strip() for item in value)
    expect(fine, value, "a list of texts")
    return tuple(value)


def path(value: Any) -> Path:
    given = Path(text(value))
    expect(given.is_absolute(), value, "an absolute path")
    return given


def address(value: Any) -> Address | None:
    """None for an empty text: nothing is to listen."""
    expected = '"HOST:PORT", ":PORT" for all addresses, or "" for none'
    expect(isinstance(value, str), value, expected)
    if not value:
        return None
    try:
        parts = urlsplit(f"//{value}")
        host, port = parts.hostname or "", parts.port
    except ValueError as exc:
        raise InvalidError(f"{value!r} is not usable; expected {expected}") from exc
    expect(port and parts.netloc == value and "@" not in value, value, expected)
    return Address(host, int(port or 0))


def _existing(value: Any) -> str:
    expect(Path(text(value)).exists(), value, "a file or directory of CA certificates that exists")
    return str(value)


def _url(value: Any) -> str:
    return base_url(text(value))


def _token(value: Any) -> str:
    if not isinstance(value, str):  # never shown, whatever it is
        raise InvalidError("is not a text; expected a NetBox API token")
    return checked_token(value, "the value")


def _token_file(value: Any) -> str:
    return token_file(text(value))


def _log_format(value: Any) -> str:
    expect(value in ("json", "text"), value, '"json" or "text"')
    return str(value)


CHECKS: Final[Mapping[str, Check]] = {
    "api_url": _url,
    "token": _token,
    "token_file": _token_file,
    "validate_certs": boolean,
    "ca_path": _existing,
    "timeout": seconds,
    "refresh_interval": seconds,
    "snapshot_path": path,
    "warning_interval": seconds,
    "metrics_address": address,
    "log_format": _log_format,
}
"""Those of `Common`."""
