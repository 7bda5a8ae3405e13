# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page and the text of a segmentation test say what the record says, and no text of a record becomes HTML."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from ansible_collections.ringfence.callcenter.plugins.plugin_utils.reports.segmentation_html import as_html
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.reports.segmentation_text import as_text

OPEN, CLOSED, UNTESTED, GOOD = "open but not intended", "closed but needed", "not tested", "as intended"


def cell(row: str, column: str, verdict: str) -> dict[str, Any]:
    counts = {OPEN: 0, CLOSED: 0, UNTESTED: 0, GOOD: 40} | {verdict: 3}
    return {"from": row, "to": column, "verdict": verdict, "tries": 43, "needed": 1, "counts": counts, "note": ""}


FINDING = {
    "pair": ["acme", "cards"],
    "from": "ws1",
    "from_address": "10.1.10.11",
    "to": "db1",
    "to_address": "10.1.40.10",
    "protocol": "tcp",
    "port": 3306,
    "intended": "closed",
    "flow": None,
    "measured": OPEN,
    "stopped_by": "firewall of db1",
    "note": "crosses",
}
RECORD: dict[str, Any] = {
    "title": "Small <b>site</b>",
    "run": "20261126T110000Z",
    "started_at": "2026-11-26T11:00:00Z",
    "finished_at": "2026-11-26T11:01:00Z",
    "due": "2027-05-26",
    "outcome": "fail",
    "summary": {
        "tries": 86,
        "pairs": 2,
        "tries_by_verdict": {OPEN: 3, CLOSED: 0, UNTESTED: 0, GOOD: 83},
        "negative_control_seen": True,
    },
    "matrix": [cell("acme", "acme", GOOD), cell("acme", "cards", OPEN)],
    "findings": [FINDING, FINDING | {"port": 3307}],
    "negative_control": {"seen": True, "tries": [], "note": "none <i>"},
    "scope": {
        "tcp_ports": [22],
        "udp_ports": [53],
        "from": [{"segment": "acme", "host": "ws1", "namespace": False, "addresses": ["10.1.10.11"]}],
        "targets": ["db1"],
        "hosts": 3,
        "watched": ["db1", "ws1"],
        "flows_not_tried": ["mail-out"],
    },
}


def test_the_page_has_matrix_findings_and_dates() -> None:
    page = as_html(RECORD)
    for text in ("2027-05-26", "tcp 3306, 3307", "to cards", "from acme", "stopped by firewall of db1", "mail-out"):
        assert text in page
    assert page.count("<tr><td><span") == 1  # ports that ended alike share a row


def test_the_page_needs_nothing_else() -> None:
    page = as_html(RECORD)
    assert not any(word in page for word in ("<script", "http://", "https://", "src=", "@import"))
    assert "@media print" in page


@pytest.mark.parametrize("key", ["from", "to", "to_address", "note", "stopped_by", "flow"])
def test_texts_stay_texts(key: str) -> None:
    record = copy.deepcopy(RECORD)
    record["findings"][0][key] = "<img src=x>"
    assert "<img" not in as_html(record)
    assert "<b>site" not in as_html(record)
    assert "none <i>" not in as_html(record)


def test_the_text_shows_matrix_and_worst_findings() -> None:
    text = as_text(RECORD)
    assert "86 tries between 2 pairs of segments: 3 open but not intended, 83 as intended" in text
    lines = text.splitlines()
    head = next(at for at, line in enumerate(lines) if line.startswith("from \\ to"))
    assert lines[head].split()[3:] == ["acme", "cards"]
    assert lines[head + 1].split() == ["acme", "ok", "OPEN"]
    assert "acme -> cards: ws1 to db1 10.1.40.10 tcp 3306, stopped by firewall of db1: crosses" in text


def test_a_blind_test_is_said_to_be_one() -> None:
    record = copy.deepcopy(RECORD)
    record["summary"]["negative_control_seen"] = False
    assert "NOT SEEN" in as_text(record)


def test_long_lists_are_cut_in_the_text_only() -> None:
    record = copy.deepcopy(RECORD)
    record["findings"] = [FINDING | {"port": port} for port in range(1, 31)]
    assert "and 10 more, in the record" in as_text(record)
