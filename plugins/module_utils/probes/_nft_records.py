# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a ruleset file says about its rules: before each one stands a comment that holds a JSON object.

Its keys are those of a rule that are for people: ``name``, ``direction``, ``reason``, ``owner`` and, where the rule has
them, ``change``, ``mitigation`` and, always the last one, ``review_by`` (YYYY-MM-DD).
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Mapping

_REVIEW = re.compile(r'(?m)^(\s*# \{.*), "review_by": "[^"\\]*"\}$')


def records(text: str) -> list[dict[str, str]]:
    """The records of a ruleset's text, in its order. What is no record is passed over."""
    found = []
    for line in text.splitlines():
        stripped = line.strip()
        if stripped.startswith("# {"):
            try:
                record = json.loads(stripped[2:])
            except ValueError:
                continue
            if isinstance(record, dict) and record.get("name"):
                found.append({str(key): str(value) for key, value in record.items()})
    return found


def label(record: Mapping[str, str]) -> str:
    """A record's rule as reports name it."""
    return f"{record.get('direction', '')} {record.get('name', '')}"


def without_review_dates(text: str) -> str:
    """The ruleset's text without the review dates of its records."""
    return _REVIEW.sub(r"\1}", text)


def today() -> str:
    """The date now, UTC."""
    return time.strftime("%Y-%m-%d", time.gmtime())


def overdue(record: Mapping[str, str], day: str) -> bool:
    """Whether a rule is past its review date on a day. On the date itself it is not; without one it never is."""
    return bool(record.get("review_by")) and record["review_by"] < day
