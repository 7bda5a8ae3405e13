# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The gate that compares the site playbook with the controls' kinds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tools.gates.checks.kinds import check, compare

if TYPE_CHECKING:
    from tests.unit.tools.conftest import Tree

LAMP = "ringfence.callcenter.lamp"
INCLUDE = {"block": [{"ansible.builtin.import_role": {"name": LAMP}}]}


@pytest.mark.parametrize(
    ("kinds", "plays", "word"),
    [
        ("all", [{"hosts": "all", "roles": [LAMP]}], None),
        (["mail"], [{"hosts": "kind_mail", "roles": [{"role": LAMP}]}], None),
        (["mail", "server"], [{"hosts": "kind_mail:kind_server", "tasks": [INCLUDE]}], None),
        (
            ["mail", "server"],
            [{"hosts": ["kind_mail"], "roles": [LAMP]}, {"hosts": "kind_server", "roles": [LAMP]}],
            None,
        ),
        ("all", [{"hosts": "all", "roles": ["other.collection.lamp"]}], "does not apply the role lamp"),
        ("all", [{"hosts": "kind_mail", "roles": [LAMP]}], "to mail; its controls.yml says all"),
        (["mail"], [{"hosts": "all", "roles": [LAMP]}], "to all; its controls.yml says mail"),
        (["mail"], [{"hosts": "web", "roles": [LAMP]}], "to (web); its"),
    ],
)
def test_compare(kinds: Any, plays: list[dict[str, Any]], word: str | None) -> None:
    problems = compare({"lamp": kinds}, plays)
    if word is None:
        assert problems == []
    else:
        assert len(problems) == 1
        assert word in problems[0]


def test_a_role_without_controls() -> None:
    assert "no controls" in compare({}, [{"hosts": "all", "roles": [LAMP]}])[0]


def test_the_tree(tree: Tree) -> None:
    tree.write("plugins/plugin_utils/site_model/schema.py", 'KINDS: tuple[str, ...] = ("mail", "server")\n')
    assert tree.problems(check) == ["playbooks/site.yml is missing"]
    tree.write("playbooks/site.yml", [{"hosts": "all", "roles": [LAMP]}])
    assert tree.problems(check) == []
    tree.write("roles/lamp/meta/controls.yml", {"kinds": ["mial"], "controls": []})
    assert any("no kind 'mial'" in problem for problem in tree.problems(check))
