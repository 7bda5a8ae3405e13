# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Records and pictures as activities leave them, for tests of what a bundle and its report show of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ansible_collections.ringfence.callcenter.plugins.plugin_utils.reports.firewall_review import review

GOOD, OPEN, CLOSED, UNTESTED = "as intended", "open but not intended", "closed but needed", "not tested"
TEST_RUN, REVIEW_RUN = "20261120T110000Z", "20261121T100000Z"


def counts(**more: int) -> dict[str, int]:
    """Numbers by verdict."""
    return {
        OPEN: 0,
        CLOSED: 0,
        UNTESTED: 0,
        GOOD: 0,
        **{name.replace("_", " "): number for name, number in more.items()},
    }


def cell(source: str, target: str, verdict: str) -> dict[str, Any]:
    """A pair of segments."""
    return {
        "from": source,
        "to": target,
        "verdict": verdict,
        "tries": 43,
        "needed": 1,
        "note": "",
        "counts": {**counts(), GOOD: 40, verdict: 3 if verdict != GOOD else 43},
    }


def segmentation(**changes: Any) -> dict[str, Any]:
    """A record of a segmentation test that found one way open."""
    return {
        "schema": 1,
        "activity": "segmentation_test",
        "run": TEST_RUN,
        "site": "demo",
        "title": "Demo",
        "started_at": "2026-11-20T11:00:00Z",
        "finished_at": "2026-11-20T11:01:00Z",
        "due": "2027-05-20",
        "outcome": "fail",
        "summary": {
            "tries": 86,
            "pairs": 2,
            "negative_control_seen": True,
            "tries_by_verdict": {**counts(), OPEN: 3, GOOD: 83},
            "pairs_by_verdict": {**counts(), OPEN: 1, GOOD: 1},
        },
        "model": {"flows": "1" * 64, "segments": "2" * 64},
        "matrix": [cell("acme", "acme", GOOD), cell("acme", "cards", OPEN)],
        "findings": [
            {
                "pair": ["acme", "cards"],
                "from": "ws1",
                "from_address": "10.1.10.11",
                "to": "db1",
                "to_address": "10.1.40.10",
                "protocol": "tcp",
                "port": port,
                "intended": "closed",
                "flow": None,
                "measured": OPEN,
                "stopped_by": "firewall of db1",
                "note": "crosses the gateway",
            }
            for port in (3306, 3307)
        ],
        "negative_control": {
            "seen": True,
            "gateway": "gw1",
            "from": "ws1",
            "to": "db1",
            "port": 54321,
            "note": "",
            "tries": [
                {
                    "from_address": "10.1.10.11",
                    "to_address": "10.1.40.10",
                    "protocol": "tcp",
                    "port": 54321,
                    "opened": OPEN,
                    "closed": GOOD,
                }
            ],
        },
        "scope": {
            "tcp_ports": [22],
            "udp_ports": [53],
            "targets": ["db1"],
            "hosts": 3,
            "watched": ["db1", "ws1"],
            "from": [{"segment": "acme", "host": "ws1", "namespace": False, "addresses": ["10.1.10.11"]}],
            "flows_not_tried": ["mail-out"],
        },
        **changes,
    }


def rule(**changes: Any) -> dict[str, Any]:
    """A rule as a host tells of it."""
    return {
        "name": "web",
        "direction": "inbound",
        "reason": "Customers reach the portal",
        "owner": "Web team",
        "change": "CHG-1",
        "mitigation": "",
        "review_by": "2027-06-30",
        "permits": ["tcp dport 443 accept"],
        "packets": 12345,
        "bytes": 740700,
        "recorded": True,
        "statements": 1,
        "loaded": True,
        **changes,
    }


def rule_review(*rules: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """A record of a rule review of two hosts, one of which was not reached."""
    answer = {"installed": True, "observed_at": "2026-11-21T10:00:00Z", "counting_since": "2026-11-01T06:00:00Z"}
    own = rule(name="ringfence loopback", review_by="", owner="ringfence.callcenter.firewall", change="")
    found = review(
        "Demo",
        "2026-11-21T10:00:00Z",
        {
            "gw1": {**answer, "rules": [own, *(rules or [rule(), rule(name="old", packets=0)])]},
            "db1": {"msg": "no way"},
        },
    )
    return {
        "schema": 1,
        "activity": "firewall_review",
        "run": REVIEW_RUN,
        "site": "Demo",
        "outcome": "partial",
        "started_at": "2026-11-21T10:00:00Z",
        "finished_at": "2026-11-21T10:00:00Z",
        "due": "2027-05-21",
        "summary": found["totals"],
        "review": found,
        **changes,
    }


def leave(evidence: Path, record: dict[str, Any]) -> Path:
    """Put a record where its activity leaves it."""
    path = evidence / "records" / record["activity"] / f"{record['run']}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(record))
    return path


def picture(text: str = "gw1") -> str:
    """A small picture with some text."""
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" width="90" height="40" viewBox="0 0 90 40" role="img">'
        f'<title id="t">Network: Demo</title><desc>2 segments. {text}</desc>'
        f'<g id="a" transform="translate(1 2)"><rect x="1" y="1" width="50" height="20" fill="#ffffff"/>'
        f'<text x="5" y="15">{text}</text></g></svg>'
    )
