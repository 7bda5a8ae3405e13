# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A small tree in which everything is in order, for tests to break one thing at a time."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
import yaml

from tools.repository import Repository

CONTROL: dict[str, Any] = {
    "id": "lamp.shines",
    "title": "The lamp shines",
    "claims": ["light"],
    "pci_dss": ["1.1.1"],
    "checks": [
        {"id": "on", "aspect": "running", "probe": "bulb", "with": {"lamp": "{{ lamp_name }}"}, "expect": {"on": True}}
    ],
}

STEP: dict[str, Any] = {
    "name": "Switch it on",
    "controls": ["lamp.shines"],
    "audit": False,
    "ringfence.callcenter.switch": {"on": True},
}
APPLY: dict[str, Any] = {"name": "Have light", "ringfence.callcenter.apply": {"steps": [STEP]}}

TEST = """\
import pytest


@pytest.mark.proof("light.by-day", "light.by-night")
@pytest.mark.control("lamp.shines")
def test_shines(host):
    assert host
"""

TAMPER = [
    {
        "id": "lamp-unplugged",
        "control": "lamp.shines",
        "breaks": "somebody pulls the plug",
        "command": "rm /run/lamp",
        "repaired_by": "role",
    }
]

EVIDENCE: dict[str, Any] = {
    "evidence_controls": [
        {
            "id": "evidence.attestations",
            "title": "Every attestation is in force",
            "claims": [],
            "pci_dss": [],
            "tracks": "attestation",
            "checks": [{"id": "ENTRY", "aspect": "configured", "probe": "controller", "expect": {"state": "in_force"}}],
        }
    ],
    "evidence_of_each_activity": {
        "checks": [{"id": "recurs", "aspect": "configured", "probe": "controller", "expect": {"overdue": False}}]
    },
}
ACTIVITIES = [
    {"id": "dusting", "title": "Dusting", "every": "1 day", "pci": ["1.1.1"], "claims": ["warmth"]},
    {"id": "airing", "title": "Airing", "every": "2 days", "pci": [], "claims": []},
]
EVIDENCE_TEST = """\
import pytest


@pytest.mark.claim("janitor")
@pytest.mark.control("evidence.attestations", "evidence.ACTIVITY")
def test_evidence():
    pass
"""
EVIDENCE_TAMPER: list[dict[str, Any]] = [
    {
        "id": "evidence-attestation-gone",
        "control": "evidence.attestations",
        "check": "evidence.attestations.AT-1",
        "breaks": "somebody loses it",
        "command": "rm registers/attestations.yml",
        "repaired_by": "people",
        "scenario": "site",
    },
    {
        "id": "evidence-ACTIVITY-overdue",
        "each": "activity",
        "but": ["airing"],
        "control": "evidence.ACTIVITY",
        "check": "evidence.ACTIVITY.recurs",
        "breaks": "nobody did it",
        "command": "rm ACTIVITY",
        "repaired_by": "people",
        "scenario": "site",
    },
    {
        "id": "evidence-airing-late",
        "control": "evidence.airing",
        "check": "evidence.airing.recurs",
        "breaks": "nobody did it",
        "command": "rm airing",
        "repaired_by": "people",
        "scenario": "site",
    },
]

CLAIMS: list[dict[str, Any]] = [
    {
        "id": "light",
        "kind": "technical",
        "says": "It is light",
        "proof": [
            {"id": "by-day", "shows": "it is light by day"},
            {"id": "by-night", "shows": "it is light by night"},
        ],
    },
    {"id": "warmth", "kind": "mixed", "says": "It is warm", "proof": [{"id": "felt", "shows": "it is felt"}]},
    {"id": "janitor", "kind": "attestation", "says": "There is a janitor"},
]


class Tree:
    """Files below a folder that is not under version control."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def write(self, name: str, content: object) -> None:
        """Write a text, or data as YAML."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        text = content if isinstance(content, str) else yaml.safe_dump(content, explicit_start=True, sort_keys=False)
        path.write_text(text, encoding="utf-8")

    def remove(self, name: str) -> None:
        """Delete a file."""
        (self.root / name).unlink()

    def control(self, **changes: object) -> None:
        """Write the role's one control with some keys changed; None takes a key out."""
        changed = {key: value for key, value in {**CONTROL, **changes}.items() if value is not None}
        self.write("roles/lamp/meta/controls.yml", {"kinds": "all", "controls": [changed]})

    def check(self, **changes: object) -> None:
        """Write the control with its one check changed."""
        changed = {key: value for key, value in {**CONTROL["checks"][0], **changes}.items() if value is not None}
        self.control(checks=[changed])

    def evidence(self, **changes: object) -> None:
        """Write controls of the audit itself: one as below with some keys changed, and one of each activity."""
        own = {
            key: value for key, value in {**EVIDENCE["evidence_controls"][0], **changes}.items() if value is not None
        }
        self.write("catalog/evidence_controls.yml", {**EVIDENCE, "evidence_controls": [own]})
        self.write("catalog/periodicity.yml", {"activities": ACTIVITIES})
        self.write("tests/behaviour/site/test_evidence.py", EVIDENCE_TEST)
        self.write("tests/tamper/site/evidence.yml", EVIDENCE_TAMPER)

    def light(self, **changes: object) -> None:
        """Write the claims, the first of them with some keys changed; None takes a key out."""
        changed = {key: value for key, value in {**CLAIMS[0], **changes}.items() if value is not None}
        self.write("catalog/claims.yml", {"claims": [changed, *CLAIMS[1:]]})

    def marked(self, *marks: str, name: str = "test_new") -> str:
        """Write one more behaviour test with these marks; its id."""
        place = f"tests/behaviour/lamp/{name}.py"
        lines = "".join(f"@pytest.mark.{mark}\n" for mark in marks)
        self.write(place, f"import pytest\n\n{lines}def {name}():\n    pass\n")
        return f"{place}::{name}"

    def tamper(self, **changes: object) -> None:
        """Write the one tamper case with some keys changed; None takes a key out."""
        changed = {key: value for key, value in {**TAMPER[0], **changes}.items() if value is not None}
        self.write("roles/lamp/meta/tamper.yml", [changed])

    def repository(self) -> Repository:
        """The tree as it is now."""
        return Repository(self.root)

    def problems(self, check: Callable[[Repository], list[str]]) -> list[str]:
        """What a gate says about the tree as it is now."""
        return check(self.repository())


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    """One role with one complete control."""
    made = Tree(tmp_path)
    made.write("catalog/claims.yml", {"claims": CLAIMS})
    made.write("catalog/pci_dss_4_0_1.yml", {"requirements": [{"id": "1.1.1", "title": "Something is written"}]})
    made.write("plugins/module_utils/probes/bulb.py", dedent('"""A probe."""\n'))
    made.write("plugins/module_utils/probes/base.py", '"""No probe."""\n')
    made.write("roles/lamp/tasks/main.yml", [])
    made.write("roles/lamp/tasks/present.yml", [APPLY])
    made.write("roles/lamp/defaults/main.yml", {"lamp_name": "desk"})
    option = {"type": "str", "default": "desk", "description": "Which lamp."}
    specs = {"main": {"short_description": "A lamp", "options": {"lamp_name": option}}}
    made.write("roles/lamp/meta/argument_specs.yml", {"argument_specs": specs})
    made.control()
    made.write("tests/behaviour/lamp/test_lamp.py", TEST)
    made.write("roles/lamp/meta/tamper.yml", TAMPER)
    return made
