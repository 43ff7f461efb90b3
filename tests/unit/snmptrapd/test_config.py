# SPDX-License-Identifier: BSD-2-Clause
from __future__ import annotations

from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest

from clusto.service.config import Address
from clusto.snmp.message import Flags
from clusto.snmptrapd.config import (
    CHECKS,
    MIB,
    READ_KEYS,
    USER_KEYS,
    Config,
    ConfigError,
    Credentials,
    load,
    validate,
)

BASE = {"api_url": "http://netbox:8000", "token": "token-s3cret", "communities": ["s3cret"]}
DOCUMENTED = Path(__file__).parents[3] / "docs/snmptrapd.md"
USER = {
    "name": "sw",
    "auth": "SHA",
    "auth_passphrase": "maple-s3cret",
    "priv": "AES",
    "priv_passphrase": "cakes-s3cret",
}


def problems(document: dict[str, Any]) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        validate(document, {}, "file")
    assert "s3cret" not in str(caught.value)
    return str(caught.value).splitlines()


def test_the_least() -> None:
    config = validate(BASE, {}, "file")
    assert config.listen == (Address("0.0.0.0", 162),)
    assert config.communities == ("s3cret",)
    assert config.journal_size == 256 * MIB
    assert config.engine_id is None
    assert not config.dry_run
    assert "s3cret" not in repr(config)


def test_everything(tmp_path: Path) -> None:
    for name in ("token", "community", "auth", "priv"):
        (tmp_path / name).write_text(f"{name}-s3cret\n")
    path = tmp_path / "snmptrapd.toml"
    path.write_text(f"""
        api_url = "https://netbox"
        token_file = "{tmp_path}/token"
        listen = ["192.0.2.1:162", "[::]:1162"]
        communities = ["public"]
        community_files = ["{tmp_path}/community"]
        trusted_sources = ["192.0.2.7", "2001:db8::/64"]
        engine_id = "0x80000000050102"
        journal_path = "/var/lib/x"
        journal_size = 7
        coalesce_interval = 2
        dry_run = true
        metrics_address = ""
        [[users]]
        name = "open"
        [[users]]
        name = "sw"
        auth = "SHA-256"
        auth_passphrase_file = "{tmp_path}/auth"
        priv = "AES-256-C"
        priv_passphrase_file = "{tmp_path}/priv"
        [read.default]
        community_file = "{tmp_path}/community"
        timeout = 3
        [read.core]
        user = "reader"
        auth = "SHA"
        auth_passphrase = "maplesyrup"
        port = 1161
    """)
    config = load(path, {})
    assert config.listen == (Address("192.0.2.1", 162), Address("::", 1162))
    assert config.communities == ("public", "community-s3cret")
    assert config.trusted_sources == (ip_network("192.0.2.7/32"), ip_network("2001:db8::/64"))
    assert config.engine_id == bytes.fromhex("80000000050102")
    assert (config.journal_path, config.journal_size) == (Path("/var/lib/x"), 7 * MIB)
    assert (config.coalesce_interval, config.dry_run, config.metrics_address) == (2, True, None)
    assert [(user.name, user.level) for user in config.users] == [(b"open", Flags(0)), (b"sw", Flags.AUTH | Flags.PRIV)]
    assert config.read == {
        "default": Credentials("community-s3cret", timeout=3),
        "core": Credentials(None, "reader", ("SHA", "maplesyrup"), port=1161),
    }
    assert "s3cret" not in repr(config)
    assert "maplesyrup" not in repr(config)


def test_users_are_enough() -> None:
    document = {key: value for key, value in BASE.items() if key != "communities"} | {"users": [USER]}
    assert validate(document, {}, "file").communities == ()


