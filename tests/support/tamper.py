# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tamper cases as the tests run them: by the negative control of the collection, whose record is asserted."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import yaml

from ansible_collections.ringfence.callcenter.plugins.plugin_utils.negative_control import cases as all_cases
from tests.support.lab import REPOSITORY, Lab

FOLDER = REPOSITORY / "tests" / "tamper"


def roles() -> list[str]:
    """The roles of the collection that have controls."""
    return sorted(path.parents[1].name for path in (REPOSITORY / "roles").glob("*/meta/controls.yml"))


def cases(scenario: str = all_cases.SHARED) -> list[dict[str, Any]]:
    """The cases of a scenario, of every role or of those in RINGFENCE_TAMPER_ROLES.

    A case whose key ``scenario`` names its role needs what only the hosts of the role's own scenario have, and is run
    there; all others are run in the tamper pass.
    """
    only = [role for role in os.environ.get("RINGFENCE_TAMPER_ROLES", "").split(",") if role]
    return [one for one in all_cases.chosen(all_cases.load(), [], scenario) if not only or one["role"] in only]


def not_shown() -> list[dict[str, str]]:
    """The checks that the tamper pass cannot turn red, each with the reason, and its ``scenario`` where another can."""
    found = yaml.safe_load((FOLDER / "not_shown" / "checks.yml").read_text(encoding="utf-8"))
    assert isinstance(found, list)
    return found


def broken_and_repaired(lab: Lab, folder: Path, scenario: str, held: list[str]) -> Recorded:
    """Break, look at, repair and look at the hosts of a scenario, which hold these roles, round after round."""
    hosts = [name for name, host in lab.hosts.items() if scenario in host["groups"]]
    told = {
        "tamper_hosts": scenario,
        "prove_hosts": hosts,
        "prove_roles": held,
        "prove_cases": [case["id"] for case in cases(scenario)],
        "prove_scenario": scenario,
        "prove_alone": bool(os.environ.get("RINGFENCE_TAMPER_ALONE")),
        "prove_evidence_dir": str(folder),
    }
    variables = folder / "vars.json"
    variables.write_text(json.dumps(told), encoding="utf-8")
    playbook = str(FOLDER / "playbook" / "run.yml")
    done = lab.playbook(playbook, "-e", f"@{variables}", inventory=lab.inventory, timeout=3600)
    return Recorded(folder, done.stdout + done.stderr)


class Recorded:
    """The record that the pass left behind."""

    def __init__(self, folder: Path, log: str) -> None:
        self.log = log
        self.records = sorted((folder / "records" / "negative_control").glob("*.json"))

    @property
    def record(self) -> dict[str, Any]:
        """The record; fails where the pass did not come to its end."""
        assert len(self.records) == 1, f"the pass left no record:\n{self.log[-6000:]}"
        found: dict[str, Any] = json.loads(self.records[0].read_text(encoding="utf-8"))
        return found

    def failed(self) -> list[str]:
        """What failed on hosts on which the pass ended early, as the playbook said it."""
        if not any(about["stopped"] for about in self.record["hosts"].values()):
            return []
        return [line[:2000] for line in self.log.splitlines() if line.startswith(("fatal:", "[ERROR]"))]

    def red_before(self, host: str) -> dict[str, str]:
        """The checks that were not green on a host before anything was broken, with the reasons."""
        assert any(one["host"] == host for one in self.record["checks"])
        red: dict[str, str] = self.record["hosts"][host]["red_before"]
        return red

    def judge(self, case: dict[str, Any], host: str) -> None:
        """The case turned its control red, and its round no other than those of its cases; the converge repaired it."""
        found = [one for one in self.record["cases"] if (one["case"], one["host"]) == (case["id"], host)]
        assert len(found) == 1, (found, self.record["hosts"][host]["stopped"], self.record["not_applied"])
        result = found[0]
        assert result["note"] == "", result
        assert result["turned_red"], result
        assert all(check.startswith(f"{case['control']}.") for check in result["turned_red"]), result
        assert result["others"] == {}, result
        assert result["still_red"] == {}, result
        assert result["outcome"] == "seen", result

    def seen_red(self) -> set[str]:
        """The checks that turned red on at least one of the hosts."""
        return {one["check"] for one in self.record["checks"] if one["seen_by"]}

    def unseen(self) -> dict[str, set[str]]:
        """The other checks, with the reasons."""
        seen, found = self.seen_red(), dict[str, set[str]]()
        for one in self.record["checks"]:
            if one["check"] not in seen:
                found.setdefault(one["check"], set()).add(one["reason"])
        return found
