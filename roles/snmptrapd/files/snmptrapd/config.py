# SPDX-License-Identifier: BSD-2-Clause
"""What clusto-snmptrapd runs with (docs/snmptrapd.md lists the keys)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from ..core import addresses
from ..core.addresses import IPNetwork
from ..core.errors import InvalidError
from ..service import config as service
from ..service.config import Address, Check, Common, ConfigError, boolean, expect, seconds, text
from ..snmp.usm import User

__all__ = ["CHECKS", "DEFAULT_PATH", "Config", "ConfigError", "load", "validate"]

DEFAULT_PATH: Final = Path("/etc/clusto/snmptrapd.toml")
LISTEN: Final = (Address("0.0.0.0", 162),)  # the port of RFC 3417 section 3.1
METRICS: Final = Address("", 9843)
MIB: Final = 1 << 20

Protected = tuple[str, str] | None
"""A protocol and its passphrase."""


@dataclass(frozen=True)
class Credentials:
    """How switches are read: by a community, or by a user of version 3. auth, priv: protocol and passphrase."""

    community: str | None = field(default=None, repr=False)
    user: str | None = None
    auth: Protected = field(default=None, repr=False)
    priv: Protected = field(default=None, repr=False)
    port: int = 161
    timeout: float = 1.0
    """Seconds; there is one more try."""


@dataclass(frozen=True, kw_only=True)
class Config(Common):
    listen: tuple[Address, ...] = LISTEN
    communities: tuple[str, ...] = field(default=(), repr=False)
    users: tuple[User, ...] = ()
    trusted_sources: tuple[IPNetwork, ...] = ()
    engine_id: bytes | None = None  # None: made at the first start, and kept
    journal_path: Path = Path("/var/lib/clusto/snmptrapd")
    journal_size: int = 256 * MIB  # octets; MiB in the file
    coalesce_interval: float = 0.1
    dry_run: bool = False
    make_servers: bool = True
    name_manager: str = "servernames"
    drivers_path: tuple[Path, ...] | None = None  # None: what CLUSTO_DRIVERS_PATH names
    read: Mapping[str, Credentials] = field(default_factory=dict)
    snapshot_path: Path = Path("/var/lib/clusto/snmptrapd.json")
    metrics_address: Address | None = METRICS


def load(path: Path, environ: Mapping[str, str]) -> Config:
    """Read and check a file. Raises ConfigError when it cannot be read, is not TOML, or holds a bad key."""
    return validate(service.read(path), environ, str(path))


def validate(document: Mapping[str, Any], environ: Mapping[str, str], origin: str) -> Config:
    """Check a parsed file. Raises ConfigError naming every bad key, never a secret."""
    values = service.checked(document, CHECKS, environ, origin)
    values["communities"] = (*values.get("communities", ()), *values.pop("community_files", ()))
    config = Config(**values)
    if not config.communities and not config.users:
        raise ConfigError(f"{origin}: communities: none, and no users; expected one at least, or all would be refused")
    return config


def _listen(value: Any) -> tuple[Address, ...]:
    expect(isinstance(value, list) and value, value, 'a list such as ["0.0.0.0:162", "[::]:162"]')
    found = tuple(_endpoint(item) for item in value)
    expect(len(set(found)) == len(found), value, "each address once")
    return found


def _endpoint(value: Any) -> Address:
    found = service.address(value)
    if found is None or not found.host:
        raise InvalidError(f"{value!r} is not usable; expected an address and a port such as 0.0.0.0:162")
    addresses.ip(found.host)
    return found


def _communities(value: Any) -> tuple[str, ...]:
    fine = isinstance(value, list) and all(isinstance(item, str) and item for item in value)
    if not fine:  # never shown, whatever it is
        raise InvalidError("is no list of texts that are not empty")
    return tuple(value)


def _community_files(value: Any) -> tuple[str, ...]:
    return tuple(secret_file(name) for name in service.texts(value))


def secret_file(name: str) -> str:
    """Read a secret from a file; white space around it does not count. Raises InvalidError."""
    try:
        secret = Path(name).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as exc:
        raise InvalidError(f"{name!r}: {exc.strerror if isinstance(exc, OSError) else 'is not text'}") from exc
    expect(secret, name, "a file that holds a secret")
    return secret


def secret(table: Mapping[str, Any], key: str) -> str | None:
    """Give a secret that is written as `key`, or that the file `key`_file holds. Raises InvalidError, without it."""
    in_file = f"{key}_file"
    if key in table and in_file in table:
        raise InvalidError(f"{in_file} given together with {key}; expected one of them")
    if in_file in table:
        return secret_file(text(table[in_file]))
    if key in table and not isinstance(table[key], str):
        raise InvalidError(f"{key} is not a text")
    return table.get(key)


USER_KEYS: Final = (
    "name",
    "auth",
    "auth_passphrase",
    "auth_passphrase_file",
    "priv",
    "priv_passphrase",
    "priv_passphrase_file",
)


def user(table: Any) -> User:
    """Read a user of version 3. Raises InvalidError, which shows no passphrase."""
    if not isinstance(table, dict) or not isinstance(table.get("name"), str):
        raise InvalidError("a user without name; expected tables with name, auth, auth_passphrase …")
    name = table["name"]
    if unknown := table.keys() - set(USER_KEYS):
        raise InvalidError(f"user {name!r}: unknown key {min(unknown)}; known are {', '.join(USER_KEYS)}")
    return User.of(name, *_protocols(table, f"user {name!r}"))


def _protocols(table: Mapping[str, Any], what: str) -> tuple[Protected, Protected]:
    """Give protocol and passphrase of authentication, and of privacy."""
    return _protocol(table, "auth", what), _protocol(table, "priv", what)


def _protocol(table: Mapping[str, Any], key: str, what: str) -> Protected:
    passphrase = secret(table, f"{key}_passphrase")
    if (key in table) != (passphrase is not None):
        raise InvalidError(f"{what}: {key} and {key}_passphrase go together; one of them is missing")
    return (text(table[key]), passphrase) if passphrase is not None else None


def _users(value: Any) -> tuple[User, ...]:
    expect(isinstance(value, list), type(value).__name__, "[[users]] tables")
    found = tuple(user(table) for table in value)
    names = [one.name for one in found]
    expect(len(set(names)) == len(names), [name.decode() for name in names], "each user once")
    return found


def _networks(value: Any) -> tuple[IPNetwork, ...]:
    return tuple(
        addresses.prefix(item if "/" in item else f"{item}/{addresses.ip(item).max_prefixlen}")
        for item in service.texts(value)
    )


def _paths(value: Any) -> tuple[Path, ...]:
    return tuple(service.path(item) for item in service.texts(value))


def _engine_id(value: Any) -> bytes:
    expected = "5 to 32 octets in hexadecimal, the first with its highest bit set (RFC 3411 section 5)"
    try:
        found = bytes.fromhex(text(value).removeprefix("0x"))
    except ValueError as exc:
        raise InvalidError(f"{value!r} is not usable; expected {expected}") from exc
    expect(5 <= len(found) <= 32 and found[0] & 0x80, value, expected)
    return found


def _journal_size(value: Any) -> int:
    number = isinstance(value, int) and not isinstance(value, bool)
    expect(number and 1 <= value <= 1 << 20, value, "MiB, from 1 to 1048576")
    return int(value) * MIB


READ_KEYS: Final = (
    "community",
    "community_file",
    "user",
    *USER_KEYS[1:],
    "port",
    "timeout",
)


def _read(value: Any) -> Mapping[str, Credentials]:
    expect(isinstance(value, dict), type(value).__name__, "[read.NAME] tables")
    return {name: _credentials(name, table) for name, table in value.items()}


def _credentials(name: str, table: Any) -> Credentials:
    """Read how switches are read. Raises InvalidError, which shows no secret."""
    if not isinstance(table, dict):
        raise InvalidError(f"{name} is no table")
    if unknown := table.keys() - set(READ_KEYS):
        raise InvalidError(f"{name}: unknown key {min(unknown)}; known are {', '.join(READ_KEYS)}")
    community = secret(table, "community")
    if (community is None) == ("user" not in table):
        raise InvalidError(f"{name}: expected a community or a user, one of them")
    auth, priv = _protocols(table, name)
    if "user" in table:
        User.of(text(table["user"]), auth, priv)  # refuses what is unknown or too short
    port = table.get("port", 161)
    fine = isinstance(port, int) and not isinstance(port, bool) and 1 <= port <= 65535
    expect(fine, port, "a UDP port")
    timeout = seconds(table.get("timeout", 1.0))
    return Credentials(community, table.get("user"), auth, priv, port, timeout)


CHECKS: Final[Mapping[str, Check]] = {
    **service.CHECKS,
    "listen": _listen,
    "communities": _communities,
    "community_files": _community_files,
    "users": _users,
    "trusted_sources": _networks,
    "engine_id": _engine_id,
    "journal_path": service.path,
    "journal_size": _journal_size,
    "coalesce_interval": seconds,
    "dry_run": boolean,
    "make_servers": boolean,
    "name_manager": text,
    "drivers_path": _paths,
    "read": _read,
}
