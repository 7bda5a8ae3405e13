# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The steps of a negative control on the controller, from the mark to the record, and what a run that died leaves."""

from __future__ import annotations

import base64
import json
import os
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.ringfence.callcenter.plugins.action import negative_control as action
from ansible_collections.ringfence.callcenter.plugins.plugin_utils import bundle
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.negative_control import marks

HOST = "ws-1"
STORE, KILL = "password-policy-history-readable", "antivirus-users-may-kill"
CHECKS = ("password_policy.history.stack", "password_policy.history.store", "antivirus.users_cannot_stop.sudo")


class Screen:
    """Takes what would be shown."""

    def __init__(self) -> None:
        self.shown = ""

    def display(self, text: str) -> None:
        """Keep a text."""
        self.shown += text


class Play:
    """One play over one host: the plugin's steps with the variables that a play gives them."""

    def __init__(self, evidence: Path) -> None:
        self.plugin: Any = object.__new__(action.ActionModule)
        self.plugin._display = Screen()
        self.arguments = {
            "hosts": HOST,
            "directory": str(evidence),
            "cases": [STORE, KILL],
            "scenario": None,
            "roles": ["password_policy", "antivirus"],
            "alone": False,
            "register": "__prove",
        }
        mark = base64.b64encode(f"host: {HOST}\n".encode()).decode()
        self.facts: dict[str, Any] = {"__prove_mark": {"content": mark}}
        self.path = ""

    def step(self, phase: str, **more: Any) -> dict[str, Any]:
        """Do one step."""
        variables = {
            "groups": {"all": [HOST, "gw"]},
            "ansible_play_hosts_all": [HOST],
            "hostvars": {HOST: self.facts},
            "inventory_hostname": HOST,
            "inventory_dir": "/srv/lab",
        }
        arguments = {**self.arguments, "path": self.path, **more}
        done: dict[str, Any] = getattr(self.plugin, f"_{phase}")(arguments, variables)
        return done

    def audit(self, stage: str, *red: str) -> None:
        """Leave what an audit would find."""
        findings = [
            {
                "check": check,
                "control": check.rsplit(".", 1)[0],
                "status": "fail" if check in red else "pass",
                "reason": "not as expected" if check in red else None,
            }
            for check in CHECKS
        ]
        record = {"schema": 1, "host": HOST, "observed": True, "reason": None, "findings": findings}
        bundle.write_record(os.path.join(self.path, stage), record)

    def begin(self) -> dict[str, Any]:
        """All up to the plan; what the first step told."""
        authorized = self.step("authorize")
        self.path, self.facts["__prove_run"] = authorized["path"], authorized
        self.audit("before")
        return authorized


def test_from_the_mark_to_the_record(tmp_path: Path) -> None:
    """Two cases of one round, both seen; the folder of the run is gone, the record is there."""
    play = Play(tmp_path)
    assert play.begin()["held"] == {HOST: ["password_policy", "antivirus"]}
    (step,) = play.step("plan")["steps"]
    assert sorted(step[HOST]["cases"]) == sorted([STORE, KILL])
    assert step[HOST]["undo"] == ["rm -f /etc/sudoers.d/ringfence-tamper"]
    play.step("record", round=1, output=f"{STORE}\t0\t\n{KILL}\t0\t\n")
    play.audit("1/broken", *CHECKS[1:])
    play.audit("1/repaired")
    judged = play.step("evaluate")
    assert judged["outcome"] == "pass"
    assert "failed" not in judged
    record = json.loads(Path(judged["record"]).read_text(encoding="utf-8"))
    assert (record["schema"], record["activity"], record["site"]) == (1, "negative_control", "lab")
    assert {one["check"]: one["seen_by"] for one in record["checks"]} == {
        CHECKS[0]: [],
        CHECKS[1]: [STORE],
        CHECKS[2]: [KILL],
    }
    assert "2 of 2 cases turned their control red" in play.plugin._display.shown
    assert [path.name for path in Path(judged["record"]).parent.iterdir()] == [Path(judged["record"]).name]


def test_what_is_not_repaired_fails_and_is_repaired_first_by_the_next_run(tmp_path: Path) -> None:
    """The run's folder stays until its hosts have been converged; so does that of a run without an end."""
    play = Play(tmp_path)
    play.begin()
    play.step("plan")
    play.step("record", round=1, output=f"{STORE}\t0\t\n{KILL}\t0\t\n")
    play.audit("1/broken", *CHECKS[1:])
    play.audit("1/repaired", CHECKS[1])
    judged = play.step("evaluate")
    assert judged["failed"] is True
    assert "2 of 2 cases were not seen as they should be" in judged["msg"]
    left = play.path
    assert Path(left, "plan.json").exists()
    again = Play(tmp_path)
    assert again.begin()["unfinished"] == {HOST: ["rm -f /etc/sudoers.d/ringfence-tamper"]}
    again.step("plan")
    assert not Path(left).exists()
    assert Path(again.path).exists()


def test_a_host_that_stopped_early_and_one_with_nothing_to_show(tmp_path: Path) -> None:
    """Neither passes."""
    play = Play(tmp_path)
    play.begin()
    play.step("plan")
    play.facts["__prove_stopped"] = "round 1, Converge again: no way"
    judged = play.step("evaluate")
    assert judged["failed"] is True
    assert "may be broken still: round 1, Converge again: no way" in play.plugin._display.shown
    empty = Play(tmp_path)
    empty.arguments["roles"] = ["firewall"]
    empty.begin()
    assert empty.step("plan")["steps"] == []
    assert "no case applies to these hosts, so nothing was shown" in empty.step("evaluate")["msg"]


def test_a_host_that_cannot_be_observed_is_not_broken(tmp_path: Path) -> None:
    """Nor one whose mark is another's."""
    play = Play(tmp_path)
    authorized = play.step("authorize")
    play.path = authorized["path"]
    with pytest.raises(marks.RefusedError, match="could not be observed"):
        play.step("plan")
    play.facts["__prove_mark"] = {"content": base64.b64encode(b"host: ws-2\n").decode()}
    with pytest.raises(marks.RefusedError, match="made for another machine"):
        play.step("authorize")
