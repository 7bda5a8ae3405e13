# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The record of a segmentation test as one HTML page that needs nothing else and runs no script."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

from ansible_collections.ringfence.callcenter.plugins.plugin_utils.reports.page import page
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.segmentation.judge import (
    AS_INTENDED,
    CLOSED,
    NOT_TESTED,
    OPEN,
)

_CLASSES = {AS_INTENDED: "good", OPEN: "red", CLOSED: "amber", NOT_TESTED: "grey"}
_SIGNS = {AS_INTENDED: "✓", OPEN: "!", CLOSED: "-", NOT_TESTED: "?"}
_MEANING = {
    AS_INTENDED: "what a flow means got through, and nothing else did",
    OPEN: "something got through, or crossed the gateway, that no flow means",
    CLOSED: "something did not get through that a flow means",
    NOT_TESTED: "nobody was in a place to tell",
}
_MOST_PORTS = 12

_STYLE = """
.good { background: #2b7a3f; } .red { background: var(--red); } .amber { background: var(--amber); }
table.matrix { width: auto; } .matrix td { min-width: 6.5rem; } .matrix th { white-space: normal; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .15rem 1rem; margin: .4rem 0 1rem; } dd { margin: 0; }
.big { font-size: 1rem; padding: .15rem .6rem; }
@media print { .mark { border: 1px solid #000; color: #000; background: none; } }
"""


def _mark(verdict: str, text: str = "") -> str:
    shown = escape(text or verdict)
    return (
        f'<span class="mark {_CLASSES[verdict]}" title="{escape(_MEANING[verdict])}">{_SIGNS[verdict]} {shown}</span>'
    )


def _cell(cell: Mapping[str, Any]) -> str:
    if not cell["tries"]:
        text = escape(cell["note"])
    else:
        needed = f", {cell['needed']} needed" if cell["needed"] else ""
        text = f"{cell['tries']} tries{needed}"
        others = [f"{number} {name}" for name, number in cell["counts"].items() if number and name != AS_INTENDED]
        text += f"<br>{escape('; '.join(others))}" if others else ""
    return f'<td>{_mark(cell["verdict"])}<br><span class="soft">{text}</span></td>'


def _matrix(cells: list[Mapping[str, Any]]) -> str:
    columns = list(dict.fromkeys(cell["to"] for cell in cells))
    head = "".join(f"<th>to {escape(column)}</th>" for column in columns)
    rows = []
    for row in dict.fromkeys(cell["from"] for cell in cells):
        found = {cell["to"]: _cell(cell) for cell in cells if cell["from"] == row}
        rows.append(f"<tr><th>from {escape(row)}</th>{''.join(found[column] for column in columns)}</tr>")
    listed = "\n".join(rows)
    return f'<div class="scroll"><table class="matrix"><tr><th></th>{head}</tr>\n{listed}\n</table></div>'


def _ports(numbers: list[int]) -> str:
    shown = ", ".join(str(number) for number in numbers[:_MOST_PORTS])
    return shown + (f" and {len(numbers) - _MOST_PORTS} more" if len(numbers) > _MOST_PORTS else "")


