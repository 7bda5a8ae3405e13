# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report: one safe file that needs nothing else, and that works in a real browser."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.ringfence.callcenter.plugins.plugin_utils import catalog
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.contents import Material, assemble
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.reports import html
from tests.support.browser import dump, in_a_browser

EVIL = "</script><script>document.title='owned'</script><!-- \u2028 {{DATA}} & <img src=x onerror=alert(1)>"


def page_of(site: dict[str, Any], pci: catalog.Catalog, title: str = "Demo") -> str:
    header = {
        "run": "20261121T214100Z-abcdef",
        "site": {"name": "demo", "title": title},
        "started_at": "2026-11-21T21:41:00Z",
    }
    about = {
        "collection": {
            "name": "ringfence.callcenter",
            "version": "0.1.0",
            "commit": {"id": "c" * 40, "modified": True},
        },
        "ansible": "2.19.14",
    }
    return html.render(assemble(Material(catalog=pci, about=about, **site), header, "2026-11-21T21:41:05Z"))


def data_of(page: str) -> dict[str, Any]:
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)
    assert found is not None
    data: dict[str, Any] = json.loads(found.group(1))
    return data


@pytest.fixture
def evil(site: dict[str, Any]) -> dict[str, Any]:
    """The same site, with markup wherever a text can be."""
    copy: dict[str, Any] = json.loads(json.dumps(site))
    finding = copy["records"][0]["findings"][0]
    finding.update(status="fail", observed={EVIL: EVIL, "bolt": "out"}, source=EVIL, reason=EVIL)
    copy["records"][1].update(reason=EVIL)
    copy["controls"][0]["title"] = EVIL
    return copy


def test_nothing_is_loaded_from_anywhere(site: dict[str, Any], pci: catalog.Catalog) -> None:
    page = page_of(site, pci)
    frame = page.replace(json.dumps(data_of(page)), "")
    assert not re.findall(r"""(?:src|href)\s*=\s*["'](?!#)[^"']+""", frame.split("<script>")[0])
    assert "default-src 'none'" in page
    assert not re.search(
        r"@import|url\(|fetch\(|XMLHttpRequest|innerHTML|insertAdjacentHTML|document\.write|eval\(", page
    )
    assert re.findall(r"https?://[^\s\"']+", page) == ["http://www.w3.org/2000/svg"]


def test_data_cannot_leave_its_place(evil: dict[str, Any], pci: catalog.Catalog) -> None:
    page = page_of(evil, pci, title=EVIL)
    assert page.count("<script") == 2
    assert page.count("</script>") == 2
    assert "\u2028" not in page.split("<body>")[1]
    assert EVIL in data_of(page)["pool"]


def test_every_finding_is_in_the_page(site: dict[str, Any], pci: catalog.Catalog) -> None:
    data = data_of(page_of(site, pci))
    back = [
        {
            "check": data["checks"][check][0],
            "status": data["statuses"][status],
            "expected": data["pool"][expected],
            "observed": data["pool"][observed],
            "source": data["pool"][source],
            "observed_at": data["pool"][time],
            "reason": data["pool"][reason],
        }
        for host in data["hosts"]
        for check, status, expected, observed, source, time, reason, _wrong in host["findings"]
    ]
    there = [{key: one[key] for key in back[0]} for record in site["records"] for one in record["findings"]]
    assert back[:-1] == there
    assert back[-1]["check"] == "evidence.audit.recurs"
    assert len(data["requirements"]) == 260
    assert len(data["claims"]) == 50


def test_what_failed_is_marked(evil: dict[str, Any], pci: catalog.Catalog) -> None:
    data = data_of(page_of(evil, pci))
    assert data["pool"][data["hosts"][0]["findings"][0][7]] == ["bolt"]


def test_it_never_says_more_than_the_evidence(site: dict[str, Any], pci: catalog.Catalog) -> None:
    page = page_of(site, pci)
    words = page.replace(json.dumps(data_of(page)["requirements"]), "").lower()
    frame = re.sub(r'<script type="application/json".*?</script>', "", words, flags=re.DOTALL)
    assert not re.search(r"complian|certif", frame)
    assert "not affiliated with pci security standards council" in " ".join(frame.split())


def test_a_finding_of_a_control_that_no_role_states_is_shown(site: dict[str, Any], pci: catalog.Catalog) -> None:
    site["records"][0]["findings"][0].update(check="own.check.x", control="own.check", role="own")
    data = data_of(page_of(site, pci))
    assert data["controls"][-1]["id"] == "own.check"


@in_a_browser
@pytest.mark.parametrize(
    ("address", "there"),
    [
        ("", ["there is nothing to compare it with", "Next due: Audit of all controls"]),
        ("changes", ["This is the first audit", "It passed before and needs attention now"]),
        ("requirements/1.3.1", ["Related in CIS Controls v8", "AC-4, SC-7"]),
        ("", ["2 of 5 findings on 2 hosts need attention. 1 host was not observed.", "Requirements at a glance"]),
        ("requirements/1.2.1", ["Evidence does not support", "All 260 requirement ids", "door.closed"]),
        ("hosts/gw1", ["Clock against controller", "1 of 2 hosts of the inventory observed."]),
        ("roles/door.closed", ["Requirements", "Expected", "bolt"]),
        ("claims", ["Incoming packets are dropped silently"]),
        ("findings/fail", ["1 of 5 findings"]),
        ("registers", ["Only what is signed and has not expired counts.", "0 entries"]),
        ("ledger/audit", ["Audit of all controls", "1 of 2 hosts observed", "No record"]),
        ("segments", ["There is no segmentation test to show", "ringfence.callcenter.segmentation_test"]),
        ("rules", ["There is no rule review to show", "ringfence.callcenter.firewall_review"]),
        ("diagram", ["No picture was drawn."]),
        ("", ["Segments at a glance", "No segmentation test can be shown."]),
        ("about", ["sha256sum -c SHA256SUMS", "20261121T214100Z-abcdef"]),
    ],
)
def test_every_view_works_in_a_browser(
    evil: dict[str, Any], pci: catalog.Catalog, tmp_path: Path, address: str, there: list[str]
) -> None:
    document = dump(page_of(evil, pci), tmp_path, address)
    for text in there:
        assert text in document
    assert "owned" not in document.split("</title>")[0]
    assert "<img" not in document
    assert "[object" not in document
    assert "undefined" not in document
