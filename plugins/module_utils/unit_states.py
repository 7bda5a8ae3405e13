# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A set of systemd units that shall be enabled and running, and how they were before.

How they were is kept in one file a role, ``/var/lib/ringfence/units/ROLE.json``:
``{UNIT: {"known": bool, "enabled": bool, "active": bool}}``, written before the first change.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Callable

from ansible_collections.ringfence.callcenter.plugins.module_utils.path_state import (
    ABSENT,
    FILE,
    PathState,
    establish,
    observe,
)

STORE = "/var/lib/ringfence/units"
_PATH = "/usr/sbin:/usr/bin:/sbin:/bin"
_SHOWN = "Id,LoadState,ActiveState,UnitFileState,Result"

#: Runs systemctl with these words; its exit status, output and error text.
Systemctl = Callable[[Sequence[str]], tuple[int, str, str]]


class UnitError(Exception):
    """What is asked for cannot be done: one sentence for the user."""


@dataclass(frozen=True)
class Unit:
    """A unit as it shall be; None: as it is. may_skip: its own ExecCondition may decide that it does not run here.

    test: a command that says whether it would start by its files.
    """

    name: str
    enabled: bool | None = None
    active: bool | None = None
    may_skip: bool = False
    test: tuple[str, ...] = ()


@dataclass(frozen=True)
class State:
    """A unit as it is. known: there is such a unit. skipped: its ExecCondition decided that it does not run.

    failed: it ran and failed, which systemd shows until somebody says that it may be forgotten.
    """

    known: bool = False
    enabled: bool = False
    active: bool = False
    skipped: bool = False
    failed: bool = False
    masked: bool = False


@dataclass(frozen=True)
class Plan:
    """Units by what is to be done with them."""

    enable: tuple[str, ...] = ()
    disable: tuple[str, ...] = ()
    start: tuple[str, ...] = ()
    stop: tuple[str, ...] = ()
    forget: tuple[str, ...] = ()

    @property
    def steps(self) -> list[list[str]]:
        """The systemctl calls in their order."""
        verbs = (
            ("disable", self.disable),
            ("stop", self.stop),
            ("reset-failed", self.forget),
            ("enable", self.enable),
            ("start", self.start),
        )
        return [[verb, *(["--quiet"] if "able" in verb else []), *units] for verb, units in verbs if units]


def systemctl(words: Sequence[str]) -> tuple[int, str, str]:
    """Run the real systemctl."""
    command = shutil.which("systemctl", path=_PATH)
    if command is None:
        raise UnitError("systemctl is not installed")
    done = subprocess.run(
        [command, *words],
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
        env={"PATH": _PATH, "LC_ALL": "C"},
    )
    return done.returncode, done.stdout, done.stderr


def parse(text: str) -> list[State]:
    """The states in the output of ``systemctl show`` for several units, in their order."""
    states = []
    for block in text.strip().split("\n\n"):
        shown = dict(line.split("=", 1) for line in block.splitlines() if "=" in line)
        active = shown.get("ActiveState") in ("active", "activating", "reloading")
        states.append(
            State(
                known=shown.get("LoadState") not in ("not-found", None),
                enabled=shown.get("UnitFileState") in ("enabled", "enabled-runtime", "alias"),
                active=active,
                failed=shown.get("ActiveState") == "failed",
                skipped=not active and shown.get("Result") == "exec-condition",
                masked=shown.get("LoadState") == "masked",
            )
        )
    return states


