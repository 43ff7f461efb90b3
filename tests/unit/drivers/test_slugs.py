# SPDX-License-Identifier: BSD-2-Clause
from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clusto.drivers.slugs import LONGEST, ascii_slug_of, slug_of, unlike


@pytest.mark.parametrize(
    ("name", "tag", "site"),
    [
        ("pxeboot-servers", "pxeboot-servers", "pxeboot-servers"),
        ("Web Servers (EU)", "web-servers-eu", "web-servers-eu"),
        ("Köln_1", "köln_1", "koln_1"),
        ("東京", "東京", ""),
        ("a/b:c", "a-b-c", "a-b-c"),
        ("!!!", "", ""),
    ],
)
def test_slugs(name: str, tag: str, site: str) -> None:
    assert (slug_of(name), ascii_slug_of(name)) == (tag, site)


def test_clash_is_told_apart_by_the_name_alone() -> None:
    first, second = unlike("web", "Web", {"web"}), unlike("web", "web", {"web"})
    assert first != second
    assert first == unlike("web", "Web", {"web"})
    assert first.startswith("web-")


def test_name_without_letters_gets_a_slug() -> None:
    assert re.fullmatch(r"[0-9a-f]{8}", unlike(slug_of("!!!"), "!!!", ()))


@given(st.text(min_size=1, max_size=150))
def test_every_name_gets_slugs_that_netbox_takes(name: str) -> None:
    tag, site = unlike(slug_of(name), name, ()), unlike(ascii_slug_of(name), name, ())
    assert re.fullmatch(r"[-\w]+", tag)
    assert re.fullmatch(r"[-a-z0-9_]+", site)
    assert max(len(tag), len(site)) <= LONGEST
    assert len(unlike(tag, name, {tag})) <= LONGEST
