# SPDX-License-Identifier: BSD-2-Clause
from __future__ import annotations

import pytest

from clusto.core.errors import InvalidError
from clusto.snmp.message import Flags
from clusto.snmp.usm import AUTH, PRIV, Keys, User, localized, stretched

ENGINE = bytes(11) + b"\2"


@pytest.mark.parametrize(
    ("hash_name", "stretched_key", "localized_key"),
    [
        # RFC 3414 sections A.3.1 and A.3.2
        ("md5", "9faf3283884e92834ebc9847d8edd963", "526f5eed9fcce26f8964c2930787d82b"),
        (
            "sha1",
            "9fb5cc0381497b3793528939ff788d5d79145211",
            "6695febc9288e36282235fc7151f128497b38f3f",
        ),
    ],
)
def test_the_keys_of_the_rfc(hash_name: str, stretched_key: str, localized_key: str) -> None:
    key = stretched(b"maplesyrup", hash_name)
    assert key.hex() == stretched_key
    assert localized(key, hash_name, ENGINE).hex() == localized_key


@pytest.mark.parametrize(
    ("auth", "priv", "level"),
    [
        (None, None, Flags(0)),
        (("SHA", "maplesyrup"), None, Flags.AUTH),
        (("SHA", "maplesyrup"), ("AES", "pancakes1"), Flags.AUTH | Flags.PRIV),
    ],
)
def test_levels(auth: tuple[str, str] | None, priv: tuple[str, str] | None, level: Flags) -> None:
    assert User.of("sw", auth, priv).level == level


@pytest.mark.parametrize("auth", AUTH)
@pytest.mark.parametrize("priv", PRIV)
def test_every_cipher_gets_its_key_from_every_hash(auth: str, priv: str) -> None:
    keys = Keys(User.of("sw", (auth, "maplesyrup"), (priv, "pancakes1")), ENGINE)
    assert keys.cipher is not None
    secret, salt = keys.cipher.encrypt(b"scoped PDU", 3, 4711, 99)
    assert keys.cipher.decrypt(secret, 3, 4711, salt).startswith(b"scoped PDU")
    assert keys.cipher.encrypt(b"scoped PDU", 3, 4711, 100)[0] != secret


@pytest.mark.parametrize(
    ("name", "auth", "priv", "words"),
    [
        ("", None, None, "0 octets"),
        ("u" * 33, None, None, "33 octets"),
        ("sw", None, ("AES", "pancakes1"), "without authentication"),
        ("sw", ("SHA1", "maplesyrup"), None, "'SHA1' is not known; expected one of MD5, SHA,"),
        ("sw", ("SHA", "maplesyrup"), ("3DES", "pancakes1"), "'3DES' is not known"),
        ("sw", ("SHA", "s3cret!"), None, "authentication passphrase has 7 characters; expected at least 8"),
        ("sw", ("SHA", "maplesyrup"), ("AES", ""), "privacy passphrase has 0 characters"),
    ],
)
def test_bad_users(name: str, auth: tuple[str, str] | None, priv: tuple[str, str] | None, words: str) -> None:
    with pytest.raises(InvalidError) as caught:
        User.of(name, auth, priv)
    assert words in str(caught.value)
    assert "s3cret!" not in str(caught.value)


def test_keys_are_not_shown() -> None:
    user = User.of("sw", ("SHA", "maplesyrup"), ("AES", "pancakes1"))
    assert "_key=" not in repr(user)
