# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tamper cases, ``tests/tamper/ROLE.yml``: commands that break one control each.

A case is ``{id, role, control, breaks, command, repaired_by}`` and, where it needs them, ``alone`` (see ``rounds``),
``scenario``, the role whose own test hosts have what the case needs, and ``undo``, the command that puts back what no
role owns: then it is ``repaired_by`` that, after the role.

``shared/every_role.yml`` has those that every role with a file there is tried with: ROLE stands for its name, and with
``each: kept`` the command is run for every regular file that the role keeps.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import yaml

from ansible_collections.ringfence.callcenter.plugins.plugin_utils.catalog import COLLECTION_ROOT
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.site_model.problems import did_you_mean

FOLDER = os.path.join(COLLECTION_ROOT, "tests", "tamper")
#: The scenario of a case that names none: the hosts that hold every role.
SHARED = "tamper"
_NEEDED = ("id", "control", "breaks", "command", "repaired_by")
_KEYS = (*_NEEDED, "alone", "scenario", "undo")
_ALONE = ("role", "login_stacks", True)
_REPAIRED_BY = ("role", "undo")
_EVERY_ROLE = os.path.join("shared", "every_role.yml")
# Blocks in files of others, and folders made on the way, are none of the role's files.
_KEPT = """\
paths=$(/usr/bin/python3 -Ic '
import glob, json, os, sys
for index in glob.glob("/var/lib/ringfence/originals/*/index.json"):
    if (index.split("/")[-2] + "_").startswith(sys.argv[1] + "_"):
        for path, entry in json.load(open(index))["paths"].items():
            whole = entry.get("explicit", True) and not entry.get("block")
            if whole and os.path.isfile(path) and not os.path.islink(path):
                print(path)
' ROLE)
test -n "$paths" || { echo "ROLE keeps no file here" >&2; exit 1; }
for path in $paths; do COMMAND; done
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
    kept = _KEPT.replace("COMMAND", str(case.get("command"))) if case.get("each") == "kept" else case.get("command")
    texts = {**case, "command": kept, "id": str(case.get("id")).replace("ROLE", role.replace("_", "-"))}
    return {
        key: value.replace("ROLE", role) if isinstance(value, str) else value
        for key, value in texts.items()
        if key != "each"
    }


def load(folder: str = FOLDER) -> list[dict[str, Any]]:
    """All cases in the order of their files, each with its role; CasesError tells all that is wrong with them."""
    found: list[dict[str, Any]] = []
    errors: list[str] = []
    names = sorted(name for name in (os.listdir(folder) if os.path.isdir(folder) else []) if name.endswith(".yml"))
    every_role = os.path.join(folder, _EVERY_ROLE)
    shared = _read(every_role, errors) if os.path.isfile(every_role) else []
    for name in names:
        path, role = os.path.join(folder, name), name[: -len(".yml")]
        listed = [*_read(path, errors), *(of_role(case, role) for case in shared)]
        for place, case in enumerate(listed, 1):
            wrong = _problems(case, role, f"{path}: case {place}")
            errors += wrong
            if not wrong:
                found.append({**case, "role": role, "scenario": case.get("scenario", SHARED)})
    ids = [case["id"] for case in found]
    errors += [f"case {one} is there more than once" for one in sorted({one for one in ids if ids.count(one) > 1})]
    if not names:
        errors.append(f"{folder}: there are no tamper cases")
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
