# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The steps of a role: modules of this collection with their arguments, checked before a host hears of them."""

from __future__ import annotations

import importlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.common.parameters import remove_values
from ansible.module_utils.parsing.convert_bool import boolean

from ansible_collections.ringfence.callcenter.plugins.plugin_utils.catalog import COLLECTION_ROOT
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.checks import plain

# What every module imports: once, by the process that the workers are forked from.
importlib.import_module("ansible.module_utils.basic")

COLLECTION = "ringfence.callcenter."
_MODULES = f"ansible_collections.{COLLECTION}plugins.modules"
#: The keys of a step beside its module's name.
KEYS = ("name", "controls", "when", "check_mode", "always", "needs_packages", "needs_path", "audit", "audit_ignores")
#: Its action only works out names of packages by names of roles, which a step does not have.
_WITHOUT_ITS_ACTION = "packages"


class StepsError(Exception):
    """What is wrong with steps, one sentence each."""

    def __init__(self, errors: Sequence[str]) -> None:
        super().__init__("\n".join(errors))


@dataclass(frozen=True)
class Step:
    """One step: see the module apply for what its parts mean. ``arguments`` are checked and complete."""

    name: str
    module: str
    arguments: Mapping[str, Any] = field(repr=False)
    controls: Sequence[str] = ()
    check_mode: bool = False
    always: bool = False
    packages: Sequence[str] = ()
    path: str = ""
    audit: bool = True
    ignores: Sequence[str] = ()
    secrets: frozenset[str] = field(default=frozenset(), repr=False)

    def told(self) -> dict[str, Any]:
        """As the host is told of it: see step_session."""
        return {
            "name": self.name,
            "module": self.module,
            "arguments": dict(self.arguments),
            "check_mode": self.check_mode,
            "always": self.always,
            "packages": list(self.packages),
            "path": self.path,
        }

    def clean(self, result: Any) -> Any:
        """A result without the values of arguments that are secrets."""
        return remove_values(result, self.secrets) if self.secrets else result


def runs_alone(module: str) -> bool:
    """Whether a module is all on the host: has no part that runs on the controller."""
    folders = os.path.join(COLLECTION_ROOT, "plugins")
    return os.path.isfile(os.path.join(folders, "modules", f"{module}.py")) and (
        module == _WITHOUT_ITS_ACTION or not os.path.isfile(os.path.join(folders, "action", f"{module}.py"))
    )


def checked(module: str, arguments: Mapping[str, Any]) -> tuple[dict[str, Any], frozenset[str], list[str]]:
    """Arguments of a module with its defaults, the secrets among them, and what is wrong with them."""
    specification = importlib.import_module(f"{_MODULES}.{module}").ARGUMENT_SPEC
    found = ArgumentSpecValidator(specification).validate(plain(arguments))
    secrets = frozenset(found._no_log_values)  # no public name gives them
    return found.validated_parameters, secrets, list(found.error_messages)


def parse(given: Sequence[Any]) -> list[Step]:
    """The steps that are to run; raises StepsError that tells of all that is wrong with any of them."""
    errors: list[str] = []
    found: list[Step] = []
    for number, one in enumerate(given, 1):
        if not isinstance(one, Mapping):
            errors.append(f"steps: number {number} is {one!r}, valid is a mapping with a name and a module")
            continue
        where = f"steps: {one.get('name') or f'number {number}'}"
        modules = [key for key in one if key not in KEYS]
        alone = [key[len(COLLECTION) :] for key in modules if key.startswith(COLLECTION)]
        if not isinstance(one.get("name"), str) or not one["name"]:
            errors.append(f"{where}: it needs a name, a sentence that says what it does")
        elif len(modules) != 1 or len(alone) != 1 or not runs_alone(alone[0]):
            errors.append(
                f"{where}: has {', '.join(modules) or 'no module'}, valid are {', '.join(KEYS)} and one module of"
                f" {COLLECTION[:-1]} that has no part on the controller"
            )
        else:
            _add(found, errors, one, alone[0], where)
    names = [step.name for step in found]
    errors += [
        f"steps: {name}: is there more than once" for name in sorted({one for one in names if names.count(one) > 1})
    ]
    if errors:
        raise StepsError(errors)
    return found


