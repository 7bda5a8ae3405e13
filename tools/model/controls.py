# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The controls of the roles, as ``roles/ROLE/meta/controls.yml`` states them, and those of the audit itself.

The latter are data of the catalogue: ``evidence_controls.yml``, and one for each activity of ``periodicity.yml``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tools.repository import Repository

#: What stands for a role where the controller itself is the one that looks.
EVIDENCE = "evidence"
EVIDENCE_FILE = "catalog/evidence_controls.yml"
ACTIVITIES_FILE = "catalog/periodicity.yml"
#: In a tamper case or a mark: one of each activity of the catalogue.
ACTIVITY = "ACTIVITY"


@dataclass(frozen=True)
class Control:
    """One promise of a role.

    role: the role that keeps it.
    raw: the entry as written; the properties give its parts with safe types, whatever was written.
    """

    role: str
    raw: Mapping[str, Any]

    def _texts(self, key: str) -> list[str]:
        found = self.raw.get(key)
        return [str(item) for item in found] if isinstance(found, list) else []

    @property
    def id(self) -> str:
        """The control's id, role and dot included."""
        return str(self.raw.get("id", ""))

    @property
    def title(self) -> str:
        """What it promises, in a sentence."""
        return str(self.raw.get("title", ""))

    @property
    def claims(self) -> list[str]:
        """The ids of the claims it serves."""
        return self._texts("claims")

    @property
    def pci_dss(self) -> list[str]:
        """The ids of the PCI DSS requirements its evidence supports."""
        return self._texts("pci_dss")

    @property
    def tracks(self) -> str | None:
        """The kind of claims that it keeps track of without supporting them."""
        found = self.raw.get("tracks")
        return None if found is None else str(found)

    @property
    def checks(self) -> list[Mapping[str, Any]]:
        """The checks that observe it."""
        found = self.raw.get("checks")
        return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


@dataclass(frozen=True)
class ControlsFile:
    """One role's file. kinds: ``all`` or the host kinds that the role belongs to, as written."""

    role: str
    name: str
    raw: Mapping[str, Any]

    @property
    def kinds(self) -> Any:
        """``all`` or a list of host kinds."""
        return self.raw.get("kinds")

    @property
    def controls(self) -> list[Control]:
        """The controls in the order of the file."""
        found = self.raw.get("controls")
        return [Control(self.role, item) for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def controls_files(repository: Repository) -> list[ControlsFile]:
    """The controls.yml of every role that has one, by role."""
    found = []
    for name in repository.files("roles/*/meta/controls.yml"):
        raw = repository.load(name)
        found.append(ControlsFile(name.split("/")[1], name, raw if isinstance(raw, dict) else {}))
    return found


def activities(repository: Repository) -> list[Mapping[str, Any]]:
    """Recurring activities, as the catalogue lists it; nothing where there is no such list."""
    if ACTIVITIES_FILE not in repository.names:
        return []
    found: list[Mapping[str, Any]] = repository.load(ACTIVITIES_FILE)["activities"]
    return found


def evidence_file(repository: Repository) -> ControlsFile | None:
    """The controls of the audit itself, those of the activities among them; None where the catalogue has none."""
    if EVIDENCE_FILE not in repository.names:
        return None
    raw = repository.load(EVIDENCE_FILE)
    each = raw.get("evidence_of_each_activity") or {}
    recurring = [
        {
            "id": f"{EVIDENCE}.{row['id']}",
            "title": f"{row['title']}: every {row['every']}",
            "claims": row["claims"],
            "pci_dss": row["pci"],
            **each,
        }
        for row in activities(repository)
        if each
    ]
    return ControlsFile(EVIDENCE, EVIDENCE_FILE, {"controls": [*(raw.get("evidence_controls") or []), *recurring]})


def all_controls(repository: Repository) -> list[Control]:
    """Every control of every role, and of the audit itself."""
    own = evidence_file(repository)
    files = [*controls_files(repository), *([own] if own else [])]
    return [control for found in files for control in found.controls]
