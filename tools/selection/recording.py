# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes the records of the units that a test run just saw pass, from what its suites and its clock noted."""

from __future__ import annotations

import json
import os
import platform
import subprocess
from collections.abc import Iterable, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from tests.support import seconds
from tools.model.tampers import tampers
from tools.repository import Repository
from tools.selection.records import RESULT, Record
from tools.selection.suites import SITE, SUITES, unit_of
from tools.selection.units import TAMPER, Inputs


def clean_commit(repository: Repository) -> str | None:
    """The checkout's commit; None where it has changes beside it, or is no checkout."""

    def git(*argv: str) -> str | None:
        done = subprocess.run(
            ["git", "-c", "safe.directory=*", *argv], cwd=repository.root, capture_output=True, text=True, check=False
        )
        return done.stdout.strip() if done.returncode == 0 else None

    head, changes = git("rev-parse", "HEAD"), git("status", "--porcelain")
    return head if changes == "" else None


def machine() -> dict[str, str | int]:
    """What kind of machine this is."""
    return {
        "system": platform.freedesktop_os_release()["PRETTY_NAME"],
        "kernel": ".".join(platform.release().split(".")[:2]),
        "cgroups": "v2" if Path("/sys/fs/cgroup/cgroup.controllers").exists() else "v1",
        "processors": os.cpu_count() or 1,
        "python": platform.python_version(),
        "ansible_core": version("ansible-core"),
    }


def _suite(folder: Path, name: str) -> list[dict[str, str]]:
    # A suite whose hosts were tested apart has a file for each part.
    paths = [*folder.glob(f"{name}.json"), *sorted(folder.glob(f"{name}@*.json"))]
    return [one for path in paths for one in json.loads(path.read_text(encoding="utf-8"))["results"]]


def results_of(repository: Repository, folder: Path, unit: str) -> list[dict[str, str]]:
    """The outcomes of a unit: its own suite's, and those of its role's cases in the tamper pass."""
    if unit == SITE or unit in SUITES:
        return [one for one in _suite(folder, SITE) if unit_of(one["file"]) == unit]
    cases = {case.id for case in tampers(repository) if case.role == unit}
    passed = [one for one in _suite(folder, TAMPER) if one["kind"] == "tamper" and one["id"] in cases]
    return [*_suite(folder, unit), *passed]


def seconds_of(lines: Iterable[Mapping[str, Any]], unit: str, share: float) -> float:
    """How long a unit's own playbooks took, with its share of the tamper pass; of a suite of the site, its tests."""
    lines = list(lines)
    # The tests are within the seconds of the playbook that runs them.
    tests = [line for line in lines if line["kind"] == "test" and line["scenario"] == SITE]
    mine = sum(float(line["seconds"]) for line in tests if unit_of(line["name"].split("::")[0]) == unit)
    if unit in SUITES:
        return round(mine, 1)
    if unit == SITE:
        others = sum(float(line["seconds"]) for line in tests) - mine
        whole = sum(float(line["seconds"]) for line in lines if line["kind"] == "playbook" and line["scenario"] == SITE)
        return round(whole - others, 1)
    spent = {unit: 0.0, TAMPER: 0.0}
    for line in lines:
        if line["kind"] == "playbook" and line["scenario"] in spent:
            spent[line["scenario"]] += line["seconds"]
    return round(spent[unit] + share * spent[TAMPER], 1)


def records(
    repository: Repository, run: Mapping[str, str], folder: Path, clock: Path, inputs: Mapping[str, Inputs]
) -> list[Record]:
    """The records of units that passed.

    run: ``id``, ``commit`` and ``finished``. folder: of the suites' results. clock: the file of the run's seconds.
    inputs: of the units that passed, as they were when the run began.
    """
    lines = seconds.read(clock)
    done = [one for one in _suite(folder, TAMPER) if one["kind"] == "tamper"]
    made = []
    for unit, used in inputs.items():
        results = results_of(repository, folder, unit)
        mine = sum(one["kind"] == "tamper" for one in results if one in done)
        took = seconds_of(lines, unit, mine / len(done) if done else 0.0)
        results.sort(key=lambda one: (one["kind"], one["id"], one["release"]))
        about = {**run, "seconds": took, "machine": machine()}
        kept = tuple({key: one[key] for key in RESULT} for one in results)
        made.append(Record(unit, about, len(results), kept, used))
    return made
