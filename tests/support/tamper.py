# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tamper cases, and what one pass over them observed."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import yaml

from tests.support.lab import REPOSITORY

CASES = REPOSITORY / "tests" / "tamper"


def roles() -> list[str]:
    """The roles of the collection that have controls."""
    return sorted(path.parents[1].name for path in (REPOSITORY / "roles").glob("*/meta/controls.yml"))


def cases() -> list[dict[str, Any]]:
    """The cases of every role, or of those in RINGFENCE_TAMPER_ROLES, each with the role it belongs to."""
    only = [role for role in os.environ.get("RINGFENCE_TAMPER_ROLES", "").split(",") if role]
    found: list[dict[str, Any]] = []
    for path in sorted(CASES.glob("*.yml")):
        if not only or path.stem in only:
            listed = yaml.safe_load(path.read_text(encoding="utf-8"))
            found += [dict(case, role=path.stem) for case in listed]
    return found


def rounds(listed: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The cases that are broken, looked at and repaired together: ``name``, ``roles`` and ``cases`` of each round.

    A round has one case of each role at most, so that no two break the same control. A case that has ``alone: true``,
    and every one where RINGFENCE_TAMPER_ALONE is set, has a round to itself.
    """
    numbered: dict[str, list[dict[str, Any]]] = {}
    seen: dict[str, int] = {}
    for case in listed:
        if case.get("alone") or os.environ.get("RINGFENCE_TAMPER_ALONE"):
            numbered[case["id"]] = [case]
        else:
            seen[case["role"]] = seen.get(case["role"], 0) + 1
            numbered.setdefault(f"round-{seen[case['role']]}", []).append(case)
    return [
        {"name": name, "roles": [case["role"] for case in chosen], "cases": chosen} for name, chosen in numbered.items()
    ]


class Observed:
    """The findings that the pass left behind."""

    def __init__(self, folder: Path, log: str) -> None:
        self.folder = folder
        self.log = log

    @staticmethod
    def place(folder: Path, *stages: str) -> None:
        """Make the folders that the audits of these stages write into, as an open bundle has them."""
        for stage in stages:
            (folder / stage / "hosts").mkdir(parents=True)

    def red(self, stage: str, host: str) -> dict[str, list[str]]:
        """The controls that are not green on a host at a stage, with the checks and reasons that say so."""
        path = self.folder / stage / "hosts" / f"{host}.json"
        assert path.is_file(), f"the pass did not get as far as {stage}:\n{self.log[-6000:]}"
        findings = json.loads(path.read_text(encoding="utf-8"))["findings"]
        assert findings
        wrong: dict[str, list[str]] = {}
        for item in findings:
            if item["status"] not in ("pass", "not_applicable"):
                wrong.setdefault(item["control"], []).append(f"{item['check']}: {item['status']}: {item['reason']}")
        return wrong
