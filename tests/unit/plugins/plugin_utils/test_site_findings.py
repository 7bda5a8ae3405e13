# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The catalogue says of the audit's own controls what their findings do."""

from __future__ import annotations

import os
from typing import Any

import pytest
import yaml

from ansible_collections.ringfence.callcenter.plugins.plugin_utils import catalog, site_findings
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.ledger import book
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.ledger.sources import Found
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.registers.entries import Entry
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.registers.judging import EntryState

DAY = "2026-06-01"


def entry(kind: str) -> EntryState:
    return EntryState(Entry(kind, "E-1", {"expires": DAY}, f"{kind}s.yml:2", "registers"), "in_force", None)


def looked(host: str, offset: float, uncertainty: float = 0.1) -> dict[str, Any]:
    look = {"clock_offset_seconds": offset, "clock_uncertainty_seconds": uncertainty}
    return {"host": host, "look": look}


def made(pci: catalog.Catalog, tmp_path: Any) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """A finding of every kind that there is, and the ledger's rows."""
    asked = {str(row["id"]): {"since": DAY} for row in pci.activities}
    rows = book.build(pci.activities, asked, Found(), DAY)
    (tmp_path / "before").mkdir()
    found = [
        *site_findings.of_registers([entry("exception"), entry("attestation")], {}),
        *site_findings.of_scope({"classes": [{"class": "card_data"}], "unclassified": ["db1"]}),
        *site_findings.of_pictures({"network": "<svg/>"}, None, [{"host": "gw1", "attributes": {}}]),
        *site_findings.of_clocks([looked("gw1", 90.0)]),
        *site_findings.of_previous(str(tmp_path), "before"),
        *site_findings.of_ledger(rows, {"records/x/1.json": "it is gone"}),
    ]
    return found, rows


def test_every_finding_is_of_a_control_that_the_catalogue_states(pci: catalog.Catalog, tmp_path: Any) -> None:
    found, rows = made(pci, tmp_path)
    stated = site_findings.controls(pci.evidence_controls, found, rows)
    assert {one["id"] for one in stated} == {one["control"] for one in found}
    assert {str(one["id"]) for one in pci.evidence_controls} <= {one["id"] for one in stated}
    assert len(stated) == len(pci.evidence_controls) + len(pci.activities)
    assert {check["id"] for one in stated for check in one["checks"]} == {one["check"] for one in found}


def test_what_a_finding_expects_is_what_the_catalogue_says(pci: catalog.Catalog, tmp_path: Any) -> None:
    with open(os.path.join(catalog.CATALOG_DIRECTORY, "evidence_controls.yml"), encoding="utf-8") as stream:
        data = yaml.safe_load(stream)
    says = {one["id"]: one["checks"][0]["expect"] for one in data["evidence_controls"]}
    each = data["evidence_of_each_activity"]["checks"][0]["expect"]
    for one in made(pci, tmp_path)[0]:
        assert one["expected"] == says.get(one["control"], each), one["check"]


def test_a_clock_that_is_off_is_told_by_name_and_by_how_much() -> None:
    hosts = [looked("gw1", 0.4), looked("db1", 7200.2), looked("log1", -90.0), {"host": "away", "look": None}]
    (found,) = site_findings.of_clocks(hosts)
    assert found["status"] == "fail"
    assert found["observed"] == {"skewed": {"db1": 7200.2, "log1": -90.0}}
    assert found["reason"] == "clocks differ from the controller's: db1 by 7200 s ahead, log1 by 90 s behind"


def placed(host: str, segment: str | None) -> dict[str, Any]:
    return {"host": host, "attributes": {"segment": segment} if segment else {}}


@pytest.mark.parametrize(
    ("pictures", "problem", "segment", "status", "reason"),
    [
        (("network",), None, "servers", "pass", None),
        (("network",), None, None, "fail", "in no picture: db1"),
        ((), "dot is not here", None, "not_applicable", "dot is not here"),
    ],
)
def test_the_pictures_show_every_host_that_was_audited(
    pictures: tuple[str, ...], problem: str | None, segment: str | None, status: str, reason: str | None
) -> None:
    (found,) = site_findings.of_pictures(pictures, problem, [placed("gw1", "management"), placed("db1", segment)])
    assert (found["status"], found["reason"]) == (status, reason)


def test_without_a_site_model_nothing_is_said_of_pictures() -> None:
    assert site_findings.of_pictures((), None, [placed("gw1", None)]) == []


def test_a_slow_round_trip_is_no_clock_that_is_off() -> None:
    assert site_findings.of_clocks([looked("gw1", 70.0, 30.0), looked("db1", -59.0, 0.0)]) == []
    assert site_findings.of_clocks([{"host": "away", "look": None}]) == []


def test_they_name_claims_and_requirements_that_there_are(pci: catalog.Catalog) -> None:
    for one in pci.evidence_controls:
        assert set(one["claims"]) <= pci.claim_ids
        assert set(one["pci_dss"]) <= pci.requirement_ids
