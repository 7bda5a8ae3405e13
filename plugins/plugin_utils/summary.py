# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The few lines that a person at the terminal reads after an audit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ansible_collections.ringfence.callcenter.plugins.module_utils.probes.runner import STATUSES
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.findings import count, worst
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.site_findings import SITE

#: What needs somebody's attention.
RED = ("fail", "error", "not_observed")
_MAX_ROWS = 60
_MAX_RED = 40


def _words(status: str) -> str:
    return status.replace("_", " ")


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    first = cells[0].ljust(widths[0])
    return "  ".join([first, *(cell.rjust(width) for cell, width in zip(cells[1:], widths[1:]))])


def table(records: Sequence[Mapping[str, Any]]) -> list[str]:
    """Host by status, with a total; the hosts that need attention most come first when there are too many to show."""
    rows = [(str(record["host"]), count(record["findings"])) for record in records]
    shown = rows
    if len(rows) > _MAX_ROWS:
        rank = {status: place for place, status in enumerate(STATUSES)}
        shown = sorted(rows, key=lambda row: min((rank[s] for s in STATUSES if row[1][s]), default=len(STATUSES)))
        shown = shown[:_MAX_ROWS]
    total = {status: sum(counts[status] for _host, counts in rows) for status in STATUSES}
    columns = [status for status in STATUSES if total[status] or status in ("pass", "fail")]
    cells = [["host", *(_words(status) for status in columns)]]
    cells += [[host, *(str(counts[status] or "·") for status in columns)] for host, counts in shown]
    hosts = sum(record["host"] != SITE for record in records)
    cells += [[f"{hosts} host{'' if hosts == 1 else 's'}", *(str(total[status]) for status in columns)]]
    widths = [max(len(row[place]) for row in cells) for place in range(len(columns) + 1)]
    lines = [_line(row, widths) for row in cells]
    rule = "─" * len(lines[0])
    hidden = [f"… and {len(rows) - len(shown)} hosts more in the report"] if len(shown) < len(rows) else []
    return [lines[0], rule, *lines[1:-1], *hidden, rule, lines[-1]]


def red_controls(records: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The controls that need attention: ``control``, its worst ``status`` and the ``hosts``, worst first."""
    found: dict[str, dict[str, list[str]]] = {}
    for record in records:
        for one in record["findings"]:
            if one["status"] in RED:
                hosts = found.setdefault(str(one["control"]), {}).setdefault(str(one["status"]), [])
                if record["host"] not in hosts:
                    hosts.append(str(record["host"]))
    rows = []
    for control, by_status in found.items():
        status = worst(by_status) or "error"
        rows.append({"control": control, "status": status, "hosts": by_status[status]})
    return sorted(rows, key=lambda row: (STATUSES.index(row["status"]), row["control"]))


def _hosts(names: Sequence[str]) -> str:
    names = ["the site" if name == SITE else name for name in names]
    return ", ".join(names[:6]) + (f" and {len(names) - 6} more" if len(names) > 6 else "")


def text(records: Sequence[Mapping[str, Any]], report: str) -> str:
    """The table, the controls that need attention by name, the hosts not observed and the path of the report."""
    lines = table(records)
    red = red_controls(records)
    if red:
        lines += ["", "Controls that need attention:"]
        lines += [
            f"  {_words(row['status']):<12}  {row['control']}  ({_hosts(row['hosts'])})" for row in red[:_MAX_RED]
        ]
        if len(red) > _MAX_RED:
            lines += [f"  … and {len(red) - _MAX_RED} more in the report"]
    unseen = [record for record in records if not record["observed"]]
    if unseen:
        lines += ["", "Hosts not observed:"]
        lines += [f"  {record['host']}: {record['reason']}" for record in unseen[:_MAX_RED]]
        if len(unseen) > _MAX_RED:
            lines += [f"  … and {len(unseen) - _MAX_RED} more in the report"]
    return "\n".join([*lines, "", f"Report: {report}"])


def sentence(counts: Mapping[str, int], fail_on: Iterable[str], report: str) -> str | None:
    """Why the audit is red, in one sentence; None when it is not."""
    found = [
        f"{counts[status]} {_words(status)}" for status in STATUSES if status in set(fail_on) and counts.get(status)
    ]
    if not found:
        return None
    return f"The audit needs attention: findings with status {', '.join(found)}; see {report}"
