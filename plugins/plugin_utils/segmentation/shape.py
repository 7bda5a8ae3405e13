# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The shape of a segmentation test's record, for whoever shows one that was read back."""

from __future__ import annotations

from typing import Any

from .judge import VERDICTS

_COUNTS = dict.fromkeys(VERDICTS, int)
_TEXT = (str, None)

RECORD: dict[str, Any] = {
    "run": str,
    "site": str,
    "title": str,
    "started_at": str,
    "finished_at": str,
    "due": _TEXT,
    "outcome": str,
    "summary": {"tries": int, "pairs": int, "tries_by_verdict": _COUNTS, "pairs_by_verdict": _COUNTS},
    "scope": {
        "tcp_ports": [int],
        "udp_ports": [int],
        "from": [{"segment": str, "host": str, "namespace": bool, "addresses": [str]}],
        "targets": [str],
        "hosts": int,
        "flows_not_tried": [str],
        "watched": [str],
    },
    "negative_control": {
        "seen": bool,
        "note": str,
        "tries": [
            {
                "from_address": str,
                "to_address": str,
                "protocol": str,
                "port": (int, None),
                "opened": str,
                "closed": str,
            }
        ],
    },
    "matrix": [{"from": str, "to": str, "verdict": str, "tries": int, "needed": int, "counts": _COUNTS, "note": str}],
    "findings": [
        {
            "pair": [str],
            "from": str,
            "from_address": str,
            "to": _TEXT,
            "to_address": str,
            "protocol": str,
            "port": (int, None),
            "flow": _TEXT,
            "measured": str,
            "stopped_by": _TEXT,
            "note": str,
        }
    ],
}
