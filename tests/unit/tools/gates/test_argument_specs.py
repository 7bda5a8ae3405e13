# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The gate that compares a role's defaults with its argument specs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tools.gates.checks.argument_specs import check, compare

if TYPE_CHECKING:
    from tests.unit.tools.conftest import Tree

SPEC: dict[str, Any] = {"type": "str", "description": "Which lamp."}


def test_the_same_on_both_sides(tree: Tree) -> None:
    assert tree.problems(check) == []


def test_a_missing_file(tree: Tree) -> None:
    tree.remove("roles/lamp/defaults/main.yml")
    assert tree.problems(check) == ["roles/lamp/defaults/main.yml is missing"]


@pytest.mark.parametrize(
    ("defaults", "options", "word"),
    [
        ({"lamp_a": 1}, {}, "lamp_a of the defaults is not there"),
        ({}, {"lamp_a": SPEC}, "is not required"),
        ({}, {"lamp_a": {**SPEC, "required": True}}, None),
        ({"lamp_a": 1}, {"lamp_a": SPEC}, None),
        ({"lamp_a": 1}, {"lamp_a": {**SPEC, "default": 1}}, None),
        ({"lamp_a": 1}, {"lamp_a": {**SPEC, "default": 2}}, "is 1 in the defaults and 2"),
        ({"lamp_a": True}, {"lamp_a": {**SPEC, "default": 1}}, "is True in the defaults and 1"),
        ({"lamp_a": 1}, {"lamp_a": {**SPEC, "required": True}}, "required and has a default"),
        ({"lamp_a": 1}, {"lamp_a": {"type": "int"}}, "no description"),
        ({"torch": 1}, {"torch": SPEC}, "does not start with lamp_"),
    ],
)
def test_compare(defaults: dict[str, Any], options: dict[str, Any], word: str | None) -> None:
    problems = compare("lamp", defaults, options)
    if word is None:
        assert problems == []
    else:
        assert len(problems) == 1
        assert word in problems[0]
