# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A signed bundle with something to tell in every chapter of the PDF, and a bundle before it."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

from ansible_collections.ringfence.callcenter.plugins.module_utils.probes.runner import STATUSES
from ansible_collections.ringfence.callcenter.plugins.plugin_utils import bundle, findings, sealed_bundle
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.contents import Material
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.ledger import sources
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.registers.entries import Entry, Registers
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.reports import firewall_review
from tests.support.programs import program

from .conftest import ODD, SITE, controls_of_all_statuses, finding_of

ABOUT = {
    "collection": {"name": "ringfence.callcenter", "version": "0.1.0", "commit": {"id": "0123abcd", "modified": False}},
    "ansible": "2.19",
    "python": "3.11",
}
PICTURE = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 300 100"><title>A picture</title>
<rect width="300" height="100" fill="#eee"/>
<text x="10" y="50" stroke="#fff" stroke-width="3" paint-order="stroke">Words of the picture</text></svg>"""
_COUNTS = {"open but not intended": 3, "closed but needed": 0, "not tested": 0, "as intended": 40}
_TRY = {
    "pair": ["acme", "cards"],
    "from": "ws1",
    "from_address": "10.1.10.11",
    "to": "db1",
    "to_address": "10.1.40.10",
    "protocol": "tcp",
    "port": 3306,
    "intended": "closed",
    "flow": None,
    "measured": "open but not intended",
    "stopped_by": "firewall of db1",
    "note": "",
}
_ANSWERED = {
    "name": "web",
    "direction": "inbound",
    "reason": "Customers reach the portal",
    "owner": "Web team",
    "change": "CHG-1",
    "mitigation": "",
    "review_by": "2027-06-30",
    "permits": ["tcp dport 443 counter accept"],
    "packets": 0,
    "bytes": 0,
    "recorded": True,
    "statements": 1,
    "loaded": True,
}


def segmentation_record() -> dict[str, Any]:
    """The record of a segmentation test that found one way open."""
    return {
        "activity": "segmentation_test",
        "run": "20261120T110000Z",
        "site": "demo",
        "title": "Demo",
        "started_at": "2026-11-20T11:00:00Z",
        "finished_at": "2026-11-20T11:01:00Z",
        "due": "2027-05-20",
        "outcome": "fail",
        "summary": {"tries": 43, "pairs": 1, "tries_by_verdict": _COUNTS, "pairs_by_verdict": _COUNTS},
        "scope": {
            "tcp_ports": [22],
            "udp_ports": [53],
            "from": [{"segment": "acme", "host": "ws1", "namespace": False, "addresses": ["10.1.10.11"]}],
            "targets": ["db1"],
            "hosts": 3,
            "flows_not_tried": ["mail-out"],
            "watched": ["db1", "ws1"],
        },
        "negative_control": {"seen": False, "note": "no two segments have a gateway in common", "tries": []},
        "matrix": [
            {
                "from": "acme",
                "to": f"segment-{number}",
                "verdict": "open but not intended",
                "tries": 43,
                "needed": 1,
                "counts": _COUNTS,
                "note": "",
            }
            for number in range(12)
        ],
        "findings": [_TRY, {**_TRY, "port": 3307}],
    }


def _review_record() -> dict[str, Any]:
    answers = {
        "gw1": {"installed": True, "observed_at": "2026-11-21T10:00:00Z", "counting_since": None, "rules": [_ANSWERED]},
        "ws1": {"msg": "unreachable"},
    }
    return {
        "activity": "firewall_review",
        "run": "20261121T100000Z",
        "site": "demo",
        "started_at": "2026-11-21T10:00:00Z",
        "finished_at": "2026-11-21T10:00:10Z",
        "outcome": "complete",
        "review": firewall_review.review("demo", "2026-11-21T10:00:00Z", answers),
    }


def _registers(folder: Path) -> Registers:
    shared = {
        "owner": "Jane Doe",
        "evidence": "letter.pdf",
        "sha256": "0" * 64,
        "made_on": "2026-01-01",
        "expires": "2030-01-01",
        "signed_by": "jane@callcenter.example",
    }
    exception = {"control": "door.fail", "hosts": ["all"], "reason": "The vendor has no fix yet"}
    exception["compensating_measure"] = "A guard stands there"
    attestation = {"claims": ["physical-access"], "statement": "Visitors are led"}
    entries = (
        Entry("exception", "EX-1", {**exception, **shared}, "registers/exceptions.yml:2", str(folder)),
        Entry("attestation", "AT-1", {**attestation, **shared}, "registers/attestations.yml:2", str(folder)),
    )
    return Registers(str(folder), entries)


def _many(control: dict[str, Any], look: dict[str, Any]) -> list[dict[str, Any]]:
    """Hosts on which the same was found, each at its own time."""
    return [
        findings.record(
            f"many{number}",
            attributes={"kinds": ["workstation"], "groups": [], "class": "client"},
            findings=[
                {
                    **finding_of(control, "fail"),
                    "check": "door.fail.many",
                    "reason": "The bolt of many is out",
                    "observed_at": f"2026-11-21T21:4{number}:00Z",
                }
            ],
            seen=look,
        )
        for number in range(6)
    ]


def full_bundle(folder: Path, pci: Any, sample: Any) -> sealed_bundle.SealedBundle:
    """The bundle, read back."""
    key = folder / "key"
    subprocess.run([program("ssh-keygen"), "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    evidence = folder / "evidence"
    evidence.mkdir()
    for record in (segmentation_record(), _review_record()):
        sources.write_record(str(evidence), record)
    controls, look = controls_of_all_statuses(), sample.record("gw1", {})["look"]
    made = [finding_of(control, status) for control, status in zip(controls, STATUSES, strict=True)]
    place = {"kinds": ["gateway"], "groups": [], "segment": "management", "class": "management"}

    def seal(records: list[dict[str, Any]], **more: Any) -> str:
        partial = bundle.open_run(str(evidence), SITE)
        material = Material(catalog=pci, records=records, controls=controls, about=ABOUT, **more)
        return bundle.seal(partial, material).path

    passed = {**finding_of(controls[0], "pass"), "check": "door.fail.now"}
    seal([findings.record("gw1.example", attributes=place, findings=[passed], seen=look)])
    blind = [
        findings.record(
            name,
            attributes={"kinds": ["server"], "groups": [], "class": "servers"},
            findings=[{**finding_of(controls[2], "not_observed"), "reason": f"{ODD} {name}"}],
            reason=f"{ODD} {name}",
        )
        for name in ("lost", "lost2")
    ]
    path = seal(
        [findings.record("gw1.example", attributes=place, findings=made, seen=look), *_many(controls[0], look), *blind],
        registers=_registers(folder),
        signing_key=str(key),
        sample={"size": 1, "seed": "november"},
        pictures={"network": PICTURE, "broken": "<no svg"},
    )
    return sealed_bundle.read(path)