def _findings(findings: list[Mapping[str, Any]]) -> str:
    """One row for the ports of a pair of addresses that ended alike."""
    if not findings:
        return "<p>None: every try ended as intended.</p>"
    keys = ("measured", "pair", "from", "from_address", "to", "to_address", "protocol", "flow", "stopped_by", "note")
    rows: dict[tuple[Any, ...], list[int]] = {}
    for finding in findings:
        key = tuple(tuple(finding[name]) if name == "pair" else finding[name] for name in keys)
        rows.setdefault(key, []).append(finding["port"] or 0)
    lines = []
    for key, ports in rows.items():
        told = dict(zip(keys, key))
        numbers = [port for port in ports if port]
        remarks = [f"stopped by {told['stopped_by']}" if told["stopped_by"] else "", told["note"]]
        remarks += [f"flow {told['flow']}" if told["flow"] else ""]
        cells = (
            _mark(told["measured"]),
            f"{escape(told['pair'][0])} → {escape(told['pair'][1])}",
            f"{escape(told['from'])}<code>{escape(told['from_address'])}</code>",
            f"{escape(str(told['to']))}<code>{escape(told['to_address'])}</code>",
            f"{escape(told['protocol'])} {_ports(numbers)}",
            escape("; ".join(remark for remark in remarks if remark)),
        )
        lines.append(f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>")
    head = "<tr><th>Measured</th><th>Pair</th><th>From</th><th>To</th><th>What</th><th>Remarks</th></tr>"
    listed = "\n".join(lines)
    return f'<div class="scroll"><table>{head}\n{listed}\n</table></div>'


def _control(control: Mapping[str, Any]) -> str:
    if not control["tries"]:
        return f"<p><b>Not done</b>: {escape(control['note'])}</p>"
    said = "was seen open, and seen closed again" if control["seen"] else "was <b>not</b> seen as it should have been"
    note = f" {escape(control['note'])}." if control["note"] else ""
    rows = "\n".join(
        f"<tr><td>{escape(entry['from_address'])}</td><td>{escape(entry['to_address'])}</td>"
        f"<td>{escape(entry['protocol'])} {entry['port'] or ''}</td>"
        f"<td>{escape(entry['opened'])}</td><td>{escape(entry['closed'])}</td></tr>"
        for entry in control["tries"]
    )
    return (
        f"<p>For a moment gateway {escape(control['gateway'])} let {escape(control['from'])} reach "
        f"{escape(control['to'])} where no flow means it. It {said}.{note}</p>"
        '<div class="scroll"><table><tr><th>From</th><th>To</th><th>What</th><th>While open</th><th>After</th></tr>\n'
        f"{rows}\n</table></div>"
    )


def _scope(record: Mapping[str, Any]) -> str:
    scope = record["scope"]
    rows = "\n".join(
        f"<tr><td>{escape(seat['segment'])}</td>"
        f"<td>{'a namespace on ' if seat['namespace'] else ''}{escape(seat['host'])}</td>"
        f"<td><code>{escape(', '.join(seat['addresses']))}</code></td></tr>"
        for seat in scope["from"]
    )
    tcp, udp = (", ".join(map(str, scope[key])) for key in ("tcp_ports", "udp_ports"))
    left = ", ".join(scope["flows_not_tried"])
    untried = f"<p>Not tried, because an end lies outside or is a gateway itself: {escape(left)}.</p>" if left else ""
    return (
        f"<p>{len(scope['targets'])} of {scope['hosts']} hosts were tried, at all their addresses: "
        f"{escape(', '.join(scope['targets']))}. {len(scope['watched'])} hosts watched what arrived.</p>"
        f"<p>TCP ports {tcp}; UDP ports {udp}; echo requests; IPv4 and IPv6.</p>{untried}"
        '<div class="scroll"><table><tr><th>Segment</th><th>Tried from</th><th>With the addresses</th></tr>\n'
        f"{rows}\n</table></div>"
    )


def as_html(record: Mapping[str, Any]) -> str:
    """The page."""
    summary = record["summary"]
    verdict = _mark(AS_INTENDED if record["outcome"] == "pass" else OPEN, record["outcome"])
    counts = " ".join(_mark(name, f"{number} {name}") for name, number in summary["tries_by_verdict"].items() if number)
    meaning = "; ".join(f"<b>{escape(name)}</b>: {escape(text)}" for name, text in _MEANING.items())
    return page(
        f"Segmentation test of {record['title']}",
        f"""<p class="big">{verdict} {summary["tries"]} tries between {summary["pairs"]} pairs of segments. {counts}</p>
<dl><dt>Run</dt><dd>{escape(record["run"])}</dd><dt>Begun</dt><dd>{escape(record["started_at"])}</dd>
<dt>Finished</dt><dd>{escape(record["finished_at"])}</dd><dt>Next test due</dt><dd>{escape(record["due"])}</dd></dl>
<p class="soft">{meaning}.</p>
<h2>Matrix</h2>
{_matrix(record["matrix"])}
<h2>Findings</h2>
{_findings(record["findings"])}
<h2>Opened on purpose</h2>
{_control(record["negative_control"])}
<h2>Scope</h2>
{_scope(record)}""",
        _STYLE,
    )
