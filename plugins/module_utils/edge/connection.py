# SPDX-License-Identifier: GPL-3.0-or-later
"""The connection options of modules and inventory plugin (argspec.CONNECTION) as the client's settings."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from ..core.errors import InvalidError
from ..netbox.settings import Settings, token_file


def settings(options: Mapping[str, Any], environ: Mapping[str, str] = os.environ) -> Settings:
    """`token_file` goes before `token`, which may come from NETBOX_TOKEN; NETBOX_TOKEN_FILE is the last resort.

    Raises InvalidError for what is missing or malformed.
    """
    if not (api_url := options["api_url"]):
        raise InvalidError("no address of NetBox: give api_url or set NETBOX_API")
    return Settings(
        api_url,
        _token(options, environ),
        validate_certs=options["validate_certs"],
        ca_path=options["ca_path"],
        timeout=options["timeout"],
    )


def _token(options: Mapping[str, Any], environ: Mapping[str, str]) -> str:
    if path := options["token_file"]:
        return token_file(path)
    if token := options["token"]:
        return str(token)
    if path := environ.get("NETBOX_TOKEN_FILE"):
        return token_file(path)
    raise InvalidError("no token for NetBox: give token or token_file, or set NETBOX_TOKEN or NETBOX_TOKEN_FILE")