def _add(found: list[Step], errors: list[str], one: Mapping[str, Any], module: str, where: str) -> None:
    """Check one step further, and add it or what is wrong with it."""
    try:
        flags = {key: boolean(one.get(key, default)) for key, default in _FLAGS.items()}
    except TypeError as problem:
        errors.append(f"{where}: {problem}")
        return
    if not flags.pop("when"):
        return
    arguments = one[COLLECTION + module] or {}
    lists = {key: one.get(key, []) for key in _LISTS}
    not_lists = [key for key, value in lists.items() if isinstance(value, str) or not isinstance(value, Sequence)]
    errors += [f"{where}: {key} is {lists[key]!r}, valid is a list of {_LISTS[key]}" for key in not_lists]
    if not isinstance(arguments, Mapping):
        errors.append(f"{where}: {COLLECTION}{module} is {arguments!r}, valid is a mapping of its options")
    elif not not_lists:
        complete, secrets, wrong = checked(module, arguments)
        errors += [f"{where}: {COLLECTION}{module}: {text}" for text in wrong]
        controls, packages, ignores = ([str(item) for item in lists[key]] for key in _LISTS)
        found.append(
            Step(
                str(one["name"]),
                module,
                complete,
                controls,
                **flags,
                packages=packages,
                path=str(one.get("needs_path") or ""),
                ignores=ignores,
                secrets=secrets,
            )
        )


_LISTS = {
    "controls": "ids of controls",
    "needs_packages": "names of packages",
    "audit_ignores": "regular expressions for whole lines",
}
_FLAGS = {"when": True, "check_mode": False, "always": False, "audit": True}


def outcome(steps: Sequence[Step], ran: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The result of a task that ran steps. ran: the host's answer, a name and a result for each that was run.

    Its ``steps`` are what the modules gave, with the steps' names and controls; ``msg`` of a failure says which step
    failed, what was done and what not.
    """
    by_name = {step.name: step for step in steps}
    told: list[dict[str, Any]] = []
    result: dict[str, Any] = {"changed": False, "steps": told}
    diffs: list[Any] = []
    for one in ran:
        step = by_name[one["name"]]
        mine = dict(step.clean(one["result"]))
        diff = mine.pop("diff", None)
        if mine.get("changed") and diff:
            diffs += [_titled(part, step.name) for part in (diff if isinstance(diff, list) else [diff])]
        result.setdefault("warnings", []).extend(mine.pop("warnings", []))
        told.append({"name": step.name, "controls": list(step.controls), **mine})
        result["changed"] = result["changed"] or bool(mine.get("changed"))
    if not result.get("warnings"):
        result.pop("warnings", None)
    if diffs:
        result["diff"] = diffs
    if failed := [one for one in told if one.get("failed")]:
        result.update(failed=True, msg=_failure(steps, told, failed))
        errors = [text for one in failed for text in one.get("errors", [])]
        result.update({"errors": errors} if errors else {})
    return result


def _titled(diff: Any, name: str) -> Any:
    """A difference under the name of its step, where it has no name of its own."""
    if not isinstance(diff, Mapping) or "prepared" in diff:
        return diff
    return {"before_header": name, "after_header": name, **diff}


def _failure(steps: Sequence[Step], told: Sequence[Mapping[str, Any]], failed: Sequence[Mapping[str, Any]]) -> str:
    """What is said of a failure."""
    text = "; ".join(f"{one['name']}: {str(one.get('msg')).rstrip('.')}" for one in failed)
    changed = [one["name"] for one in told if one.get("changed") and not one.get("failed")]
    names = {one["name"] for one in told}
    rest = [step.name for step in steps if step.name not in names]
    text += (
        f". Changed before or after it: {', '.join(changed)}" if changed else ". Nothing else was changed by this task"
    )
    return f"{text}. Not done: {', '.join(rest)}." if rest else f"{text}."
