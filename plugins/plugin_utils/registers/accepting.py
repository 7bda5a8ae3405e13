# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Applies the exceptions in force: a failing finding that one names is ``excepted``, and says by which."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ansible_collections.ringfence.callcenter.plugins.plugin_utils.registers.entries import EXCEPTION
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.registers.judging import EntryState


def _names(exception: Mapping[str, Any], host: str, finding: Mapping[str, Any]) -> bool:
    """Whether an exception is about this finding of this host."""
    if "all" not in exception["hosts"] and host not in exception["hosts"]:
        return False
    if "check" in exception:
        return bool(exception["check"] == finding["check"])
    return bool(exception["control"] == finding["control"])


def _excepted(finding: Mapping[str, Any], name: str, fields: Mapping[str, Any]) -> dict[str, Any]:
    why = f"accepted until {fields['expires']} by exception {name} of {fields['owner']}"
    reason = f"{why}: {finding['reason']}" if finding.get("reason") else why
    return {**finding, "status": "excepted", "exception": name, "reason": reason}


def accept(
    records: Sequence[Mapping[str, Any]], judged: Iterable[EntryState]
) -> tuple[list[dict[str, Any]], dict[str, int]]:
    """The records with their excepted findings, and how many findings each exception in force accepts.

    Only ``fail`` can be accepted: what was not observed or could not be decided is no known risk.
    """
    active = {one.entry.id: one.entry.fields for one in judged if one.in_force and one.entry.kind == EXCEPTION}
    used = dict.fromkeys(active, 0)
    changed = []
    for record in records:
        findings = []
        for found in record["findings"]:
            name = None
            if found["status"] == "fail":
                name = next((one for one, fields in active.items() if _names(fields, str(record["host"]), found)), None)
            if name is not None:
                used[name] += 1
                findings.append(_excepted(found, name, active[name]))
            else:
                findings.append(found)
        changed.append({**record, "findings": findings})
    return changed, used
