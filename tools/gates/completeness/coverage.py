# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which steps, behaviour tests and tamper cases the controls are missing, and which point at nothing."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from tools.model.controls import EVIDENCE, Control
from tools.model.markers import MarkedTest
from tools.model.steps import STEPS_PROBE, Step
from tools.model.tampers import Tamper

TAMPER_KEYS = {"id", "control", "breaks", "command", "repaired_by"}
#: Of a site there are many findings a control: a case of the audit itself names the ones that it turns red.
EVIDENCE_KEYS = TAMPER_KEYS | {"check", "scenario"}


def step_problems(steps: Sequence[Step], controls: Sequence[Control]) -> list[str]:
    """Steps that name no control of their role or one that is not there, and controls that no step enforces."""
    known = {control.id for control in controls}
    enforced = {name for step in steps for name in step.controls}
    # What a role keeps is compared as a whole: every step enforces that.
    whole = {control.id for control in controls if any(check.get("probe") == STEPS_PROBE for check in control.checks)}
    problems = [f"{step.file}: {step.name}: names no control" for step in steps if not step.controls]
    problems += [
        f"{step.file}: {step.name}: the role has no control {name!r}"
        for step in steps
        for name in step.controls
        if name not in known
    ]
    if any(step.compared for step in steps) and not whole:
        problems.append(f"{steps[0].role}: no control has the probe {STEPS_PROBE}, which compares all that it keeps")
    return problems + [f"{name}: no step of the role names it" for name in sorted(known - enforced - whole)]


def behaviour_problems(controls: Sequence[Control], tests: Sequence[MarkedTest], claims: Collection[str]) -> list[str]:
    """Controls that no behaviour test proves, and marks that name nothing we have."""
    proven = {name for test in tests for name in test.controls}
    known = {control.id for control in controls}
    problems = [f"{name}: no behaviour test is marked with it" for name in sorted(known - proven)]
    for test in tests:
        problems += [f"{test.id}: there is no control {name!r}" for name in test.controls if name not in known]
        problems += [f"{test.id}: there is no claim {name!r}" for name in test.claims if name not in claims]
    return problems


def evidence_case_problems(case: Tamper, known: Collection[str]) -> list[str]:
    """What is wrong with a case of the audit itself. known: the ids of all controls."""
    what = f"{case.name}: {case.id or 'a case without id'}"
    problems = [f"{what}: unknown key {key!r}" for key in case.raw if key not in (*EVIDENCE_KEYS, "alone")]
    problems += [
        f"{what}: {key} is missing or no text"
        for key in sorted(EVIDENCE_KEYS)
        if not isinstance(case.raw.get(key), str) or not case.raw[key].strip()
    ]
    if not case.id.startswith(f"{EVIDENCE}-"):
        problems.append(f"{what}: the id does not start with {EVIDENCE}-")
    if case.control not in known:
        problems.append(f"{what}: there is no control {case.control!r}")
    elif not case.control.startswith(f"{EVIDENCE}."):
        problems.append(f"{what}: {case.control} is a control of a role")
    if case.raw.get("alone") not in (None, True, "model"):
        problems.append(f"{what}: alone can only be true or model")
    if case.raw.get("scenario") not in (None, "site"):
        problems.append(f"{what}: scenario can only be site")
    # What only people can put right, such as a signature, the test puts right as they would.
    if case.raw.get("repaired_by") not in (None, "people"):
        problems.append(f"{what}: repaired_by can only be `people`")
    return problems


def tamper_problems(controls: Sequence[Control], cases: Sequence[Tamper], roles: Collection[str]) -> list[str]:
    """Controls that no tamper case breaks, and cases that are badly formed or name nothing we have."""
    known = {control.id: control for control in controls}
    broken = {case.control for case in cases}
    problems = [f"{name}: no tamper case breaks it" for name in known if name not in broken]
    seen: set[str] = set()
    for case in cases:
        if case.role == EVIDENCE:
            problems += evidence_case_problems(case, known)
            if case.id in seen:
                problems.append(f"{case.name}: {case.id}: the id is there twice")
            seen.add(case.id)
            continue
        what = f"{case.name}: {case.id or 'a case without id'}"
        problems += [
            f"{what}: unknown key {key!r}" for key in case.raw if key not in (*TAMPER_KEYS, "alone", "scenario", "undo")
        ]
        problems += [
            f"{what}: {key} is missing or no text"
            for key in sorted(TAMPER_KEYS)
            if not isinstance(case.raw.get(key), str) or not case.raw[key].strip()
        ]
        if case.id in seen:
            problems.append(f"{what}: the id is there twice")
        seen.add(case.id)
        if case.role not in roles:
            problems.append(f"{what}: there is no role {case.role}")
        prefixes = (f"{case.role}-", f"{case.role.replace('_', '-')}-")
        if not case.id.startswith(prefixes):
            problems.append(f"{what}: the id does not start with {prefixes[1]}")
        if case.control not in known:
            problems.append(f"{what}: there is no control {case.control!r}")
        elif known[case.control].role != case.role:
            problems.append(f"{what}: {case.control} is a control of another role")
        if case.raw.get("alone") not in (None, True, "role", "login_stacks"):
            problems.append(f"{what}: alone can only be role, login_stacks or true")
        if case.raw.get("scenario") not in (None, case.role, "vm"):
            problems.append(f"{what}: scenario can only be vm or that of its role, {case.role}")
        if case.raw.get("repaired_by", "role") != ("undo" if "undo" in case.raw else "role"):
            problems.append(f"{what}: repaired_by is `role`, or `undo` with the command under undo")
    return problems
