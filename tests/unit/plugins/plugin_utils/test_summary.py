# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a person at the terminal reads."""

from __future__ import annotations

from typing import Any

from ansible_collections.ringfence.callcenter.plugins.plugin_utils import summary


def row(host: str, *statuses: str, observed: bool = True) -> dict[str, Any]:
    findings = [{"status": status, "control": f"door.c{place}", "check": "x"} for place, status in enumerate(statuses)]
    return {"host": host, "observed": observed, "reason": None if observed else "unreachable", "findings": findings}


def test_the_table_adds_up() -> None:
    lines = summary.table([row("gw1", "pass", "fail"), row("database1", "pass", "pass")])
    assert lines[0].split() == ["host", "fail", "pass"]
    assert lines[2].split() == ["gw1", "1", "1"]
    assert lines[3].split() == ["database1", "·", "2"]
    assert lines[-1].split() == ["2", "hosts", "1", "3"]
    assert len({len(line) for line in lines}) == 1


def test_many_hosts_are_cut_to_those_that_need_attention() -> None:
    rows = [row(f"h{place:03}", "pass") for place in range(99)] + [row("bad", "fail")]
    lines = summary.table(rows)
    assert lines[2].startswith("bad")
    assert "… and 40 hosts more in the report" in lines


def test_red_controls_come_worst_first_with_their_hosts() -> None:
    rows = summary.red_controls(
        [row("a", "not_observed", "pass"), row("b", "not_observed", "fail"), row("c", "pass", "fail")]
    )
    assert rows == [
        {"control": "door.c1", "status": "fail", "hosts": ["b", "c"]},
        {"control": "door.c0", "status": "not_observed", "hosts": ["a", "b"]},
    ]


def test_unseen_hosts_are_named_and_the_report_is_last() -> None:
    text = summary.text([row("gone", "not_observed", observed=False)], "/e/report.html")
    assert "gone: unreachable" in text
    assert text.splitlines()[-1] == "Report: /e/report.html"


def test_one_sentence_when_red() -> None:
    counts = {"fail": 2, "error": 0, "not_observed": 1, "pass": 5}
    told = summary.sentence(counts, summary.RED, "/r")
    assert told == "The audit needs attention: findings with status 2 fail, 1 not observed; see /r"
    assert summary.sentence(counts, ["error"], "/r") is None
    assert summary.sentence(counts, [], "/r") is None
