# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.clusto.datacenter.plugins.module_utils.edge.argspec import CONNECTION, STATE, ArgumentSpec

NAME = ArgumentSpec({"name": {"type": "str"}}, required_together=[["name", "size"]], required_by={"size": ["unit"]})
SIZE = ArgumentSpec(
    {"size": {"type": "int"}}, required_together=[["size", "unit"]], mutually_exclusive=[["size", "ru"]]
)


def test_a_sum_has_the_options_and_constraints_of_both():
    assert (NAME + SIZE).kwargs() == {
        "argument_spec": {"name": {"type": "str"}, "size": {"type": "int"}},
        "required_together": (["name", "size"], ["size", "unit"]),
        "mutually_exclusive": (["size", "ru"],),
        "required_by": {"size": ["unit"]},
    }


def test_a_sum_leaves_its_parts_alone():
    assert NAME + SIZE
    assert NAME.kwargs()["argument_spec"] == {"name": {"type": "str"}}


def test_no_option_is_specified_twice():
    with pytest.raises(ValueError, match="specified twice: state"):
        _ = STATE + STATE


def test_suboptions_keep_their_constraints():
    assert SIZE.suboptions("list", required=True) == {
        "type": "list",
        "elements": "dict",
        "required": True,
        "options": {"size": {"type": "int"}},
        "required_together": [["size", "unit"]],
        "mutually_exclusive": [["size", "ru"]],
    }
    assert SIZE.suboptions("dict")["type"] == "dict"


def test_the_token_is_no_ones_to_see():
    assert CONNECTION.options["token"]["no_log"] is True
