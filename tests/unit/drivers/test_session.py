# SPDX-License-Identifier: BSD-2-Clause
"""The ambient session."""

from __future__ import annotations

import contextvars

import pytest

import clusto
from clusto.core.errors import InvalidError
from clusto.drivers.session import current


def test_connect_makes_the_session_of_the_context() -> None:
    def run() -> None:
        with clusto.connect("http://netbox.example/", "0123") as session:
            assert current() is session
            assert session.client.settings.api_url == "http://netbox.example"

    contextvars.Context().run(run)


def test_a_closed_session_is_nobodys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NETBOX_API", raising=False)

    def run() -> None:
        with clusto.connect("http://netbox.example/", "0123") as closed:
            pass
        with pytest.raises(InvalidError, match="NETBOX_API"):
            current()
        with clusto.connect("http://netbox.example/", "0123") as session:
            closed.close()
            assert current() is session

    contextvars.Context().run(run)


def test_without_connect_the_environment_says_where(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NETBOX_API", "http://elsewhere.example")
    monkeypatch.setenv("NETBOX_TOKEN", "4567")

    def run() -> None:
        with current() as session:
            assert session.client.settings.api_url == "http://elsewhere.example"
            assert current() is session

    contextvars.Context().run(run)


def test_with_neither_the_message_says_what_to_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NETBOX_API", raising=False)
    with pytest.raises(InvalidError, match="NETBOX_API"):
        contextvars.Context().run(current)


def test_given_settings_win_over_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NETBOX_API", "http://elsewhere.example")
    monkeypatch.setenv("NETBOX_TOKEN", "4567")

    def run() -> None:
        with clusto.connect("http://netbox.example", timeout=5) as session:
            settings = session.client.settings
            assert (settings.api_url, settings.token, settings.timeout) == ("http://netbox.example", "4567", 5)

    contextvars.Context().run(run)
