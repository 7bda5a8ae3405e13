# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The gate with the rules that no linter knows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tools.gates.checks.house_rules import MAX_LINES, check, python_problems

if TYPE_CHECKING:
    from tests.unit.tools.conftest import Tree

# REUSE-IgnoreStart
HEADER = (
    "# Copyright: (c) 2026, The ringfence.callcenter developers\n"
    "# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)\n"
    "# SPDX-License-Identifier: GPL-3.0-or-later\n"
)
# REUSE-IgnoreEnd


def found(tree: Tree, name: str) -> list[str]:
    """The problems of one file."""
    return [problem for problem in tree.problems(check) if problem.startswith(name)]


@pytest.mark.parametrize(
    ("name", "line", "word"),
    [
        ("roles/lamp/tasks/main.yml", "# TODO: more", "unfinished"),
        ("docs/guide.md", "docker pull quay.io/a/b", "registry"),
        ("molecule/default/x.yml", "image: docker.io/debian", "registry"),
        ("roles/lamp/tasks/main.yml", "  ignore_errors: true", "ignore_errors"),
        ("playbooks/site.yml", "  changed_when: true", "idempotent"),
        ("tools/x.py", "import os  # noqa: F401", "noqa without a reason"),
        ("tools/x.py", "a = b()  # type: ignore[no-any-return]", "type: ignore without a reason"),
    ],
)
def test_a_line_that_must_not_be(tree: Tree, name: str, line: str, word: str) -> None:
    text = HEADER + f"from __future__ import annotations\n{line}\n"
    tree.write(name, text)
    problems = found(tree, name)
    assert len(problems) == 1
    assert word in problems[0]


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("roles/lamp/tasks/main.yml", "  changed_when: __lamp_on.rc == 0"),
        ("roles/lamp/tasks/main.yml", "  changed_when: false"),
        ("tools/x.py", "import os  # noqa: F401  (the next line needs it)"),
        ("docs/guide.md", "mastodon, a todo list"),
    ],
)
def test_a_line_that_may_be(tree: Tree, name: str, line: str) -> None:
    tree.write(name, HEADER + f"from __future__ import annotations\n{line}\n")
    assert found(tree, name) == []


def test_the_folder_of_the_checkout(tree: Tree) -> None:
    tree.write("docs/guide.md", f"cd {tree.root}\n")
    assert found(tree, "docs/") == ["docs/guide.md:1: names this checkout's folder"]


def test_a_long_file(tree: Tree) -> None:
    tree.write("docs/guide.md", "x\n" * (MAX_LINES + 1))
    assert len(found(tree, "docs/guide.md")) == 1
    tree.write("docs/guide.md", "x\n" * MAX_LINES)
    assert found(tree, "docs/guide.md") == []


def test_the_head_of_a_python_file() -> None:
    good = f"#!/usr/bin/python\n{HEADER}from __future__ import annotations\n"
    assert list(python_problems("plugins/modules/x.py", good)) == []
    assert list(python_problems("plugins/modules/__init__.py", "")) == []
    assert len(list(python_problems("plugins/modules/x.py", "import os\n"))) == 2
    assert len(list(python_problems("plugins/modules/x.py", HEADER + "import os\n"))) == 1
