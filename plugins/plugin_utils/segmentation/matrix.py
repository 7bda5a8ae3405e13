# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Verdicts put together: the matrix of pairs of segments, and the findings that somebody has to look at."""

from __future__ import annotations

from typing import Any

from .judge import AS_INTENDED, MAIN_PHASE, NOT_TESTED, VERDICTS, Judge
from .plan import Planner
from .site import INTERNET


def measured(planner: Planner, judge: Judge) -> tuple[list[dict[str, Any]], list[dict[str, Any]], set[str]]:
    """The cells of the matrix in the order of the site model, the findings, the worst first, and the flows tried."""
    cells = _cells(planner)
    findings: list[dict[str, Any]] = []
    flows: set[str] = set()
    for seat in planner.seats:
        for ends in planner.pairs(seat):
            source, target = ends
            cell = cells[source.segment, target.segment]
            for protocol, port, flow in planner.tries(source, target):
                found = judge.verdict(MAIN_PHASE, seat.runs_on, ends, (protocol, port), flow is not None)
                cell["tries"] += 1
                cell["counts"][found.verdict] += 1
                cell["needed"] += flow is not None
                flows |= {flow} if flow else set()
                if found.verdict != AS_INTENDED:
                    findings.append(
                        {
                            "pair": [source.segment, target.segment],
                            "from": source.host or f"namespace on {seat.runs_on}",
                            "from_address": source.address,
                            "to": target.host,
                            "to_address": target.address,
                            "protocol": protocol,
                            "port": port or None,
                            "intended": "closed" if flow is None else "open",
                            "flow": flow,
                            "measured": found.verdict,
                            "stopped_by": found.stopped_by,
                            "note": found.note,
                        }
                    )
    for cell in cells.values():
        cell["verdict"] = next((name for name in VERDICTS if cell["counts"][name]), NOT_TESTED)
        if not cell["tries"] and not cell["note"]:
            cell["note"] = "no host to try"
            if cell["from"] == cell["to"]:  # a segment with one host has nobody in it to reach
                cell["verdict"], cell["note"] = AS_INTENDED, "one host only: there is no pair"
    rank = {name: at for at, name in enumerate(VERDICTS)}
    findings.sort(key=lambda finding: rank[finding["measured"]])
    return list(cells.values()), findings, flows


def _cells(planner: Planner) -> dict[tuple[str, str], dict[str, Any]]:
    segments = list(planner.site.segments)
    rows = [*segments, *([INTERNET] if any(seat.place == INTERNET for seat in planner.seats) else [])]
    return {
        (row, column): {
            "from": row,
            "to": column,
            "verdict": "",
            "tries": 0,
            "needed": 0,
            "counts": dict.fromkeys(VERDICTS, 0),
            "note": planner.without_seat.get(row, ""),
        }
        for row in rows
        for column in segments
    }
