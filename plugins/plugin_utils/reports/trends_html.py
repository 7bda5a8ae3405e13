# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The history of sites as one HTML page that needs nothing else and runs no script."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

from ansible_collections.ringfence.callcenter.plugins.plugin_utils.reports.page import page
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.reports.trends_chart import MOST_BARS, bars
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.verdicts import EVIDENCE

#: What is open, the worst at the bottom of a bar.
_STATUSES = {"fail": "fail", "error": "error", "not_observed": "unseen", "excepted": "excepted"}
_EVIDENCE = {
    "does_not_support": "fail",
    "expired": "error",
    "partly_observed": "partly",
    "not_observed": "unseen",
    "attested": "attested",
    "supports": "good",
    "not_covered": "none",
}
_NOTICE = (
    "Read from sealed evidence bundles. Open is what failed, could not be decided, was not observed or is accepted by "
    "an exception. Evidence supports a requirement or does not: an assessor decides. Not affiliated with PCI Security "
    "Standards Council, LLC."
)
_MOST_OPEN = 100
_MOST_CHANGES = 100

_STYLE = """
svg { max-width: 46rem; width: 100%; height: auto; display: block; } svg text { font-size: 11px; fill: currentColor; }
.axis { fill: none; stroke: currentColor; opacity: .4; } .key { display: inline-block; width: .8rem; height: .8rem;
  margin: 0 .3rem 0 .8rem; vertical-align: -.1rem; border: 1px solid var(--line); }
rect.fail { fill: var(--red); } rect.error { fill: var(--amber); } rect.unseen { fill: var(--grey); }
rect.excepted { fill: #7a55b5; } rect.attested { fill: #2c7fb8; } rect.good { fill: #2b7a3f; }
rect.none { fill: #8886; } rect.partly { fill: #e0a03a; } .key.partly { background: #e0a03a; }
.key.fail { background: var(--red); } .key.error { background: var(--amber); } .key.unseen { background: var(--grey); }
.key.excepted { background: #7a55b5; } .key.attested { background: #2c7fb8; } .key.good { background: #2b7a3f; }
.key.none { background: #8886; } figure { margin: .6rem 0 1.2rem; } figcaption { font-weight: 600; }
caption { text-align: left; padding: .2rem 0; } th { white-space: normal; }
td { overflow-wrap: anywhere; } td:first-child, .kind { white-space: nowrap; }
h3 { font-size: 1rem; margin: 1.2rem 0 .3rem; } summary { cursor: pointer; }
"""


def _words(name: str) -> str:
    return name.replace("_", " ")


