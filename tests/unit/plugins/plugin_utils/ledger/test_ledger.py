# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What recurs, what was missed, what is due: from bundles, records and attestations."""

from __future__ import annotations

import datetime
import json
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.ringfence.callcenter.plugins.plugin_utils import bundle, canonical, catalog
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.ledger import book, periods, sources

TODAY = "2026-11-26"
SITE = {"name": "demo", "title": "Demo"}
ACTIVITIES = [
    {"id": "scan", "title": "Scan", "every": "3 months", "pci": ["11.3.1"], "claims": []},
    {"id": "log_review", "title": "Review of logs", "every": "1 day", "pci": ["10.4.1"], "claims": []},
]


def row_of(activity: str, *days: str, **asked: str) -> dict[str, Any]:
    found = sources.Found()
    for day in days:
        found.add(activity, {"on": day, "source": "record", "outcome": "pass", "summary": "", "due": None})
    rows = book.build(ACTIVITIES, {activity: asked} if asked else {}, found, TODAY)
    return next(row for row in rows if row["activity"] == activity)


@pytest.mark.parametrize(
    ("day", "every", "due"),
    [
        ("2026-11-26", "1 day", "2026-11-27"),
        ("2026-12-28", "7 days", "2027-01-04"),
        ("2026-11-30", "3 months", "2027-02-28"),
        ("2027-11-30", "3 months", "2028-02-29"),
        ("2026-12-31", "12 months", "2027-12-31"),
        ("2026-08-31", "6 months", "2027-02-28"),
    ],
)
def test_intervals_are_those_of_the_calendar(day: str, every: str, due: str) -> None:
    assert periods.after(day, every) == due


@given(st.dates(datetime.date(2000, 1, 1), datetime.date(2100, 1, 1)), st.integers(1, 60))
def test_months_never_last_longer_than_they_are_called(day: datetime.date, number: int) -> None:
    due = datetime.date.fromisoformat(periods.after(day.isoformat(), f"{number} months"))
    assert (due.year * 12 + due.month) - (day.year * 12 + day.month) == number
    assert due.day <= day.day


@pytest.mark.parametrize(
    ("days", "status", "due", "missed"),
    [
        ((), "no_record", None, []),
        (("2026-09-01",), "on_time", "2026-12-01", []),
        (("2026-08-26",), "due", "2026-11-26", []),
        (("2026-08-25",), "overdue", "2026-11-25", [("2026-11-25", None)]),
        (
            ("2026-01-10", "2026-11-01"),
            "on_time",
            "2027-02-01",
            [("2026-10-10", "2026-11-01"), ("2026-07-10", "2026-11-01"), ("2026-04-10", "2026-11-01")],
        ),
        (("2026-10-01", "2026-11-01"), "on_time", "2027-02-01", []),
    ],
)
def test_what_was_missed_and_what_is_due(days: Any, status: str, due: str | None, missed: list[Any]) -> None:
    row = row_of("scan", *days)
    assert (row["status"], row["next_due"]) == (status, due)
    assert [(one["due"], one["done"]) for one in row["missed"]] == missed
    assert row["missed_in_a_year"] == len(missed)


def test_a_review_at_another_hour_of_the_next_day_is_in_time() -> None:
    assert row_of("log_review", "2026-11-24", "2026-11-25")["status"] == "due"
    assert row_of("log_review", "2026-11-23", "2026-11-24")["status"] == "overdue"
    assert [one["due"] for one in row_of("log_review", "2026-11-22", "2026-11-25")["missed"]] == [
        "2026-11-24",
        "2026-11-23",
    ]


def test_a_site_says_since_when_and_how_often() -> None:
    assert row_of("scan", since="2026-10-01")["status"] == "on_time"
    row = row_of("scan", since="2026-06-01", every="1 month")
    assert row["status"] == "overdue"
    assert len(row["missed"]) == 5
    assert (row["every"], row["at_least_every"]) == ("1 month", "3 months")
    assert row_of("scan", "2025-01-01", "2026-11-01", since="2026-10-15")["missed"] == []


@given(st.lists(st.dates(datetime.date(2024, 1, 1), datetime.date(2026, 11, 26)), min_size=1, max_size=8))
def test_nothing_is_both_in_time_and_missed(days: list[datetime.date]) -> None:
    row = row_of("scan", *(day.isoformat() for day in days))
    gaps = zip(sorted(days), [*sorted(days)[1:], datetime.date.fromisoformat(TODAY)])
    late = any(periods.after(one.isoformat(), "3 months") < other.isoformat() for one, other in gaps)
    assert bool(row["missed"]) == late
    assert (row["status"] == "overdue") == any(one["done"] is None for one in row["missed"])


