# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What other activities leave of a call centre: a segmentation test, a rule review and scans that name every client."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from ansible_collections.ringfence.callcenter.plugins.plugin_utils.ledger import sources
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.segmentation.judge import OPEN, VERDICTS

if TYPE_CHECKING:
    from tests.support.call_centre import CallCentre

#: The hosts that all clients share.
SHARED = ("gw1", "db1", "mail1")


def segmentation(centre: CallCentre) -> dict[str, Any]:
    """A record of a segmentation test in which every client reaches every other."""
    segments = list(centre.model()["segments"])
    counts = {**dict.fromkeys(VERDICTS, 0), OPEN: 3}
    clients = {f"seg-{name}": name for name in centre.clients}
    return {
        "activity": "segmentation_test",
        "run": "20261101T000000Z",
        "site": "centre",
        "title": centre.title,
        "started_at": "2026-11-01T00:00:00Z",
        "finished_at": "2026-11-01T00:01:00Z",
        "due": "2027-05-01",
        "outcome": "fail",
        "fail_on": [name for name in VERDICTS if name != "as intended"],
        "summary": {
            "tries": 3 * len(segments) ** 2,
            "needed": 0,
            "tries_by_verdict": counts,
            "pairs": len(segments) ** 2,
            "pairs_by_verdict": counts,
            "negative_control_seen": True,
            "packets": 1234,
        },
        "scope": {
            "tcp_ports": [22],
            "udp_ports": [],
            "from": [
                {"segment": segment, "host": f"ws-{name}-1", "namespace": False, "addresses": ["10.78.1.11"]}
                for segment, name in clients.items()
            ],
            "targets": [*SHARED, *(f"ws-{name}-1" for name in centre.clients)],
            "hosts": 3 + len(centre.clients) * centre.hosts_each,
            "flows_not_tried": [f"flow-of-{name}" for name in centre.clients],
            "watched": [*SHARED, *(f"ws-{name}-1" for name in centre.clients)],
        },
        "negative_control": {
            "seen": True,
            "gateway": "gw1",
            "from": f"ws-{next(iter(centre.clients))}-1",
            "to": "mail1",
            "port": 1,
            "tries": [],
            "note": "",
        },
        "matrix": [
            {"from": one, "to": two, "verdict": OPEN, "tries": 3, "needed": 0, "counts": counts, "note": ""}
            for one in segments
            for two in segments
        ],
        "findings": [
            {
                "pair": [segment, other],
                "from": f"ws-{name}-1",
                "from_address": f"10.78.{at}.11",
                "to": "db1" if other == "cards" else f"ws-{clients[other]}-1",
                "to_address": "10.77.40.10" if other == "cards" else "10.78.1.11",
                "protocol": "tcp",
                "port": 22,
                "intended": "closed",
                "flow": None,
                "measured": OPEN,
                "stopped_by": None,
                "note": f"seen by gw1 from {name}",
            }
            for at, (segment, name) in enumerate(clients.items(), 1)
            for other in ["cards", *clients]
        ],
    }


def review(centre: CallCentre) -> dict[str, Any]:
    """A record of a rule review with a rule of every client on every host."""
    rules = [
        {
            **dict.fromkeys(("reason", "owner", "change", "mitigation", "review_by")),
            "name": f"from-{name}",
            "direction": "inbound",
            "permits": [f"ip saddr 10.78.{at}.0/24 accept"],
            "packets": 0,
            "bytes": 0,
            "marks": ["undated"],
            "own": False,
        }
        for at, name in enumerate(centre.clients, 1)
    ]
    about = {"status": "observed", "reason": None, "observed_at": None, "counting_since": None, "rules": rules}
    hosts = [{"name": host, **about} for host in centre.hostvars()]
    totals = {"hosts": len(hosts), "observed": len(hosts), "no_firewall": 0, "not_observed": 0}
    marks = dict.fromkeys(("not_declared", "altered", "not_loaded", "overdue", "never_hit", "undated"), 1)
    return {
        "activity": "firewall_review",
        "run": "20261102T000000Z",
        "site": centre.title,
        "started_at": "2026-11-02T00:00:00Z",
        "finished_at": "2026-11-02T00:00:00Z",
        "outcome": "pass",
        "summary": {"hosts": len(hosts)},
        "due": "2027-05-02",
        "review": {
            "schema": 1,
            "site": centre.title,
            "made_at": "2026-11-02T00:00:00Z",
            "totals": {**totals, "rules": 9, **marks},
            "hosts": hosts,
        },
    }


def leave(centre: CallCentre, evidence: Path) -> None:
    """The records of activities, one of them of an activity that is called after a client."""
    sources.write_record(str(evidence), segmentation(centre))
    sources.write_record(str(evidence), review(centre))
    for at, name in enumerate(centre.clients, 1):
        for activity in ("vulnerability_scan", f"scan_of_{name}"):
            sources.write_record(
                str(evidence),
                {
                    "activity": activity,
                    "run": f"2026110{at}T000000Z",
                    "site": "centre",
                    "started_at": "2026-11-01T00:00:00Z",
                    "finished_at": "2026-11-01T00:00:00Z",
                    "outcome": "pass",
                    "summary": f"{name}: nothing found",
                    "due": None,
                },
            )
