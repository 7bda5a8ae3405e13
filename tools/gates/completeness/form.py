# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The form of a controls.yml: known keys, known ids, known probes, templates that parse."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import jinja2
import jinja2.meta

from tools.model.controls import EVIDENCE, Control, ControlsFile

FILE_KEYS = {"kinds", "controls"}
CONTROL_KEYS = {"id", "title", "claims", "pci_dss", "when", "not_applicable", "checks"}
CONTROL_NEEDS = ("id", "title", "claims", "pci_dss", "checks")
#: A control of the audit itself may be there for the sake of all claims rather than of some.
EVIDENCE_KEYS = {"id", "title", "claims", "pci_dss", "tracks", "checks"}
EVIDENCE_NEEDS = ("id", "title", "checks")
CLAIM_KINDS = ("technical", "mixed", "attestation")
CHECK_KEYS = {"id", "aspect", "probe", "with", "expect"}
CHECK_NEEDS = ("id", "aspect", "probe", "expect")
ASPECTS = ("configured", "running", "survives_reboot")

#: Variables that belong to no role and that an expectation may look at.
_FOREIGN = re.compile(r"ansible_\w+|ringfence_\w+|inventory_hostname(_short)?|groups|hostvars|group_names|omit")
_WORD = re.compile(r"[a-z][a-z0-9_]*")
#: Of a check of the audit itself that there are many of.
_MANY = re.compile(r"[A-Z]+")


def _templates(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        if "{{" in value or "{%" in value:
            yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _templates(item)
    elif isinstance(value, list):
        for item in value:
            yield from _templates(item)


class _AnyFilter(dict[str, Any]):
    """Stands for filters and tests that only Ansible can load: which variables they are given shows without them."""

    def get(self, _name: str, _default: Any = None) -> Any:
        """Something under every name."""
        return str


def _variables_of(template: str) -> set[str]:
    # No page is made of it, nothing is rendered: there is nothing to escape.
    environment = jinja2.Environment(autoescape=True)
    environment.filters = _AnyFilter()
    environment.tests = _AnyFilter()
    return jinja2.meta.find_undeclared_variables(environment.parse(template))


def template_problems(value: Any, role: str, known: set[str]) -> list[str]:
    """Templates in a value that do not parse or look at variables which neither the role nor the site gives."""
    problems = []
    for template in _templates(value):
        try:
            used = _variables_of(template)
        except jinja2.TemplateError as problem:
            problems.append(f"{template!r} is no template: {problem.message}")
            continue
        problems += [
            f"{template!r} uses {name}, which is no variable of the role {role}"
            for name in sorted(used)
            if name not in known and not _FOREIGN.fullmatch(name)
        ]
    return problems


def _keys(what: str, raw: Mapping[str, Any], allowed: set[str], needed: tuple[str, ...]) -> list[str]:
    unknown = [
        f"{what}: unknown key {key!r}, valid are {', '.join(sorted(allowed))}" for key in raw if key not in allowed
    ]
    return unknown + [f"{what}: {key} is missing or empty" for key in needed if not raw.get(key)]


def _check_problems(control: Control, number: int, raw: Any, probes: set[str], known: set[str]) -> list[str]:
    if not isinstance(raw, dict):
        return [f"{control.id}: check {number} is no mapping"]
    what = f"{control.id}.{raw.get('id', number)}"
    problems = _keys(what, raw, CHECK_KEYS, CHECK_NEEDS)
    many = control.role == EVIDENCE and _MANY.fullmatch(str(raw.get("id", "")))
    if not many and not _WORD.fullmatch(str(raw.get("id", ""))):
        problems.append(f"{what}: a check's id is one lower-case word")
    if raw.get("aspect") not in ASPECTS:
        problems.append(f"{what}: aspect {raw.get('aspect')!r} is none of {', '.join(ASPECTS)}")
    if raw.get("probe") not in probes:
        problems.append(f"{what}: there is no probe {raw.get('probe')!r}, there are {', '.join(sorted(probes))}")
    for key in ("with", "expect"):
        if not isinstance(raw.get(key, {}), dict):
            problems.append(f"{what}: {key} must be a mapping")
        problems += [f"{what}: {key}: {text}" for text in template_problems(raw.get(key), control.role, known)]
    return problems


def control_problems(
    control: Control, *, claims: set[str], pci_dss: set[str], probes: set[str], known: set[str]
) -> list[str]:
    """What is wrong with the form of one control.

    claims, pci_dss, probes: the ids and names that exist. known: the role's variables.
    """
    raw, what = control.raw, control.id or f"a control of {control.role}"
    own = control.role == EVIDENCE
    problems = _keys(what, raw, EVIDENCE_KEYS if own else CONTROL_KEYS, EVIDENCE_NEEDS if own else CONTROL_NEEDS)
    if control.tracks is not None and control.tracks not in CLAIM_KINDS:
        problems.append(f"{what}: tracks {control.tracks!r} is none of {', '.join(CLAIM_KINDS)}")
    if not re.fullmatch(rf"{control.role}\.[a-z][a-z0-9_]*", control.id):
        problems.append(f"{what}: the id is not {control.role}. and a lower-case word")
    for key in ("claims", "pci_dss", "checks"):
        if not isinstance(raw.get(key, []), list):
            problems.append(f"{what}: {key} must be a list")
    problems += [f"{what}: there is no claim {name!r}" for name in control.claims if name not in claims]
    problems += [f"{what}: there is no PCI DSS requirement {name!r}" for name in control.pci_dss if name not in pci_dss]
    problems += [
        f"{what}: {item!r} is written without quotes" for item in raw.get("pci_dss") or [] if not isinstance(item, str)
    ]
    if bool(raw.get("when")) != bool(raw.get("not_applicable")):
        problems.append(f"{what}: when and not_applicable belong together")
    problems += [f"{what}: when: {text}" for text in template_problems(raw.get("when"), control.role, known)]
    ids = [str(item.get("id")) for item in control.checks]
    problems += [
        f"{what}: check id {name} is there twice" for name in sorted({name for name in ids if ids.count(name) > 1})
    ]
    listed = raw.get("checks")
    for number, item in enumerate(listed if isinstance(listed, list) else [], 1):
        problems += _check_problems(control, number, item, probes, known)
    return problems


def file_problems(found: ControlsFile) -> list[str]:
    """What is wrong with a file as a whole."""
    problems = [f"{found.name}: {text}" for text in _keys("the file", found.raw, FILE_KEYS, ("kinds", "controls"))]
    kinds = found.kinds
    if kinds != "all" and not (isinstance(kinds, list) and all(isinstance(kind, str) for kind in kinds)):
        problems.append(f"{found.name}: kinds is `all` or a list of host kinds")
    return problems
