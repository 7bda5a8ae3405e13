# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where it shows that something took place: sealed bundles, records of activities, attestations.

A record is ``EVIDENCE_DIR/records/ACTIVITY/RUN.json``: ``{schema: 1, activity, run, site, started_at, finished_at,
outcome, summary, due}`` and whatever its activity adds. An occurrence is ``{on, source, outcome, summary, due}`` with
``path`` and ``sha256`` when it is a record.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.ringfence.callcenter.plugins.module_utils.masking import clean
from ansible_collections.ringfence.callcenter.plugins.plugin_utils import canonical, chain
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.registers.judging import EntryState

RECORDS = "records"
SCHEMA = 1
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_MAX_SUMMARY = 300


@dataclass
class Found:
    """Occurrences by activity, and the records that cannot be used: path -> why."""

    occurrences: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    broken: dict[str, str] = field(default_factory=dict)

    def add(self, activity: str, occurrence: Mapping[str, Any]) -> None:
        """Note that an activity took place."""
        self.occurrences.setdefault(activity, []).append(dict(occurrence))

    def hashes(self) -> dict[str, str]:
        """The hash of every record by its path."""
        return {one["path"]: one["sha256"] for rows in self.occurrences.values() for one in rows if "path" in one}


def write_record(directory: str, record: Mapping[str, Any]) -> str:
    """Leave a record of an activity in an evidence folder; the path of its file."""
    folder = os.path.join(directory, RECORDS, str(record["activity"]))
    os.makedirs(folder, mode=canonical.DIRECTORY_MODE, exist_ok=True)
    path = os.path.join(folder, f"{record['run']}.json")
    canonical.write(path, canonical.dumps({"schema": SCHEMA, **record}))
    return path


def _summary(value: Any) -> str:
    """A record's summary in one short text: itself, or its plain values by name."""
    if isinstance(value, Mapping):
        plain = ((key, one) for key, one in value.items() if isinstance(one, (str, int, float, bool)))
        value = ", ".join(f"{str(key).replace('_', ' ')}: {one}" for key, one in plain)
    text = " ".join(str(value if value is not None else "").split())
    return str(clean(text if len(text) <= _MAX_SUMMARY else text[: _MAX_SUMMARY - 1] + "…"))


def _record(path: str, activity: str) -> dict[str, Any]:
    """One record as an occurrence; ValueError when it is none."""
    with open(path, "rb") as stream:
        data = stream.read()
    record = json.loads(data.decode("utf-8"))
    if not isinstance(record, dict) or record.get("schema") != SCHEMA or record.get("activity") != activity:
        raise ValueError(f"it is no record of {activity} with schema {SCHEMA}")
    if record.get("run") != os.path.basename(path)[: -len(".json")]:
        raise ValueError("its run is not that of its name")
    for key in ("started_at", "finished_at"):
        if not _DAY.match(str(record.get(key))):
            raise ValueError(f"it has no time {key}")
    due = record.get("due")
    if due is not None and not _DAY.match(str(due)):
        raise ValueError("due is no date")
    return {
        "on": str(record["finished_at"])[:10],
        "source": "record",
        "outcome": str(clean(record.get("outcome"))),
        "summary": _summary(record.get("summary")),
        "due": None if due is None else str(due)[:10],
        "sha256": canonical.sha256(data),
    }


def _records(directory: str, found: Found) -> None:
    top = os.path.join(directory, RECORDS)
    for activity in sorted(os.listdir(top)) if os.path.isdir(top) else []:
        folder = os.path.join(top, activity)
        for name in sorted(os.listdir(folder)) if os.path.isdir(folder) else []:
            if not name.endswith(".json"):
                continue  # what a record is shown with, such as a page to read
            path = f"{RECORDS}/{activity}/{name}"
            try:
                found.add(activity, {**_record(os.path.join(folder, name), activity), "path": path})
            except (OSError, ValueError, RecursionError) as problem:
                found.broken[path] = str(clean(f"{path} cannot be read as a record: {problem}"))


def audit_of(run: Mapping[str, Any]) -> dict[str, Any]:
    """The occurrence of an audit by its run.json."""
    population = run["population"]
    return {
        "on": str(run["finished_at"])[:10],
        "source": f"bundle {run['run']}",
        "outcome": "complete" if population["observed"] == population["hosts"] else "partial",
        "summary": f"{population['observed']} of {population['hosts']} hosts observed",
        "due": None,
    }


def _bundles(directory: str, found: Found) -> None:
    for name in chain.sealed(directory):
        try:
            run = canonical.read(os.path.join(directory, name, "run.json"))
            if run["population"]["observed"]:
                found.add("audit", audit_of(run))
        except (OSError, ValueError, KeyError, TypeError) as problem:
            found.broken[f"{name}/run.json"] = str(clean(f"{name}/run.json cannot be read: {problem}"))


def collect(directory: str | None, judged: Iterable[EntryState]) -> Found:
    """All occurrences that an evidence folder and the attestations tell of.

    An attestation tells that something took place on its ``made_on``, also when it has expired since.
    """
    found = Found()
    if directory is not None:
        _bundles(directory, found)
        _records(directory, found)
    for one in judged:
        if one.state in ("in_force", "expired"):
            for activity in one.entry.fields.get("activities", []):
                fields = one.entry.fields
                said = {"on": fields["made_on"], "source": f"attestation {one.entry.id}", "outcome": "attested"}
                found.add(activity, {**said, "summary": str(clean(fields["statement"])), "due": fields["expires"]})
    return found
