# SPDX-License-Identifier: GPL-3.0-or-later
"""Argument specs as values that can be added, and the options that several modules have in common."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from ansible.module_utils.basic import env_fallback

Option = Mapping[str, Any]
Groups = Sequence[Sequence[Any]]


@dataclass(frozen=True)
class ArgumentSpec:
    """Options of a module together with the constraints between them. `a + b` has those of both."""

    options: Mapping[str, Option] = field(default_factory=dict)
    mutually_exclusive: Groups = ()
    required_together: Groups = ()
    required_one_of: Groups = ()
    required_if: Groups = ()
    required_by: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def __add__(self, other: ArgumentSpec) -> ArgumentSpec:
        if twice := self.options.keys() & other.options.keys():
            raise ValueError(f"options specified twice: {', '.join(sorted(twice))}")
        return ArgumentSpec(
            {**self.options, **other.options},
            (*self.mutually_exclusive, *other.mutually_exclusive),
            (*self.required_together, *other.required_together),
            (*self.required_one_of, *other.required_one_of),
            (*self.required_if, *other.required_if),
            {**self.required_by, **other.required_by},
        )

    def kwargs(self) -> dict[str, Any]:
        """The keyword arguments of AnsibleModule; those of a suboption but for the name of the options."""
        constraints = {f.name: getattr(self, f.name) for f in fields(self) if f.name != "options"}
        return {"argument_spec": dict(self.options), **{name: value for name, value in constraints.items() if value}}

    def suboptions(self, type_: str, **more: Any) -> dict[str, Any]:
        """An option of type `dict` or `list` of dicts that have these options."""
        kwargs = self.kwargs()
        kind = {"type": "list", "elements": "dict"} if type_ == "list" else {"type": "dict"}
        return {**kind, **more, "options": kwargs.pop("argument_spec"), **kwargs}


# Documented by the fragments of the same names (plugins/doc_fragments).

CONNECTION = ArgumentSpec(
    {
        "api_url": {"type": "str", "aliases": ["netbox_url"], "fallback": (env_fallback, ["NETBOX_API"])},
        "token": {
            "type": "str",
            "aliases": ["netbox_token"],
            "no_log": True,
            "fallback": (env_fallback, ["NETBOX_TOKEN"]),
        },
        "token_file": {"type": "path"},
        "validate_certs": {"type": "bool", "default": True},
        "ca_path": {"type": "path"},
        "timeout": {"type": "float", "default": 30.0},
        "drivers_path": {"type": "list", "elements": "path"},
    }
)

STATE = ArgumentSpec({"state": {"type": "str", "choices": ["present", "absent"], "default": "present"}})

RENAMED = ArgumentSpec({"renamed_from": {"type": "str"}})

ATTRIBUTES = ArgumentSpec(
    {
        "attributes": {"type": "dict"},
        "attributes_mode": {"type": "str", "choices": ["merge", "exact"], "default": "merge"},
    }
)

MODE: Option = {"type": "str", "choices": ["add", "exact", "remove"], "default": "add"}
"""How a list of names is meant, beside the list."""

POOLS = ArgumentSpec({"pools": {"type": "list", "elements": "str"}, "pools_mode": MODE})
