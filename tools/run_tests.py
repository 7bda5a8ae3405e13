# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the gates, the unit and integration tests and Molecule scenarios, and prints each runner's own closing line.

``python -m tools.run_tests`` is ``make test``: of the scenarios it takes those that something they use has changed for
since they passed last, then the ones with the oldest records, as far as the budget of minutes goes; it says why each
runs or not. ``--all`` is ``make test-all``. ``--role firewall`` is ``make test-role ROLE=firewall``. What each
scenario's tests said is kept in ``.cache/logs``, what they proved in ``.cache/results``, and how long each part took in
``.cache/seconds.jsonl`` for ``python -m tools.slowest``. What passed on a clean tree is written to ``tests/results``.
"""

from __future__ import annotations

import argparse
import io
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Collection, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import TextIO

from tests.support import seconds
from tools import slowest
from tools.repository import Repository
from tools.selection import records
from tools.selection.choice import WORKERS, choose
from tools.selection.recording import clean_commit
from tools.selection.recording import records as made_records
from tools.selection.suites import NEWSITE, SITE, SUITES, files_of
from tools.selection.units import MACHINE, SMOKE, TAMPER, Inputs, Units

REPOSITORY = Path(__file__).resolve().parents[1]
LOGS = REPOSITORY / ".cache" / "logs"
RESULTS = REPOSITORY / ".cache" / "results"
#: How much of a failed scenario's own output is shown outside of Molecule's frames.
FAILURE_LINES = 120
STATE = REPOSITORY / ".cache" / "molecule"
SECONDS = REPOSITORY / ".cache" / slowest.PLACE
#: How many of the slowest phases are printed at the end.
SHOWN = 10
#: The minutes of a run within which units run that did not change.
BUDGET = 10
CLOSING = re.compile(r"^(=* *(\d+ \w+, )*\d+ (passed|failed|errors?)\b.* in [\d.]+s.*|\d+ passed, \d+ failed.*)$")


@dataclass
class Step:
    """One runner: its name and command line, the logs its scenarios' tests write, the labs it wants to start anew.

    ``beside`` is one that is started with it, where both wait more than they compute; its output comes afterwards.
    """

    name: str
    argv: list[str]
    environment: dict[str, str] = field(default_factory=dict)
    logs: list[str] = field(default_factory=list)
    labs: list[str] = field(default_factory=list)
    beside: Step | None = None


@dataclass
class Outcome:
    """How a step ended: its seconds, how much of the processors was in use, its closing lines, what passed of it."""

    step: Step
    passed: bool
    seconds: float
    busy: float
    closing: list[str]
    scenarios: list[str]


def molecule(names: list[str], *, workers: int) -> list[str]:
    """Molecule's command line for scenarios that share the default one's hosts."""
    chosen = [word for name in names for word in ("--scenario-name", name)]
    side_by_side = ["--workers", str(workers), "--continue-on-failure"] if workers > 1 else []
    return [str(Path(sys.executable).parent / "molecule"), "test", *chosen, *side_by_side]


def always() -> list[Step]:
    """What every run begins with."""
    pytest = [sys.executable, "-m", "pytest", "-q", "-n", "2"]
    return [
        Step("gates", [sys.executable, "-m", "tools.gates"]),
        Step("unit tests", [*pytest, "tests/unit"]),
        Step("integration tests", [*pytest, "tests/integration"]),
        Step("smoke scenario", molecule([SMOKE], workers=1), {}, [SMOKE], [SMOKE]),
    ]


def of_role(role: str, tamper: bool = True) -> list[Step]:
    """The steps of one role: its scenario and its tamper cases, or the former alone, on no other hosts."""
    chosen = [role, TAMPER] if tamper else [role]
    needed = {"RINGFENCE_TAMPER_ROLES": role, "RINGFENCE_LAB_GROUPS": ",".join(chosen)}
    return [Step(f"scenario {role}", molecule(chosen, workers=1), needed, chosen, ["molecule"])]


def of_units(units: Collection[str], all_units: Units, took: Mapping[str, float]) -> list[Step]:
    """The steps of some units. took: the seconds of units, as recorded."""
    steps, roles = [], all_units.roles
    if chosen := [role for role in roles if role in units]:
        # The longest first: begun last, it would run alone at the end. What has no record may be long.
        chosen.sort(key=lambda role: -took.get(role, float("inf")))
        names = [TAMPER, *chosen]
        some = {} if len(chosen) == len(roles) else {"RINGFENCE_TAMPER_ROLES": ",".join(chosen)}
        groups = {"RINGFENCE_LAB_GROUPS": ",".join(names)} if some else {}
        steps.append(Step("role scenarios", molecule(names, workers=WORKERS), some | groups, names, ["molecule"]))
    if pair := of_sites(units, all_units):
        pair[0].beside = pair[1] if len(pair) > 1 else None
        steps.append(pair[0])
    if MACHINE in units:
        # Last and alone: its processor is emulated where there is no KVM.
        steps.append(Step("virtual machine", molecule([MACHINE], workers=1), {}, [MACHINE], [MACHINE]))
    return steps


def of_sites(units: Collection[str], all_units: Units) -> list[Step]:
    """The steps of whole sites that some units need: every role and test, or the roles and suites of these units."""
    brought, steps = ",".join(all_units.brought(units)), []
    if SITE in units or brought:
        tests = {} if {SITE, *SUITES} <= set(units) else {"RINGFENCE_SITE_TESTS": ",".join(files_of(units))}
        told = tests | ({} if SITE in units else {"RINGFENCE_SITE_ROLES": brought})
        steps.append(Step("site scenario", molecule([SITE], workers=1), told, [SITE], [SITE]))
    mine = ",".join(all_units.brought([role for role in all_units.roles if role in units]))
    if NEWSITE in units or mine:
        told = {} if NEWSITE in units else {"RINGFENCE_NEWSITE_ROLES": mine}
        steps.append(Step("new site scenario", molecule([NEWSITE], workers=1), told, [NEWSITE], [NEWSITE]))
    return steps


def needed(unit: str, roles: Collection[str]) -> set[str]:
    """The scenarios that have to pass for a unit to have passed."""
    if unit in roles:
        return {unit, TAMPER, SITE, NEWSITE}
    return {SITE} if unit in SUITES else {unit}


def together(step: Step, environment: dict[str, str]) -> list[Outcome]:
    """Run a step and the one beside it, if there is one; how each ended."""
    if step.beside is None:
        return [execute(step, environment, sys.stdout)]
    held = io.StringIO()
    with ThreadPoolExecutor(max_workers=1) as lane:
        other = lane.submit(execute, step.beside, environment, held)
        mine = execute(step, environment, sys.stdout)
        print(f"\n{step.beside.name}, which ran beside it", flush=True)
        theirs = other.result()
    print(held.getvalue(), end="", flush=True)
    return [mine, theirs]


def execute(step: Step, environment: dict[str, str], out: TextIO) -> Outcome:
    """Run one step, its output going through to ``out``."""
    watch, computed = seconds.Watch(), seconds.machine_cpu()
    # A state that says "created" of hosts that are gone would make Molecule skip their creation.
    state = STATE / step.name.replace(" ", "-")
    shutil.rmtree(state, ignore_errors=True)
    for lab in step.labs:
        subprocess.run([sys.executable, "-m", "tools.lab", "down", "--lab", lab], cwd=REPOSITORY, check=True)
    for name in step.logs:
        (LOGS / f"{name}.log").unlink(missing_ok=True)
    closing: list[str] = []
    with subprocess.Popen(
        step.argv,
        cwd=REPOSITORY,
        # Molecule's own choice is named after the folder only, so two checkouts of one name would share it.
        env=environment | {"MOLECULE_EPHEMERAL_DIRECTORY": str(state)} | step.environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    ) as running:
        for line in running.stdout or ():
            print(line, end="", file=out, flush=True)
            if not step.logs and CLOSING.match(line.strip()):
                closing.append(line.strip())
    passed = running.returncode == 0
    passing = []
    for name in step.logs:
        log = LOGS / f"{name}.log"
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines() if log.is_file() else []
        ends = [line for line in lines if CLOSING.match(line)]
        closing += [f"{name}: {end}" for end in ends or ["its tests did not run"]]
        passed = passed and bool(ends)
        if ends and not any(word in end for word in ("failed", "error") for end in ends):
            passing.append(name)
        elif ends:
            print(f"\n{name}: the whole output is in {log.relative_to(REPOSITORY)}, what failed:", file=out)
            print("\n".join(failures(lines)), file=out, flush=True)
    cpu = seconds.machine_cpu() - computed
    watch.note("step", "", step.name, cpu)
    return Outcome(step, passed, watch.seconds, cpu / (watch.seconds * (os.cpu_count() or 1)), closing, passing)


def failures(lines: list[str]) -> list[str]:
    """The lines of pytest's output that tell of failures, from the first on; the end where none are told of."""
    told = [at for at, line in enumerate(lines) if re.match(r"=+ (FAILURES|ERRORS) =+$", line)]
    return lines[told[0] :][:FAILURE_LINES] if told else lines[-FAILURE_LINES:]


