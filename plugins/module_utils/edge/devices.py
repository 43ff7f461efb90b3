# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of the modules that describe devices, one or a list of them (documented by the fragment `device`)."""

from __future__ import annotations

from typing import Any

from .argspec import ATTRIBUTES, POOLS, RENAMED, STATE, ArgumentSpec

NUMBERED: dict[str, Any] = {"number": {"type": "int"}, "name": {"type": "str"}}
FAR_END = ArgumentSpec(
    {"entity": {"type": "str", "required": True}, "type": {"type": "str"}, **NUMBERED},
    mutually_exclusive=[["number", "name"]],
    required_one_of=[["number", "name"]],
)
PORT = ArgumentSpec(
    {
        "type": {"type": "str", "default": "nic-eth"},
        **NUMBERED,
        "mac": {"type": "str"},
        "connected_to": FAR_END.suboptions("dict"),
    },
    mutually_exclusive=[["number", "name"]],
    required_one_of=[["number", "name"], ["mac", "connected_to"]],
)
IP = ArgumentSpec(
    {"ip": {"type": "str"}, "ip_manager": {"type": "str"}, "osport": {"type": "str", "required": True}},
    required_one_of=[["ip", "ip_manager"]],
)
NAME = ArgumentSpec(
    {"name": {"type": "str"}, "name_manager": {"type": "str"}, **RENAMED.options},
    mutually_exclusive=[["name", "name_manager"], ["name_manager", "renamed_from"]],
    required_by={"renamed_from": ["name"]},
)
DEVICE = (
    ArgumentSpec(
        {
            "driver": {"type": "str"},
            "datacenter": {"type": "str"},
            "rack": {"type": "str"},
            "ru": {"type": "list", "elements": "int"},
            "ports": PORT.suboptions("list"),
            "ips": IP.suboptions("list"),
            "ips_mode": {"type": "str", "choices": ["add", "exact"], "default": "add"},
        }
    )
    + ATTRIBUTES
    + POOLS
    + STATE
)
"""What is said of a device besides its name."""


def devices(option: str) -> ArgumentSpec:
    """The options of one device, and `option`, which takes a list of such; its items default to what is beside it."""
    bare = {name: {key: v for key, v in one.items() if key != "default"} for name, one in DEVICE.options.items()}
    items = (NAME + ArgumentSpec(bare)).suboptions("list")
    of_list = ArgumentSpec(
        {option: items},
        mutually_exclusive=[["name", option], ["renamed_from", option]],
        required_one_of=[["name", "name_manager", option]],
    )
    return NAME + DEVICE + of_list
