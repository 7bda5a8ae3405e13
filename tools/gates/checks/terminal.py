# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Data never comes through a terminal: of ``raw`` nothing but its exit status is taken, and no role has one.

What raw prints has passed a terminal where a become password is asked for: with the prompt, the lecture of sudo and
carriage returns in it. A module reads on the host.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from tools.gates.base import Gate
from tools.repository import Repository

_RAW = ("ansible.builtin.raw", "raw")
_OPERATORS = re.compile(r"[;&|<>$`\n]")
_BLOCKS = ("block", "rescue", "always", "tasks", "pre_tasks", "post_tasks", "handlers")


def tasks_of(value: Any) -> Iterator[Mapping[str, Any]]:
    """Every task of a file of tasks or of plays, blocks included."""
    for item in value if isinstance(value, list) else []:
        if isinstance(item, Mapping):
            yield item
            for key in _BLOCKS:
                yield from tasks_of(item.get(key))


def raw_problems(name: str, task: Mapping[str, Any], texts: Mapping[str, str]) -> Iterator[str]:
    """What is wrong with one task. texts: the files that may use what it registers."""
    key = next((key for key in _RAW if key in task), None)
    if key is None:
        return
    where = f"{name}: {task.get('name', 'raw')}"
    if name.startswith("roles/"):
        yield f"{where}: a role looks at its host by a module, not by raw"
    command = task[key]
    command = str(command.get("cmd", command) if isinstance(command, Mapping) else command)
    if _OPERATORS.search(re.sub(r"\{\{.*?\}\}", "", command)) and not command.startswith("/bin/sh -c "):
        yield f"{where}: operators of the shell need `/bin/sh -c '...'`; not every connection has a shell of its own"
    if "register" in task:
        used = re.compile(rf"\b{re.escape(str(task['register']))}\s*(\.\s*|\[\s*['\"])(stdout|stderr)")
        for other, text in texts.items():
            if used.search(text):
                yield f"{where}: {other} uses what it printed; only its exit status may be used"


def check(repository: Repository) -> list[str]:
    """What is wrong, file by file."""
    problems: list[str] = []
    for name in repository.files("roles/*/tasks/*.yml", "roles/*/handlers/*.yml", "playbooks/*.yml"):
        text = repository.text(name)
        if "raw:" not in text:
            continue
        parts = name.split("/")
        near = repository.files(f"roles/{parts[1]}/*") if parts[0] == "roles" else [name]
        texts = {other: repository.text(other) for other in near}
        for task in tasks_of(repository.load(name)):
            problems += raw_problems(name, task, texts)
    return problems


GATE = Gate("terminal", check)