class UnitStates:
    """The units of one role."""

    def __init__(self, managed_by: str, *, run: Systemctl = systemctl, store: str = STORE) -> None:
        self.managed_by = managed_by
        self.run = run
        self.folder = store
        self.path = os.path.join(store, f"{managed_by}.json")

    def originals(self) -> dict[str, State]:
        """How the units were before the first change."""
        content = observe(self.path).content
        if content is None:
            return {}
        return {name: State(**state) for name, state in json.loads(content).items()}

    def states(self, names: Sequence[str]) -> dict[str, State]:
        """How units are now, from one call of systemctl."""
        if not names:
            return {}
        rc, out, err = self.run(["show", f"--property={_SHOWN}", "--", *names])
        found = parse(out)
        if rc != 0 or len(found) != len(names):
            raise UnitError(f"systemctl show {' '.join(names)}: {err.strip() or rc}")
        return dict(zip(names, found))

    @staticmethod
    def plan(wanted: Sequence[Unit], now: Mapping[str, State]) -> Plan:
        """What makes the units as wanted. Raises UnitError for units that somebody masked."""
        on = [unit.name for unit in wanted if unit.enabled is True and not now[unit.name].enabled]
        off = [unit.name for unit in wanted if unit.enabled is False and now[unit.name].enabled]
        start = [
            unit.name
            for unit in wanted
            if unit.active is True and not now[unit.name].active and not (unit.may_skip and now[unit.name].skipped)
        ]
        masked = [name for name in dict.fromkeys([*on, *start]) if now[name].masked]
        if masked:
            verb = "is" if len(masked) == 1 else "are"
            raise UnitError(
                f"{', '.join(masked)} {verb} masked on this host and cannot be started: if nobody meant to, "
                f"`systemctl unmask {' '.join(masked)}` there and run again"
            )
        stop = [unit.name for unit in wanted if unit.active is False and now[unit.name].active]
        # A unit that shall not run, but failed before somebody said so: an alarm that nobody mends.
        forget = [unit.name for unit in wanted if unit.active is False and now[unit.name].failed]
        return Plan(tuple(on), tuple(off), tuple(start), tuple(stop), tuple(forget))

    def back(self, names: Sequence[str]) -> list[Unit]:
        """Units as they were before the first change: those named, or all."""
        return [
            Unit(name, state.enabled, state.active)
            for name, state in self.originals().items()
            if not names or name in names
        ]

    @staticmethod
    def refuse(plan: Plan, wanted: Sequence[Unit]) -> None:
        """Raise UnitError, with the reason, for a unit to be started that would not start by its files."""
        for unit in wanted:
            if not unit.test or unit.name not in plan.start:
                continue
            command = shutil.which(unit.test[0], path=_PATH)
            if command is None:
                raise UnitError(f"{unit.name}: {unit.test[0]} is not installed")
            done = subprocess.run(
                [command, *unit.test[1:]],
                capture_output=True,
                text=True,
                errors="replace",
                check=False,
                timeout=120,
                env={"PATH": _PATH, "LC_ALL": "C"},
            )
            if done.returncode != 0:
                words = " ".join((done.stderr.strip() or done.stdout.strip()).split())
                raise UnitError(f"{unit.name} would not start. {' '.join(unit.test)} says: {words}")

    def apply(self, plan: Plan, wanted: Sequence[Unit], now: Mapping[str, State]) -> None:
        """Carry a plan out, originals first. Raises UnitError when a unit does not come up."""
        originals = self.originals()
        new = {unit.name: now[unit.name] for unit in wanted if unit.name not in originals}
        if new:
            self._save({**originals, **new})
        self._do(plan)
        # A job that was stopped at its work counts as failed.
        stopped = self.states(plan.stop)
        self._do(Plan(forget=tuple(name for name, state in stopped.items() if state.failed)))
        after = self.states(plan.start)
        may_skip = {unit.name for unit in wanted if unit.may_skip}
        down = [name for name, state in after.items() if not state.active and not (state.skipped and name in may_skip)]
        if down:
            raise UnitError(f"{', '.join(down)} did not come up: see `systemctl status` on the host")

    def restore(self, plan: Plan, units: Sequence[Unit]) -> None:
        """Carry a plan out that puts units back, and forget how they were."""
        self._do(plan)
        left = {name: state for name, state in self.originals().items() if name not in {unit.name for unit in units}}
        if left:
            self._save(left)
            return
        establish(self.path, PathState(ABSENT))
        for folder in (self.folder, os.path.dirname(self.folder)):
            with contextlib.suppress(OSError):
                # Other roles, or other subjects, live there.
                os.rmdir(folder)

    def _save(self, states: Mapping[str, State]) -> None:
        os.makedirs(os.path.dirname(self.folder), mode=0o755, exist_ok=True)
        os.makedirs(self.folder, mode=0o700, exist_ok=True)
        text = json.dumps({name: asdict(state) for name, state in states.items()}, indent=1, sort_keys=True) + "\n"
        establish(self.path, PathState(FILE, 0o600, os.geteuid(), os.getegid(), text.encode()))

    def _do(self, plan: Plan) -> None:
        for words in plan.steps:
            rc, _out, err = self.run(words)
            if rc != 0:
                raise UnitError(f"systemctl {' '.join(words)}: {err.strip() or rc}")
