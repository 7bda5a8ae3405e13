# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The shape of a negative control's record, for whoever shows one that was read back."""

from __future__ import annotations

from typing import Any

RECORD: dict[str, Any] = {
    "run": str,
    "site": str,
    "title": str,
    "started_at": str,
    "finished_at": str,
    "outcome": str,
    "summary": {"hosts": int, "cases": int, "seen": int, "failed": int, "checks": int, "checks_proven": int},
    "hosts": dict,
    "cases": [{"host": str, "case": str, "control": str, "breaks": str, "outcome": str, "note": str}],
    "not_applied": [{"host": str, "case": str, "reason": str}],
    "checks": [{"host": str, "check": str, "seen_by": [str], "reason": (str, None)}],
}
