# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tamper cases of the roles (``meta/tamper.yml``) and those of the audit itself (``tests/tamper/site``).

A case with the key ``each: activity`` stands for one of each activity of the catalogue but those listed under ``but``:
ACTIVITY in its texts is the activity's id. Those of ``catalog/tamper_cases.yml`` stand for one of each role with cases.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from tools.model.controls import ACTIVITY, activities
from tools.repository import Repository

#: The cases of the audit itself break a site and no host.
EVIDENCE_CASES = "tests/tamper/site/evidence.yml"
EVERY_ROLE = "catalog/tamper_cases.yml"


@dataclass(frozen=True)
class Tamper:
    """One case, as written in the file ``name``."""

    name: str
    raw: Mapping[str, Any]

    @property
    def id(self) -> str:
        """The case's id."""
        return str(self.raw.get("id", ""))

    @property
    def control(self) -> str:
        """The control that it must turn red."""
        return str(self.raw.get("control", ""))

    @property
    def role(self) -> str:
        """The role that the file is for, or ``evidence``."""
        return "evidence" if self.name == EVIDENCE_CASES else self.name.split("/")[1]


def tamper_files(repository: Repository) -> list[str]:
    """The files with cases."""
    names = repository.files("roles/*/meta/tamper.yml")
    return [*names, *([EVIDENCE_CASES] if EVIDENCE_CASES in repository.names else [])]


def expanded(row: Mapping[str, Any], names: Iterable[str]) -> list[Mapping[str, Any]]:
    """A case as written, or the cases that it stands for. names: of the activities."""
    if row.get("each") != "activity":
        return [row]
    kept = {key: value for key, value in row.items() if key not in ("each", "but")}
    return [
        {key: value.replace(ACTIVITY, name) if isinstance(value, str) else value for key, value in kept.items()}
        for name in names
        if name not in (row.get("but") or [])
    ]


def _of_role(case: Mapping[str, Any], role: str) -> dict[str, Any]:
    """A case of every role as one of this role; its command as written, for it is the one of the run that counts."""
    named = {**case, "id": str(case.get("id")).replace("ROLE", role.replace("_", "-"))}
    return {
        key: value.replace("ROLE", role) if isinstance(value, str) else value
        for key, value in named.items()
        if key not in ("each", "but")
    }


def tampers(repository: Repository) -> list[Tamper]:
    """Every case of every file; what is no mapping is left to the gate to refuse."""
    names = [str(row["id"]) for row in activities(repository)]
    found = []
    shared = repository.load(EVERY_ROLE) if EVERY_ROLE in repository.names else []
    for name in tamper_files(repository):
        rows = repository.load(name)
        cases = [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
        found += [Tamper(name, one) for row in cases for one in expanded(row, names)]
        if name != EVIDENCE_CASES:
            role = name.split("/")[1]
            found += [Tamper(name, _of_role(case, role)) for case in shared if role not in case.get("but", ())]
    return found
