# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The gate that takes no data from a terminal."""

from __future__ import annotations

from typing import Any

import pytest

from tools.gates.checks.terminal import raw_problems, tasks_of

RAW = "ansible.builtin.raw"


@pytest.mark.parametrize(
    ("name", "task", "text", "word"),
    [
        ("playbooks/a.yml", {RAW: "test -x /bin/sh", "register": "__seen"}, "when: __seen.rc == 0", None),
        ("playbooks/a.yml", {RAW: "/bin/sh -c 'test -x /a && test -x /b'"}, "", None),
        ("playbooks/a.yml", {RAW: "test -x {{ a | default('') }}"}, "", None),
        ("playbooks/a.yml", {RAW: "test -x /a && test -x /b"}, "", "/bin/sh -c"),
        ("playbooks/a.yml", {"raw": "echo $HOME"}, "", "/bin/sh -c"),
        ("playbooks/a.yml", {RAW: "cat /a", "register": "__seen"}, "x: '{{ __seen.stdout }}'", "exit status"),
        (
            "playbooks/a.yml",
            {RAW: "cat /a", "register": "__seen"},
            "x: '{{ __seen[\"stdout_lines\"] }}'",
            "exit status",
        ),
        ("playbooks/a.yml", {RAW: "cat /a", "register": "__seen"}, "x: '{{ __seen_too.stdout }}'", None),
        ("playbooks/a.yml", {"ansible.builtin.command": "cat /a", "register": "__seen"}, "{{ __seen.stdout }}", None),
        ("roles/lamp/tasks/main.yml", {RAW: "test -x /a"}, "", "by a module"),
    ],
)
def test_one_task(name: str, task: dict[str, Any], text: str, word: str | None) -> None:
    """Each breach is named with its file and task."""
    problems = list(raw_problems(name, {"name": "Look", **task}, {"roles/lamp/vars/main.yml": text}))
    if word is None:
        assert problems == []
    else:
        assert len(problems) == 1
        assert word in problems[0]
        assert problems[0].startswith(f"{name}: Look")


def test_tasks_in_blocks_and_plays() -> None:
    """None hides."""
    deep = {"block": [{"name": "a"}], "rescue": [{"block": [{"name": "b"}]}]}
    names = [task.get("name") for task in tasks_of([{"hosts": "all", "tasks": [deep], "handlers": [{"name": "c"}]}])]
    assert [name for name in names if name] == ["a", "b", "c"]
