# SPDX-License-Identifier: BSD-2-Clause
"""The shape of a rack layout's document, as JSON Schema: NetBox checks it too (docs/racks.md tells users of it)."""

from __future__ import annotations

from typing import Any, Final

from .attributes import NAME
from .shapes import Schema

NUMBERS: Final = "[1-9][0-9]*(-[1-9][0-9]*(/[1-9][0-9]*)?)?"


def text(description: str, **more: Any) -> Schema:
    return {"type": "string", "minLength": 1, "description": description, **more}


def many(items: Schema, description: str) -> Schema:
    return {"type": "array", "items": items, "description": description}


def fixed(
    description: str, properties: dict[str, Schema], required: tuple[str, ...] = (), *alternatives: tuple[str, ...]
) -> Schema:
    """An object without other members. alternatives: names of which there is one and no other of the same tuple."""
    choices = [{"oneOf": [{"required": [name]} for name in names]} for names in alternatives]
    return {
        "type": "object",
        "description": description,
        "properties": properties,
        "required": [*required],
        "additionalProperties": False,
        **({"allOf": choices} if choices else {}),
    }


WHOLE: Final[Schema] = {"type": "integer", "minimum": 1, "description": "a whole number from 1"}
NUMBER_SEQUENCE: Final[Schema] = {
    "description": "a number from 1, or a sequence of such as in 1-23,25-31",
    "anyOf": [WHOLE, {"type": "string", "pattern": f"^ *{NUMBERS}( *, *{NUMBERS})* *$"}],
}
NAME_SEQUENCE: Final = text(
    "a name, or a sequence of such as in bb1-bb8,ba1", pattern=r"^\s*[^,\s][^,]*(,\s*[^,\s][^,]*)*$"
)
UNITS: Final[Schema] = {"type": "array", "items": WHOLE, "minItems": 1, "description": "rack units"}
PORT_TYPE: Final = text("a port type such as nic-eth")
NUMBERED: Final = {"type": PORT_TYPE, "number": NUMBER_SEQUENCE, "name": NAME_SEQUENCE}
EITHER: Final = ("number", "name")
WHOSE: Final = ("device", "entity")

END: Final = fixed(
    "a port: device or entity, number or name",
    {"device": text("the suffix of a device"), "entity": text("the name of a device"), **NUMBERED},
    (),
    WHOSE,
    EITHER,
)
CABLE: Final = fixed(
    "details of a cable: type, color, label, description",
    {
        "type": text("one of NetBox's types of cable, such as cat6"),
        "color": text("six hexadecimal digits, such as f44336", pattern="^[0-9a-f]{6}$"),
        "label": text("a text"),
        "description": text("a text"),
    },
)
ADDRESS: Final = fixed(
    "an address: osport, and ip_manager or dns",
    {
        "osport": text("the name of an interface in the operating system"),
        "type": PORT_TYPE,
        "number": WHOLE,
        "ip_manager": text("the name of an IP manager"),
        "dns": text("the domain in which the name has addresses"),
    },
    ("osport",),
    ("ip_manager", "dns"),
)
OWN: Final[dict[str, Schema]] = {
    "ips": many(ADDRESS, "a list of addresses"),
    "pools": many(text("the name of a pool"), "a list of pools"),
    "attributes": {
        "type": "object",
        "description": "attributes",
        "propertyNames": {"pattern": f"^{NAME.pattern}$", "description": "the key of an attribute"},
    },
}
DEVICE: Final = fixed(
    "a device: suffix, driver and more",
    {
        "suffix": text("what stands behind RACK- in its name", pattern=r"^\S+$"),
        "driver": text("the name of a driver"),
        "type": text("a clusto type such as networkswitch"),
        "ru": {"description": "a rack unit from 1, or a list of all its units", "anyOf": [WHOLE, UNITS]},
        **OWN,
    },
    ("suffix", "driver"),
)
SERVER: Final[dict[str, Schema]] = {
    "driver": text("the name of a driver"),
    "name_manager": text("the name of a name manager"),
    **OWN,
}
PORT: Final = fixed(
    "a port of the server: type, number or name, connected_to",
    {**NUMBERED, "connected_to": END, "cable": CABLE},
    ("connected_to",),
    EITHER,
)
SWITCHPORT: Final = fixed(
    "what is at these switch ports: ru, ports and more",
    {
        "ru": {
            "description": "the lowest rack unit, a sequence as in 1-23,25-31, or a list of all units of one server",
            "anyOf": [*NUMBER_SEQUENCE["anyOf"], UNITS],
        },
        "ports": many(PORT, "a list of ports"),
        **SERVER,
    },
    ("ports",),
)
LAYOUT: Final = fixed(
    "a rack layout",
    {
        "devices": many(DEVICE, "a list of devices"),
        "cables": many(
            fixed("a cable: its ends a and b", {"a": END, "b": END, "cable": CABLE}, ("a", "b")), "a list of cables"
        ),
        "switch": text("the suffix of the switch whose ports the keys of switchports are"),
        "servers": fixed("what servers have unless their switch port says otherwise", SERVER),
        "switchports": {
            "type": "object",
            "description": "an object of switch ports",
            "propertyNames": {**NAME_SEQUENCE, "description": "a switch port, or a sequence of such as in 1-30"},
            "additionalProperties": SWITCHPORT,
        },
    },
    ("devices",),
)
