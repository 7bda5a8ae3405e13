# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The record tells what became of every case, and of every check whether it was proven to fail or why not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ansible_collections.ringfence.callcenter.plugins.plugin_utils import bundle, canonical
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.ledger import sources
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.negative_control import run_folder
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.negative_control.judging import Stages
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.negative_control.record import as_text, make_record

CASES = [
    {"id": name, "control": control, "role": "a", "breaks": f"{name} breaks it", "command": "true"}
    for name, control in (("break-x", "a.x"), ("break-y", "a.y"), ("break-w", "a.w"))
]
CHECKS = ("a.x.one", "a.x.two", "a.y.one", "a.w.one", "a.v.one", "a.u.one")


def host(name: str, *red: str) -> dict[str, Any]:
    """A host's record with some checks red; a.w is switched off, a.u red from the start."""
    statuses = {"a.w.one": "not_applicable", "a.u.one": "fail", **dict.fromkeys(red, "fail")}
    findings = [
        {
            "check": one,
            "control": one.rsplit(".", 1)[0],
            "status": statuses.get(one, "pass"),
            "reason": "switched off" if one == "a.w.one" else None,
        }
        for one in CHECKS
    ]
    return {"schema": 1, "host": name, "observed": True, "reason": None, "findings": findings}


def made(*red: str, rc: int = 0, stopped: str | None = None) -> dict[str, Any]:
    """The record of one host on which two cases were broken in one round."""
    before = host("ws")
    stages = Stages(
        before, host("ws", *red), before, {"break-x": {"rc": 0}, "break-y": {"rc": rc, "stderr": "no file"}}
    )
    planned = {"roles": ["a"], "rounds": [CASES[:2]], "left": {"break-w": "its control does not apply: switched off"}}
    one = {"planned": planned, "before": before, "stages": [stages], "stopped": stopped}
    return make_record(
        run="R1",
        site={"name": "demo", "title": "Demo"},
        times=("2026-11-26T11:00:00Z", "2026-11-26T11:05:00Z"),
        cases=CASES,
        hosts={"ws": one},
    )


def test_a_record_that_passes() -> None:
    """Every check is there, with the cases that turned it red or the reason why none did."""
    record = made("a.x.one", rc=1)
    assert record["outcome"] == "pass"
    assert record["summary"] == {
        "hosts": 1,
        "cases": 2,
        "seen": 1,
        "failed": 0,
        "nothing_to_break": 1,
        "checks": 6,
        "checks_proven": 1,
    }
    assert {one["check"]: one["seen_by"] or one["reason"] for one in record["checks"]} == {
        "a.x.one": ["break-x"],
        "a.x.two": "no case turned it red: break-x",
        "a.y.one": "no case turned it red: break-y (nothing to break)",
        "a.w.one": "does not apply on this host: switched off",
        "a.v.one": "no case that was asked for breaks its control",
        "a.u.one": "was red before anything was broken",
    }
    assert record["not_applied"] == [
        {"host": "ws", "case": "break-w", "reason": "its control does not apply: switched off"}
    ]
    assert "break-y: nothing to break: its command ended with 1: no file" in as_text(record)
    assert "ws: 1 of 6 checks proven to fail in 1 rounds" in as_text(record)


def test_a_record_that_fails() -> None:
    """A case that turned nothing red, one that turned something else red, a host that stopped, no case at all."""
    nothing = made("a.x.one")
    assert (nothing["outcome"], nothing["summary"]["failed"]) == ("fail", 1)
    assert "ws: break-y: nothing turned red" in as_text(nothing)
    other = made("a.x.one", "a.y.one", "a.v.one")
    assert (other["outcome"], other["summary"]["seen"], other["summary"]["checks_proven"]) == ("fail", 0, 0)
    assert "something else turned red: a.v.one" in as_text(other)
    stopped = made("a.x.one", "a.y.one", stopped="round 1, Converge again: no way")
    assert stopped["outcome"] == "fail"
    assert "may be broken still: round 1, Converge again: no way" in as_text(stopped)
    empty = make_record(run="R", site={"name": "d", "title": "D"}, times=("2026", "2026"), cases=[], hosts={})
    assert empty["outcome"] == "fail"


def test_the_ledger_reads_it(tmp_path: Path) -> None:
    """As an occurrence of its activity."""
    sources.write_record(str(tmp_path), made("a.x.one", rc=1))
    found = sources.collect(str(tmp_path), [])
    assert found.broken == {}
    (one,) = found.occurrences["negative_control"]
    assert (one["on"], one["outcome"]) == ("2026-11-26", "pass")
    assert "checks proven: 1" in one["summary"]


def test_what_a_run_leaves_on_the_way(tmp_path: Path) -> None:
    """The folder holds what the judge needs, and tells the next run which hosts may be broken; the ledger leaves it."""
    path = run_folder.begin(str(tmp_path))
    plan = {"hosts": {"ws": {"rounds": [CASES[:2], CASES[2:]]}}, "rounds": 2, "cases": CASES}
    assert run_folder.left_behind(str(tmp_path)) == {path: []}
    run_folder.write_plan(path, plan)
    assert run_folder.read_plan(path) == plan
    for stage in ("before", "1/broken", "1/repaired"):
        bundle.write_record(str(Path(path) / stage), host("ws"))
    bundle.write_record(str(Path(path) / "1" / "repaired"), host("ws", "a.x.one"))
    run_folder.write_commands(path, 1, "ws", {"break-x": {"rc": 0}})
    first, second = run_folder.stages(path, "ws", 2)
    assert first.before == first.broken == host("ws")
    # What the first round left red is not held against the second.
    assert first.repaired == second.before == host("ws", "a.x.one")
    assert first.commands == {"break-x": {"rc": 0}}
    assert (second.broken, second.repaired, second.commands) == (None, None, {})
    assert run_folder.left_behind(str(tmp_path)) == {path: ["ws"]}
    assert sources.collect(str(tmp_path), []).occurrences == {}
    run_folder.drop_repaired(str(tmp_path), ["other"], own="")
    run_folder.drop_repaired(str(tmp_path), ["ws"], own=path)
    assert run_folder.left_behind(str(tmp_path)) == {path: ["ws"]}
    run_folder.drop_repaired(str(tmp_path), ["ws", "other"], own="")
    assert run_folder.left_behind(str(tmp_path)) == {}


def test_a_record_is_canonical() -> None:
    """It can be written as evidence is."""
    assert canonical.dumps(made("a.x.one"))
