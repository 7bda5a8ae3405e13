# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A segmentation test as text for a terminal: the matrix, and the worst findings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.ringfence.callcenter.plugins.plugin_utils.segmentation.judge import (
    AS_INTENDED,
    CLOSED,
    NOT_TESTED,
    OPEN,
)

_SHORT = {AS_INTENDED: "ok", OPEN: "OPEN", CLOSED: "CLOSED", NOT_TESTED: "?"}
_MOST = 20


def finding_text(finding: Mapping[str, Any]) -> str:
    """One finding as a sentence."""
    port = f" {finding['port']}" if finding["port"] else ""
    by = f", stopped by {finding['stopped_by']}" if finding["stopped_by"] else ""
    flow = f" (flow {finding['flow']})" if finding["flow"] else ""
    note = f": {finding['note']}" if finding["note"] else ""
    return (
        f"{finding['measured']}: {finding['pair'][0]} -> {finding['pair'][1]}: {finding['from']} to {finding['to']} "
        f"{finding['to_address']} {finding['protocol']}{port}{flow}{by}{note}"
    )


def as_text(record: Mapping[str, Any]) -> str:
    """The summary, the matrix and the first findings."""
    summary = record["summary"]
    counts = ", ".join(f"{number} {name}" for name, number in summary["tries_by_verdict"].items() if number)
    seen = "seen open and seen closed" if summary["negative_control_seen"] else "NOT SEEN"
    lines = [
        f"{summary['tries']} tries between {summary['pairs']} pairs of segments: {counts or 'none'}",
        f"What was opened on purpose was {seen}. Outcome: {record['outcome']}",
        "",
        *_matrix(record["matrix"]),
    ]
    findings = record["findings"]
    if findings:
        lines += ["", *(finding_text(finding) for finding in findings[:_MOST])]
        if len(findings) > _MOST:
            lines.append(f"and {len(findings) - _MOST} more, in the record")
    return "\n".join(lines)


def _matrix(cells: list[Mapping[str, Any]]) -> list[str]:
    columns = list(dict.fromkeys(cell["to"] for cell in cells))
    rows = list(dict.fromkeys(cell["from"] for cell in cells))
    found = {(cell["from"], cell["to"]): _SHORT[cell["verdict"]] for cell in cells}
    first = max(len("from \\ to"), *(len(row) for row in rows))
    widths = [max(len(column), 6) for column in columns]
    head = "  ".join(column.ljust(width) for column, width in zip(columns, widths))
    lines = ["from \\ to".ljust(first) + "  " + head]
    for row in rows:
        cells_text = "  ".join(found[row, column].ljust(width) for column, width in zip(columns, widths))
        lines.append(f"{row.ljust(first)}  {cells_text}".rstrip())
    return lines
