# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which cases have a meaning on a host: those whose control applies there and is green before anything is broken."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from ansible_collections.ringfence.callcenter.plugins.plugin_utils.negative_control.judging import GREEN


def _why_not(case: Mapping[str, Any], findings: Sequence[Mapping[str, Any]], held: Collection[str]) -> str | None:
    """Why a case is not tried on a host, None when it is. findings: those of its control."""
    if case["role"] not in held:
        return "no play converges its role on this host"
    if not findings:
        return "its role does not belong to this kind of host"
    red = sorted(one["check"] for one in findings if one["status"] not in GREEN)
    if red:
        return f"its control was red before: {', '.join(red)}"
    if all(one["status"] == "not_applicable" for one in findings):
        return f"its control does not apply: {findings[0]['reason']}"
    return None


def applying(
    cases: Iterable[Mapping[str, Any]], before: Mapping[str, Any], held: Collection[str]
) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """The cases to try on a host, and why not the others, by id.

    before: the host's record of the audit before. held: the roles that can repair it.
    """
    by_control: dict[str, list[Mapping[str, Any]]] = {}
    for one in before["findings"]:
        by_control.setdefault(one["control"], []).append(one)
    chosen, left = [], {}
    for case in cases:
        reason = _why_not(case, by_control.get(case["control"], []), held)
        if reason is None:
            chosen.append(dict(case))
        else:
            left[str(case["id"])] = reason
    return chosen, left
