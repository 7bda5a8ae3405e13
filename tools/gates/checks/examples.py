# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The EXAMPLES of every plugin parse, and those of our modules use options that exist."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from tools.gates.base import Gate
from tools.repository import Repository

_OURS = "ringfence.callcenter."
_APPLY = f"{_OURS}apply"

#: Modules whose documentation may stand beside an action plugin of the same name.
_WITH_OPTIONS = ("modules",)


def constants(source: str, name: str) -> dict[str, str]:
    """The texts assigned to names at the top of a file: DOCUMENTATION, EXAMPLES, RETURN."""
    found = {}
    for node in ast.parse(source, name).body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            found.update({target.id: node.value.value for target in node.targets if isinstance(target, ast.Name)})
    return found


def _tasks(value: Any) -> Iterator[Mapping[str, Any]]:
    """Every mapping in an example that may be a task: in lists, in plays, in blocks."""
    if isinstance(value, list):
        for item in value:
            yield from _tasks(item)
    elif isinstance(value, Mapping):
        yield value
        # A step names its module and its options as a task does.
        yield from _tasks((value.get(_APPLY) or {}).get("steps"))
        for key in ("tasks", "pre_tasks", "post_tasks", "handlers", "block", "rescue", "always"):
            yield from _tasks(value.get(key))


def _unknown(given: Any, options: Mapping[str, Any], path: str) -> Iterator[str]:
    """The keys of a task's arguments that are no options, sub-options included."""
    if not isinstance(given, Mapping):
        return
    names = {alias: option for option in options.values() for alias in option.get("aliases") or []} | dict(options)
    for key, value in given.items():
        if path and str(key).startswith(_OURS):
            continue  # a step's module: its options are looked at as a task's
        if key not in names:
            yield f"{path}{key}"
            continue
        below = names[key].get("suboptions")
        if below:
            for item in value if isinstance(value, list) else [value]:
                yield from _unknown(item, below, f"{path}{key}.")


def example_problems(name: str, examples: str, options: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """What is wrong with one EXAMPLES text.

    options: the documented options of each of our modules, by its short name.
    """
    try:
        data = list(yaml.safe_load_all(examples))
    except yaml.YAMLError as problem:
        return [f"{name}: EXAMPLES are no YAML: {problem}"]
    problems = []
    for task in _tasks(data):
        for key, given in task.items():
            module = str(key)[len(_OURS) :]
            if str(key).startswith(_OURS) and module in options:
                problems += [
                    f"{name}: EXAMPLES: {key} has no option {bad}" for bad in _unknown(given, options[module], "")
                ]
    return problems


def check(repository: Repository) -> list[str]:
    """What is wrong with the examples of all plugins."""
    texts = {name: constants(repository.text(name), name) for name in repository.files("plugins/*.py")}
    options: dict[str, Mapping[str, Any]] = {}
    for name, found in texts.items():
        folder, short = name.split("/")[1], name.rsplit("/", 1)[-1][: -len(".py")]
        if folder in _WITH_OPTIONS and "DOCUMENTATION" in found:
            options[short] = (yaml.safe_load(found["DOCUMENTATION"]) or {}).get("options") or {}
    problems = []
    for name, found in texts.items():
        if "DOCUMENTATION" in found and not found.get("EXAMPLES", "").strip():
            problems.append(f"{name}: has no EXAMPLES")
        problems += example_problems(name, found.get("EXAMPLES", ""), options)
    return problems


GATE = Gate("examples", check)
