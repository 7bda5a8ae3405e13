# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the gates, the unit and integration tests and the Molecule scenarios, and prints each runner's own closing line.

``python -m tools.run_tests`` is ``make test``; ``--role firewall`` is ``make test-role ROLE=firewall``. What each
scenario's tests said is kept in ``.cache/logs``, what they proved in ``.cache/results`` for ``make claims``, and how
long each part took in ``.cache/seconds.jsonl`` for ``python -m tools.slowest``.
"""

from __future__ import annotations

import argparse
import io
import os
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import TextIO

from tests.support import seconds
from tools import slowest

REPOSITORY = Path(__file__).resolve().parents[1]
LOGS = REPOSITORY / ".cache" / "logs"
RESULTS = REPOSITORY / ".cache" / "results"
#: How much of a failed scenario's own output is shown outside of Molecule's frames.
FAILURE_LINES = 120
STATE = REPOSITORY / ".cache" / "molecule"
SECONDS = REPOSITORY / ".cache" / slowest.PLACE
#: How many of the slowest phases are printed at the end.
SHOWN = 10
#: Scenarios that are steps of their own: they have labs of their own.
NOT_OF_ROLES = ("default", "newsite", "site", "vm")
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
    """How a step ended: whether it passed, its seconds, how much of the processors was in use, its closing lines."""

    step: Step
    passed: bool
    seconds: float
    busy: float
    closing: list[str]


def scenarios() -> list[str]:
    """The role scenarios: each has a role of its name, or is the tamper pass over all roles."""
    found = {path.parent.name for path in (REPOSITORY / "molecule").glob("*/molecule.yml")} - set(NOT_OF_ROLES)
    # The longest first: begun last, it would run alone at the end.
    return sorted(found, key=lambda name: (name != "tamper", name))


def molecule(names: list[str], *, workers: int) -> list[str]:
    """Molecule's command line for scenarios that share the default one's hosts."""
    chosen = [word for name in names for word in ("--scenario-name", name)]
    side_by_side = ["--workers", str(workers), "--continue-on-failure"] if workers > 1 else []
    return [str(Path(sys.executable).parent / "molecule"), "test", *chosen, *side_by_side]


def plan(role: str | None) -> list[Step]:
    """The steps of a full run, or of one role's."""
    pytest = [sys.executable, "-m", "pytest", "-q"]
    if role:
        if role not in scenarios():
            raise SystemExit(f"there is no scenario {role!r} in molecule/; there are: {', '.join(scenarios())}")
        chosen = [role, "tamper"]
        needed = ",".join(dict.fromkeys(chosen)) if (REPOSITORY / "roles" / role).is_dir() else ""
        return [
            Step(
                f"scenario {role}",
                molecule(chosen, workers=1),
                {"RINGFENCE_TAMPER_ROLES": role, "RINGFENCE_LAB_GROUPS": needed},
                chosen,
                ["molecule"],
            )
        ]
    new_site = Step("new site scenario", molecule(["newsite"], workers=1), {}, ["newsite"], ["newsite"])
    return [
        Step("gates", [sys.executable, "-m", "tools.gates"]),
        Step("unit tests", [*pytest, "-n", "2", "tests/unit"]),
        Step("integration tests", [*pytest, "-n", "2", "tests/integration"]),
        Step("role scenarios", molecule(scenarios(), workers=3), {}, scenarios(), ["molecule"]),
        Step("site scenario", molecule(["site"], workers=1), {}, ["site"], ["site"], beside=new_site),
        # Last and alone: its processor is emulated where there is no KVM.
        Step("virtual machine", molecule(["vm"], workers=1), {}, ["vm"], ["vm"]),
    ]


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
    for name in step.logs:
        log = LOGS / f"{name}.log"
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines() if log.is_file() else []
        ends = [line for line in lines if CLOSING.match(line)]
        closing.append(f"{name}: {ends[-1] if ends else 'its tests did not run'}")
        passed = passed and bool(ends)
        if any(word in closing[-1] for word in ("failed", "error")):
            print(f"\n{name}: the whole output is in {log.relative_to(REPOSITORY)}, its end:", file=out)
            print("\n".join(lines[-FAILURE_LINES:]), file=out, flush=True)
    cpu = seconds.machine_cpu() - computed
    watch.note("step", "", step.name, cpu)
    return Outcome(step, passed, watch.seconds, cpu / (watch.seconds * (os.cpu_count() or 1)), closing)


def prepare_record(full: bool) -> dict[str, str]:
    """The environment under which the tests record what they proved; a full run starts a new record."""
    from tests.support.recorder import commit  # noqa: PLC0415  # pytest is only needed where tests run

    started = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    LOGS.mkdir(parents=True, exist_ok=True)
    if full:
        shutil.rmtree(RESULTS, ignore_errors=True)
    SECONDS.unlink(missing_ok=True)
    return {
        "RINGFENCE_RUN": f"{'full' if full else 'role'}-{started}",
        "RINGFENCE_COMMIT": commit(),
        "RINGFENCE_FULL": "1" if full else "0",
        "RINGFENCE_RESULTS": str(RESULTS if full else REPOSITORY / ".cache" / "results-role"),
        seconds.PLACE: str(SECONDS),
        "ANSIBLE_CALLBACK_PLUGINS": str(REPOSITORY / "tests" / "support" / "callbacks"),
        "ANSIBLE_CALLBACKS_ENABLED": "playbook_seconds",
    }


def main() -> int:
    """Run the steps in order, all of them even when one fails."""
    parser = argparse.ArgumentParser(prog="python -m tools.run_tests", description=__doc__.splitlines()[0])
    parser.add_argument("--role", help="only this role's scenario and its tamper cases")
    args = parser.parse_args()
    steps = plan(args.role)
    environment = {
        **os.environ,
        **prepare_record(args.role is None),
        "ANSIBLE_CONFIG": str(REPOSITORY / "ansible.cfg"),
        "MOLECULE_GLOB": "molecule/*/molecule.yml",
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "PYTHONUNBUFFERED": "1",
    }
    # For what this process notes itself.
    os.environ[seconds.PLACE] = environment[seconds.PLACE]
    outcome: list[Outcome] = []
    for number, step in enumerate(steps, 1):
        print(f"\n[{number}/{len(steps)}] {step.name}", flush=True)
        outcome += together(step, environment)
    print("\nclosing lines")
    for ended in outcome:
        mark = "ok    " if ended.passed else "FAILED"
        print(f"{mark} {ended.step.name} ({ended.seconds:.0f} s, processors {ended.busy:.0%} in use)")
        for line in ended.closing:
            print(f"  {line}")
    print(f"\nthe {SHOWN} slowest phases; all of them, and the tests: python -m tools.slowest")
    print("\n".join(slowest.table(slowest.phases(slowest.numbered(seconds.read(SECONDS)))[:SHOWN])))
    failed = sum(not ended.passed for ended in outcome)
    print(f"{len(outcome) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
