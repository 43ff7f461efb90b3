# SPDX-License-Identifier: BSD-2-Clause
"""NetBox draws racks, as its pages and `./quickstart picture` want: it needs a style sheet for that."""

from __future__ import annotations

from tools.lab import picture


def test_netbox_draws_a_rack(client, netbox_server, unique, monkeypatch):
    site = client.create("dcim/sites", {"name": unique("site"), "slug": unique("site")})
    rack = client.create("dcim/racks", {"name": unique("drawn"), "site": site["id"], "u_height": 2})
    monkeypatch.setenv("NETBOX_API", netbox_server.api_url)
    monkeypatch.setenv("NETBOX_TOKEN", netbox_server.token)
    page = picture.page(rack["name"])
    assert f"<p>{rack['name']}</p>" in page
    assert page.count('class="unit"') == 2
