# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The history tells since when something has been open, what changed, and nothing of another site."""

from __future__ import annotations

import csv
import io
import re
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.ringfence.callcenter.plugins.module_utils.probes.runner import STATUSES
from ansible_collections.ringfence.callcenter.plugins.plugin_utils import bundle
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.contents import Material
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.delta import OPEN
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.evidence_store.schema import url_of
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.evidence_store.store import Store, synchronise
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.reports import trends, trends_chart, trends_html

ABOUT = {"collection": {"name": "ringfence.callcenter", "version": "0.1.0", "commit": None}, "ansible": None}
EVIL = "<script>alert(1)</script>"


def seal(folder: Path, site: str, statuses: dict[str, str], pci: Any, sample: Any) -> str:
    """A sealed run of a site with one host; its name."""
    partial = bundle.open_run(str(folder), {"name": site, "title": f"The {site} {EVIL}"})
    records = [sample.record("gw1", {**sample.good, **statuses})]
    about = Material(records=records, controls=sample.controls, catalog=pci, about=ABOUT)
    return Path(bundle.seal(partial, about).path).name


@pytest.fixture
def store(tmp_path: Path, pci: Any, sample: Any) -> Store:
    """Two sites in one store: north went fail, pass, fail, fail; south, with a host of the same name, always passed."""
    made = Store(url_of(f"sqlite:///{tmp_path}/many.sqlite", str(tmp_path)))
    for site, runs in {"north": ("fail", "pass", "fail", "error"), "south": ("pass", "pass")}.items():
        for status in runs:
            seal(tmp_path / site, site, {"door.closed.now": status}, pci, sample)
        synchronise(made, str(tmp_path / site))
    return made


def test_open_since_the_last_time_that_it_passed(store: Store) -> None:
    north, south = trends.history(store)["sites"]
    third = store.trend("north")[2]["run"]
    (found,) = [one for one in north["open"] if one["check"] == "door.closed.now"]
    assert (found["host"], found["status"], found["since_run"], found["runs"]) == ("gw1", "error", third, 2)
    assert not [one for one in south["open"] if one["host"] == "gw1"]


def test_what_changed_is_told_newest_first(store: Store) -> None:
    north, south = trends.history(store)["sites"]
    told = [(one["before"], one["now"]) for one in north["changes"] if one["requirement"] == "1.2.1"]
    assert told == [
        ("does_not_support", "partly_observed"),
        ("supports", "does_not_support"),
        ("does_not_support", "supports"),
    ]
    assert not [one for one in south["changes"] if one["requirement"] == "1.2.1"]


def test_numbers_are_those_of_the_runs(store: Store) -> None:
    found = trends.history(store, "north")
    assert [site["site"] for site in found["sites"]] == ["north"]
    assert [run["counts"]["fail"] for run in found["sites"][0]["runs"]] == [1, 0, 1, 0]
    rows = list(csv.DictReader(io.StringIO(trends.as_csv(found))))
    assert [(row["site"], row["fail"], row["error"]) for row in rows] == [
        ("north", "1", "0"),
        ("north", "0", "0"),
        ("north", "1", "0"),
        ("north", "0", "1"),
    ]
    total = {sum(run["evidence"].values()) for run in found["sites"][0]["runs"]}
    assert total == {len(store.verdicts("requirement", "north")) // 4}


def test_days_before_are_not_shown_and_count(store: Store) -> None:
    site = trends.history(store, "north", "2999-01-01")["sites"][0]
    assert (site["runs"], site["changes"]) == ([], [])
    assert [one["runs"] for one in site["open"] if one["check"] == "door.closed.now"] == [2]
    assert "No run since" in trends_html.as_html({"sites": [site]})


def test_the_page_runs_and_loads_nothing(store: Store) -> None:
    page = trends_html.as_html(trends.history(store))
    assert EVIL not in page
    assert "The north &lt;script&gt;" in page
    assert not re.search(r"<script|<link|<img|@import|url\(|\bhref=|\bsrc=", page)
    for picture in re.findall(r"<svg.*?</svg>", page, re.S):
        ET.fromstring(picture)  # noqa: S314  # we have just made it
    assert "compliant" not in page.lower()


@given(st.lists(st.sampled_from(STATUSES), min_size=1, max_size=12))
def test_an_unbroken_row_ends_with_the_newest_run(statuses: Sequence[str]) -> None:
    """Whatever came before, the row that is told begins right after the last run in which it was not open."""
    statuses = [*statuses, "fail"]
    rows = [
        {"host": "h", "check": "c", "control": "k", "run": f"r{at}", "started_at": f"{at:04}", "status": status}
        for at, status in enumerate(statuses)
    ]
    (found,) = trends.still_open(rows)
    length = next((at for at, status in enumerate(reversed(statuses)) if status not in OPEN), len(statuses))
    assert found["runs"] == length
    assert found["since_run"] == f"r{len(statuses) - length}"


@given(st.lists(st.integers(0, 10**7), max_size=150))
def test_bars_stay_in_the_picture(numbers: list[int]) -> None:
    rows = [(str(at), {"fail": number, "error": at}) for at, number in enumerate(numbers)]
    drawn = trends_chart.bars(rows, {"fail": "fail", "error": "error"}, title="t", description="d")
    boxes = list(ET.fromstring(drawn).iter("{http://www.w3.org/2000/svg}rect"))  # noqa: S314  # we have just made it
    assert len(boxes) <= 2 * trends_chart.MOST_BARS
    for box in boxes:
        x, y, width, height = (float(box.attrib[key]) for key in ("x", "y", "width", "height"))
        assert -1 <= y <= y + height <= trends_chart.HEIGHT
        assert 0 <= x <= x + width <= trends_chart.WIDTH + 1
