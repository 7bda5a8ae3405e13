# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the newest record of an activity still says something of the site: decided here, for all that tells it.

The ledger's row has the answer, the finding about the activity and so the verdicts follow from it, and the notes that
stand above a test or a review in a report are made of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

#: The activities whose records are shown: the part of a bundle, the key of the record in it, what a reader calls it.
SHOWN = {
    "segmentation_test": ("segmentation", "test", "test"),
    "firewall_review": ("rule_review", "review", "review"),
    "negative_control": ("negative_control", "proof", "negative control"),
}
#: Those that are about the site model, so that a change of it leaves them behind.
OF_THE_MODEL = frozenset({"segmentation_test", "firewall_review"})
#: Requirements that ask for another one after a change.
_AFTER_CHANGES = {"segmentation_test": " PCI DSS asks for a test after changes (11.4.5)."}


def _made_on(record: Mapping[str, Any]) -> str:
    return str(record.get("finished_at") or record.get("made_at") or "")[:10]


def _changed(row: Mapping[str, Any], part: Mapping[str, Any], record: Mapping[str, Any] | None) -> list[str] | None:
    """What of the site model changed since the activity last took place; None when that cannot be told.

    What a person attests to have done after the record was made is not held against a model that nobody has seen.
    """
    attested = [str(one["on"]) for one in row["occurrences"] if one["outcome"] == "attested"]
    if record is None or max(attested, default="") > _made_on(record):
        return []
    found = part.get("changed")
    return None if found is None else [str(one) for one in found]


def marked(row: Mapping[str, Any], changed: Sequence[str] | None) -> dict[str, Any]:
    """A row of the ledger with what changed, and the status ``changed`` where one in time was left behind by it."""
    status = "changed" if changed and row["status"] in ("on_time", "due") else row["status"]
    return {**row, "status": status, "changed": changed}


def mark(rows: Sequence[Mapping[str, Any]], parts: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The rows of the ledger with what changed since each activity took place.

    parts: of the bundle.
    """
    found = []
    for row in rows:
        changed: list[str] | None = []
        if row["activity"] in OF_THE_MODEL:
            name, key, _word = SHOWN[row["activity"]]
            changed = _changed(row, parts[name], parts[name][key])
        found.append(marked(row, changed))
    return found


def reasons(row: Mapping[str, Any]) -> list[str]:
    """Why an activity is not as it should be, by its row; empty when it is."""
    found = []
    if row["status"] == "overdue":
        found.append(f"it was due on {row['next_due']}")
    if row["last_failed"]:
        found.append(f"the last one, of {row['last']}, ended with {row['occurrences'][0]['outcome']}")
    if row.get("changed"):
        found.append(f"the site model has changed since the last one: {', '.join(row['changed'])}")
    return found


def unknown(row: Mapping[str, Any]) -> str | None:
    """What cannot be told of an activity, None when there is nothing."""
    if row.get("changed", []) is None:
        return "whether the site model has changed since the last one cannot be told: do it again"
    return None


def notes(activity: str, parts: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """What a reader must know before a record is believed, in sentences: how old it is, and what has changed since."""
    name, key, word = SHOWN[activity]
    part = parts.get(name) or {}
    record, found = part.get(key), []
    if part.get("problem"):
        found.append(f"Not shown: {part['problem']}.")
    if record is None:
        return found
    row = next((one for one in rows if one["activity"] == activity), None)
    if row is not None and row["status"] == "overdue":
        found.append(f"It is out of date: the next {word} was due on {row['next_due']}.")
    site = parts["run"]["site"]
    if activity == "segmentation_test" and record["site"] != site["name"]:
        found.append(f"It is a test of the site {record['title']} ({record['site']}).")
    if activity in OF_THE_MODEL:
        found += _said_of_changes(activity, word, part.get("changed", []))
    return found


def _said_of_changes(activity: str, word: str, changed: Sequence[str] | None) -> list[str]:
    if changed is None:
        return ["Whether the site model has changed since cannot be told."]
    if not changed:
        return []
    asked = _AFTER_CHANGES.get(activity, "")
    return [f"The site model has changed since: {', '.join(changed)}. The {word} says nothing of what is new.{asked}"]