def test_wrong_periods_are_refused_all_at_once() -> None:
    asked = {"scann": {}, "scan": {"every": "4 months", "sinc": 1}, "log_review": {"every": "hourly", "since": "soon"}}
    with pytest.raises(periods.PeriodsError) as caught:
        periods.check(asked, ACTIVITIES)
    lines = str(caught.value).splitlines()
    assert lines == [
        "audit_periods.scann: there is no such activity. Valid: scan, log_review. Did you mean scan?",
        "audit_periods.scan.sinc: unknown key. Valid: every, since. Did you mean since?",
        "audit_periods.scan.every: 4 months is longer than 3 months, which is asked for at least",
        "audit_periods.log_review.every: 'hourly' is no interval such as 7 days or 6 months",
        "audit_periods.log_review.since: expected a date such as 2026-07-01, found 'soon'",
    ]
    assert periods.check({"scan": {"every": "31 days", "since": datetime.date(2026, 7, 1)}}, ACTIVITIES) == {
        "scan": {"every": "31 days", "since": "2026-07-01"}
    }


def record(directory: Path, activity: str, run: str, day: str, **changes: Any) -> Path:
    made = {
        "activity": activity,
        "run": run,
        "site": "demo",
        "started_at": f"{day}T10:00:00Z",
        "finished_at": f"{day}T10:05:00Z",
        "outcome": "pass",
        "summary": {"tries": 12, "negative_control_seen": True, "list": [1]},
        "due": None,
        **changes,
    }
    return Path(sources.write_record(str(directory), made))


def test_records_become_occurrences(tmp_path: Path) -> None:
    path = record(tmp_path, "segmentation_test", "r1", "2026-11-01", due="2027-05-01")
    (path.parent / "r1.html").write_text("a page to read")
    found = sources.collect(str(tmp_path), [])
    assert found.broken == {}
    assert found.occurrences == {
        "segmentation_test": [
            {
                "on": "2026-11-01",
                "source": "record",
                "outcome": "pass",
                "summary": "negative control seen: True, tries: 12",
                "due": "2027-05-01",
                "path": "records/segmentation_test/r1.json",
                "sha256": canonical.sha256(path.read_bytes()),
            }
        ]
    }


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{", "Expecting property name"),
        ("[]", "it is no record of scan"),
        ('{"schema": 1, "activity": "other"}', "it is no record of scan"),
        ('{"schema": 1, "activity": "scan", "run": "b"}', "its run is not that of its name"),
        ('{"schema": 1, "activity": "scan", "run": "a", "started_at": "now"}', "it has no time started_at"),
        (
            '{"schema":1,"activity":"scan","run":"a","started_at":"2026-01-01","finished_at":"2026-01-01","due":"x"}',
            "due is no date",
        ),
    ],
)
def test_a_record_that_is_none_is_told(tmp_path: Path, text: str, why: str) -> None:
    (tmp_path / "records" / "scan").mkdir(parents=True)
    (tmp_path / "records" / "scan" / "a.json").write_text(text)
    assert why in sources.collect(str(tmp_path), []).broken["records/scan/a.json"]


def test_a_broken_record_is_red(tmp_path: Path, pci: Any, site: Any, sample: Any) -> None:
    (tmp_path / "records" / "scan").mkdir(parents=True)
    (tmp_path / "records" / "scan" / "a.json").write_bytes(b"\xff")
    assert statuses(seal(tmp_path, pci, site, sample))["evidence.records.records/scan/a.json"] == "fail"


def seal(directory: Path, pci: Any, site: Any, sample: Any, **more: Any) -> Any:
    partial = bundle.open_run(str(directory), SITE)
    return bundle.seal(partial, sample.material(pci, site, **more)).contents


def statuses(made: Any) -> dict[str, str]:
    return {one["check"]: one["status"] for one in made.site["findings"]}


def test_every_audit_is_in_the_ledger(tmp_path: Path, pci: Any, site: Any, sample: Any) -> None:
    seal(tmp_path, pci, site, sample)
    made = seal(tmp_path, pci, site, sample)
    row = next(row for row in made.parts["ledger"]["activities"] if row["activity"] == "audit")
    assert (row["occurred"], row["status"], row["missed"]) == (2, "on_time", [])
    assert [one["outcome"] for one in row["occurrences"]] == ["partial", "partial"]
    assert row["occurrences"][0]["summary"] == "1 of 2 hosts observed"
    claim = next(row for row in made.parts["claims"] if row["id"] == "audited")
    assert (claim["evidence"], claim["controls"]) == ("supports", ["evidence.chain", "evidence.audit"])


