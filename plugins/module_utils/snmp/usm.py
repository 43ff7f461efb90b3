# SPDX-License-Identifier: BSD-2-Clause
"""Users of the user-based security model (RFC 3414): protocols, keys, digests."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple, Self, TypeVar

from ..core.errors import InvalidError
from .message import Flags

if TYPE_CHECKING:
    from .privacy import Cipher

SHORTEST: Final = 8  # characters of a passphrase (RFC 3414 section 11.2)
_STRETCHED: Final = 1 << 20  # octets (RFC 3414 section A.2)


class Auth(NamedTuple):
    """An authentication protocol: the hash function, and to how many octets its HMAC is cut."""

    hash_name: str
    digest_size: int


AUTH: Final = {
    "MD5": Auth("md5", 12),  # RFC 3414 section 6
    "SHA": Auth("sha1", 12),  # RFC 3414 section 7
    "SHA-224": Auth("sha224", 16),  # RFC 7860 section 4.2.2
    "SHA-256": Auth("sha256", 24),
    "SHA-384": Auth("sha384", 32),
    "SHA-512": Auth("sha512", 48),
}

T = TypeVar("T")
Extend = Callable[[bytes, str, bytes, int], bytes]
"""(localized key, hash function, engine id, octets wanted) -> that many octets."""


class Priv(NamedTuple):
    """A privacy protocol: how many octets of key it takes, and where they come from if the hash gives fewer."""

    cipher: str
    key_size: int
    extend: Extend


def stretched(passphrase: bytes, hash_name: str) -> bytes:
    """Make a key of a passphrase (RFC 3414 section A.2). Takes milliseconds, on purpose."""
    repeated = passphrase * (_STRETCHED // len(passphrase) + 1)
    return hashlib.new(hash_name, repeated[:_STRETCHED]).digest()


def localized(key: bytes, hash_name: str, engine_id: bytes) -> bytes:
    """Make the key that only this engine has (RFC 3414 section 2.6)."""
    return hashlib.new(hash_name, key + engine_id + key).digest()


def _hashed_on(key: bytes, hash_name: str, _engine_id: bytes, size: int) -> bytes:
    """Append hashes of all there is (draft-blumenthal-aes-usm-04 section 3.1.2.1)."""
    while len(key) < size:
        key += hashlib.new(hash_name, key).digest()
    return key[:size]


def _chained(key: bytes, hash_name: str, engine_id: bytes, size: int) -> bytes:
    """Take each key as the passphrase of the next (draft-reeder-snmpv3-usm-3desede-00 section 2.1), as Cisco does."""
    last = key
    while len(key) < size:
        last = localized(stretched(last, hash_name), hash_name, engine_id)
        key += last
    return key[:size]


PRIV: Final = {
    "DES": Priv("DES", 16, _hashed_on),  # RFC 3414 section 8: 8 octets of key, 8 of pre-IV; no hash gives fewer
    "AES": Priv("AES", 16, _hashed_on),  # RFC 3826
    "AES-192": Priv("AES", 24, _hashed_on),
    "AES-256": Priv("AES", 32, _hashed_on),
    "AES-192-C": Priv("AES", 24, _chained),
    "AES-256-C": Priv("AES", 32, _chained),
}


class Keys:
    """A user's keys for one engine."""

    def __init__(self, user: User, engine_id: bytes) -> None:
        self._user = user
        self._engine_id = engine_id
        self._auth = localized(user.auth_key, user.auth.hash_name, engine_id) if user.auth else b""
        self._cipher: Cipher | None = None
        self.digest_size = user.auth.digest_size if user.auth else 0

    def digest(self, message: bytes) -> bytes:
        """Of a whole message in which the digest's place holds zeros; empty for a user without authentication."""
        auth = self._user.auth
        return hmac.digest(self._auth, message, auth.hash_name)[: self.digest_size] if auth else b""

    @property
    def cipher(self) -> Cipher | None:
        """What encrypts and decrypts; made when first wanted: its key may cost as much as a passphrase."""
        auth, priv = self._user.auth, self._user.priv
        if self._cipher is None and auth and priv:
            from .privacy import CIPHERS  # noqa: PLC0415 - cryptography is loaded where privacy is configured only

            key = localized(self._user.priv_key, auth.hash_name, self._engine_id)
            self._cipher = CIPHERS[priv.cipher](priv.extend(key, auth.hash_name, self._engine_id, priv.key_size))
        return self._cipher


@dataclass(frozen=True)
class User:
    """A user and its keys before they are localized. Every message in its name must have all the protection it has."""

    name: bytes
    auth: Auth | None = None
    priv: Priv | None = None
    auth_key: bytes = field(default=b"", repr=False)
    priv_key: bytes = field(default=b"", repr=False)

    @classmethod
    def of(cls, name: str, auth: tuple[str, str] | None = None, priv: tuple[str, str] | None = None) -> Self:
        """Take protocols and passphrases. Raises InvalidError, which shows no passphrase."""
        if priv and not auth:
            raise InvalidError(f"user {name!r}: privacy without authentication")
        if not 1 <= len(name.encode()) <= 32:
            raise InvalidError(f"user {name!r}: the name has {len(name.encode())} octets; expected 1 to 32")
        if not auth:
            return cls(name.encode())
        auth_protocol = _protocol(AUTH, auth[0], f"user {name!r}: authentication")
        auth_key = _key(auth[1], auth_protocol, f"user {name!r}: authentication")
        if not priv:
            return cls(name.encode(), auth_protocol, None, auth_key)
        priv_protocol = _protocol(PRIV, priv[0], f"user {name!r}: privacy")
        priv_key = _key(priv[1], auth_protocol, f"user {name!r}: privacy")
        return cls(name.encode(), auth_protocol, priv_protocol, auth_key, priv_key)

    @property
    def level(self) -> Flags:
        return (Flags.AUTH if self.auth else Flags(0)) | (Flags.PRIV if self.priv else Flags(0))


def _protocol(known: dict[str, T], name: str, what: str) -> T:
    if name not in known:
        raise InvalidError(f"{what} protocol {name!r} is not known; expected one of {', '.join(known)}")
    return known[name]


def _key(passphrase: str, auth: Auth, what: str) -> bytes:
    if len(passphrase) < SHORTEST:
        raise InvalidError(f"{what} passphrase has {len(passphrase)} characters; expected at least {SHORTEST}")
    return stretched(passphrase.encode(), auth.hash_name)
