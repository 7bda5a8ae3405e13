# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The gate that reads the plugins' examples."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tools.gates.checks.examples import check, example_problems

if TYPE_CHECKING:
    from tests.unit.tools.conftest import Tree

OPTIONS: dict[str, Any] = {
    "lamp": {
        "name": {"aliases": ["title"]},
        "bulbs": {"type": "list", "elements": "dict", "suboptions": {"watts": {}}},
    }
}


@pytest.mark.parametrize(
    ("examples", "word"),
    [
        ("- ringfence.callcenter.lamp: {name: a, bulbs: [{watts: 3}]}", None),
        ("- ringfence.callcenter.lamp: {title: a}\n- ansible.builtin.command: {what: ever}", None),
        ("- ringfence.callcenter.lamp: {colour: red}", "no option colour"),
        ("- ringfence.callcenter.lamp: {bulbs: [{watts: 3}, {volts: 3}]}", "no option bulbs.volts"),
        ("- block:\n    - ringfence.callcenter.lamp: {colour: red}", "no option colour"),
        ("- hosts: all\n  tasks:\n    - ringfence.callcenter.lamp: {colour: red}", "no option colour"),
        (
            "- ringfence.callcenter.apply: {steps: [{name: a, ringfence.callcenter.lamp: {colour: red}}]}",
            "ringfence.callcenter.lamp has no option colour",
        ),
        ("- {unclosed", "no YAML"),
        ("---\nplugin: ringfence.callcenter.site\n---\nplugin: other", None),
    ],
)
def test_examples(examples: str, word: str | None) -> None:
    problems = example_problems("plugins/modules/lamp.py", examples, OPTIONS)
    if word is None:
        assert problems == []
    else:
        assert len(problems) == 1
        assert word in problems[0]


def test_examples_of_the_tree(tree: Tree) -> None:
    source = (
        'DOCUMENTATION = """\noptions:\n  name: {}\n"""\nEXAMPLES = """\n- ringfence.callcenter.lamp:\n    %s: a\n"""\n'
    )
    tree.write("plugins/modules/lamp.py", source % "name")
    assert tree.problems(check) == []
    tree.write("plugins/modules/lamp.py", source % "nome")
    assert tree.problems(check) == ["plugins/modules/lamp.py: EXAMPLES: ringfence.callcenter.lamp has no option nome"]


def test_a_documented_plugin_without_examples(tree: Tree) -> None:
    tree.write("plugins/modules/lamp.py", 'DOCUMENTATION = "options: {}"\n')
    assert tree.problems(check) == ["plugins/modules/lamp.py: has no EXAMPLES"]
