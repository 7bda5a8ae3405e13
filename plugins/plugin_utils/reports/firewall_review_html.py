# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rule review as one HTML page that needs nothing else and runs no script."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

from ansible_collections.ringfence.callcenter.plugins.plugin_utils.reports.firewall_review import MARKS
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.reports.page import page

_SHORT = {
    "not_declared": "not declared",
    "altered": "altered",
    "not_loaded": "not loaded",
    "overdue": "overdue",
    "never_hit": "never hit",
    "undated": "no review date",
}
_STATUS = {"observed": "", "no_firewall": "no rules of the role here", "not_observed": "not observed"}

_STYLE = """
.not_declared, .altered, .not_loaded, .overdue { background: var(--red); } .never_hit { background: var(--amber); }
tr.own { opacity: .7; }
"""


def _mark(name: str, text: str = "") -> str:
    return f'<span class="mark {name}" title="{escape(MARKS[name])}">{escape(text or _SHORT[name])}</span>'


def _number(value: Any) -> str:
    return "-" if value is None else f"{value:,}".replace(",", "\u202f")


def _rule(rule: Mapping[str, Any]) -> str:
    details = [
        f"{title} {escape(str(rule[key]))}"
        for key, title in (("change", "change"), ("mitigation", "safe by:"))
        if rule[key]
    ]
    why = escape(str(rule["reason"])) + (f'<br><span class="soft">{"; ".join(details)}</span>' if details else "")
    texts = "".join(f"<code>{escape(text)}</code>" for text in rule["permits"])
    cells = (
        f"<td>{escape(str(rule['direction']))}</td>",
        f"<td>{escape(str(rule['name'])) or '<i>no name</i>'}<br>{''.join(_mark(name) for name in rule['marks'])}</td>",
        f"<td>{texts}</td>",
        f"<td>{why}</td>",
        f"<td>{escape(str(rule['owner']))}</td>",
        f"<td>{escape(str(rule['review_by'])) or '-'}</td>",
        f'<td class="number">{_number(rule["packets"])}</td>',
        f'<td class="number">{_number(rule["bytes"])}</td>',
    )
    return f"<tr{' class=own' if rule['own'] else ''}>{''.join(cells)}</tr>"


_HEAD = (
    "<tr><th>Direction</th><th>Rule</th><th>What it permits</th><th>Reason</th><th>Owner</th><th>Review by</th>"
    "<th>Packets</th><th>Bytes</th></tr>"
)


def _host(host: Mapping[str, Any]) -> str:
    title = f"<h2>{escape(host['name'])}</h2>"
    if host["status"] != "observed":
        reason = f": {escape(host['reason'])}" if host["reason"] else ""
        return f"<section>{title}<p><b>{_STATUS[host['status']]}</b>{reason}</p></section>"
    since = escape(host["counting_since"] or "an unknown time")
    said = f'<p class="soft">Seen {escape(host["observed_at"])}; packets and bytes since {since}.</p>'
    # The role's own rules come last: nobody reviews them.
    rules = sorted(host["rules"], key=lambda rule: bool(rule["own"]))
    rows = "\n".join(_rule(rule) for rule in rules)
    return f'<section>{title}{said}<div class="scroll"><table>{_HEAD}\n{rows}\n</table></div></section>'


def as_html(review: Mapping[str, Any]) -> str:
    """The page."""
    totals = review["totals"]
    counted = f"{totals['rules']} rules on {totals['observed']} of {totals['hosts']} hosts"
    marks = " ".join(_mark(name, f"{totals[name]} {_SHORT[name]}") for name in MARKS if totals[name])
    meaning = "; ".join(f"<b>{escape(_SHORT[name])}</b>: {escape(text)}" for name, text in MARKS.items())
    return page(
        f"Firewall rules of {review['site']}",
        f"""<p>{counted}, made {escape(review["made_at"])}. {marks}</p>
<p class="soft">{meaning}. A rule counts the packets that open a connection; what
follows belongs to the connection. Counters start anew with each load of the rules and each boot: a rule that serves a
yearly task may be needed and never hit. The rules of the role itself stand last and pale.</p>
{"".join(_host(host) for host in review["hosts"])}""",
        _STYLE,
    )
