# SPDX-License-Identifier: BSD-2-Clause
from __future__ import annotations


def test_bootstrap_repairs_what_is_missing_and_says_what(modules, client):
    field = client.one("extras/custom-fields", name="clusto_gateway")
    client.update("extras/custom-fields", field["id"], {"object_types": ["ipam.prefix", "ipam.aggregate"], "label": "x"})
    answer = modules.do("bootstrap")
    print(answer)