def test_nothing_would_be_accepted() -> None:
    document = {key: value for key, value in BASE.items() if key != "communities"}
    assert problems(document) == [
        "file: communities: none, and no users; expected one at least, or all would be refused"
    ]


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("listen", [], "a list such as"),
        ("listen", "0.0.0.0:162", "a list such as"),
        ("listen", [":162"], "an address and a port"),
        ("listen", ["localhost:162"], "'localhost' is no IP address"),
        ("listen", ["0.0.0.0"], '"HOST:PORT"'),
        ("listen", ["0.0.0.0:162", "0.0.0.0:162"], "each address once"),
        ("communities", "s3cret", "no list of texts"),
        ("communities", ["s3cret", 7], "no list of texts"),
        ("communities", [""], "no list of texts"),
        ("community_files", ["/nonexistent/community"], "'/nonexistent/community': No such file or directory"),
        ("trusted_sources", ["192.0.2.0/33"], "192.0.2.0/33"),
        ("trusted_sources", ["proxy"], "'proxy' is no IP address"),
        ("engine_id", "80000001", "5 to 32 octets"),
        ("engine_id", "0000000001", "highest bit"),
        ("engine_id", "switch", "5 to 32 octets"),
        ("journal_path", "relative", "absolute"),
        ("journal_size", 0, "MiB"),
        ("journal_size", 1.5, "MiB"),
        ("coalesce_interval", 0, "more than 0"),
        ("dry_run", 1, "true or false"),
        ("users", USER, "[[users]] tables"),
        ("users", [{}], "a user without name"),
        ("users", ["sw"], "a user without name"),
        ("users", [USER | {"colour": "red"}], "unknown key colour"),
        ("users", [USER, USER], "each user once"),
        ("users", [USER | {"auth": "SHA1"}], "'SHA1' is not known; expected one of MD5, SHA,"),
        ("users", [USER | {"auth_passphrase": "s3cret"}], "has 6 characters; expected at least 8"),
        ("users", [USER | {"auth_passphrase": 7}], "auth_passphrase is not a text"),
        ("users", [USER | {"auth_passphrase_file": "/x"}], "expected one of them"),
        ("users", [{"name": "sw", "auth": "SHA"}], "auth and auth_passphrase go together"),
        ("users", [{"name": "sw", "priv": "AES", "priv_passphrase": "cakes-s3cret"}], "privacy without authentication"),
        ("read", [], "[read.NAME] tables"),
        ("read", {"default": "s3cret"}, "default is no table"),
        ("read", {"default": {}}, "a community or a user, one of them"),
        ("read", {"default": {"community": "s3cret", "user": "sw"}}, "a community or a user, one of them"),
        ("read", {"default": {"community": "s3cret", "colour": 1}}, "default: unknown key colour"),
        ("read", {"default": {"community": "s3cret", "port": 0}}, "a UDP port"),
        ("read", {"default": {"community": "s3cret", "timeout": 0}}, "more than 0"),
        ("read", {"default": {"user": "sw", "auth": "ROT13", "auth_passphrase": "maple-s3cret"}}, "'ROT13'"),
        ("colour", "red", "unknown key"),
    ],
)
def test_bad_keys_are_named_with_what_was_expected(key: str, value: object, words: str) -> None:
    (problem,) = problems(BASE | {key: value})
    assert problem.startswith(f"file: {key}: ")
    assert words in problem


def test_an_empty_secret(tmp_path: Path) -> None:
    (tmp_path / "empty").write_text("\n")
    (problem,) = problems(BASE | {"community_files": [str(tmp_path / "empty")]})
    assert "a file that holds a secret" in problem


@pytest.mark.parametrize("key", sorted({*CHECKS, *USER_KEYS, *READ_KEYS}))
def test_every_key_is_documented(key: str) -> None:
    text = DOCUMENTED.read_text()
    assert any(form in text for form in (f"`{key}`", f"`[[{key}]]`", f"`[{key}.NAME]`"))


def test_every_key_has_its_field() -> None:
    fields = set(Config.__dataclass_fields__)
    assert set(CHECKS) - fields == {"token_file", "community_files"}
