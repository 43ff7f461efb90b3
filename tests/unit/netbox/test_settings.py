# SPDX-License-Identifier: BSD-2-Clause
from __future__ import annotations

from pathlib import Path

import pytest

from clusto.core.errors import InvalidError
from clusto.netbox.client import Settings, token_file

V1 = "0123456789abcdef0123456789abcdef01234567"
V2 = "nbt_4F9DAouzURLb.zjebxBPzICiPbWz0Wtx0fTL7bCKXKGTYhNzkgC2S"


@pytest.mark.parametrize(
    ("given", "base"),
    [
        ("http://netbox:8000", "http://netbox:8000"),
        ("https://netbox.example.org/", "https://netbox.example.org"),
        ("https://netbox.example.org/api", "https://netbox.example.org"),
        ("https://netbox.example.org/api/", "https://netbox.example.org"),
        ("https://example.org/tools/netbox//", "https://example.org/tools/netbox"),
        ("https://example.org/tools/netbox/api/", "https://example.org/tools/netbox"),
        ("https://example.org/my-api", "https://example.org/my-api"),
        (" http://[::1]:8000 ", "http://[::1]:8000"),
    ],
)
def test_api_url_may_end_as_people_write_it(given: str, base: str) -> None:
    assert Settings(given, V1).api_url == base


@pytest.mark.parametrize(
    "url",
    [
        "",
        "netbox",
        "netbox:8000",
        "ftp://netbox",
        "http://",
        "http://n:99999",
        "http://n:x",
        "http://[::1",
        "http://n?a=b",
    ],
)
def test_what_is_no_url_is_refused_with_the_form_expected(url: str) -> None:
    with pytest.raises(InvalidError, match=r"expected http\(s\)://HOST"):
        Settings(url, V1)


def test_a_password_in_the_url_is_refused_and_not_shown() -> None:
    with pytest.raises(InvalidError) as caught:
        Settings("https://admin:geheim@netbox", V1)
    assert "geheim" not in str(caught.value)


@pytest.mark.parametrize(("token", "header"), [(V1, f"Token {V1}"), (V2, f"Bearer {V2}")])
def test_the_prefix_tells_the_kinds_of_tokens_apart(token: str, header: str) -> None:
    assert Settings("http://n", f"{token}\n").authorization == header


@pytest.mark.parametrize(
    "token", ["", " \n", "Token abc", "Bearer nbt_a.b", "a\nb", "schlüssel", "nbt_KeyAlone", "nbt_Key."]
)
def test_what_is_no_token_is_refused_and_not_shown(token: str) -> None:
    with pytest.raises(InvalidError, match=r"^token: ") as caught:
        Settings("http://n", token)
    assert not token.strip() or token not in str(caught.value)


def test_the_token_is_in_no_repr() -> None:
    assert V1 not in repr(Settings("http://n", V1))


def test_a_token_file_may_end_in_a_newline(tmp_path: Path) -> None:
    path = tmp_path / "token"
    path.write_text(f"{V2}\n")
    assert token_file(path) == V2


def test_a_token_file_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    (tmp_path / "empty").write_text("\n")
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    for name, why in {"empty": "empty", "missing": "No such file", ".": "Is a directory", "binary": "not text"}.items():
        with pytest.raises(InvalidError, match=why) as caught:
            token_file(tmp_path / name)
        assert str(tmp_path / name) in str(caught.value)


def test_the_environment_may_name_a_token_file(tmp_path: Path) -> None:
    path = tmp_path / "token"
    path.write_text(V1)
    api = {"NETBOX_API": "http://n"}
    assert Settings.from_environment({**api, "NETBOX_TOKEN_FILE": str(path)}) == Settings("http://n", V1)
    assert Settings.from_environment({**api, "NETBOX_TOKEN": V2, "NETBOX_TOKEN_FILE": "none"}).token == V2


@pytest.mark.parametrize(("environ", "names"), [({}, "NETBOX_API"), ({"NETBOX_API": "http://n"}, "NETBOX_TOKEN_FILE")])
def test_what_the_environment_lacks_is_named(environ: dict[str, str], names: str) -> None:
    with pytest.raises(InvalidError, match=names):
        Settings.from_environment(environ)


def test_other_settings_are_checked() -> None:
    with pytest.raises(InvalidError, match=r"ca_path '/no/such/ca\.pem'"):
        Settings("https://n", V1, ca_path="/no/such/ca.pem")
    with pytest.raises(InvalidError, match="timeout 0"):
        Settings("https://n", V1, timeout=0)
