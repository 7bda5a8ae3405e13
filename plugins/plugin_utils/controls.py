# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The controls of the roles, as meta/controls.yml states them, checked before anything is observed.

A control is kept as the plain mapping of its file with ``role`` added and every default filled in:
``{id, role, title, claims, pci_dss, when (or absent), not_applicable, checks}`` with checks
``[{id, aspect, probe, with, expect}]``, where a check's ``id`` is the full one, ``CONTROL.CHECK``.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Callable

ASPECTS = ("configured", "running", "survives_reboot")
CONTROLS_FILE = os.path.join("meta", "controls.yml")
STEPS_FILE = os.path.join("tasks", "present.yml")
#: The probe that is told what the role's steps keep, and the module whose tasks have these steps.
STEPS_PROBE = "role_steps"
#: The probe that is told the units which these keep running.
FOREIGN_PROBE = "foreign_files"
APPLY = "ringfence.callcenter.apply"

_CONTROL_KEYS = {"id", "title", "claims", "pci_dss", "when", "not_applicable", "checks"}
_CHECK_KEYS = {"id", "aspect", "probe", "with", "expect"}
_NAME = re.compile(r"[a-z][a-z0-9_]*")

#: Reads a YAML file; the audit gives one that marks texts as templates.
Reader = Callable[[str], Any]


class ControlsError(Exception):
    """What is wrong with controls files, every error of all of them, one a line."""


@dataclass(frozen=True)
class RoleControls:
    """The controls of one role and the kinds of host it belongs to (None: to all).

    steps: what the role has its hosts keep, as written in its tasks, for an audit to look for what they would change.
    """

    role: str
    path: str
    kinds: tuple[str, ...] | None
    controls: tuple[dict[str, Any], ...]
    defaults: Mapping[str, Any] = field(default_factory=dict)
    variables: Mapping[str, Any] = field(default_factory=dict)
    steps: Sequence[Mapping[str, Any]] = ()

    def applies_to(self, kinds: Iterable[str]) -> bool:
        """Whether a host of these kinds should keep this role's controls."""
        return self.kinds is None or not set(self.kinds).isdisjoint(kinds)


def _texts(value: Any, where: str, errors: list[str]) -> list[str]:
    if isinstance(value, (list, tuple)) and all(isinstance(item, str) for item in value):
        return list(value)
    errors.append(f"{where}: a list of texts is expected")
    return []


def _unknown(given: Mapping[str, Any], known: set[str], where: str, errors: list[str]) -> None:
    errors.extend(
        f"{where}: unknown key {key!r}; valid keys: {', '.join(sorted(known))}" for key in given if key not in known
    )


def _check(data: Any, control: str, where: str, errors: list[str]) -> dict[str, Any]:
    if not isinstance(data, Mapping):
        errors.append(f"{where}: a check is a mapping")
        return {}
    _unknown(data, _CHECK_KEYS, where, errors)
    for key in ("id", "probe"):
        if not _NAME.fullmatch(str(data.get(key, ""))):
            errors.append(f"{where}: {key} must be lower-case letters, digits and _, not {data.get(key)!r}")
    if data.get("aspect") not in ASPECTS:
        errors.append(f"{where}: aspect must be one of {', '.join(ASPECTS)}, not {data.get('aspect')!r}")
    if not data.get("expect"):
        errors.append(f"{where}: expect is empty, so the check could not fail")
    return {
        "id": f"{control}.{data.get('id')}",
        "aspect": data.get("aspect"),
        "probe": data.get("probe"),
        "with": data.get("with") or {},
        "expect": data.get("expect") or {},
    }


def _control(data: Any, role: str, where: str, errors: list[str]) -> dict[str, Any]:
    if not isinstance(data, Mapping):
        errors.append(f"{where}: a control is a mapping")
        return {}
    name = str(data.get("id", ""))
    where = f"{where} {name}" if name else where
    _unknown(data, _CONTROL_KEYS, where, errors)
    if not re.fullmatch(rf"{re.escape(role)}\.[a-z][a-z0-9_]*", name):
        errors.append(f"{where}: id must be {role}.NAME in lower-case letters, digits and _")
    if not data.get("title"):
        errors.append(f"{where}: title is missing")
    checks = data.get("checks")
    if not isinstance(checks, list) or not checks:
        errors.append(f"{where}: checks needs at least one check")
        checks = []
    made = [_check(one, name, f"{where} check {place}", errors) for place, one in enumerate(checks, 1)]
    ids = [str(one.get("id")) for one in made]
    errors.extend(
        f"{where}: check {one} is there more than once" for one in sorted({i for i in ids if ids.count(i) > 1})
    )
    control: dict[str, Any] = {
        "id": name,
        "role": role,
        "title": str(data.get("title", "")),
        "claims": _texts(data.get("claims", []), f"{where}: claims", errors),
        "pci_dss": _texts(data.get("pci_dss", []), f"{where}: pci_dss", errors),
        "not_applicable": data.get("not_applicable") or "The role's settings switch this control off on this host.",
        "checks": made,
    }
    if "when" in data:
        control["when"] = data["when"]
    return control


