# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Accounts that are exempt from something, each on record with name, reason, owner and, unless it has no end, a day."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from typing import Any

KEYS = ("name", "reason", "owner")


class RecordError(Exception):
    """A record that is not complete: one sentence."""


def _last_day(record: Mapping[str, Any], name: str) -> datetime.date:
    if record.get("expires") is None:
        return datetime.date.max
    try:
        # A date of YAML is no text yet.
        return datetime.date.fromisoformat(str(record["expires"])[:10])
    except ValueError as error:
        raise RecordError(
            f"the exempt account {name} expires {record['expires']!r}; valid is a date such as 2027-03-31"
        ) from error


def in_force(records: Iterable[Any], today: datetime.date | None = None) -> list[str]:
    """The sorted names of the accounts whose records are in force; the last day is one of them. today: in UTC."""
    day = today or datetime.datetime.now(datetime.timezone.utc).date()
    names = set()
    for record in records:
        if not isinstance(record, Mapping):
            raise RecordError(f"an exempt account is {record!r}; valid is a mapping with {', '.join(KEYS)} and expires")
        name = str(record.get("name") or "without a name")
        missing = [key for key in KEYS if not str(record.get(key) or "").strip()]
        if missing:
            raise RecordError(f"the exempt account {name} has no {', no '.join(missing)}")
        if _last_day(record, name) >= day:
            names.add(name)
    return sorted(names)
