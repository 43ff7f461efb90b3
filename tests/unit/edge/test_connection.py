# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.clusto.datacenter.plugins.module_utils.core.errors import InvalidError
from ansible_collections.clusto.datacenter.plugins.module_utils.edge.argspec import CONNECTION
from ansible_collections.clusto.datacenter.plugins.module_utils.edge.connection import settings

GIVEN = {name: option.get("default") for name, option in CONNECTION.options.items()} | {"api_url": "https://netbox"}


@pytest.fixture
def file(tmp_path):
    def write(token):
        path = tmp_path / token
        path.write_text(f"{token}\n")
        return str(path)

    return write


def test_every_option_reaches_the_client(tmp_path):
    made = settings(
        GIVEN | {"token": "abc", "validate_certs": False, "ca_path": str(tmp_path), "timeout": 7.5}, environ={}
    )
    assert (made.api_url, made.token, made.validate_certs, made.ca_path, made.timeout) == (
        "https://netbox",
        "abc",
        False,
        str(tmp_path),
        7.5,
    )


@pytest.mark.parametrize(
    ("token", "token_file", "environment", "expected"),
    [
        ("option", None, None, "option"),
        (None, "file", None, "file"),
        ("option", "file", None, "file"),
        ("option", None, "environment", "option"),
        (None, "file", "environment", "file"),
        (None, None, "environment", "environment"),
    ],
)
def test_where_the_token_comes_from(file, token, token_file, environment, expected):
    options = GIVEN | {"token": token, "token_file": token_file and file(token_file)}
    environ = {"NETBOX_TOKEN_FILE": file(environment)} if environment else {}
    assert settings(options, environ).token == expected


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"api_url": None}, "no address of NetBox: give api_url or set NETBOX_API"),
        ({"token": None}, "no token for NetBox: give token or token_file, or set NETBOX_TOKEN or NETBOX_TOKEN_FILE"),
        ({"token_file": "/nonexistent"}, "token file '/nonexistent': No such file or directory"),
    ],
)
def test_what_is_missing_is_named(options, message):
    with pytest.raises(InvalidError, match=message):
        settings(GIVEN | {"token": "abc"} | options, environ={})
