# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Puts one fault at a time into a clone of HEAD and demands that the tests a change would run see it.

``python -m tools.seeded_faults`` takes all of ``tests/seeded_faults.yml``, which is minutes a fault where only a role's
scenario sees it; ``--fast`` leaves these out. ``--only ID`` takes one. For each fault the clone is asked which units
the selection would run for the change; then what is expected to see the fault is run, and nothing else. It is caught
when that fails and says what the entry tells, so that a run which failed for another reason counts for nothing. What it
said is kept in ``.cache/logs/seeded_faults``.
"""

from __future__ import annotations

import argparse
import fnmatch
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tools.lab import venv
from tools.repository import ROOT, Repository
from tools.selection.units import Units

PLACE = "tests/seeded_faults.yml"
#: Each layer and the files that belong to it, as shell patterns of which ``*`` matches across folders.
LAYERS = {
    "probe": "plugins/module_utils/probes/*.py",
    "module backend": "plugins/module_utils/*.py",
    "controller": "plugins/plugin_utils/*.py",
    "action plugin": "plugins/action/*.py",
    "filter": "plugins/filter/*.py",
    "lookup": "plugins/lookup/*.py",
    "inventory plugin": "plugins/inventory/*.py",
    "template": "roles/*/templates/*",
    "task": "roles/*/tasks/*.yml",
    "role default": "roles/*/defaults/main.yml",
    "role variable": "roles/*/vars/main.yml",
    "control": "roles/*/meta/controls.yml",
    "playbook": "playbooks/*.yml",
    "catalogue": "catalog/*",
    "lab": "tools/lab/*.py",
    "gate": "tools/gates/*.py",
    "selection": "tools/selection/*.py",
    "claims": "tools/model/*.py",
    "test helper": "tests/support/*.py",
}
#: How a catcher is named in an entry, and whether every run begins with it.
CATCHERS = {"gate": True, "tests": True, "role": False, "tamper": False}
_KEYS = {"id", "layer", "breaks", "file", "text", "replacement", "says"}
_SECONDS = 3600


@dataclass(frozen=True)
class Fault:
    """One fault: where it is put, and what must see it.

    text: what stands in ``file``, once; replacement: what takes its place. catcher: a key of CATCHERS; target: the
    gate, the path of the tests, or the role whose scenario is run, with its tamper cases (``tamper``) or without. says:
    the test that fails, or a part of what the gate says.
    """

    id: str
    layer: str
    breaks: str
    file: str
    text: str
    replacement: str
    catcher: str
    target: str
    says: str

    @property
    def fast(self) -> bool:
        """Whether no scenario is needed to see it."""
        return CATCHERS[self.catcher]

    def command(self, python: Path) -> list[str]:
        """What is run in the clone."""
        if self.catcher == "gate":
            return [str(python), "-m", "tools.gates", self.target]
        if self.catcher == "tests":
            return [str(python), "-m", "pytest", "-q", "-n", "2", self.target]
        alone = ["--without-tamper-cases"] if self.catcher == "role" else []
        return [str(python), "-m", "tools.run_tests", "--role", self.target, *alone]

    def told_by(self, output: str) -> bool:
        """Whether the output tells of this fault."""
        if self.catcher == "gate":
            return self.says in output
        return any(line.startswith(("FAILED ", "ERROR ")) and self.says in line for line in output.splitlines())


@dataclass(frozen=True)
class FaultResult:
    """What became of a fault. why: of one that was not caught. units: those that the selection would run for it."""

    fault: Fault
    why: str
    units: tuple[str, ...]
    seconds: float


def load(repository: Repository) -> list[Fault]:
    """The faults in their order. ValueError for an entry that is not one."""
    faults = []
    for entry in repository.load(PLACE):
        catchers = CATCHERS.keys() & entry.keys()
        if len(catchers) != 1 or entry.keys() != _KEYS | catchers:
            raise ValueError(f"{PLACE}: {entry.get('id')} has the keys {', '.join(sorted(entry))}")
        (catcher,) = catchers
        known = {key: str(entry[key]) for key in _KEYS}
        faults.append(Fault(**known, catcher=catcher, target=str(entry[catcher])))
    return faults


def seed(fault: Fault, root: Path) -> None:
    """Put a fault into a checkout. ValueError where its text does not stand there once."""
    path = root / fault.file
    old = path.read_text(encoding="utf-8")
    if old.count(fault.text) != 1 or fault.text == fault.replacement:
        raise ValueError(f"{fault.id}: its text stands {old.count(fault.text)} times in {fault.file}")
    path.write_text(old.replace(fault.text, fault.replacement), encoding="utf-8")


def cloned(target: Path) -> Path:
    """A clone of HEAD with this checkout's packages; its collection is its own. Returns its Python."""
    subprocess.run(["git", "-c", "safe.directory=*", "clone", "-q", str(ROOT), str(target)], check=True)
    mine = target / ".venv"
    mine.mkdir()
    for path in (ROOT / ".venv").iterdir():
        if path.name != "collections":
            (mine / path.name).symlink_to(path)
    link = mine / venv.COLLECTION
    link.parent.mkdir(parents=True)
    link.symlink_to(target)
    return mine / "bin" / "python"


