# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Probe ``nft_rule_reviews``: by when the rules of a ruleset file are to be reviewed, and which of them are overdue.

Parameters: ``path``. Observes ``exists``, ``dates`` (``DIRECTION NAME`` -> date, of the rules that have one), ``today``
(this host's date, UTC) and ``overdue`` (the rules whose date is before it).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from . import _nft_records
from .base import Host, Observation


def observe(host: Host, params: Mapping[str, Any]) -> Observation:
    """Read the records of the file."""
    path = str(params["path"])
    text = host.read(path)
    if text is None:
        return Observation({"exists": False}, path)
    dated = [record for record in _nft_records.records(text) if record.get("review_by")]
    day = _nft_records.today()
    return Observation(
        {
            "exists": True,
            "dates": {_nft_records.label(record): record["review_by"] for record in dated},
            "today": day,
            "overdue": [_nft_records.label(record) for record in dated if _nft_records.overdue(record, day)],
        },
        path,
    )