def test_an_audit_that_was_missed_is_in_the_ledger(
    tmp_path: Path, pci: Any, site: Any, sample: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    moment = SimpleNamespace(day="2026-01-10")
    monkeypatch.setattr(bundle, "utc", lambda *_: f"{moment.day}T10:00:00Z")
    for moment.day in ("2026-01-10", "2026-01-12", TODAY):
        made = seal(tmp_path, pci, site, sample, periods={"audit": {"every": "1 month"}})
    row = made.parts["ledger"]["activities"][0]
    assert (row["activity"], row["occurred"], row["missed_in_a_year"]) == ("audit", 3, 10)
    assert row["missed"][-1] == {"due": "2026-02-12", "done": TODAY}


def test_what_is_overdue_or_ended_badly_is_red(tmp_path: Path, pci: Any, site: Any, sample: Any) -> None:
    old = (datetime.date.today() - datetime.timedelta(days=200)).isoformat()
    record(tmp_path, "segmentation_test", "r1", old)
    record(tmp_path, "firewall_review", "r2", datetime.date.today().isoformat(), outcome="fail")
    record(tmp_path, "access_review", "r3", datetime.date.today().isoformat())
    made = seal(tmp_path, pci, site, sample)
    assert statuses(made) == {
        "evidence.audit.recurs": "pass",
        "evidence.segmentation_test.recurs": "fail",
        "evidence.firewall_review.recurs": "fail",
        "evidence.access_review.recurs": "pass",
    }
    rows = {row["id"]: row["evidence"] for row in made.parts["requirements"]}
    assert [rows[name] for name in ("11.4.6", "1.2.7", "7.2.4")] == ["does_not_support", "does_not_support", "supports"]


def test_a_record_that_is_changed_or_gone_since_the_last_audit_is_red(
    tmp_path: Path, pci: Any, site: Any, sample: Any
) -> None:
    today = datetime.date.today().isoformat()
    one, other = record(tmp_path, "access_review", "r1", today), record(tmp_path, "access_review", "r2", today)
    seal(tmp_path, pci, site, sample)
    data = json.loads(one.read_text())
    one.write_bytes(canonical.dumps({**data, "summary": "better"}))
    other.unlink()
    made = seal(tmp_path, pci, site, sample)
    reasons = {one["source"]: one["reason"] for one in made.site["findings"] if one["control"] == "evidence.records"}
    assert "was changed since the audit" in reasons["records/access_review/r1.json"]
    assert "is gone or broken since the audit" in reasons["records/access_review/r2.json"]


def test_an_activity_that_the_catalogue_does_not_know_is_kept(tmp_path: Path, pci: Any, site: Any, sample: Any) -> None:
    record(tmp_path, "fire_drill", "r1", "2026-01-01", due="2026-02-01")
    row = seal(tmp_path, pci, site, sample).parts["ledger"]["activities"][-1]
    assert (row["activity"], row["title"], row["status"], row["missed"]) == ("fire_drill", "fire drill", "overdue", [])


#: Requirements with an interval in which nothing is done by a date: states, or how long something is kept.
NOT_RECURRING = {"5.3.4", "8.2.6", "8.3.9", "8.3.10.1", "9.2.1.1", "9.3.4", "10.5.1", "11.4.1", "6.3.3", "6.4.1"}


def test_the_catalogue_knows_every_requirement_that_recurs(pci: catalog.Catalog) -> None:
    named = {name for row in pci.activities for name in row["pci"]}
    dated = {
        str(row["id"])
        for row in pci.requirements
        if re.search(r"\b(months?|days?|weekly|daily)\b", str(row["periodicity"]))
    }
    assert dated - named == NOT_RECURRING
    assert named <= pci.requirement_ids
    assert {name for row in pci.activities for name in row["claims"]} <= pci.claim_ids
    words = {"daily": "1 day", "weekly": "7 days"}
    for row in pci.activities:
        for name in row["pci"]:
            told = next(str(one["periodicity"]) for one in pci.requirements if one["id"] == name)
            found = re.search(r"\d+ (?:months?|days?)|weekly|daily", told)
            assert found is not None, name
            limit = words.get(found.group(), found.group())
            assert periods.after("2000-01-01", str(row["every"])) <= periods.after("2000-01-01", limit), name
