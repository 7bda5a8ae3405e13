# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every control is well formed and complete: steps, checks, behaviour tests, tamper cases, known ids.

So is every claim: the parts by which it is proven, and the marks that name them.
"""

from __future__ import annotations

from tools.gates.base import Gate
from tools.gates.completeness.coverage import behaviour_problems, step_problems, tamper_problems
from tools.gates.completeness.form import control_problems, file_problems
from tools.gates.completeness.parts import mark_problems, part_problems
from tools.model.catalog import claims, pci_dss_titles
from tools.model.controls import Control, controls_files, evidence_file
from tools.model.markers import UnreadableMark, behaviour_tests
from tools.model.steps import steps
from tools.model.tampers import tamper_files, tampers
from tools.repository import Repository

_PROBES = "plugins/module_utils/probes/"

#: What stands for a probe where the controller itself looks.
EVIDENCE_PROBE = "controller"

#: The framework the probes stand on.
_NO_PROBES = {"__init__", "base", "expect", "runner"}


def probes(repository: Repository) -> set[str]:
    """The names of the probes: one file each, helpers start with an underscore."""
    names = {name[len(_PROBES) : -len(".py")] for name in repository.files(f"{_PROBES}*.py")}
    return {name for name in names if name not in _NO_PROBES and not name.startswith("_") and "/" not in name}


def _variables(repository: Repository, role: str) -> set[str]:
    known: set[str] = set()
    for name in repository.files(f"roles/{role}/defaults/*.yml", f"roles/{role}/vars/*.yml"):
        known |= set(repository.load(name) or {})
    return known


def _file_shapes(repository: Repository) -> list[str]:
    problems = []
    for name in tamper_files(repository):
        rows = repository.load(name)
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            problems.append(f"{name}: must be a list of cases")
    return problems


def check(repository: Repository) -> list[str]:
    """Everything that is missing or points at nothing, all roles and the audit itself together."""
    listed = claims(repository)
    problems = _file_shapes(repository) + part_problems(listed)
    files = {found.role: found for found in controls_files(repository)}
    known_claims = {claim.id for claim in listed}
    pci_dss, probe_names = set(pci_dss_titles(repository)), probes(repository)
    controls: list[Control] = []
    for role in repository.roles:
        if role not in files:
            problems.append(f"roles/{role}/meta/controls.yml is missing")
            continue
        problems += file_problems(files[role])
        own = files[role].controls
        for control in own:
            problems += control_problems(
                control,
                claims=known_claims,
                pci_dss=pci_dss,
                probes=probe_names,
                known=_variables(repository, role),
            )
        problems += step_problems(steps(repository, role), own)
        controls += own
    itself = evidence_file(repository)
    for control in itself.controls if itself else []:
        problems += control_problems(
            control, claims=known_claims, pci_dss=pci_dss, probes={EVIDENCE_PROBE}, known=set()
        )
        controls.append(control)
    ids = [control.id for control in controls]
    problems += [f"{name}: the id is there twice" for name in sorted({name for name in ids if ids.count(name) > 1})]
    try:
        tests = behaviour_tests(repository)
        problems += behaviour_problems(controls, tests, known_claims) + mark_problems(listed, tests)
    except (UnreadableMark, SyntaxError) as problem:
        problems.append(str(problem))
    return problems + tamper_problems(controls, tampers(repository), repository.roles)


GATE = Gate("controls", check)
