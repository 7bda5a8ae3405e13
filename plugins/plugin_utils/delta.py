# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What changed between two audits, finding by finding."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.ringfence.callcenter.plugins.plugin_utils import canonical

#: In the order of a reader's attention.
CHANGES = {
    "drifted": "It passed before and needs attention now",
    "new": "It needs attention and was not checked before",
    "still_open": "It needed attention before and does now",
    "fixed": "It needed attention before and passes now",
    "no_longer_checked": "It needed attention before and is not checked any more",
}
#: What is not settled; an exception accepts a failure and does not repair it.
OPEN = frozenset({"fail", "error", "not_observed", "excepted"})

Statuses = Mapping[tuple[str, str], str]


def statuses(records: Iterable[Mapping[str, Any]]) -> dict[tuple[str, str], str]:
    """The status of every finding by host and check."""
    return {
        (str(record["host"]), str(one["check"])): str(one["status"]) for record in records for one in record["findings"]
    }


def change(before: str | None, now: str | None) -> str | None:
    """One word of CHANGES for a finding's two statuses, None when there is nothing to say. None: not checked."""
    was_open, is_open = before in OPEN, now in OPEN
    if is_open:
        return "still_open" if was_open else "drifted" if before == "pass" else "new"
    if was_open:
        return "fixed" if now == "pass" else "no_longer_checked"
    return None


def compare(before: Statuses, now: Statuses) -> dict[str, list[dict[str, Any]]]:
    """For each word of CHANGES the findings as ``{host, check, before, now}``, sorted."""
    found: dict[str, list[dict[str, Any]]] = {word: [] for word in CHANGES}
    for host, check in sorted({**before, **now}):
        was, is_ = before.get((host, check)), now.get((host, check))
        word = change(was, is_)
        if word is not None:
            found[word].append({"host": host, "check": check, "before": was, "now": is_})
    return found


def read(bundle: str) -> dict[tuple[str, str], str]:
    """The statuses of a sealed bundle; ValueError or OSError when it cannot be read."""
    folder = os.path.join(bundle, "hosts")
    records = [canonical.read(os.path.join(folder, name)) for name in sorted(os.listdir(folder))]
    site = os.path.join(bundle, "site.json")
    try:
        return statuses([*records, *([canonical.read(site)] if os.path.isfile(site) else [])])
    except (KeyError, TypeError) as problem:
        raise ValueError(f"a record is not valid: {problem}") from problem


def against(directory: str | None, run: str | None, records: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """``compared_with`` (a run or null), ``problem`` (why that cannot be, or null), and a list for each change."""
    nothing: dict[str, list[dict[str, Any]]] = {word: [] for word in CHANGES}
    if directory is None or run is None:
        return {"compared_with": None, "problem": None, **nothing}
    try:
        before = read(os.path.join(directory, run))
    except (OSError, ValueError) as problem:
        return {"compared_with": run, "problem": f"the bundle cannot be read: {problem}", **nothing}
    return {"compared_with": run, "problem": None, **compare(before, statuses(records))}