def _table(caption: str, head: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """Cells that are numbers stand to the right."""
    columns = "".join(f'<th scope="col">{escape(name)}</th>' for name in head)
    listed = "\n".join(f"<tr>{''.join(_cell(cell) for cell in row)}</tr>" for row in rows)
    return (
        f'<div class="scroll"><table><caption class="soft">{escape(caption)}</caption><tr>{columns}</tr>\n'
        f"{listed}\n</table></div>"
    )


def _cell(value: Any) -> str:
    if isinstance(value, int):
        return f'<td class="number">{value}</td>'
    return f"<td>{escape(str(value))}</td>"


def _key(kinds: Mapping[str, str], titles: Mapping[str, str]) -> str:
    return "".join(
        f'<span class="kind"><span class="key {style}"></span>{escape(titles[kind])}</span> '
        for kind, style in kinds.items()
    )


def _figure(caption: str, chart: str, key: str) -> str:
    return f"<figure><figcaption>{escape(caption)}</figcaption>{chart}<p>{key}</p></figure>"


def _charts(site: Mapping[str, Any]) -> str:
    runs = site["runs"]
    statuses = {name: _words(name) for name in _STATUSES}
    newest = runs[-1]
    said = ", ".join(f"{newest['counts'][name]} {words}" for name, words in statuses.items())
    first = bars(
        [(run["started_at"][:10], run["counts"]) for run in runs],
        _STATUSES,
        title=f"Open findings of {site['title']} in each run",
        description=f"In the newest run {said}. The table of runs has all numbers.",
    )
    said = ", ".join(f"{newest['evidence'][name]} {words}" for name, words in EVIDENCE.items())
    second = bars(
        [(run["started_at"][:10], run["evidence"]) for run in runs],
        _EVIDENCE,
        title=f"Requirements of {site['title']} by what the evidence says",
        description=f"In the newest run {said}. The table of runs has all numbers.",
    )
    return _figure("Open findings", first, _key(_STATUSES, statuses)) + _figure(
        "Requirements", second, _key(_EVIDENCE, EVIDENCE)
    )


def _runs(site: Mapping[str, Any]) -> str:
    head = ("Run", "Started", "Hosts", "Observed", "Pass", *(_words(name) for name in _STATUSES), *EVIDENCE.values())
    rows = [
        (
            *(run["run"], run["started_at"], run["hosts"], run["observed"], run["counts"]["pass"]),
            *(run["counts"][name] for name in _STATUSES),
            *(run["evidence"][name] for name in EVIDENCE),
        )
        for run in reversed(site["runs"])
    ]
    return f"<details><summary>All {len(rows)} runs in numbers</summary>{_table('Newest first', head, rows)}</details>"


def _open(site: Mapping[str, Any]) -> str:
    found = site["open"]
    if not found:
        return "<p>Nothing was open in the newest run.</p>"
    rows = [
        (one["host"], one["check"], _words(one["status"]), one["since"][:10], one["runs"]) for one in found[:_MOST_OPEN]
    ]
    left = f" The {len(found) - _MOST_OPEN} newest are left out; trends.json has them." if found[_MOST_OPEN:] else ""
    return _table(
        f"{len(found)} open in the newest run, the oldest first.{left}",
        ("Host", "Check", "Status", "Open since", "Runs in a row"),
        rows,
    )


def _changes(site: Mapping[str, Any]) -> str:
    found = site["changes"]
    if not found:
        return "<p>None.</p>"
    rows = [
        (one["started_at"][:10], one["requirement"], EVIDENCE[one["before"]], EVIDENCE[one["now"]], one["run"])
        for one in found[:_MOST_CHANGES]
    ]
    left = f" The {len(found) - _MOST_CHANGES} oldest are in trends.json." if found[_MOST_CHANGES:] else ""
    return _table(f"Newest first.{left}", ("Day", "Requirement", "Before", "Now", "Run"), rows)


def _site(site: Mapping[str, Any]) -> str:
    head = f"<h2>{escape(site['title'])}</h2>"
    if not site["runs"]:
        return f"<section>{head}<p>No run since the day that was asked for.</p></section>"
    more = f"<p>The bars show the newest {MOST_BARS} runs.</p>" if len(site["runs"]) > MOST_BARS else ""
    return (
        f"<section>{head}{_charts(site)}{more}{_runs(site)}<h3>Open, and since when</h3>{_open(site)}"
        f"<h3>Requirements whose evidence changed</h3>{_changes(site)}</section>"
    )


def _overview(sites: Sequence[Mapping[str, Any]]) -> str:
    rows = []
    for site in sites:
        if not site["runs"]:
            continue
        first, last = site["runs"][0], site["runs"][-1]
        numbers = [sum(run["counts"][name] for name in _STATUSES) for run in (first, last)]
        oldest = site["open"][0]["since"][:10] if site["open"] else "-"
        said = (last["evidence"]["supports"], last["evidence"]["does_not_support"])
        observed = f"{last['observed']} of {last['hosts']}"
        rows.append((site["title"], len(site["runs"]), last["started_at"][:10], observed, *numbers, oldest, *said))
    head = (
        *("Site", "Runs", "Newest run", "Hosts observed", "Open in the first", "Open in the newest", "Oldest open"),
        *("Requirements supported", "Not supported"),
    )
    return _table("Every site of the store", head, rows)


def as_html(found: Mapping[str, Any]) -> str:
    """The page of a history as ``trends.history`` makes it."""
    sites = found["sites"]
    return page(
        "How the evidence developed",
        f'<p class="soft">{_NOTICE}</p>{_overview(sites)}{"".join(_site(site) for site in sites)}',
        _STYLE,
    )