class Run:
    """One run of the tests: its steps, one after the other, and what is told at its end."""

    def __init__(self, full: bool) -> None:
        self.begun = time.monotonic()
        self.id = f"{'full' if full else 'role'}-{_now()}"
        self.outcomes: list[Outcome] = []
        LOGS.mkdir(parents=True, exist_ok=True)
        self.results = RESULTS if full else REPOSITORY / ".cache" / "results-role"
        shutil.rmtree(self.results, ignore_errors=True)
        SECONDS.unlink(missing_ok=True)
        # For what this process notes itself.
        os.environ[seconds.PLACE] = str(SECONDS)
        self.environment = {
            **os.environ,
            "RINGFENCE_RUN": self.id,
            "RINGFENCE_FULL": "1" if full else "0",
            "RINGFENCE_RESULTS": str(self.results),
            "ANSIBLE_CALLBACK_PLUGINS": str(REPOSITORY / "tests" / "support" / "callbacks"),
            "ANSIBLE_CALLBACKS_ENABLED": "playbook_seconds",
            "ANSIBLE_CONFIG": str(REPOSITORY / "ansible.cfg"),
            "MOLECULE_GLOB": "molecule/*/molecule.yml",
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "PYTHONUNBUFFERED": "1",
        }

    def take(self, steps: Iterable[Step]) -> None:
        """Run steps in order, all of them even when one fails."""
        for step in steps:
            print(f"\n[{len(self.outcomes) + 1}] {step.name}", flush=True)
            self.outcomes += together(step, self.environment)

    @property
    def passing(self) -> set[str]:
        """The scenarios that passed."""
        return {name for ended in self.outcomes for name in ended.scenarios}

    def close(self) -> int:
        """Print how each step ended and what took longest; the exit status."""
        print("\nclosing lines")
        for ended in self.outcomes:
            mark = "ok    " if ended.passed else "FAILED"
            print(f"{mark} {ended.step.name} ({ended.seconds:.0f} s, processors {ended.busy:.0%} in use)")
            for line in ended.closing:
                print(f"  {line}")
        print(f"\nthe {SHOWN} slowest phases; all of them, and the tests: python -m tools.slowest")
        print("\n".join(slowest.table(slowest.phases(slowest.numbered(seconds.read(SECONDS)))[:SHOWN])))
        failed = sum(not ended.passed for ended in self.outcomes)
        print(f"{len(self.outcomes) - failed} passed, {failed} failed")
        return 1 if failed else 0


