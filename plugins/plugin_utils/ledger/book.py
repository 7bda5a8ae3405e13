# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Puts the ledger together: for every activity its occurrences, the missed ones and the next due day."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.ringfence.callcenter.plugins.plugin_utils import canonical
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.ledger.periods import after
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.ledger.sources import Found

#: In the order of a reader's attention.
STATUSES = {
    "overdue": "Overdue",
    "changed": "Changed since",
    "due": "Due today",
    "no_record": "No record",
    "on_time": "On time",
}
_SHOWN = 12  # occurrences of an activity that the ledger lists; it counts them all
_MISSED = 400  # missed ones that it lists; more than a year of days


def _missed(days: Sequence[str], start: str | None, every: str, today: str) -> list[dict[str, Any]]:
    """The days on which it was due and did not take place until then, each with the day on which it did, or null.

    start: the day from which on it is asked for; None, from the first occurrence on.
    """
    missed: list[dict[str, Any]] = []
    last = start or (days[0] if days else today)
    for day in [*(day for day in days if day >= last), None]:
        due = after(last, every)
        while due < (day or today):
            missed.append({"due": due, "done": day})
            due = after(due, every)
        last = day or last
    return missed


def _row(
    activity: Mapping[str, Any], asked: Mapping[str, str], rows: Sequence[Mapping[str, Any]], today: str
) -> dict[str, Any]:
    done = sorted(rows, key=lambda one: str(one["on"]))
    done = [one for one in done if str(one["on"]) <= today]
    every, since = asked.get("every") or activity.get("every"), asked.get("since")
    last = str(done[-1]["on"]) if done else None
    start = max(filter(None, (last, since)), default=None)
    dues = [after(start, str(every))] if start and every else []
    dues += [str(one["due"]) for one in done[-1:] if one.get("due")]
    next_due = min(dues, default=None)
    missed = _missed([str(one["on"]) for one in done], since, str(every), today) if every and (done or since) else []
    status = "no_record"
    if next_due is not None:
        status = "overdue" if next_due < today else "due" if next_due == today else "on_time"
    return {
        "activity": activity["id"],
        "title": activity["title"],
        "pci": list(activity.get("pci", [])),
        "claims": list(activity.get("claims", [])),
        "every": every,
        "at_least_every": activity.get("every"),
        "since": since,
        "status": status,
        "occurrences": done[::-1][:_SHOWN],
        "occurred": len(done),
        "days_in_a_year": sorted({str(one["on"]) for one in done if str(one["on"]) > _a_year_before(today)}),
        "missed": missed[::-1][:_MISSED],
        "missed_in_a_year": sum(one["due"] > _a_year_before(today) for one in missed),
        "last": last,
        "last_failed": bool(done) and _failed(done[-1]),
        "attested": bool(done) and done[-1]["outcome"] == "attested",
        "next_due": next_due,
    }


def _failed(occurrence: Mapping[str, Any]) -> bool:
    """Whether it took place and did not end well. What an audit found stands in its own findings."""
    return occurrence["source"] == "record" and occurrence["outcome"] not in ("pass", "complete")


def _a_year_before(day: str) -> str:
    year, rest = day[:4], day[4:]
    return f"{int(year) - 1:04d}{'-02-28' if rest == '-02-29' else rest}"


def build(
    activities: Sequence[Mapping[str, Any]],
    asked: Mapping[str, Mapping[str, str]],
    found: Found,
    today: str,
) -> list[dict[str, Any]]:
    """A row for every activity of the catalogue and for every other one that there are records of.

    asked: what the site asks for, as ``periods.check`` returns it.
    """
    known = [str(row["id"]) for row in activities]
    others = [{"id": name, "title": name.replace("_", " ")} for name in sorted(found.occurrences) if name not in known]
    return [
        _row(row, asked.get(str(row["id"]), {}), found.occurrences.get(str(row["id"]), []), today)
        for row in [*activities, *others]
    ]


def lost(directory: str | None, previous: str | None, found: Found) -> dict[str, str]:
    """The records that the ledger of the bundle before names and that are gone or changed: path -> what."""
    if directory is None or previous is None:
        return {}
    try:
        before = canonical.read(os.path.join(directory, previous, "ledger.json"))["records"]
    except (OSError, ValueError, KeyError, TypeError):
        return {}
    now = found.hashes()
    return {
        str(path): f"{path} {'was changed' if path in now else 'is gone or broken'} since the audit {previous}"
        for path, digest in before.items()
        if now.get(path) != digest
    }