def parse(role: str, data: Any, path: str = "controls.yml") -> RoleControls:
    """The controls of one role from the content of its file; ControlsError names all that is wrong with it."""
    errors: list[str] = []
    if not isinstance(data, Mapping):
        raise ControlsError(f"{path}: a mapping with kinds and controls is expected")
    _unknown(data, {"kinds", "controls"}, path, errors)
    kinds = data.get("kinds")
    listed = None if kinds == "all" else tuple(_texts(kinds, f"{path}: kinds (or the word all)", errors))
    controls = data.get("controls")
    if not isinstance(controls, list) or not controls:
        errors.append(f"{path}: controls needs at least one control")
        controls = []
    made = tuple(_control(one, role, f"{path}: control {place}", errors) for place, one in enumerate(controls, 1))
    ids = [str(one.get("id")) for one in made]
    errors.extend(
        f"{path}: control {one} is there more than once" for one in sorted({i for i in ids if ids.count(i) > 1})
    )
    if errors:
        raise ControlsError("\n".join(errors))
    return RoleControls(role=role, path=path, kinds=listed, controls=made)


def roles_with_controls(roles_path: str) -> list[str]:
    """The names of the roles below a folder that state controls, sorted."""
    if not os.path.isdir(roles_path):
        return []
    return sorted(
        name for name in os.listdir(roles_path) if os.path.isfile(os.path.join(roles_path, name, CONTROLS_FILE))
    )


def files_of(folder: str) -> list[str]:
    """The files of a role, by its folder, that ``load`` reads of those that are there."""
    names = (CONTROLS_FILE, STEPS_FILE, *(os.path.join(kind, "main.yml") for kind in ("defaults", "vars")))
    return [path for path in (os.path.join(folder, name) for name in names) if os.path.isfile(path)]


def _variables(path: str, read: Reader) -> Mapping[str, Any]:
    """The variables of a role's defaults/main.yml or vars/main.yml, none when there is no such file."""
    if not os.path.isfile(path):
        return {}
    data = read(path) or {}
    if not isinstance(data, Mapping):
        raise ControlsError(f"{path}: a mapping of variables is expected")
    return data


def _steps(path: str, read: Reader) -> list[Mapping[str, Any]]:
    """The steps in a role's task file, those that no audit looks at left out; none where there is no such file."""
    tasks = read(path) if os.path.isfile(path) else None
    found = []
    for task in tasks if isinstance(tasks, list) else []:
        if isinstance(task, Mapping) and isinstance(task.get(APPLY), Mapping):
            found += [step for step in task[APPLY].get("steps") or [] if isinstance(step, Mapping)]
    return [step for step in found if step.get("audit", True) is not False and step.get("check_mode") is not True]


def load(roles_path: str, read: Reader, names: Sequence[str] | None = None) -> list[RoleControls]:
    """The controls of the roles below a folder, of all or of the named ones.

    ControlsError when a name is unknown or a file is wrong; all errors of all files are told at once.
    """
    known = roles_with_controls(roles_path)
    wanted = known if names is None else [name.removeprefix("ringfence.callcenter.") for name in names]
    errors = [
        f"roles: {name!r} has no {CONTROLS_FILE} below {roles_path}; roles that have one: {', '.join(known) or 'none'}"
        for name in wanted
        if name not in known
    ]
    loaded: list[RoleControls] = []
    for name in wanted:
        folder = os.path.join(roles_path, name)
        if name not in known:
            continue
        try:
            stated = parse(name, read(os.path.join(folder, CONTROLS_FILE)), os.path.join(folder, CONTROLS_FILE))
            loaded.append(
                RoleControls(
                    role=stated.role,
                    path=stated.path,
                    kinds=stated.kinds,
                    controls=stated.controls,
                    defaults=_variables(os.path.join(folder, "defaults", "main.yml"), read),
                    variables=_variables(os.path.join(folder, "vars", "main.yml"), read),
                    steps=_steps(os.path.join(folder, STEPS_FILE), read),
                )
            )
        except ControlsError as problem:
            errors.append(str(problem))
    if errors:
        raise ControlsError("\n".join(errors))
    return loaded


def as_data(roles: Iterable[RoleControls]) -> list[dict[str, Any]]:
    """The controls as the bundle states them: what is promised and how it is checked, without templates."""
    return [
        {
            "id": control["id"],
            "role": control["role"],
            "title": str(control["title"]),
            "kinds": "all" if role.kinds is None else list(role.kinds),
            "claims": control["claims"],
            "pci_dss": control["pci_dss"],
            "checks": [{key: str(check[key]) for key in ("id", "aspect", "probe")} for check in control["checks"]],
        }
        for role in roles
        for control in role.controls
    ]
