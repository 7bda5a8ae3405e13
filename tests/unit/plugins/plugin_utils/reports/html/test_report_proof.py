# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The newest negative control is in the bundle; each check tells whether it was proven to fail, and by which break."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.ringfence.callcenter.plugins.plugin_utils import bundle
from tests.support.browser import dump, in_a_browser
from tests.support.shown_records import leave

EVIL = "</script><script>document.title='owned'</script><img src=x onerror=document.title='owned'>"
OPENED = (
    "document.querySelectorAll('#view details').forEach((one) => { one.open = true; });"
    "setTimeout(() => document.querySelectorAll('#view .proof').forEach((one) => { one.open = true; }), 100)"
)


def record(seen: str, unseen: str, **changes: Any) -> dict[str, Any]:
    """A record in which one check was proven to fail and another was not."""
    return {
        "schema": 1,
        "activity": "negative_control",
        "run": "20261120T110000Z-3f9a1c",
        "site": "lab",
        "title": "Lab",
        "started_at": "2026-11-20T11:00:00Z",
        "finished_at": "2026-11-20T11:05:00Z",
        "due": None,
        "outcome": "pass",
        "summary": {
            "hosts": 2,
            "cases": 1,
            "seen": 1,
            "failed": 0,
            "nothing_to_break": 0,
            "checks": 2,
            "checks_proven": 1,
        },
        "hosts": {"lab12": {}, "lab13": {}},
        "cases": [
            {
                "host": "lab12",
                "case": "firewall-opened",
                "control": seen.rsplit(".", 1)[0],
                "breaks": "Everything is let in",
                "outcome": "seen",
                "note": "",
            }
        ],
        "not_applied": [],
        "checks": [
            {"host": "lab12", "check": seen, "seen_by": ["firewall-opened"], "reason": None},
            {"host": "lab13", "check": seen, "seen_by": [], "reason": "does not apply on this host: off"},
            {
                "host": "lab12",
                "check": unseen,
                "seen_by": [],
                "reason": "no case that was asked for breaks its control",
            },
        ],
        **changes,
    }


@pytest.fixture
def sealed(tmp_path: Path, sample: Any, pci: Any, site: Any) -> Any:
    """Seals a bundle over some records: its folder, and the ids of two of its checks."""

    def made(*records: dict[str, Any]) -> Path:
        for one in records:
            leave(tmp_path / "evidence", one)
        partial = bundle.open_run(str(tmp_path / "evidence"), {"name": "demo", "title": "Demo"})
        return Path(bundle.seal(partial, sample.material(pci, site)).path)

    return made


@pytest.fixture
def checks(sealed: Any) -> list[str]:
    """The ids of the checks of the sample's bundle."""
    controls = json.loads((sealed() / "controls.json").read_text())
    return [check["id"] for control in controls for check in control["checks"]]


def test_the_newest_one_is_in_the_bundle(tmp_path: Path, sealed: Any, checks: list[str]) -> None:
    """As the ledger has hashed it; what is none of our shape is told of and not shown."""
    good, broken = record(*checks[:2]), record(*checks[:2], run="20261121T110000Z-3f9a1c", checks=[{"host": 1}])
    part = json.loads((sealed(good, broken) / "negative_control.json").read_text())
    path = tmp_path / "evidence" / part["path"]
    assert part["path"] == "records/negative_control/20261120T110000Z-3f9a1c.json"
    assert part["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert part["proof"] == good
    assert "20261121T110000Z-3f9a1c.json cannot be shown: its shape is not known" in part["problem"]


def test_it_is_in_the_ledger(sealed: Any, checks: list[str]) -> None:
    """And due again a year later."""
    rows = json.loads((sealed(record(*checks[:2])) / "ledger.json").read_text())["activities"]
    (row,) = [row for row in rows if row["activity"] == "negative_control"]
    assert (row["last"], row["next_due"], row["claims"]) == ("2026-11-20", "2027-11-20", ["audited"])


@in_a_browser
def test_a_check_tells_whether_it_was_seen_red(tmp_path: Path, sealed: Any, checks: list[str]) -> None:
    """When, where and by which break; or why not."""
    page = (sealed(record(*checks[:2])) / "report.html").read_text()
    words = " ".join(re.sub(r"<[^>]*>", " ", dump(page, tmp_path, "findings", OPENED)).split())
    assert "Proven to fail on 2026-11-20 On lab12, when it was broken on purpose: Everything is let in" in words
    assert "Not proven to fail on 2026-11-20 lab12: no case that was asked for breaks its control" in words
    assert "undefined" not in words


@in_a_browser
def test_without_a_record_nothing_is_said(tmp_path: Path, sealed: Any) -> None:
    """Neither that a check was seen nor that it was not."""
    assert "een red on" not in dump((sealed() / "report.html").read_text(), tmp_path, "findings", OPENED)


@in_a_browser
def test_hostile_texts_stay_texts(tmp_path: Path, sealed: Any, checks: list[str]) -> None:
    """A record may be anybody's."""
    hostile = record(*checks[:2], title=EVIL)
    hostile["cases"][0].update(case=EVIL, breaks=EVIL)
    hostile["checks"][0].update(host=EVIL, seen_by=[EVIL])
    hostile["checks"][2].update(reason=EVIL)
    page = (sealed(hostile) / "report.html").read_text()
    assert page.count("<script") == page.count("</script>") == 2
    document = dump(page, tmp_path, "findings", OPENED)
    assert "<title>owned" not in document
    assert "<img" not in document
