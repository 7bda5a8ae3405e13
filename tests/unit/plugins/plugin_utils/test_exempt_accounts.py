# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Records of exempt accounts: who is exempt today, and which records are no records."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from ansible_collections.ringfence.callcenter.plugins.plugin_utils.exempt_accounts import RecordError, in_force

TODAY = datetime.date(2026, 11, 28)
RECORD: dict[str, Any] = {
    "name": "automation",
    "reason": "It runs the playbooks",
    "owner": "Platform",
    "expires": "2027-03-31",
}


def test_the_last_day_counts_and_a_date_of_yaml_is_one() -> None:
    records = [
        {**RECORD, "name": "today", "expires": TODAY},
        {**RECORD, "name": "over", "expires": "2026-11-27"},
        {**RECORD, "name": "endless", "expires": None},
        RECORD,
        RECORD,
    ]
    assert in_force(records, TODAY) == ["automation", "endless", "today"]
    assert in_force([], TODAY) == []


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        ({**RECORD, "owner": " "}, "automation has no owner"),
        ({"name": "x"}, "x has no reason, no owner$"),
        ({**RECORD, "expires": "soon"}, "expires 'soon'; valid is a date such as 2027-03-31"),
        ("automation", "valid is a mapping with name, reason, owner and expires"),
    ],
)
def test_what_is_not_complete_exempts_nobody(record: Any, reason: str) -> None:
    with pytest.raises(RecordError, match=reason):
        in_force([record], TODAY)
