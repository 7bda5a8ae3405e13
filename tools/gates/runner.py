# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs gates side by side, remembers the green ones and says how each ended."""

from __future__ import annotations

import importlib
import pkgutil
import sys
import traceback
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from tests.support.seconds import Watch
from tools.gates import checks
from tools.gates.base import Gate
from tools.repository import Repository


@dataclass(frozen=True)
class Outcome:
    """How one gate ended: its problems, the seconds it took, and whether an earlier green run was used."""

    gate: Gate
    problems: Sequence[str]
    seconds: float
    remembered: bool = False


def all_gates() -> list[Gate]:
    """Every gate of ``checks/``, by name."""
    names = [f"{checks.__name__}.{found.name}" for found in pkgutil.iter_modules(checks.__path__)]
    gates: list[Gate] = [importlib.import_module(name).GATE for name in names]
    return sorted(gates, key=lambda gate: gate.name)


def _memory(gate: Gate, repository: Repository) -> Path:
    return repository.cache / "gates" / f"{gate.name}.green"


def run_gate(gate: Gate, repository: Repository) -> Outcome:
    """Run one gate; a gate that breaks has failed, with its traceback as the problem."""
    memory = _memory(gate, repository)
    if gate.remembered and repository.remembers and memory.is_file():
        if memory.read_text(encoding="utf-8") == repository.fingerprint:
            return Outcome(gate, [], 0.0, remembered=True)
        memory.unlink()
    # Taken before the run: a file that is edited while the gate looks at it must not count as seen.
    fingerprint = repository.fingerprint
    watch = Watch()
    try:
        problems = list(gate.check(repository))
    except Exception:
        problems = [traceback.format_exc()]
    if gate.remembered and not problems:
        memory.parent.mkdir(parents=True, exist_ok=True)
        memory.write_text(fingerprint, encoding="utf-8")
    # Gates share a process, so none has processor's seconds of its own.
    watch.note("gate", "", gate.name, None)
    return Outcome(gate, problems, watch.seconds)


def _report(outcome: Outcome, width: int, out: TextIO) -> None:
    took = "unchanged since it passed" if outcome.remembered else f"{outcome.seconds:.1f} s"
    print(f"{'FAILED' if outcome.problems else 'ok':<6}  {outcome.gate.name:<{width}}  {took}", file=out)
    for problem in outcome.problems:
        print("\n".join(f"    {line}" for line in problem.splitlines()), file=out)
    out.flush()


def run_gates(gates: Iterable[Gate], repository: Repository, *, workers: int = 2, out: TextIO | None = None) -> int:
    """Run gates, print a line for each as it ends and a closing line; returns the exit status, 0 or 1."""
    stream = out or sys.stdout
    ordered = sorted(gates, key=lambda gate: (-gate.seconds, gate.name))
    width = max((len(gate.name) for gate in ordered), default=0)
    failed = 0
    # Hashed once here, not in two threads at once.
    repository.fingerprint  # noqa: B018  (a cached property)
    with ThreadPoolExecutor(max_workers=workers) as pool:
        for future in as_completed([pool.submit(run_gate, gate, repository) for gate in ordered]):
            outcome = future.result()
            failed += bool(outcome.problems)
            _report(outcome, width, stream)
    print(f"{len(ordered) - failed} passed, {failed} failed", file=stream)
    return 1 if failed else 0
