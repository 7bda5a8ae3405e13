# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the roles do on a host, step by step, and which controls each step enforces.

A step is one of a task ``ringfence.callcenter.apply``, which names its controls by ``controls``, or a task of its own
that the controller has a part in, which names them by its variable ``__ROLE_controls``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tools.repository import Repository

APPLY = "ringfence.callcenter.apply"
#: The probe that is told these steps, and sees what they would change.
STEPS_PROBE = "role_steps"
#: Task files of which nothing enforces a control: the entry that checks variables, and what puts back what was there.
WITHOUT = ("main.yml", "absent.yml")


@dataclass(frozen=True)
class Step:
    """One step. file: where it stands; module: its full name; controls: ids as written; compared: by an audit."""

    role: str
    file: str
    name: str
    module: str
    controls: tuple[str, ...]
    compared: bool = False


def steps(repository: Repository, role: str) -> list[Step]:
    """The steps of a role that enforce its controls, in order."""
    folder = f"roles/{role}/tasks/"
    names = sorted(repository.files(f"{folder}*.yml", f"{folder}*.yaml"))
    files = [name for name in names if name[len(folder) :] not in WITHOUT]
    return [step for name in files for step in _of_file(repository.load(name), role, name)]


def _of_file(tasks: Any, role: str, name: str) -> Iterator[Step]:
    for task in tasks if isinstance(tasks, list) else []:
        if not isinstance(task, dict):
            continue
        if APPLY not in task:
            named = (task.get("vars") or {}).get(f"__{role}_controls")
            yield Step(role, name, str(task.get("name", "")), _module(task), _texts(named))
            continue
        for one in (task[APPLY] or {}).get("steps") or []:
            compared = one.get("audit", True) is not False and one.get("check_mode") is not True
            yield Step(role, name, str(one.get("name", "")), _module(one), _texts(one.get("controls")), compared)


def _module(entry: dict[str, Any]) -> str:
    """The full name of the module of a task or step: the one key with a dot."""
    return next((key for key in entry if "." in key), "")


def _texts(found: Any) -> tuple[str, ...]:
    return tuple(map(str, found)) if isinstance(found, list) else ()
