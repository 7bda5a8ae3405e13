# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The units of which a test run takes some or all, and what can change the outcome of each.

A role's unit is its scenario and its tamper cases, and the role among a few others on the hosts of the demo and of a
new site. What it uses of the collection is what the role itself uses, and what looks at a host and judges it; not what
is made of the findings: bundles, reports, exports and the model of a site are proven by the unit tests and by the
units of whole sites, which converge every role. These use all of the collection but what is a role's own: where that
changes, the role's unit brings it to the hosts of both sites. Suites of the demo are units of their own (``suites``).

What one role does to the tests and tamper cases of another is seen in the scenarios ``smoke`` and ``tamper``, which
every run has or any role brings, and in a run of all units.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from tools.lab import images, recipe
from tools.repository import Repository
from tools.selection.references import References
from tools.selection.suites import ALWAYS, FIREWALL, FOLDER, NEWSITE, SITE, SUITES

#: The units of whole sites; every other scenario is a role's, or is shared by them.
SITES = (SITE, NEWSITE)
MACHINE = "vm"
TAMPER = "tamper"
#: The short way through everything, which no selection leaves out.
SMOKE = "smoke"
LAB = "molecule/default/lab.json"
NOT_SHOWN = "tests/tamper/not_shown/checks.yml"

_UTILS = "plugins/plugin_utils/"
#: What is made of findings, and of the model of a site.
_AFTERWARDS = (
    *(f"{_UTILS}{name}/" for name in ("client_pack", "diagram", "evidence_store", "exports", "ledger", "registers")),
    *(f"{_UTILS}{name}/" for name in ("reports", "segmentation", "site_edit", "switches")),
    *(f"{_UTILS}{name}.py" for name in ("bundle", "delta", "population", "sampling", "scope", "sealed_bundle")),
    *(f"{_UTILS}{name}.py" for name in ("signing", "site_findings", "summary", "verify_bundle")),
    *(f"plugins/{kind}/{name}_" for kind in ("action", "modules") for name in ("evidence", "segmentation")),
    "plugins/module_utils/segmentation_",
)
_MODEL = (f"{_UTILS}site_model/", f"{_UTILS}site_folder.py", f"{_UTILS}site_variables.py", "plugins/inventory/")
_NEVER = ("docs/", "galaxy.yml", "meta/", "inventories/example/")
#: What runs every role, which a role's own scenario does not.
_EVERY_ROLE = ("playbooks/site.yml", "playbooks/prove.yml", f"molecule/{TAMPER}/converge.yml")
#: The cases that every role is tried with, and those of a role.
_CASES_OF_ALL, _CASES = "catalog/tamper_cases.yml", "roles/{role}/meta/tamper.yml"
#: What every unit is run by.
_ALL = ("ansible.cfg", ".config/molecule/config.yml", "tests/conftest.py", "tests/behaviour/conftest.py")
_TAMPER_ALL = (
    *("tests/tamper/conftest.py", "tests/tamper/test_tamper.py", _CASES_OF_ALL),
    "plugins/action/negative_control.py",
)
#: What no site has an outcome from.
_SITES_STOP = (*_NEVER, LAB, "tests/behaviour/contract/", "tools/lab/vm/")
#: All of the collection that people run.
_COLLECTION = ("catalog", "inventories/demo", "playbooks", "plugins", "roles")


@dataclass(frozen=True)
class Inputs:
    """What can change the outcome of a unit: files with the ids of their contents, and parts of files by name."""

    files: Mapping[str, str]
    parts: Mapping[str, str]

    def changed_since(self, earlier: Inputs) -> list[str]:
        """The files and parts that differ, came or went, sorted."""
        mine, theirs = {**self.files, **self.parts}, {**earlier.files, **earlier.parts}
        return sorted(name for name in mine.keys() | theirs.keys() if mine.get(name) != theirs.get(name))


def content_id(data: bytes) -> str:
    """The id that git gives to a content, shortened: so a commit can be asked whether it had it."""
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()[:16]


def _digest(data: Any) -> str:
    return hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()[:16]


