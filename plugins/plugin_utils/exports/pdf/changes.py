# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What changed since another audit, as the PDF shows it: by change and check, with the hosts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.ringfence.callcenter.plugins.plugin_utils.delta import CHANGES

#: Findings that are listed; delta.json has them all.
MOST = 4000


@dataclass(frozen=True)
class Change:
    """A word of CHANGES, what it means, how many findings it has, and the hosts of those listed by check."""

    word: str
    meaning: str
    number: int
    checks: Mapping[str, Sequence[str]]


def changes(delta: Mapping[str, Any], most: int = MOST) -> tuple[list[Change], int]:
    """A row for each change, and how many findings are not listed."""
    made, left = [], most
    for word, meaning in CHANGES.items():
        checks: dict[str, list[str]] = {}
        for row in delta[word][:left]:
            was, now = (str(row[key] or "not checked").replace("_", " ") for key in ("before", "now"))
            checks.setdefault(str(row["check"]), []).append(f"{row['host']} ({was}, now {now})")
        made.append(Change(word, meaning, len(delta[word]), checks))
        left = max(left - len(delta[word]), 0)
    return made, sum(one.number for one in made) - sum(len(found) for one in made for found in one.checks.values())