def _now() -> str:
    return datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def keep_records(run: Run, tree: Repository, commit: str | None, inputs: dict[str, Inputs], roles: list[str]) -> None:
    """Write the records of what passed; not where the tree has, or got, changes of its own, and say so."""
    passing = run.passing
    proven = {unit: used for unit, used in inputs.items() if needed(unit, roles) <= passing}
    if proven and (commit is None or clean_commit(tree) != commit):
        print("\nno record is kept: the checkout has changes that no commit has, so nobody could tell what was tested")
        return
    about = {"id": run.id, "commit": str(commit), "finished": _now()}
    names = records.write(tree, made_records(tree, about, run.results, SECONDS, proven))
    if names:
        print(f"\nrecords to commit: {', '.join(names)}")


def main() -> int:
    """Run them; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tools.run_tests", description=__doc__.splitlines()[0])
    parser.add_argument("--role", help="only this role's scenario and its tamper cases")
    parser.add_argument("--without-tamper-cases", action="store_true", help="with --role: its scenario alone")
    parser.add_argument("--all", action="store_true", help="every scenario, whether anything changed or not")
    parser.add_argument(
        "--budget", type=float, default=BUDGET, help="minutes within which unchanged scenarios run too (%(default)s)"
    )
    args = parser.parse_args()
    tree = Repository(REPOSITORY)
    units = Units(tree)
    if args.role and args.role not in units.roles:
        parser.error(f"there is no scenario {args.role!r} in molecule/; there are: {', '.join(units.roles)}")
    commit = clean_commit(tree)
    run = Run(full=args.role is None)
    if args.role:
        run.take(of_role(args.role, tamper=not args.without_tamper_cases))
        return run.close()
    run.take(always())
    inputs, known = {unit: units.inputs(unit) for unit in units.names}, records.load(tree)
    choice = choose(inputs, known, None if args.all else args.budget * 60 - (time.monotonic() - run.begun))
    print("\nscenarios\n" + "\n".join(choice.lines()), flush=True)
    took = {unit: float(record.run["seconds"]) for unit, record in known.items()}
    run.take(of_units(choice.runs, units, took))
    keep_records(run, tree, commit, {unit: inputs[unit] for unit in choice.runs}, units.roles)
    print("\nscenarios\n" + "\n".join(choice.lines()))
    return run.close()


if __name__ == "__main__":
    sys.exit(main())
