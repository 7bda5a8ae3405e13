# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The record of a segmentation test, which is kept as evidence."""

from __future__ import annotations

import calendar
import datetime
from collections.abc import Collection, Mapping
from typing import Any

from .judge import AS_INTENDED, CONTROL_PHASE, MAIN_PHASE, OPEN, VERDICTS, Judge, Sightings
from .matrix import measured
from .plan import Planner
from .site import End

SCHEMA = 1
ACTIVITY = "segmentation_test"


def due_after(day: str, months: int) -> str:
    """The day some months after a day, at the latest the last of that month."""
    start = datetime.date.fromisoformat(day[:10])
    month = start.month - 1 + months
    year, month = start.year + month // 12, month % 12 + 1
    return datetime.date(year, month, min(start.day, calendar.monthrange(year, month)[1])).isoformat()


def control_result(planner: Planner, judge: Judge, control: Mapping[str, Any] | None, problem: str) -> dict[str, Any]:
    """What became of the way that was opened on purpose. ``problem``: why it could not be opened or closed."""
    if control is None:
        return {
            "seen": False,
            "tries": [],
            "note": "no two segments with hosts that take part have a gateway in common",
        }
    tries = []
    for pair in control["ends"]:
        source, target = (planner.site.owners[pair[key]] for key in ("source", "target"))
        echo = "icmpv6" if target.version == 6 else "icmp"
        for what in (("tcp", control["port"]), ("udp", control["port"]), (echo, 0)):
            opened, closed = (
                judge.verdict(phase, control["host"], (source, target), what, False).verdict
                for phase in (CONTROL_PHASE, MAIN_PHASE)
            )
            tries.append(_control_try(source, target, what, opened, closed))
    seen = not problem and all(entry["opened"] == OPEN and entry["closed"] == AS_INTENDED for entry in tries)
    return {
        "seen": seen,
        "gateway": control["gateway"],
        "from": control["host"],
        "to": control["target"],
        "port": control["port"],
        "tries": tries,
        "note": problem,
    }


def _control_try(source: End, target: End, what: tuple[str, int], opened: str, closed: str) -> dict[str, Any]:
    return {
        "from_address": source.address,
        "to_address": target.address,
        "protocol": what[0],
        "port": what[1] or None,
        "opened": opened,
        "closed": closed,
    }


def make_record(
    planner: Planner,
    plan: Mapping[str, Any],
    sightings: Sightings,
    *,
    times: tuple[str, str],
    months: int,
    fail_on: Collection[str],
    problem: str,
    effort: Mapping[str, Any],
    model: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """The whole record.

    ``times``: when it started and finished. ``problem``: of the negative control. ``model``: hashes of the site model.
    """
    judge = Judge(planner.site, sightings)
    cells, findings, flows = measured(planner, judge)
    control = control_result(planner, judge, plan["control"], problem)
    tries = {name: sum(cell["counts"][name] for cell in cells) for name in VERDICTS}
    pairs = {name: sum(cell["verdict"] == name for cell in cells) for name in VERDICTS}
    bad = any(tries[name] or pairs[name] for name in fail_on)
    site = planner.site
    targets = {end.host for end in planner.targets}
    return {
        "schema": SCHEMA,
        "activity": ACTIVITY,
        "run": plan["run"],
        "site": site.name,
        "title": site.title,
        "started_at": times[0],
        "finished_at": times[1],
        "due": due_after(times[1], months),
        "outcome": "fail" if bad or not control["seen"] else "pass",
        "fail_on": sorted(fail_on),
        "summary": {
            "tries": sum(tries.values()),
            "needed": sum(cell["needed"] for cell in cells),
            "tries_by_verdict": tries,
            "pairs": len(cells),
            "pairs_by_verdict": pairs,
            "negative_control_seen": control["seen"],
            **effort,
        },
        "model": dict(model or {}),
        "scope": {
            "tcp_ports": list(plan["tcp_ports"]),
            "udp_ports": list(plan["udp_ports"]),
            "from": [
                {
                    "segment": seat.place,
                    "host": seat.runs_on,
                    "namespace": seat.namespace,
                    "addresses": [e.address for e in seat.ends],
                }
                for seat in planner.seats
            ],
            "targets": sorted(name for name in targets if name),
            "hosts": len(site.hosts),
            "flows_not_tried": [flow["name"] for flow in site.flows if flow["name"] not in flows],
            "watched": sorted(sightings.watching),
        },
        "negative_control": control,
        "matrix": cells,
        "findings": findings,
    }
