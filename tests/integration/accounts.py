# SPDX-License-Identifier: BSD-2-Clause
"""Users of NetBox with the permissions that role netbox gives, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml
from jinja2.nativetypes import NativeEnvironment

from clusto.netbox.client import Client

VARIABLES = Path(__file__).parents[2] / "roles/netbox/vars/main.yml"


def permissions(service: str) -> list[dict[str, Any]]:
    """The permissions that the role gives to the user of a service."""
    variables = yaml.safe_load(VARIABLES.read_text(encoding="utf-8"))
    [found] = [one for one in variables["netbox_access"]["services"] if one["name"] == service]
    environment = NativeEnvironment(autoescape=False)
    return [
        {**one, "object_types": list(environment.from_string(text).render(variables) if "{{" in text else types)}
        for one in found["permissions"]
        for types in [one["object_types"]]
        for text in [str(types)]
    ]


@contextmanager
def account(client: Client, service: str, name: str) -> Iterator[str]:
    """Make such a user of this name for a while; gives a token."""
    user = client.create("users/users", {"username": name, "password": f"Long-{name}-1"})
    token = client.create("users/tokens", {"user": user["id"], "version": 1})
    rules = [{**rule, "name": f"{rule['name']} {name}", "users": [user["id"]]} for rule in permissions(service)]
    made = client.create("users/permissions", rules)
    yield token["token"]
    client.delete_many("users/permissions", [permission["id"] for permission in made])
    client.delete("users/users", user["id"])
