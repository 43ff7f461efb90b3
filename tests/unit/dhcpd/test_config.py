# SPDX-License-Identifier: BSD-2-Clause
from __future__ import annotations

from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

import pytest

from clusto.dhcpd.config import CHECKS, ConfigError, load, validate

BASE = {"api_url": "http://netbox:8000/", "token": "secret-token"}
DOCUMENTED = Path(__file__).parents[3] / "docs/dhcpd.md"


def problems(document: dict[str, Any], environ: dict[str, str] | None = None) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        validate(document, environ or {}, "file")
    return str(caught.value).splitlines()


def test_the_least() -> None:
    config = validate(BASE, {}, "file")
    assert (config.api_url, config.token) == ("http://netbox:8000", "secret-token")
    assert config.interfaces == ()
    assert config.authoritative
    assert not config.update_ipmi
    assert config.netbox.timeout == 30


def test_everything(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("from-file\n")
    path = tmp_path / "dhcpd.toml"
    path.write_text(f"""
        api_url = "https://netbox"
        token_file = "{tmp_path}/token"
        validate_certs = false
        ca_path = "{tmp_path}"
        timeout = 5
        interfaces = ["eth0", "eth1.7"]
        server_id = "192.168.1.1"
        authoritative = false
        update_ipmi = true
        ipmi_hints = ["udhcp 0.9"]
        refresh_interval = 0.5
        snapshot_path = "/var/lib/x"
        warning_interval = 60
        log_format = "text"
        [extra_options]
        224 = "site-role"
    """)
    config = load(path, {})
    assert config.token == "from-file"
    assert config.interfaces == ("eth0", "eth1.7")
    assert config.server_id == IPv4Address("192.168.1.1")
    assert config.extra_options == {224: "site-role"}
    assert (config.refresh_interval, config.snapshot_path) == (0.5, Path("/var/lib/x"))


def test_the_environment_stands_in_for_what_is_left_out() -> None:
    config = validate({}, {"NETBOX_API": "http://n", "NETBOX_TOKEN": "t"}, "file")
    assert (config.api_url, config.token) == ("http://n", "t")
    config = validate(BASE, {"NETBOX_API": "http://n", "NETBOX_TOKEN": "t"}, "file")
    assert (config.api_url, config.token) == ("http://netbox:8000", "secret-token")


def test_neither_file_nor_environment() -> None:
    api_url, token = problems({})
    assert api_url.startswith("file: api_url: missing, and NETBOX_API")
    assert token.startswith("file: token: missing, and NETBOX_TOKEN")


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("api_url", "netbox:8000", "'netbox:8000'"),
        ("api_url", 7, "7"),
        ("token_file", "/nonexistent/token", "/nonexistent/token"),
        ("validate_certs", "yes", "true or false"),
        ("ca_path", "/nonexistent/ca", "exists"),
        ("timeout", 0, "more than 0"),
        ("timeout", True, "more than 0"),
        ("timeout", float("nan"), "more than 0"),
        ("interfaces", "eth0", "a list"),
        ("interfaces", [7], "a list"),
        ("interfaces", ["averyveryverylongname"], "names of network interfaces"),
        ("interfaces", ["eth0", "eth0"], "once"),
        ("server_id", "192.168.1", "IPv4 address"),
        ("server_id", "::1", "IPv4 address"),
        ("authoritative", 1, "true or false"),
        ("update_ipmi", None, "true or false"),
        ("ipmi_hints", [""], "a list of texts"),
        ("refresh_interval", -1, "more than 0"),
        ("refresh_interval", "2", "more than 0"),
        ("snapshot_path", "relative", "absolute"),
        ("warning_interval", 10**6, "at most"),
        ("log_format", "xml", '"json" or "text"'),
        ("extra_options", ["a"], "number = name"),
        ("extra_options", {"0": "a"}, "from 1 to 254"),
        ("extra_options", {"x": "a"}, "from 1 to 254"),
        ("extra_options", {"224": 7}, "a text"),
        ("extra_options", {"224": "router"}, "'router'"),
        ("extra_options", {"53": "kind"}, "option 53"),
        ("colour", "red", "unknown key"),
    ],
)
def test_bad_keys_are_named_with_value_and_expectation(key: str, value: object, words: str) -> None:
    document = {name: given for name, given in BASE.items() if (name, key) != ("token", "token_file")}
    (problem,) = problems(document | {key: value})
    assert problem.startswith(f"file: {key}: ")
    assert words in problem


def test_all_problems_are_told_together() -> None:
    assert len(problems({**BASE, "timeout": -1, "log_format": "xml", "colour": 1})) == 3


def test_token_and_token_file(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("t")
    assert problems({**BASE, "token_file": f"{tmp_path}/token"}) == [
        "file: token_file: given together with token; expected one of them"
    ]


@pytest.mark.parametrize("token", ["Token secret-token", "", ["secret-token"], "nbt_secret-token"])
def test_a_token_is_never_shown(token: object) -> None:
    (problem,) = problems({**BASE, "token": token})
    assert "secret-token" not in problem
    assert "secret-token" not in repr(validate(BASE, {}, "file"))


@pytest.mark.parametrize("content", [b"api_url = ", b"\xff\xfe"])
def test_no_toml(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "dhcpd.toml"
    path.write_bytes(content)
    with pytest.raises(ConfigError, match="is not TOML"):
        load(path, {})


def test_no_file() -> None:
    with pytest.raises(ConfigError, match=r"^/nonexistent: cannot be read: No such file or directory$"):
        load(Path("/nonexistent"), {})


@pytest.mark.parametrize("key", sorted(CHECKS))
def test_every_key_is_documented(key: str) -> None:
    assert f"`{key}`" in DOCUMENTED.read_text() or f"`[{key}]`" in DOCUMENTED.read_text()