class Units:
    """Of one checkout."""

    def __init__(self, repository: Repository) -> None:
        self._repository = repository
        self._references = References(repository)

    @cached_property
    def roles(self) -> list[str]:
        """The roles that have a scenario."""
        return [name for name in self._repository.roles if f"molecule/{name}/molecule.yml" in self._names]

    @property
    def names(self) -> list[str]:
        """All of them: the roles', then the sites with their suites, and the virtual machine."""
        return [*self.roles, SITE, *SUITES, NEWSITE, MACHINE]

    def brought(self, units: Collection[str]) -> list[str]:
        """The roles that a site's hosts have to hold for some units: theirs, what they build on, the firewall."""
        chosen = {role for unit in units if unit in SUITES for role in SUITES[unit].roles}
        mine = [role for role in self.roles if role in units]
        chosen |= {name.split("/")[1] for role in mine for name in self.inputs(role).files if name.startswith("roles/")}
        return sorted(chosen | {FIREWALL} if chosen else chosen)

    @cached_property
    def _names(self) -> frozenset[str]:
        return frozenset(self._repository.names)

    def inputs(self, unit: str) -> Inputs:
        """What can change the outcome of a unit."""
        files, parts = self._of_role(unit) if unit in self.roles else self._of_scenario(unit)
        # People read it and programs do not.
        chosen = {name for name in files if not name.endswith(".md")}
        chosen |= set(self._repository.files("requirements*.txt"))
        return Inputs({name: self._id(name) for name in sorted(chosen)}, parts)

    def _id(self, name: str) -> str:
        return content_id((self._repository.root / name).read_bytes())

    def _there(self, names: Iterable[str]) -> list[str]:
        return [name for name in names if name in self._names]

    def _below(self, *folders: str) -> list[str]:
        return [name for folder in folders for name in self._references.folder(folder)]

    def _of_role(self, role: str) -> tuple[set[str], dict[str, str]]:
        others = {name for name in self.roles if name != role}
        contract = "tests/behaviour/contract"
        start = self._there([*_ALL, *_TAMPER_ALL])
        start += self._below(f"roles/{role}", f"molecule/{role}", f"tests/behaviour/{role}", contract)
        start += self._below("molecule/default", f"molecule/{TAMPER}", "tests/tamper/playbook")
        start += self._repository.files("playbooks/tasks/prove*.yml")
        foreign = [f"{contract}/configured/{name}.sh" for name in others]
        stop = (*_AFTERWARDS, *_MODEL, *_NEVER, *_EVERY_ROLE, *foreign, "tools/", LAB, NOT_SHOWN)
        files = self._references.closure(start, stop)
        rows = [row for row in self._repository.load(NOT_SHOWN) if str(row["check"]).startswith(f"{role}.")]
        return files, {f"{NOT_SHOWN} of {role}": _digest(rows), **self._lab({role, TAMPER, "peers"})}

    def _of_scenario(self, name: str) -> tuple[set[str], dict[str, str]]:
        if name in SUITES:
            return self._of_suite(name), {}
        tests = [ALWAYS, f"{FOLDER}/conftest.py"] if name == SITE else self._below(f"tests/behaviour/{name}")
        start = self._there([*_ALL, *tests]) + self._below(f"molecule/{name}")
        if name == MACHINE:
            stop = (*_AFTERWARDS, *_NEVER, *_EVERY_ROLE, "tests/behaviour/contract/", "tools/", LAB)
            return self._references.closure(start, stop) | set(self._below("tools/lab/vm")), {}
        stop = (*_SITES_STOP, *self._others(()), *self._cases)
        own = self._references.closure(start + self._below("playbooks", "inventories/demo", "tools/lab"), stop)
        start += [file for file in self._below(*_COLLECTION) if file in own or file not in self._of_roles_only]
        return own | self._references.closure(start, stop), {}

    def _of_suite(self, name: str) -> set[str]:
        suite = SUITES[name]
        start = self._there([*_ALL, *suite.files, f"{FOLDER}/conftest.py", "playbooks/site.yml"])
        start += self._there(f"playbooks/{playbook}.yml" for playbook in suite.playbooks)
        cases = [*suite.cases, *([_CASES_OF_ALL] if suite.cases else [])]
        start += self._there(cases)
        start += self._below("molecule/site", "inventories/demo", "tools/lab")
        start += self._below(*(f"roles/{role}" for role in suite.roles), *(["catalog"] if suite.judges else []))
        # The audit of every run of the scenario is the whole demo's.
        stop = (*_SITES_STOP, *self._others(suite.roles), ALWAYS, *(() if suite.judges else _AFTERWARDS))
        stop += tuple(name for name in self._cases if name not in cases)
        return self._references.closure(start, stop)

    def _others(self, roles: Collection[str]) -> list[str]:
        return [f"roles/{name}/" for name in self._repository.roles if name not in roles]

    @cached_property
    def _cases(self) -> list[str]:
        """The files of tamper cases that come with the collection."""
        return [_CASES_OF_ALL, *(_CASES.format(role=name) for name in self._repository.roles)]

    @cached_property
    def _of_roles_only(self) -> set[str]:
        """What only roles use, each of which is a unit: a change to it brings these roles to the sites."""
        stop = (*_AFTERWARDS, *_MODEL, *_NEVER, *_EVERY_ROLE)
        return self._references.closure(self._below(*(f"roles/{name}" for name in self.roles)), stop)

    def _lab(self, groups: set[str]) -> dict[str, str]:
        """The hosts of these groups, and of what their images and networks are made."""
        lab = json.loads(self._repository.text(LAB))
        hosts = [host for host in lab["hosts"] if groups & set(host["groups"])]
        networks = {interface["network"] for host in hosts for interface in host["interfaces"]}
        parts = {f"{LAB} host {host['name']}": _digest(host) for host in hosts}
        parts |= {f"{LAB} network {one['name']}": _digest(one) for one in lab["networks"] if one["name"] in networks}
        for name in sorted({str(host["image"]) for host in hosts}):
            # Without this machine's sources of packages.
            parts[f"image {name}"] = images.plan_build(name, (), ()).digest
        return {**parts, "image changes": _digest(recipe.CHANGES)}
