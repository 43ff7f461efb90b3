# SPDX-License-Identifier: BSD-2-Clause
"""What is asked again of a NetBox that answers with how often it was asked."""

from __future__ import annotations

from contextlib import suppress

import pytest
import requests

from clusto.core.errors import UnavailableError
from clusto.netbox.kept import Kept, Once
from clusto.netbox.transport import Request, Sent

SITES = Request("GET", "dcim/sites", params=(("name", "a"),))
DEVICES = Request("GET", "dcim/devices")


class NetBox:
    def __init__(self) -> None:
        self.asked: list[Request] = []
        self.now = 0.0
        self.status = 200

    def send(self, request: Request) -> Sent:
        self.asked.append(request)
        if self.status == 0:
            raise UnavailableError("away")
        response = requests.Response()
        response.status_code = self.status
        return Sent(response, len(self.asked))

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    def close(self) -> None:
        raise AssertionError("it is another's")


@pytest.fixture
def netbox() -> NetBox:
    return NetBox()


@pytest.fixture
def kept(netbox: NetBox) -> Kept:
    return Kept(10, lambda: netbox.now)


def test_what_seldom_changes_is_shared_for_a_while(netbox: NetBox, kept: Kept) -> None:
    first = Once(netbox, kept)
    assert first.send(SITES) is first.send(SITES)
    assert kept.reused == 0
    netbox.sleep(1)
    second = Once(netbox, kept)
    assert first.send(SITES) is second.send(SITES)
    assert kept.reused == 1
    assert first.send(Request("GET", "dcim/sites")) is not first.send(SITES)
    netbox.sleep(9)
    assert second.send(SITES).attempts == 3


def test_all_else_is_asked_once_for_one_piece_of_work(netbox: NetBox, kept: Kept) -> None:
    first, second = Once(netbox, kept), Once(netbox, kept)
    assert first.send(DEVICES) is first.send(DEVICES)
    assert second.send(DEVICES) is not first.send(DEVICES)
    first.close()


def test_a_single_object_is_never_kept_for_others(netbox: NetBox, kept: Kept) -> None:
    site = Request("GET", "dcim/sites", "1")
    assert Once(netbox, kept).send(site) is not Once(netbox, kept).send(site)


@pytest.mark.parametrize("status", [200, 400, 0])
def test_whoever_writes_asks_anew(netbox: NetBox, kept: Kept, status: int) -> None:
    once = Once(netbox, kept)
    devices, sites = once.send(DEVICES), once.send(SITES)
    netbox.status = status
    with suppress(UnavailableError):
        once.send(Request("POST", "dcim/sites", body=[{}]))
    netbox.status = 200
    assert once.send(SITES) is not sites
    assert once.send(DEVICES) is not devices
    assert once.send(DEVICES) is not once.send(DEVICES)


def test_what_is_made_or_changed_in_bulk_is_found_by_all(netbox: NetBox, kept: Kept) -> None:
    once, other = Once(netbox, kept), Once(netbox, kept)
    before = other.send(SITES)
    once.send(Request("PATCH", "dcim/sites", "1", body={}))
    assert other.send(SITES) is before
    once.send(Request("POST", "dcim/sites", body={}))
    assert other.send(SITES) is not before


def test_what_is_forgotten_and_what_is_no_answer_is_asked_again(netbox: NetBox, kept: Kept) -> None:
    once = Once(netbox, kept)
    netbox.status = 500
    failed = once.send(SITES)
    netbox.status = 200
    before = once.send(SITES)
    assert failed is not before
    kept.forget()
    assert once.send(SITES) is not before


def test_what_has_not_changed_is_kept_on(netbox: NetBox, kept: Kept) -> None:
    once = Once(netbox, kept)
    contexts = Request("GET", "extras/config-contexts")
    site, context = once.send(SITES), once.send(contexts)
    netbox.sleep(9)
    kept.hold(8, ["dcim.device", "ipam.ipaddress"])
    netbox.sleep(8)
    assert once.send(SITES) is site
    assert once.send(contexts) is context
    kept.hold(17, ["extras.configcontext"])
    assert once.send(SITES) is site
    assert once.send(contexts) is not context
    kept.hold(17, ["dcim.region"])
    assert once.send(SITES) is not site
    again = once.send(SITES)
    kept.hold(17, None)
    assert once.send(SITES) is not again


def test_what_was_asked_for_since_is_not_made_older(netbox: NetBox, kept: Kept) -> None:
    once = Once(netbox, kept)
    netbox.sleep(5)
    site = once.send(SITES)
    kept.hold(1, [])
    netbox.sleep(9)
    assert once.send(SITES) is site


def test_what_is_forgotten_while_it_is_asked_for_is_not_kept(netbox: NetBox, kept: Kept) -> None:
    class Slow(NetBox):
        def send(self, request: Request) -> Sent:
            sent = super().send(request)
            kept.hold(0, ["dcim.site"])  # it changes after NetBox has answered, and before that is known
            return sent

    before = Once(Slow(), kept).send(SITES)
    assert Once(netbox, kept).send(SITES) is not before
