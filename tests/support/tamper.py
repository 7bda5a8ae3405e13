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

from tests.support.lab import REPOSITORY, Lab

CASES = REPOSITORY / "tests" / "tamper"
#: How many cases of one role are broken in one round.
PER_ROLE = 3
LOGIN_STACKS = "login_stacks"


def roles() -> list[str]:
    """The roles of the collection that have controls."""
    return sorted(path.parents[1].name for path in (REPOSITORY / "roles").glob("*/meta/controls.yml"))


def cases(scenario: str = "tamper") -> list[dict[str, Any]]:
    """The cases of every role, or of those in RINGFENCE_TAMPER_ROLES, each with the role it belongs to.

    A case whose key ``scenario`` names its role needs what only the hosts of the role's own scenario have, and is run
    there; all others are run in the tamper pass.
    """
    only = [role for role in os.environ.get("RINGFENCE_TAMPER_ROLES", "").split(",") if role]
    found: list[dict[str, Any]] = []
    for path in sorted(CASES.glob("*.yml")):
        if not only or path.stem in only:
            listed = yaml.safe_load(path.read_text(encoding="utf-8"))
            found += [dict(case, role=path.stem) for case in listed if case.get("scenario", "tamper") == scenario]
    return found


def rounds(listed: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The cases that are broken, looked at and repaired together: ``name``, ``roles`` and ``cases`` of each round.

    No two cases of a round break the same control, and no role has more than PER_ROLE there. What else a case cannot
    bear beside it, its key ``alone`` says: ``role`` another case of its role, ``login_stacks`` one of any role that has
    cases in the login stacks, ``true`` any. Where RINGFENCE_TAMPER_ALONE is set, every case has a round to itself.
    """
    everything_alone = bool(os.environ.get("RINGFENCE_TAMPER_ALONE"))
    login_roles = {case["role"] for case in listed if case.get("alone") == LOGIN_STACKS}
    planned: list[list[dict[str, Any]]] = []
    # Those that bear least come first: the others fill the room beside them.
    for case in sorted(listed, key=lambda one: one.get("alone") != LOGIN_STACKS):
        for chosen in planned:
            if not everything_alone and _fits(case, chosen, login_roles):
                chosen.append(case)
                break
        else:
            planned.append([case])
    return [
        {"name": f"round-{number}", "roles": list(dict.fromkeys(case["role"] for case in chosen)), "cases": chosen}
        for number, chosen in enumerate(planned, 1)
    ]


def _fits(case: dict[str, Any], chosen: list[dict[str, Any]], login_roles: set[str]) -> bool:
    """Whether a case may join those of a round."""
    both = [case, *chosen]
    own = [one for one in both if one["role"] == case["role"]]
    login = [one for one in both if one["role"] in login_roles]
    return (
        not any(one.get("alone") is True for one in both)
        and len({one["control"] for one in both}) == len(both)
        and len(own) <= (1 if any(one.get("alone") == "role" for one in own) else PER_ROLE)
        and (len(login) <= 1 or not any(one.get("alone") == LOGIN_STACKS for one in login))
    )


def broken_and_repaired(
    lab: Lab, folder: Path, planned: list[dict[str, Any]], scenario: str, held: list[str]
) -> Observed:
    """Break, look at, repair and look at the hosts of a scenario, which hold these roles, round after round."""
    Observed.place(folder, "before", *(f"{one['name']}/{stage}" for one in planned for stage in ("broken", "repaired")))
    told = {
        "tamper_hosts": scenario,
        "tamper_rounds": planned,
        "tamper_results": str(folder),
        "tamper_roles": held,
    }
    variables = folder / "vars.json"
    variables.write_text(json.dumps(told), encoding="utf-8")
    playbook = str(CASES / "playbook" / "run.yml")
    done = lab.playbook(playbook, "-e", f"@{variables}", inventory=lab.inventory, timeout=3600)
    return Observed(folder, done.stdout + done.stderr)


def judge(observed: Observed, together: dict[str, Any], case: dict[str, Any], host: str) -> None:
    """The case turned its control red, and its round no other than those of its cases; the converge repaired it."""
    broken = observed.red(f"{together['name']}/broken", host)
    expected = {one["control"] for one in together["cases"]}
    assert case["control"] in broken, broken
    assert set(broken) <= expected, {control: broken[control] for control in set(broken) - expected}
    assert observed.red(f"{together['name']}/repaired", host) == {}


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
