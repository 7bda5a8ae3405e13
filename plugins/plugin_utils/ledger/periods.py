# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Intervals of the calendar, and what a site may ask for: shorter ones than the catalogue's, and from which day on."""

from __future__ import annotations

import calendar
import datetime
import re
from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.ringfence.callcenter.plugins.plugin_utils.site_model.problems import did_you_mean, listed

_EVERY = re.compile(r"([1-9]\d{0,3}) (day|month)s?", re.ASCII)
_KEYS = ("every", "since")


class PeriodsError(Exception):
    """``audit_periods`` is refused; the text has every reason."""


def after(day: str, every: str) -> str:
    """The day an interval (``7 days``, ``6 months``) after a day (YYYY-MM-DD), never in a later month than that."""
    found = _EVERY.fullmatch(every)
    if found is None:
        raise ValueError(f"{every!r} is no interval such as 7 days or 6 months")
    start, number = datetime.date.fromisoformat(day), int(found[1])
    if found[2] == "day":
        return (start + datetime.timedelta(days=number)).isoformat()
    month = start.month - 1 + number
    year, month = start.year + month // 12, month % 12 + 1
    return datetime.date(year, month, min(start.day, calendar.monthrange(year, month)[1])).isoformat()


def _problems(name: str, asked: Any, activities: Mapping[str, Mapping[str, Any]]) -> list[str]:
    where = f"audit_periods.{name}"
    if name not in activities:
        return [f"{where}: there is no such activity. {listed(activities)}{did_you_mean(name, activities)}"]
    if not isinstance(asked, Mapping) or not asked:
        return [f"{where}: expected a mapping with {' or '.join(_KEYS)}, found {asked!r}"]
    found = [
        f"{where}.{key}: unknown key. {listed(_KEYS)}{did_you_mean(str(key), _KEYS)}"
        for key in asked
        if key not in _KEYS
    ]
    most = str(activities[name]["every"])
    if "every" in asked:
        try:
            if after("2000-01-01", str(asked["every"])) > after("2000-01-01", most):
                found.append(f"{where}.every: {asked['every']} is longer than {most}, which is asked for at least")
        except ValueError as problem:
            found.append(f"{where}.every: {problem}")
    if "since" in asked:
        try:
            datetime.date.fromisoformat(str(asked["since"]))
        except ValueError:
            found.append(f"{where}.since: expected a date such as 2026-07-01, found {asked['since']!r}")
    return found


def check(asked: Any, activities: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, str]]:
    """What a site asks for, by activity, as texts; PeriodsError tells all that is wrong with it."""
    if asked is None:
        return {}
    if not isinstance(asked, Mapping):
        raise PeriodsError(f"audit_periods: expected a mapping of activities, found {asked!r}")
    known = {str(row["id"]): row for row in activities}
    problems = [text for name, one in asked.items() for text in _problems(str(name), one, known)]
    if problems:
        raise PeriodsError("\n".join(problems))
    return {str(name): {key: str(value) for key, value in one.items()} for name, one in asked.items()}
