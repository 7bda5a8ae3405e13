# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Review dates as the host records them."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.ringfence.callcenter.plugins.module_utils.probes import _nft_records, nft_rule_reviews
from ansible_collections.ringfence.callcenter.plugins.module_utils.probes.base import Host

TEXT = """\
# {no record
#
\tchain input {
\t\t# {"name": "web", "direction": "inbound", "reason": "\\"review_by\\": \\"1999-01-01\\"}", "review_by": "2027-06-30"}
\t\ttcp dport 443 accept comment "web"
\t\t# {"name": "old", "direction": "inbound", "reason": "r", "review_by": "2026-02-28"}
\t\ttcp dport 80 accept comment "old"
\t\t# {"name": "plain", "direction": "inbound", "reason": "r"}
\t\ttcp dport 81 accept comment "plain"
"""


def seen(root: Path, text: str) -> dict[str, object]:
    """What the probe sees of a file."""
    (root / "rules").write_text(text, encoding="utf-8")
    return nft_rule_reviews.observe(Host(str(root)), {"path": "/rules"}).value


@pytest.mark.parametrize(("day", "late"), [("2026-02-28", []), ("2026-03-01", ["inbound old"])])
def test_overdue_the_day_after(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, day: str, late: list[str]) -> None:
    """On the date itself there is still time."""
    monkeypatch.setattr(_nft_records, "today", lambda: day)
    assert seen(tmp_path, TEXT) == {
        "exists": True,
        "dates": {"inbound web": "2027-06-30", "inbound old": "2026-02-28"},
        "today": day,
        "overdue": late,
    }


def test_no_file_is_no_pass(tmp_path: Path) -> None:
    """Neither of the expected keys is there."""
    assert nft_rule_reviews.observe(Host(str(tmp_path)), {"path": "/none"}).value == {"exists": False}


def test_dates_alone_are_left_out() -> None:
    """What a reason says stays."""
    text = _nft_records.without_review_dates(TEXT)
    assert "2027" not in text
    assert "2026" not in text
    assert "1999-01-01" in text
    assert [record["name"] for record in _nft_records.records(text)] == ["web", "old", "plain"]


def test_today_is_a_date() -> None:
    """Comparable with those of the records."""
    assert _nft_records.overdue({"review_by": "2001-01-01"}, _nft_records.today())
    assert not _nft_records.overdue({"review_by": "2999-01-01"}, _nft_records.today())
    assert not _nft_records.overdue({}, "9999-12-31")
