# SPDX-License-Identifier: BSD-2-Clause
"""Where NetBox is and how to be let in: address, token, TLS."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from ..core.errors import InvalidError

V2_PREFIX = "nbt_"


@dataclass(frozen=True)
class Settings:
    """`api_url` may end in `/` or `/api`; `timeout` is in seconds and bounds one call with all its retries.

    Without `ca_path` the certificate authorities are those of the environment (REQUESTS_CA_BUNDLE, CURL_CA_BUNDLE,
    SSL_CERT_FILE), else those of the system and of certifi. Raises InvalidError for what cannot be right.
    """

    api_url: str
    token: str = field(repr=False)
    validate_certs: bool = True
    ca_path: str | None = None
    timeout: float = 30

    def __post_init__(self) -> None:
        object.__setattr__(self, "api_url", base_url(self.api_url))
        object.__setattr__(self, "token", checked_token(self.token, "token"))
        if self.ca_path is not None and not Path(self.ca_path).exists():
            raise InvalidError(f"ca_path {self.ca_path!r}: no such file or directory")
        if self.timeout <= 0:
            raise InvalidError(f"timeout {self.timeout!r}: expected seconds, more than 0")

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ) -> Settings:
        """NETBOX_API and NETBOX_TOKEN, or NETBOX_TOKEN_FILE in place of the latter."""
        if not (api_url := environ.get("NETBOX_API")):
            raise InvalidError("no address of NetBox: give api_url or set NETBOX_API")
        if not (token := environ.get("NETBOX_TOKEN")):
            if not (path := environ.get("NETBOX_TOKEN_FILE")):
                raise InvalidError("no token for NetBox: give token or set NETBOX_TOKEN or NETBOX_TOKEN_FILE")
            token = token_file(path)
        return cls(api_url, token)

    @property
    def authorization(self) -> str:
        """The header's value; the prefix tells NetBox's two kinds of tokens apart."""
        return f"Bearer {self.token}" if self.token.startswith(V2_PREFIX) else f"Token {self.token}"


def base_url(url: str) -> str:
    """Return the address of NetBox itself, its base path kept, without `/api` and trailing slashes."""
    expected = "expected http(s)://HOST[:PORT][/PATH]"
    try:
        parts = urlsplit(url.strip())
        parts.port  # noqa: B018 - raises ValueError for a port that is none
    except ValueError as exc:
        raise InvalidError(f"api_url {url!r} is no URL ({exc}); {expected}") from exc
    if "@" in parts.netloc:
        raise InvalidError("api_url holds a user name or password; give the token as `token`")
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
        raise InvalidError(f"api_url {url!r} is not the address of a NetBox; {expected}")
    path = parts.path.rstrip("/").removesuffix("/api").rstrip("/")
    return f"{parts.scheme}://{parts.netloc}{path}"


def token_file(path: str | Path) -> str:
    """Read the token in a file; white space around it does not count."""
    try:
        text = Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as exc:
        reason = exc.strerror if isinstance(exc, OSError) else "is not text"
        raise InvalidError(f"token file {str(path)!r}: {reason}") from exc
    return checked_token(text, f"token file {str(path)!r}")


def checked_token(token: str, source: str) -> str:
    """Return the token without white space around it. The message never shows it."""
    token = token.strip()
    if not token:
        raise InvalidError(f"{source}: empty, expected a NetBox API token")
    if not token.isascii() or not token.isprintable() or " " in token:
        raise InvalidError(f"{source}: expected a NetBox API token alone: no spaces, no `Token` or `Bearer` before it")
    if token.startswith(V2_PREFIX) and not token.partition(".")[2]:
        raise InvalidError(f"{source}: a v2 token is `{V2_PREFIX}KEY.TOKEN`; the part after the dot is missing")
    return token
