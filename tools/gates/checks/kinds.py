# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""playbooks/site.yml applies each role to exactly the kinds of hosts that its controls are for."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tools.gates.base import Gate
from tools.model.controls import controls_files
from tools.repository import Repository

PLAYBOOK = "playbooks/site.yml"
SCHEMA = "plugins/plugin_utils/site_model/schema.py"

_OURS = "ringfence.callcenter."
_GROUP = "kind_"
_INCLUDES = ("ansible.builtin.import_role", "ansible.builtin.include_role")


def known_kinds(repository: Repository) -> set[str]:
    """The kinds of hosts that the site model knows, read from its schema's KINDS."""
    for node in ast.parse(repository.text(SCHEMA)).body:
        targets = (
            node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
        )
        value = node.value if isinstance(node, (ast.Assign, ast.AnnAssign)) else None
        if value and any(isinstance(target, ast.Name) and target.id == "KINDS" for target in targets):
            return {str(kind) for kind in ast.literal_eval(value)}
    raise ValueError(f"{SCHEMA} has no KINDS")


def _role_names(tasks: Any) -> Iterator[str]:
    """The roles that tasks bring in, blocks included."""
    for task in tasks or []:
        for key in _INCLUDES:
            if key in task:
                yield str(task[key].get("name", ""))
        for key in ("block", "rescue", "always"):
            yield from _role_names(task.get(key))


def roles_of(play: Mapping[str, Any]) -> list[str]:
    """The roles of ours in a play, by short name, in order."""
    listed = [
        entry if isinstance(entry, str) else entry.get("role") or entry.get("name") for entry in play.get("roles") or []
    ]
    for section in ("pre_tasks", "tasks", "post_tasks"):
        listed += _role_names(play.get(section))
    return [str(name)[len(_OURS) :] for name in listed if str(name).startswith(_OURS)]


def hosts_of(play: Mapping[str, Any]) -> str | set[str]:
    """``all``, or the kinds of hosts of a play whose pattern is a list of kind groups, or the pattern as it is."""
    pattern = play.get("hosts", "")
    parts = pattern if isinstance(pattern, list) else str(pattern).replace(",", ":").split(":")
    parts = [str(part).strip() for part in parts]
    if parts == ["all"]:
        return "all"
    return {part[len(_GROUP) :] if part.startswith(_GROUP) else f"({part})" for part in parts}


def compare(kinds: Mapping[str, Any], plays: Sequence[Mapping[str, Any]]) -> list[str]:
    """What the playbook and the controls say differently.

    kinds: of each role, ``all`` or a list of kinds. plays: the playbook's.
    """
    applied: dict[str, Any] = {}
    problems = []
    for play in plays:
        where = hosts_of(play)
        for role in roles_of(play):
            before = applied.get(role, set())
            applied[role] = "all" if "all" in (where, before) else set(where) | set(before)
    for role, wanted in kinds.items():
        if role not in applied:
            problems.append(f"{PLAYBOOK}: does not apply the role {role}")
        elif applied[role] != (wanted if wanted == "all" else set(wanted)):
            shown = applied[role] if isinstance(applied[role], str) else ", ".join(sorted(applied[role]))
            told = wanted if wanted == "all" else ", ".join(sorted(wanted))
            problems.append(f"{PLAYBOOK}: applies {role} to {shown}; its controls.yml says {told}")
    return problems + [f"{PLAYBOOK}: applies {role}, which has no controls" for role in applied if role not in kinds]


def check(repository: Repository) -> list[str]:
    """What differs, and kinds that the site model does not know."""
    files = controls_files(repository)
    if PLAYBOOK not in repository.names:
        return [f"{PLAYBOOK} is missing"]
    known = known_kinds(repository)
    named = [(found.name, kind) for found in files if isinstance(found.kinds, list) for kind in found.kinds]
    problems = [f"{name}: there is no kind {kind!r}" for name, kind in named if kind not in known]
    return problems + compare({found.role: found.kinds for found in files}, repository.load(PLAYBOOK))


GATE = Gate("kinds", check)
