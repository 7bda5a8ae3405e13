# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The history of one site or many, from an evidence store: how it went, what has been open and since when.

A history is JSON: ``schema`` (1) and ``sites``, a list of ``site``, ``title`` and

- ``runs``, oldest first: ``run``, ``started_at``, ``hosts``, ``observed``, ``counts`` (status to number) and
  ``evidence`` (word of EVIDENCE to the number of requirements);
- ``open``, what is open in the newest run, longest first: ``host``, ``check``, ``control``, ``status``, ``since``,
  ``since_run`` and ``runs``, in how many runs it was without a break;
- ``changes``, newest first: ``run``, ``started_at``, ``requirement``, ``before``, ``now``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import TYPE_CHECKING, Any

from ansible_collections.ringfence.callcenter.plugins.module_utils.probes.runner import STATUSES
from ansible_collections.ringfence.callcenter.plugins.plugin_utils import csv_text
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.delta import OPEN
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.verdicts import EVIDENCE

if TYPE_CHECKING:
    from ansible_collections.ringfence.callcenter.plugins.plugin_utils.evidence_store.store import Store

SCHEMA = 1


def history(store: Store, site: str | None = None, since: str | None = None) -> dict[str, Any]:
    """The history of a site, or of all sites of a store. since: a day; earlier runs are counted in, and not shown."""
    runs: dict[str, list[dict[str, Any]]] = {}
    for row in store.trend(site):
        runs.setdefault(str(row["site"]), []).append(row)
    verdicts: dict[str, list[dict[str, Any]]] = {}
    words: dict[str, Counter[str]] = {}
    for row in store.verdicts("requirement", site):
        verdicts.setdefault(str(row["site"]), []).append(row)
        words.setdefault(str(row["run"]), Counter())[row["evidence"]] += 1
    sites = []
    for name, rows in sorted(runs.items()):
        newest = rows[-1]
        changed = [one for one in changes(verdicts.get(name, [])) if since is None or one["started_at"] >= since]
        sites.append(
            {
                "site": name,
                "title": newest["title"],
                "runs": [
                    _run(row, words.get(row["run"], Counter()))
                    for row in rows
                    if since is None or row["started_at"] >= since
                ],
                "open": still_open(store.open_since(newest["run"], name, OPEN)),
                "changes": changed,
            }
        )
    return {"schema": SCHEMA, "sites": sites}


def _run(row: Mapping[str, Any], words: Mapping[str, int]) -> dict[str, Any]:
    return {
        **{key: row[key] for key in ("run", "started_at", "hosts", "observed")},
        "counts": {status: int(row[status]) for status in STATUSES},
        "evidence": {word: words[word] for word in EVIDENCE},
    }


def still_open(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Since when each finding has been open without a break, longest first.

    rows: as ``Store.open_since`` gives them. A run that did not make the check neither ends nor lengthens it.
    """
    found = []
    for (host, check), group in groupby(rows, key=lambda row: (row["host"], row["check"])):
        unbroken: list[Mapping[str, Any]] = []
        for row in group:
            if row["status"] in OPEN:
                unbroken.append(row)
            else:
                unbroken.clear()
        first, last = unbroken[0], unbroken[-1]
        found.append(
            {
                "host": host,
                "check": check,
                "control": last["control"],
                "status": last["status"],
                "since": first["started_at"],
                "since_run": first["run"],
                "runs": len(unbroken),
            }
        )
    return sorted(found, key=lambda one: (one["since"], one["host"], one["check"]))


def changes(verdicts: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """What the runs of one site say otherwise than the run before them, newest first."""
    found: list[dict[str, Any]] = []
    before: dict[str, str] = {}
    for row in verdicts:
        known = before.get(row["id"])
        if known is not None and known != row["evidence"]:
            found.append(
                {
                    "run": row["run"],
                    "started_at": row["started_at"],
                    "requirement": row["id"],
                    "before": known,
                    "now": row["evidence"],
                }
            )
        before[row["id"]] = row["evidence"]
    return found[::-1]


def as_csv(found: Mapping[str, Any]) -> str:
    """One line a run, as RFC 4180 has it."""
    rows: list[list[Any]] = [["site", "run", "started_at", "hosts", "observed", *STATUSES, *EVIDENCE]]
    for site in found["sites"]:
        for run in site["runs"]:
            about = [site["site"], run["run"], run["started_at"], run["hosts"], run["observed"]]
            numbers = [*(run["counts"][one] for one in STATUSES), *(run["evidence"][one] for one in EVIDENCE)]
            rows.append([*about, *numbers])
    return csv_text.text(rows)
