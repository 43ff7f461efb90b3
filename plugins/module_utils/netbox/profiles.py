# SPDX-License-Identifier: BSD-2-Clause
"""JSON Schemas of what clusto keeps in config contexts, so that NetBox itself refuses what cannot be meant."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..core.dhcp_names import NAMES, SWITCHES
from ..core.layout_schema import LAYOUT

Schema = dict[str, Any]

KEY = "^[A-Za-z_][0-9A-Za-z_-]*$"  # clusto's rule for the keys of attributes


def dhcp_names() -> frozenset[str]:
    """Return what may stand under `dhcp` in every NetBox: the switches, the options' names and their aliases."""
    settable = (option for option in NAMES if option.settable)
    return frozenset(SWITCHES).union(*((option.name, *option.aliases) for option in settable))


def attributes(extra_options: Iterable[str]) -> Schema:
    """Describe an entity's document of attributes; `dhcp` is closed, so that a misspelt option is refused."""
    names = sorted(dhcp_names().union(extra_options))
    return {
        "type": "object",
        "propertyNames": {"pattern": KEY},
        "properties": {
            "dhcp": {
                "type": "object",
                "properties": dict.fromkeys(names, True),
                "additionalProperties": False,
            },
        },
    }


def extra_options(schema: Schema) -> frozenset[str]:
    """Return the options that `attributes` was told of besides our own, read back from its schema."""
    try:
        return frozenset(schema["properties"]["dhcp"]["properties"]) - dhcp_names()
    except (KeyError, TypeError):
        return frozenset()  # somebody else's schema


RANGES: Schema = {
    "type": ["array", "null"],
    "items": {"type": "string", "pattern": "^[0-9A-Fa-f:.]+-[0-9A-Fa-f:.]+$"},
}

NAME_MANAGER: Schema = {
    "type": "object",
    "properties": {
        "driver": {"type": "string"},
        "basename": {"type": "string"},
        "digits": {"type": "integer", "minimum": 1},
        "leading_zeros": {"type": "boolean"},
        "next": {"type": "integer", "minimum": 0},
        "maxnum": {"type": "integer", "minimum": 0},
        "attributes": {"type": "object", "propertyNames": {"pattern": KEY}},
    },
    "required": ["next"],
    "additionalProperties": False,
}

RACK_LAYOUT: Schema = {
    **LAYOUT,
    "properties": {**LAYOUT["properties"], "attributes": NAME_MANAGER["properties"]["attributes"]},
}
