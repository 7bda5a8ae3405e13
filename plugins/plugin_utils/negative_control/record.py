# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is kept of a negative control: what became of every case on every host, and which checks were proven to fail."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.ringfence.callcenter.plugins.plugin_utils.negative_control.judging import (
    FAILED,
    NOTHING_TO_BREAK,
    OUTCOMES,
    SEEN,
    Stages,
    judge_round,
    red,
)

ACTIVITY = "negative_control"


def _why_unseen(
    finding: Mapping[str, Any],
    tried: Sequence[Mapping[str, Any]],
    left: Mapping[str, str],
    cases: Sequence[Mapping[str, Any]],
) -> str:
    """Why a check was not proven to fail on a host. tried: the cases of its control; left: why the others were not."""
    if finding["status"] == "not_applicable":
        return f"does not apply on this host: {finding['reason']}"
    if finding["status"] != "pass":
        return "was red before anything was broken"
    mine = [case["id"] for case in cases if case["control"] == finding["control"]]
    if not mine:
        return "no case that was asked for breaks its control"
    if not tried:
        return "; ".join(dict.fromkeys(left.get(one, "it was not tried") for one in mine))
    told = [f"{one['case']} ({one['outcome']})" for one in tried if one["outcome"] != SEEN]
    told += [one["case"] for one in tried if one["outcome"] == SEEN]
    return f"no case turned it red: {', '.join(told)}"


def checks_of(
    host: str,
    before: Mapping[str, Any],
    results: Sequence[Mapping[str, Any]],
    left: Mapping[str, str],
    cases: Sequence[Mapping[str, Any]],
) -> list[dict[str, Any]]:
    """Every check of a host: which cases turned it red, or why none did."""
    found = []
    for one in before["findings"]:
        tried = [result for result in results if result["control"] == one["control"]]
        seen_by = [
            result["case"] for result in tried if result["outcome"] == SEEN and one["check"] in result["turned_red"]
        ]
        found.append(
            {
                "host": host,
                "check": one["check"],
                "seen_by": seen_by,
                "reason": None if seen_by else _why_unseen(one, tried, left, cases),
            }
        )
    return found


def host_results(host: str, planned: Mapping[str, Any], stages: Sequence[Stages]) -> list[dict[str, Any]]:
    """What became of every case that was planned for a host, one Stages a round."""
    found = []
    for number, (cases, seen) in enumerate(zip(planned["rounds"], stages), 1):
        by_id = {case["id"]: case for case in cases}
        for result in judge_round(cases, seen):
            case = by_id[result["case"]]
            found.append(
                {"host": host, "control": case["control"], "breaks": case["breaks"], "round": number, **result}
            )
    return found


def make_record(
    *,
    run: str,
    site: Mapping[str, str],
    times: tuple[str, str],
    cases: Sequence[Mapping[str, Any]],
    hosts: Mapping[str, Mapping[str, Any]],
) -> dict[str, Any]:
    """The record.

    cases: those that were asked for. hosts: of each ``planned``, ``before``, the ``stages`` of its rounds, ``stopped``.
    """
    results: list[dict[str, Any]] = []
    left: list[dict[str, Any]] = []
    checks: list[dict[str, Any]] = []
    about: dict[str, Any] = {}
    for host, one in sorted(hosts.items()):
        planned = one["planned"]
        mine = host_results(host, planned, one["stages"])
        results += mine
        left += [{"host": host, "case": case, "reason": why} for case, why in planned["left"].items()]
        checks += checks_of(host, one["before"], mine, planned["left"], cases)
        about[host] = {
            "roles": planned["roles"],
            "rounds": len(planned["rounds"]),
            "red_before": red(one["before"]),
            "stopped": one["stopped"],
        }
    counts = {outcome: sum(one["outcome"] == outcome for one in results) for outcome in OUTCOMES}
    seen = {one["check"] for one in checks if one["seen_by"]}
    failed = sum(counts[outcome] for outcome in FAILED)
    stopped = any(one["stopped"] for one in about.values())
    return {
        "activity": ACTIVITY,
        "run": run,
        "site": site["name"],
        "title": site["title"],
        "started_at": times[0],
        "finished_at": times[1],
        "due": None,
        "outcome": "pass" if counts[SEEN] and not failed and not stopped else "fail",
        "summary": {
            "hosts": len(about),
            "cases": len(results),
            "seen": counts[SEEN],
            "failed": failed,
            "nothing_to_break": counts[NOTHING_TO_BREAK],
            "checks": len({one["check"] for one in checks}),
            "checks_proven": len(seen),
        },
        "hosts": about,
        "cases": results,
        "not_applied": left,
        "checks": checks,
    }


def as_text(record: Mapping[str, Any]) -> str:
    """A record for somebody who watched it being made."""
    summary = record["summary"]
    lines = [
        f"Negative control of {record['title']}: {summary['seen']} of {summary['cases']} cases turned their control "
        "red and nothing else, and were repaired.",
        f"{summary['checks_proven']} of {summary['checks']} checks of these hosts were proven to fail.",
    ]
    for host, about in record["hosts"].items():
        mine = [one for one in record["checks"] if one["host"] == host]
        seen = sum(bool(one["seen_by"]) for one in mine)
        lines.append(f"  {host}: {seen} of {len(mine)} checks proven to fail in {about['rounds']} rounds")
        if about["stopped"]:
            lines.append(f"  {host}: ended early, and may be broken still: {about['stopped']}")
    for one in record["cases"]:
        if one["outcome"] != SEEN:
            lines.append(f"  {one['host']}: {one['case']}: {one['outcome']}{_told(one)}")
    return "\n".join(lines)


def _told(one: Mapping[str, Any]) -> str:
    """What there is to say about a case that was not seen as it should."""
    parts = [one["note"]] if one["note"] else []
    parts += [f"{check} ({why})" for check, why in {**one["others"], **one["still_red"]}.items()]
    return f": {'; '.join(parts)}" if parts else ""
