# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Units that are kept enabled and running, and put back."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from ansible_collections.ringfence.callcenter.plugins.module_utils.unit_states import (
    Plan,
    State,
    Unit,
    UnitError,
    UnitStates,
    parse,
)


class FakeSystemd:
    """Units in a dictionary. skipped: their condition keeps them from running. jobs: they fail when stopped."""

    def __init__(self, skipped: Sequence[str] = (), dying: Sequence[str] = (), jobs: Sequence[str] = ()) -> None:
        self.units: dict[str, dict[str, str]] = {}
        self.skipped, self.dying, self.jobs = skipped, dying, jobs
        self.calls: list[list[str]] = []

    def _unit(self, name: str) -> dict[str, str]:
        return self.units.setdefault(
            name, {"LoadState": "not-found", "ActiveState": "inactive", "UnitFileState": "", "Result": "success"}
        )

    def __call__(self, words: Sequence[str]) -> tuple[int, str, str]:
        self.calls.append(list(words))
        names = [word for word in words[1:] if not word.startswith("-")]
        if words[0] == "show":
            blocks = ["\n".join(f"{key}={value}" for key, value in self._unit(name).items()) for name in names]
            return 0, "\n\n".join(blocks) + "\n", ""
        for name in names:
            unit = self._unit(name)
            unit["LoadState"] = "loaded"
            if words[0] in ("enable", "disable"):
                unit["UnitFileState"] = f"{words[0]}d"
            elif name in self.skipped:
                unit["Result"] = "exec-condition"
            elif name in self.jobs and words[0] == "stop":
                unit["ActiveState"] = "failed"
            elif name not in self.dying:
                unit["ActiveState"] = "active" if words[0] == "start" else "inactive"
        return 0, "", ""


WANTED = [Unit("a.timer", True, True), Unit("b.service", True, True, may_skip=True), Unit("c.service", None, False)]


def present(states: UnitStates) -> Plan:
    """Make the units as wanted; what was done."""
    now = states.states([unit.name for unit in WANTED])
    plan = states.plan(WANTED, now)
    states.apply(plan, WANTED, now)
    return plan


def test_enabled_started_and_then_nothing(tmp_path: Path) -> None:
    """One call a verb, and none the second time; a unit that its condition skips is not started for ever."""
    systemd = FakeSystemd(skipped=["b.service"])
    states = UnitStates("role", run=systemd, store=str(tmp_path / "lib" / "units"))
    assert present(states).steps == [
        ["enable", "--quiet", "a.timer", "b.service"],
        ["start", "a.timer", "b.service"],
    ]
    assert present(states).steps == []


def test_a_job_that_was_stopped_at_its_work_is_left_failed_by_nobody(tmp_path: Path) -> None:
    """The run that stops it has systemd forget the failure, and the next one finds nothing to do."""
    systemd = FakeSystemd(jobs=["c.service"])
    systemd(["start", "c.service"])
    states = UnitStates("role", run=systemd, store=str(tmp_path / "lib" / "units"))
    present(states)
    assert systemd.units["c.service"]["ActiveState"] == "inactive"
    assert present(states).steps == []


def test_put_back_as_it_was(tmp_path: Path) -> None:
    """In two steps; what ran before runs again, and nothing is left behind."""
    systemd = FakeSystemd()
    systemd(["start", "c.service"])
    states = UnitStates("role", run=systemd, store=str(tmp_path / "lib" / "units"))
    present(states)
    for names in (["a.timer", "b.service"], []):
        units = states.back(names)
        now = states.states([unit.name for unit in units])
        states.restore(states.plan(units, now), units)
    assert systemd.units["a.timer"]["ActiveState"] == "inactive"
    assert systemd.units["b.service"]["UnitFileState"] == "disabled"
    assert systemd.units["c.service"]["ActiveState"] == "active"
    assert not (tmp_path / "lib").exists()


def test_a_unit_that_dies_is_an_error(tmp_path: Path) -> None:
    """systemctl start says yes, but the unit does not run."""
    states = UnitStates("role", run=FakeSystemd(dying=["a.timer"]), store=str(tmp_path / "units"))
    with pytest.raises(UnitError, match="did not come up"):
        present(states)


def test_failure_of_systemctl_is_told(tmp_path: Path) -> None:
    """Its own words reach the user."""
    states = UnitStates("role", run=lambda _words: (1, "", "Access denied"), store=str(tmp_path))
    with pytest.raises(UnitError, match="Access denied"):
        states.states(["a.timer"])


def test_states_are_read_from_real_output() -> None:
    """As systemctl show prints it."""
    text = (
        "Id=a.timer\nLoadState=loaded\nActiveState=active\nUnitFileState=enabled\nResult=success\n\n"
        "Id=b.service\nLoadState=loaded\nActiveState=inactive\nUnitFileState=enabled\nResult=exec-condition\n\n"
        "Id=c.service\nLoadState=not-found\nActiveState=inactive\nUnitFileState=\nResult=success\n"
    )
    assert parse(text) == [State(True, True, True), State(True, True, False, True), State()]


def test_a_masked_unit_is_named_with_the_way_out() -> None:
    now = {"a.service": State(known=True, masked=True), "b.service": State(known=True, masked=True)}
    with pytest.raises(UnitError, match=r"a\.service is masked .*`systemctl unmask a\.service`"):
        UnitStates.plan([Unit("a.service", True, True)], now)
    both = r"a\.service, b\.service are masked .*`systemctl unmask a\.service b\.service`"
    with pytest.raises(UnitError, match=both):
        UnitStates.plan([Unit("a.service", True, None), Unit("b.service", None, True)], now)
    assert UnitStates.plan([Unit("a.service", False, False)], now) == Plan()


def test_what_failed_and_is_not_to_run_is_forgotten() -> None:
    (state,) = parse("Id=a.service\nLoadState=loaded\nActiveState=failed\nUnitFileState=enabled\nResult=exit-code\n")
    assert state == State(known=True, enabled=True, failed=True)
    plan = UnitStates.plan([Unit("a.service", False, False)], {"a.service": state})
    assert plan.steps == [["disable", "--quiet", "a.service"], ["reset-failed", "a.service"]]
    assert UnitStates.plan([Unit("a.service", True, True)], {"a.service": state}).steps == [["start", "a.service"]]


def test_a_unit_that_would_not_start_is_refused_with_the_reason(tmp_path: Path) -> None:
    """Its command is asked before a start only, and quoted."""
    states = UnitStates("tests", run=FakeSystemd(), store=str(tmp_path))
    bad = Unit("a.service", None, True, test=("sh", "-c", "echo no log file >&2; exit 1"))
    plan = states.plan([bad], states.states(["a.service"]))
    with pytest.raises(UnitError, match=r"a\.service would not start. sh -c .* says: no log file"):
        states.refuse(plan, [bad])
    states.refuse(Plan((), (), (), ()), [bad])
    states.refuse(plan, [Unit("a.service", None, True, test=("true",))])
    with pytest.raises(UnitError, match="no-such-program is not installed"):
        states.refuse(plan, [Unit("a.service", None, True, test=("no-such-program",))])