def _run(argv: Sequence[str | Path], folder: Path) -> tuple[int, str]:
    """The exit status and the output of a command in a clone, which is not a part of a run of ours."""
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("RINGFENCE_", "MOLECULE_"))
    }
    done = subprocess.run(
        argv,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        timeout=_SECONDS,
        check=False,
    )
    return done.returncode, done.stdout


def _inputs(python: Path, folder: Path) -> dict[str, Any]:
    status, output = _run([python, "-m", "tools.seeded_faults", "--inputs"], folder)
    if status != 0:
        raise ValueError(f"the selection of the clone could not be asked: {output}")
    found: dict[str, Any] = json.loads(output)
    return found


def unharmed() -> dict[str, Any]:
    """What can change each unit's outcome at HEAD, by its own selection."""
    with tempfile.TemporaryDirectory(prefix="seeded-fault-") as folder:
        tree = Path(folder) / "ringfence"
        return _inputs(cloned(tree), tree)


def tried(fault: Fault, before: dict[str, Any], logs: Path) -> FaultResult:
    """Seed a fault and run what must see it. before: as :func:`unharmed` says."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="seeded-fault-") as folder:
        tree = Path(folder) / "ringfence"
        python = cloned(tree)
        seed(fault, tree)
        after = _inputs(python, tree)
        units = tuple(unit for unit, used in after.items() if used != before.get(unit))
        if not fault.fast and fault.target not in units:
            return FaultResult(fault, f"the selection would not run {fault.target}", units, time.monotonic() - began)
        try:
            status, output = _run(fault.command(python), tree)
        finally:
            if not fault.fast:
                _run([python, "-m", "tools.lab", "down", "--lab", "molecule"], tree)
        for log in sorted((tree / ".cache" / "logs").glob("*.log")):
            output += log.read_text(encoding="utf-8", errors="replace")
    logs.mkdir(parents=True, exist_ok=True)
    (logs / f"{fault.id}.log").write_text(output, encoding="utf-8")
    why = "" if fault.told_by(output) else f"it failed without a word of {fault.says}"
    if status == 0:
        why = f"{fault.target} passed"
    return FaultResult(fault, why, units, time.monotonic() - began)


def row(seen: FaultResult, width: int) -> str:
    """A line of the table."""
    fault = seen.fault
    verdict = f"NOT CAUGHT: {seen.why}" if seen.why else f"caught by {fault.catcher} {fault.target}: {fault.says}"
    units = ", ".join(seen.units) or "none"
    return f"{fault.id:<{width}}  {fault.layer:<16}  {seen.seconds:4.0f} s  {verdict}; scenarios chosen: {units}"


def problems(repository: Repository, faults: Iterable[Fault], gates: Iterable[str]) -> list[str]:
    """What is stale or missing in the data. gates: the names of those that there are."""
    faults = list(faults)
    roles = Units(repository).roles
    found = [f"no fault is in the layer {layer}" for layer in LAYERS if layer not in {one.layer for one in faults}]
    found += [f"{one.id}: twice" for at, one in enumerate(faults) if one.id in {other.id for other in faults[:at]}]
    for one in faults:
        if not fnmatch.fnmatchcase(one.file, LAYERS.get(one.layer, "")):
            found.append(f"{one.id}: {one.file} is not of the layer {one.layer}")
        elif repository.text(one.file).count(one.text) != 1 or one.text == one.replacement:
            found.append(f"{one.id}: its text is not there once in {one.file}, or changes nothing")
        tests = repository.files("tests/unit/*", "tests/integration/*")
        there = {"gate": gates, "tests": tests, "role": roles, "tamper": roles}
        if one.target not in there[one.catcher]:
            found.append(f"{one.id}: there is no {one.catcher} {one.target}, or not every run begins with it")
    return found


def main(arguments: list[str] | None = None) -> int:
    """Try the faults; the exit status is 1 when one of them was not caught."""
    parser = argparse.ArgumentParser(prog="python -m tools.seeded_faults", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--only", action="append", metavar="ID", help="this fault, and others so named")
    parser.add_argument("--fast", action="store_true", help="those that gates, unit or integration tests see")
    parser.add_argument("--inputs", action="store_true", help="print what can change each unit's outcome, as JSON")
    options = parser.parse_args(arguments)
    repository = Repository()
    if options.inputs:
        units = Units(repository)
        used = {unit: units.inputs(unit) for unit in units.names}
        print(json.dumps({unit: [dict(one.files), dict(one.parts)] for unit, one in used.items()}))
        return 0
    try:
        faults = load(repository)
    except (OSError, ValueError, yaml.YAMLError) as problem:
        parser.error(str(problem))
    if unknown := set(options.only or ()) - {one.id for one in faults}:
        parser.error(f"no such fault: {', '.join(sorted(unknown))}; there are: {', '.join(one.id for one in faults)}")
    chosen = [one for one in faults if (not options.only or one.id in options.only) and (one.fast or not options.fast)]
    width = max((len(one.id) for one in chosen), default=0)
    caught, before = 0, unharmed()
    for fault in chosen:
        seen = tried(fault, before, repository.cache / "logs" / "seeded_faults")
        caught += not seen.why
        print(row(seen, width), flush=True)
    print(f"{caught} of {len(chosen)} caught")
    return 0 if chosen and caught == len(chosen) else 1


if __name__ == "__main__":
    sys.exit(main())
