# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tamper cases, ``roles/ROLE/meta/tamper.yml``: commands that break one control each.

A case is ``{id, role, control, breaks, command, repaired_by}`` and, where it needs them, ``alone`` (see ``rounds``),
``scenario``, the role whose own test hosts have what the case needs, and ``undo``, the command that puts back what no
role owns: then it is ``repaired_by`` that, after the role.

``catalog/tamper_cases.yml`` has those that every role with cases is tried with, but for roles in its list ``but``: ROLE
stands for the role's name, and with ``each`` the command is run for each file (``kept``, $path) or enabled unit of
systemd (``unit``, $unit) that the role keeps.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import yaml

from ansible_collections.ringfence.callcenter.plugins.plugin_utils.catalog import COLLECTION_ROOT
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.site_model.problems import did_you_mean

ROLES, CATALOG = (os.path.join(COLLECTION_ROOT, name) for name in ("roles", "catalog"))
#: The scenario of a case that names none: the hosts that hold every role.
SHARED = "tamper"
_NEEDED = ("id", "control", "breaks", "command", "repaired_by")
_KEYS = (*_NEEDED, "alone", "scenario", "undo")
_ALONE = ("role", "login_stacks", True)
_REPAIRED_BY = ("role", "undo")
_OF_ROLE, _OF_EVERY_ROLE = os.path.join("meta", "tamper.yml"), "tamper_cases.yml"
# What a case of every role is run for, by its key ``each``: the variable that has it, and a program that lists them.
_EACH = {
    # Blocks in files of others, and folders made on the way, are none of the role's files.
    "kept": (
        "path",
        """
import glob, json, os, sys
for index in glob.glob("/var/lib/ringfence/originals/*/index.json"):
    if index.split("/")[-2] == sys.argv[1]:
        for path, entry in json.load(open(index))["paths"].items():
            whole = entry.get("explicit", True) and not entry.get("block")
            if whole and os.path.isfile(path) and not os.path.islink(path):
                print(path)
""",
    ),
    "unit": (
        "unit",
        """
import glob, json, subprocess, sys
for store in glob.glob("/var/lib/ringfence/units/" + sys.argv[1] + ".json"):
    for unit in json.load(open(store)):
        if subprocess.call(["systemctl", "--quiet", "is-enabled", unit]) == 0:
            print(unit)
""",
    ),
}
_FOR_EACH = """\
found=$(/usr/bin/python3 -Ic '{program}' {role})
test -n "$found" || {{ echo "{role} keeps nothing of this kind here" >&2; exit 1; }}
for {variable} in $found; do {command}; done
"""


class CasesError(Exception):
    """What is wrong with the cases or with what was asked of them, every error in a line."""

    def __init__(self, errors: Sequence[str]) -> None:
        super().__init__("\n".join(errors))
        self.errors = list(errors)


def _problems(case: Any, role: str, where: str) -> list[str]:
    if not isinstance(case, Mapping):
        return [f"{where}: a case is a mapping"]
    where = f"{where} {case.get('id', '')}".rstrip()
    found = [f"{where}: {key} is missing" for key in _NEEDED if not isinstance(case.get(key), str) or not case[key]]
    found += [f"{where}: unknown key {key!r}; valid keys: {', '.join(_KEYS)}" for key in case if key not in _KEYS]
    if "alone" in case and case["alone"] not in _ALONE:
        found.append(f"{where}: alone must be role, login_stacks or true, not {case['alone']!r}")
    if case.get("repaired_by") not in _REPAIRED_BY or (case["repaired_by"] == "undo") != bool(case.get("undo")):
        found.append(f"{where}: repaired_by must be role, or undo with the command under undo")
    if str(case.get("control", "")).split(".", maxsplit=1)[0] != role:
        found.append(f"{where}: its control {case.get('control')!r} is none of {role}")
    return found


def _read(path: str, errors: list[str]) -> list[Any]:
    """The cases of a file as written."""
    try:
        with open(path, encoding="utf-8") as stream:
            listed = yaml.safe_load(stream)
    except (OSError, ValueError, yaml.YAMLError) as problem:
        errors.append(f"{path}: it cannot be read: {problem}")
        return []
    if not isinstance(listed, list):
        errors.append(f"{path}: a list of cases is expected")
        return []
    return listed


def of_role(case: Any, role: str) -> Any:
    """A case of every role as one of this role."""
    if not isinstance(case, Mapping):
        return case
    texts = {**case, "id": str(case.get("id")).replace("ROLE", role.replace("_", "-"))}
    if case.get("each") in _EACH:
        variable, program = _EACH[str(case["each"])]
        for key in {"command", "undo"} & set(case):
            words = str(case[key]).rstrip().rstrip(";")
            texts[key] = _FOR_EACH.format(program=program, role=role, variable=variable, command=words)
    return {
        key: value.replace("ROLE", role) if isinstance(value, str) else value
        for key, value in texts.items()
        if key not in ("each", "but")
    }


def load(roles: str = ROLES, catalog: str = CATALOG) -> list[dict[str, Any]]:
    """All cases in the order of the roles and files; CasesError tells all that is wrong with them.

    roles, catalog: the folders. Each case has its role.
    """
    found: list[dict[str, Any]] = []
    errors: list[str] = []
    names = sorted(os.listdir(roles)) if os.path.isdir(roles) else []
    names = [name for name in names if os.path.isfile(os.path.join(roles, name, _OF_ROLE))]
    every_role = os.path.join(catalog, _OF_EVERY_ROLE)
    shared = _read(every_role, errors) if os.path.isfile(every_role) else []
    for role in names:
        path = os.path.join(roles, role, _OF_ROLE)
        listed = [*_read(path, errors), *(of_role(case, role) for case in shared if role not in case.get("but", ()))]
        for place, case in enumerate(listed, 1):
            wrong = _problems(case, role, f"{path}: case {place}")
            errors += wrong
            if not wrong:
                found.append({**case, "role": role, "scenario": case.get("scenario", SHARED)})
    ids = [case["id"] for case in found]
    errors += [f"case {one} is there more than once" for one in sorted({one for one in ids if ids.count(one) > 1})]
    if not names:
        errors.append(f"{roles}: there are no tamper cases")
    if errors:
        raise CasesError(errors)
    return found


def chosen(
    listed: Sequence[Mapping[str, Any]], wanted: Iterable[str], scenario: str | None = None
) -> list[dict[str, Any]]:
    """The cases that somebody asks for by id, or by role for all of a role; all when nothing is asked for.

    scenario: only those of one scenario. CasesError names what there is not.
    """
    names = list(wanted)
    ids, roles = {case["id"] for case in listed}, {case["role"] for case in listed}
    errors = [
        f"prove_cases: there is no case and no role {name!r}{did_you_mean(name, sorted(ids | roles))}"
        for name in names
        if name not in ids | roles
    ]
    if errors:
        raise CasesError(errors)
    return [
        dict(case)
        for case in listed
        if (not names or case["id"] in names or case["role"] in names) and scenario in (None, case["scenario"])
    ]
